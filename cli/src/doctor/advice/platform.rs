//! The services by which programs reach cards.

/// Whose service it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Platform {
    /// pcsc-lite's, on Linux and elsewhere.
    PcscLite,
    /// Windows' own.
    Windows,
    /// macOS' own.
    MacOs,
}

impl Platform {
    /// That of the system for which this program was built.
    pub const THIS: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::PcscLite
    };
}
