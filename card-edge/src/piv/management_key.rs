//! The card management key (9B): whoever proves it may change the card (SP 800-73-5 part 1, table 4b).

/// The management key that PIV tools know as a new card's: as AES-192 or as 3DES.
pub const DEFAULT_CARD_MANAGEMENT_KEY: [u8; 24] = [
    1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8,
];
