//! Where the PIN can be typed that a host asks for.

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where the PIN can be typed that a host asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinEntry {
    /// At the host alone, which sends it.
    #[default]
    Host,
    /// At the phone too: a host that knows how has the phone ask for it and never learns it.
    Phone,
}

impl PinEntry {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Host, Self::Phone];
}

impl fmt::Display for PinEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Phone => "phone",
        })
    }
}

impl FromStr for PinEntry {
    type Err = &'static str;

    /// Reads the name that `Display` writes.
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|entry| entry.to_string() == name)
            .ok_or("expected host or phone")
    }
}
