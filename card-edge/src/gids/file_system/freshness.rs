//! How often what was changed, `cardcf`: a version, how often the PINs, then the containers (2) and the files (2). A host that
//! finds the same numbers as before reads nothing again.

use super::FileError;

/// The counters. They wrap around.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Version of the file.
    pub version: u8,
    /// Changes of PINs.
    pub pins: u8,
    /// Changes of containers.
    pub containers: u16,
    /// Changes of files.
    pub files: u16,
}

impl Freshness {
    /// Reads the file.
    ///
    /// # Errors
    /// [`FileError::Length`] where it is not six bytes.
    pub fn decode(bytes: &[u8]) -> Result<Self, FileError> {
        let [version, pins, c0, c1, f0, f1] = bytes else {
            return Err(FileError::Length(bytes.len()));
        };
        Ok(Self {
            version: *version,
            pins: *pins,
            containers: u16::from_le_bytes([*c0, *c1]),
            files: u16::from_le_bytes([*f0, *f1]),
        })
    }

    /// The bytes.
    #[must_use]
    pub fn encode(self) -> [u8; 6] {
        let [c0, c1] = self.containers.to_le_bytes();
        let [f0, f1] = self.files.to_le_bytes();
        [self.version, self.pins, c0, c1, f0, f1]
    }

    /// The same after containers and files were changed.
    #[must_use]
    pub fn after_a_change(self) -> Self {
        Self {
            containers: self.containers.wrapping_add(1),
            files: self.files.wrapping_add(1),
            ..self
        }
    }

    /// The same after the PIN was changed.
    #[must_use]
    pub fn after_a_new_pin(self) -> Self {
        Self {
            pins: self.pins.wrapping_add(1),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_lead_back_and_wrap() {
        let bytes = [0, 1, 0xFF, 0xFF, 4, 0];
        let freshness = Freshness::decode(&bytes).unwrap();
        assert_eq!(freshness.encode(), bytes);
        assert_eq!(freshness.after_a_change().encode(), [0, 1, 0, 0, 5, 0]);
        assert_eq!(freshness.after_a_new_pin().pins, 2);
        assert_eq!(Freshness::decode(&[0; 5]), Err(FileError::Length(5)));
    }
}
