//! PIN and PUK: tries left, and whether they are still the default ones. Nothing here costs a try: the PIN's counter is
//! asked by VERIFY without data, the rest by GET METADATA where the card knows it.

use card_edge::Transmit;
use card_edge::piv::PinReference;
use card_edge::piv::client::{Client, PinStatus};
use card_edge::piv::discovery::PinUsagePolicy;
use card_edge::piv::yubico::metadata::Metadata;

use super::report::{PinReport, PinState};
use crate::doctor::finding::Finding;
use crate::doctor::link::{LinkError, answer_fault};

/// What was learned of all of them.
pub(crate) struct Pins {
    /// One for each.
    pub reports: Vec<PinReport>,
    /// Whether the card knows GET METADATA.
    pub knows_metadata: bool,
}

/// Asks for each PIN that the card says it has, and for the PUK where that can be asked for.
pub(crate) fn examine<T>(
    client: &mut Client<T>,
    policy: Option<PinUsagePolicy>,
    contactless: bool,
    findings: &mut Vec<Finding>,
) -> Result<Pins, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let state = ask(client, PinReference::PivPin, findings)?;
    let metadata = metadata(client, PinReference::PivPin)?;
    let mut reports = vec![report("PIV", state, metadata.as_ref())];
    if policy.is_some_and(PinUsagePolicy::has_global_pin) {
        let state = ask(client, PinReference::GlobalPin, findings)?;
        reports.push(report("global", state, None));
    }
    if metadata.is_some() {
        let metadata = self::metadata(client, PinReference::Puk)?;
        let state = match metadata.as_ref().and_then(|data| data.retries) {
            Some(retries) if retries.left == 0 => PinState::Blocked,
            Some(retries) => PinState::TriesLeft(retries.left),
            None => PinState::Unknown,
        };
        reports.push(report("PUK", state, metadata.as_ref()));
    }
    for pin in &reports {
        findings.extend(match (pin.reference, pin.state) {
            ("PUK", PinState::Blocked) => Some(Finding::PukBlocked { contactless }),
            ("PUK", _) => None,
            (_, PinState::Blocked) => Some(Finding::PinBlocked { contactless }),
            (_, PinState::TriesLeft(1)) => Some(Finding::LastPinTry),
            _ => None,
        });
    }
    let is_default = |name| {
        let mut found = reports.iter().filter(|pin| pin.reference == name);
        found.any(|pin| pin.is_default == Some(true))
    };
    if is_default("PIV") || is_default("PUK") {
        findings.push(Finding::DefaultPins {
            pin: is_default("PIV"),
            puk: is_default("PUK"),
        });
    }
    Ok(Pins {
        reports,
        knows_metadata: metadata.is_some(),
    })
}

fn ask<T>(
    client: &mut Client<T>,
    reference: PinReference,
    findings: &mut Vec<Finding>,
) -> Result<PinState, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    Ok(match client.pin_status(reference) {
        Ok(PinStatus::Verified) => PinState::Verified,
        Ok(PinStatus::TriesLeft(0) | PinStatus::Blocked) => PinState::Blocked,
        Ok(PinStatus::TriesLeft(tries)) => PinState::TriesLeft(tries),
        Ok(PinStatus::NotVerified) => PinState::Unknown,
        Err(error) => {
            findings.push(Finding::PinStateUnknown(answer_fault(error)?));
            PinState::Unknown
        }
    })
}

/// The metadata of a reference; malformed ones count as none.
fn metadata<T>(
    client: &mut Client<T>,
    reference: PinReference,
) -> Result<Option<Metadata>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    match client.metadata(reference) {
        Ok(metadata) => Ok(metadata),
        Err(error) => answer_fault(error).map(|_| None),
    }
}

fn report(reference: &'static str, state: PinState, metadata: Option<&Metadata>) -> PinReport {
    let tries_left = match state {
        PinState::TriesLeft(tries) => Some(tries),
        PinState::Blocked => Some(0),
        PinState::Verified | PinState::Unknown => metadata
            .and_then(|data| data.retries)
            .map(|retries| retries.left),
    };
    PinReport {
        reference,
        state,
        tries_left,
        is_default: metadata.and_then(|data| data.is_default),
    }
}
