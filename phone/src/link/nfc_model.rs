//! What an exchange costs over NFC, modelled by waiting: a fixed time for each APDU and the bits on the air.

use std::str::FromStr;
use std::thread;
use std::time::Duration;

use thiserror::Error;

/// A bit rate in both directions and a latency for each APDU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NfcModel {
    bits_per_second: u32,
    latency: Duration,
}

/// Why a text does not describe a model.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NfcModelError {
    /// Not two parts with a comma between them.
    #[error("expected a bit rate and a latency, as in 106k,20ms")]
    Form,
    /// No bit rate.
    #[error("{0} is not a bit rate: expected one as in 106k")]
    BitRate(String),
    /// No latency.
    #[error("{0} is not a latency: expected one as in 20ms")]
    Latency(String),
}

impl NfcModel {
    /// The time that an exchange of this many bytes in both directions takes.
    #[must_use]
    pub fn duration(self, bytes: usize) -> Duration {
        let bits = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(8);
        let micros = bits.saturating_mul(1_000_000) / u64::from(self.bits_per_second);
        self.latency + Duration::from_micros(micros)
    }

    /// Waits as long as that.
    pub fn wait(self, bytes: usize) {
        thread::sleep(self.duration(bytes));
    }
}

impl FromStr for NfcModel {
    type Err = NfcModelError;

    /// Reads `106k,20ms`.
    fn from_str(text: &str) -> Result<Self, NfcModelError> {
        let (rate, latency) = text.split_once(',').ok_or(NfcModelError::Form)?;
        let bits_per_second = rate
            .strip_suffix('k')
            .and_then(|number| number.parse::<u32>().ok())
            .and_then(|kilobits| kilobits.checked_mul(1000))
            .filter(|rate| *rate > 0)
            .ok_or_else(|| NfcModelError::BitRate(rate.to_owned()))?;
        let latency = latency
            .strip_suffix("ms")
            .and_then(|number| number.parse::<u32>().ok())
            .map(|milliseconds| Duration::from_millis(u64::from(milliseconds)))
            .ok_or_else(|| NfcModelError::Latency(latency.to_owned()))?;
        Ok(Self {
            bits_per_second,
            latency,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_counts_latency_and_bits() {
        let model: NfcModel = "106k,20ms".parse().unwrap();
        assert_eq!(model.duration(0), Duration::from_millis(20));
        assert_eq!(
            model.duration(265),
            Duration::from_millis(20) + Duration::from_millis(20)
        );
        assert_eq!("106k".parse::<NfcModel>(), Err(NfcModelError::Form));
        assert!("0k,1ms".parse::<NfcModel>().is_err());
        assert!("106k,20s".parse::<NfcModel>().is_err());
    }
}
