//! The contactless interface: what its holder has decided, and the ways by which commands come.

/// What the holder has decided for the contactless interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AirPolicy {
    #[default]
    ContactLike,
    Strict,
    StrictWithoutPairing,
}

/// The way by which a command comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Path {
    #[default]
    Contact,
    /// Over the air, in clear.
    Clear,
    /// Over the air, protected.
    Protected,
    /// Protected, from a host that is paired or need not be.
    VirtualContact,
}

/// The suites of secure messaging.
pub const CS2: u8 = 0x27;
pub const CS7: u8 = 0x2E;

/// The card's end of a channel.
pub struct Channel {
    pub is_paired: bool,
}
