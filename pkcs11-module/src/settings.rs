//! How a module works in its process.

use card_host::KnownCards;

use crate::announce::Audience;
use crate::cache::Cache;
use crate::logins::Logins;
use crate::pcsc::bounded::Bounds;
use crate::pin::FreePins;
use crate::remembered::OneTap;

/// How a module works in its process. Without settings nothing is kept, nobody is told to wait, and no other process is told of a login.
#[derive(Debug, Default)]
pub struct Settings {
    /// Where public objects of cards are kept.
    pub cache: Cache,
    /// The keys that cards were first met with.
    pub known_cards: KnownCards,
    /// Which processes are logged in.
    pub logins: Logins,
    /// How long things may take.
    pub bounds: Bounds,
    /// The cards whose PIN may have letters, or fewer than 6 digits.
    pub free_pins: FreePins,
    /// The phone that is shown while it is away.
    pub one_tap: OneTap,
    /// Where its user is told what the module waits for.
    pub audience: Audience,
}
