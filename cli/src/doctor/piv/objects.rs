//! The objects that describe the card: CHUID, Card Capability Container, Discovery, Key History.
//!
//! Objects behind the PIN (biometrics, printed information) are not asked for.

use card_edge::Transmit;
use card_edge::piv::ObjectId;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::discovery::{self, PinUsagePolicy};
use card_edge::piv::history::KeyHistory;
use serde::Serialize;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use super::PivReport;
use crate::doctor::card_edge_probe::complaint;
use crate::doctor::finding::Finding;
use crate::doctor::link::LinkError;

/// Whether an object is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectState {
    /// It is, and could be read.
    Present,
    /// It is not, or is empty.
    Absent,
    /// The card wants a PIN or key first.
    Protected,
    /// It is, but is not what it should be.
    Unreadable,
}

/// One object of the PIV data model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectReport {
    /// Its name in SP 800-73.
    pub name: String,
    /// Its tag in hexadecimal.
    pub tag: String,
    /// Whether it is there.
    pub state: ObjectState,
    /// Bytes of its content.
    pub bytes: usize,
}

impl ObjectReport {
    /// A report of this object.
    #[must_use]
    pub fn new(object: ObjectId, state: ObjectState, bytes: usize) -> Self {
        Self {
            name: object.name(),
            tag: object.tag().to_string(),
            state,
            bytes,
        }
    }
}

/// Who the card is, by its CHUID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its GUID, 32 hexadecimal digits.
    pub guid: String,
    /// The day on which the card expires, YYYY-MM-DD, where the CHUID has a valid date.
    pub expires: Option<String>,
    /// Whether an issuer signed the CHUID.
    pub signed: bool,
}

/// How many retired keys there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyHistoryReport {
    /// Keys whose certificates are on the card.
    pub on_card: u8,
    /// Keys whose certificates are elsewhere.
    pub off_card: u8,
    /// Where those are.
    pub url: Option<String>,
}

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
            findings.push(Finding::ObjectUnreadable(object, complaint(error)?));
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
    if chuid.guid.0 == [0; 16] {
        findings.push(Finding::GuidIsZero);
    }
    let expires = core::str::from_utf8(&chuid.expiration)
        .ok()
        .and_then(|text| Date::parse(text, format_description!("[year][month][day]")).ok());
    if let Some(date) = expires.filter(|date| *date < now.date()) {
        findings.push(Finding::ChuidExpired(date.to_string()));
    }
    Identity {
        guid: chuid.guid.to_string(),
        expires: expires.map(|date| date.to_string()),
        signed: !chuid.signature.is_empty(),
    }
}
