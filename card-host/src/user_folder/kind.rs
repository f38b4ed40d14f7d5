//! What folders of the user are for.

/// What a folder of the user is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserFolder {
    /// What the user sets.
    Configuration,
    /// What can be made again.
    Cache,
    /// What programs remember.
    State,
    /// What lasts as long as a login to the machine.
    Runtime,
}
