//! PIN tries left, asked by VERIFY without data, which costs none.

use card_edge::Transmit;
use card_edge::piv::Reference;
use card_edge::piv::client::{Client, PinStatus};
use card_edge::piv::discovery::PinUsagePolicy;
use serde::Serialize;

use crate::doctor::card_edge_probe::complaint;
use crate::doctor::finding::Finding;
use crate::doctor::link::LinkError;

/// What the card says of a PIN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinState {
    /// So many tries are left, at least one.
    TriesLeft(u8),
    /// Another program verified it, and the card still counts that.
    Verified,
    /// No tries are left.
    Blocked,
    /// The card does not say.
    Unknown,
}

/// One PIN of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PinReport {
    /// `PIV` or `global`.
    pub reference: &'static str,
    /// Its state.
    pub state: PinState,
    /// Tries left, where the card says.
    pub tries_left: Option<u8>,
}

/// Asks for each PIN that the card says it has.
pub(super) fn examine<T>(
    client: &mut Client<T>,
    policy: Option<PinUsagePolicy>,
    contactless: bool,
    findings: &mut Vec<Finding>,
) -> Result<Vec<PinReport>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let mut references = vec![("PIV", Reference::PivPin)];
    if policy.is_some_and(PinUsagePolicy::has_global_pin) {
        references.push(("global", Reference::GlobalPin));
    }
    let mut pins = Vec::new();
    for (name, reference) in references {
        let state = match client.pin_status(reference) {
            Ok(PinStatus::Verified) => PinState::Verified,
            Ok(PinStatus::TriesLeft(0) | PinStatus::Blocked) => PinState::Blocked,
            Ok(PinStatus::TriesLeft(tries)) => PinState::TriesLeft(tries),
            Err(error) => {
                findings.push(Finding::PinStateUnknown(complaint(error)?));
                PinState::Unknown
            }
        };
        findings.extend(match state {
            PinState::Blocked => Some(Finding::PinBlocked { contactless }),
            PinState::TriesLeft(1) => Some(Finding::LastPinTry),
            _ => None,
        });
        let tries_left = match state {
            PinState::TriesLeft(tries) => Some(tries),
            PinState::Blocked => Some(0),
            PinState::Verified | PinState::Unknown => None,
        };
        pins.push(PinReport {
            reference: name,
            state,
            tries_left,
        });
    }
    Ok(pins)
}
