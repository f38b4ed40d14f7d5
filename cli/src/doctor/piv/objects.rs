//! The objects that describe the card: CHUID, Card Capability Container, Discovery, Key History.
//!
//! Objects behind the PIN (biometrics, printed information) are not asked for.

use card_edge::Transmit;
use card_edge::piv::ObjectId;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::history::KeyHistory;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::report::{Identity, KeyHistoryReport, ObjectReport, ObjectState, PivReport};
use crate::doctor::finding::Finding;
use crate::doctor::link::{LinkError, answer_fault};

/// Reads an object, notes it in `report`, and gives its content.
fn read<T>(
    client: &mut Client<T>,
    object: ObjectId,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
) -> Result<Option<Vec<u8>>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let (state, content) = match client.get_data(object) {
        Ok(Some(content)) => (ObjectState::Present, Some(content.to_vec())),
        Ok(None) => (ObjectState::Absent, None),
        Err(ClientError::NotAuthorised(_)) => (ObjectState::Protected, None),
        Err(error) => {
            findings.push(Finding::ObjectUnreadable(object, answer_fault(error)?));
            (ObjectState::Unreadable, None)
        }
    };
    let bytes = content.as_ref().map_or(0, Vec::len);
    report.objects.push(ObjectReport::new(object, state, bytes));
    Ok(content)
}

/// Decodes what was read; what cannot be decoded is a finding and marks the object unreadable.
fn decoded<V, E: ToString>(
    object: ObjectId,
    result: Option<Result<V, E>>,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
) -> Option<V> {
    match result? {
        Ok(value) => Some(value),
        Err(error) => {
            findings.push(Finding::ObjectUnreadable(object, error.to_string()));
            let tag = object.tag().to_string();
            for noted in report.objects.iter_mut().filter(|noted| noted.tag == tag) {
                noted.state = ObjectState::Unreadable;
            }
            None
        }
    }
}

/// Examines the describing objects; gives the PIN usage policy, where the card has one.
pub(super) fn examine<T>(
    client: &mut Client<T>,
    report: &mut PivReport,
    findings: &mut Vec<Finding>,
    now: OffsetDateTime,
) -> Result<Option<PinUsagePolicy>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let content = read(client, ObjectId::Discovery, report, findings)?;
    let policy = decoded(
        ObjectId::Discovery,
        content.as_deref().map(discovery::decode),
        report,
        findings,
    );

    let content = read(client, ObjectId::Chuid, report, findings)?;
    let chuid = decoded(
        ObjectId::Chuid,
        content.as_deref().map(Chuid::decode),
        report,
        findings,
    );
    match chuid {
        Some(chuid) => report.identity = Some(identity(&chuid, now, findings)),
        None => findings.push(Finding::ChuidMissing),
    }

    read(client, ObjectId::CardCapabilityContainer, report, findings)?;

    let content = read(client, ObjectId::KeyHistory, report, findings)?;
    report.key_history = decoded(
        ObjectId::KeyHistory,
        content.as_deref().map(KeyHistory::decode),
        report,
        findings,
    )
    .map(|history| KeyHistoryReport {
        on_card: history.on_card,
        off_card: history.off_card,
        url: history
            .url
            .map(|url| String::from_utf8_lossy(&url).into_owned()),
    });
    Ok(policy)
}

fn identity(chuid: &Chuid, now: OffsetDateTime, findings: &mut Vec<Finding>) -> Identity {
    if chuid.guid.is_nil() {
        findings.push(Finding::GuidIsZero);
    }
    let expires = core::str::from_utf8(&chuid.expiration)
        .ok()
        .and_then(|text| Date::parse(text, format_description!("[year][month][day]")).ok());
    if let Some(date) = expires.filter(|date| *date < now.date()) {
        findings.push(Finding::ChuidExpired(date.to_string()));
    }
    Identity {
        guid: chuid.guid.simple().to_string(),
        expires: expires.map(|date| date.to_string()),
        signed: !chuid.signature.is_empty(),
    }
}
