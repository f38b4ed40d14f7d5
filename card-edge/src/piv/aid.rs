//! The application identifier of PIV (SP 800-73-5 part 1, 2.2).

/// The PIV application identifier with its version: RID, PIX 0000 1000, version 0100.
pub const AID: [u8; 11] = [
    0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00,
];

/// The PIV application identifier without its version: the form that most hosts send.
pub const AID_WITHOUT_VERSION: [u8; 9] = [0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00];

/// The registered application provider identifier alone: the form that some tools send.
pub const RID: [u8; 5] = [0xA0, 0x00, 0x00, 0x03, 0x08];

/// Whether a SELECT with this AID means the PIV application: the whole AID, or it cut at the right,
/// down to the RID (SP 800-73-5 part 2, 3.1.1).
#[must_use]
pub fn is_selected_by(aid: &[u8]) -> bool {
    aid.len() >= RID.len() && AID.starts_with(aid)
}
