//! How far an enrollment is.

use card_edge::piv::{AsymmetricKey, KeyAlgorithm};

/// What is being done, to show to the holder: keys take seconds.
#[derive(Debug)]
pub enum Step<'a> {
    /// The server is the one that the invitation names.
    FoundServer(&'a str),
    /// An interrupted enrollment by the same invitation goes on.
    GoingOn,
    /// A key is about to be made.
    MakingKey(AsymmetricKey, KeyAlgorithm),
    /// A key is there from an earlier, interrupted attempt.
    KeptKey(AsymmetricKey, KeyAlgorithm),
    /// This number of certificates is being requested.
    Requesting(usize),
    /// What the server says of the certificates that came.
    Notice(&'a str),
}
