//! The PIV application of a card: what it says of itself, its objects, certificates, PIN and management key.

pub(crate) mod certificate;
mod management_key;
mod objects;
pub(crate) mod pin;
mod report;

use card_edge::Transmit;
use card_edge::piv::AsymmetricKey;
use card_edge::piv::client::Client;
use time::OffsetDateTime;

use super::finding::Finding;
use super::link::{CardDisposition, LinkError};
use certificate::Examined;

pub use report::{
    CertificateReport, Identity, KeyHistoryReport, ManagementKey, ObjectReport, ObjectState,
    PinReport, PinState, PivReport, Validity,
};

/// What an examination depends on besides the card.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances {
    /// The time by which certificates are judged.
    pub now: OffsetDateTime,
    /// Whether the ATR is a contactless card's.
    pub contactless: bool,
}

/// Examines the selected PIV application, from what identifies it to what costs most.
pub(super) fn examine<T>(
    client: &mut Client<T>,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
    circumstances: Circumstances,
    disposition: &mut CardDisposition,
) -> Result<(), LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let policy = objects::examine(client, report, findings, circumstances.now)?;
    let pins = pin::examine(client, policy, circumstances.contactless, findings)?;
    report.pins = pins.reports;
    certificates(client, report, findings, circumstances.now)?;
    report.management_key = management_key::examine(client, pins.knows_metadata, disposition)?;
    if let Some(algorithm) = report.management_key.default_algorithm() {
        findings.push(Finding::DefaultManagementKey(algorithm));
    }
    Ok(())
}

/// Examines the certificates of the four main slots, and of as many retired keys as the history counts.
fn certificates<T>(
    client: &mut Client<T>,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
    now: OffsetDateTime,
) -> Result<(), LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let mut states = Vec::new();
    for reference in AsymmetricKey::MAIN {
        states.push(certificate(client, reference, report, findings, now)?);
    }
    for number in 1..=report.key_history.as_ref().map_or(0, |h| h.on_card) {
        let Ok(reference) = AsymmetricKey::try_from(0x81 + number) else {
            continue;
        };
        let state = certificate(client, reference, report, findings, now)?;
        if state == ObjectState::Absent {
            findings.push(Finding::RetiredCertificateMissing(reference));
        }
        states.push(state);
    }
    if states.iter().all(|state| *state == ObjectState::Absent) {
        let pin = report.pins.first().and_then(|pin| pin.is_default);
        // First, since most of the rest follows from it.
        findings.insert(
            0,
            Finding::NeverEnrolled {
                pin_is_default: pin,
            },
        );
    } else if states.first() == Some(&ObjectState::Absent) {
        findings.push(Finding::NoAuthenticationCertificate);
    }
    if states.contains(&ObjectState::Protected) {
        findings.push(Finding::CertificatesProtected);
    }
    Ok(())
}

/// Examines the certificate of a key; gives the state of its object.
fn certificate<T>(
    client: &mut Client<T>,
    reference: AsymmetricKey,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
    now: OffsetDateTime,
) -> Result<ObjectState, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let Examined {
        object,
        certificate,
        findings: found,
        ..
    } = certificate::examine(client, reference, now)?;
    let state = object.state;
    report.objects.push(object);
    report.certificates.extend(certificate);
    findings.extend(found);
    Ok(state)
}
