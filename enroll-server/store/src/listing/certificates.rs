//! The list of the phones' certificates.

use enroll_server_model::Timestamp;

use super::statement::{
    self, Also, Conditions, Counted, Key, Order, Place, Search, Sorting, Span, Table,
};
use crate::certificate::{CertificateSummary, certificate_columns};
use crate::error::Result;
use crate::search::{CERTIFICATES_OF_PEOPLE, Patterns};
use crate::sql::Reader;

/// What the certificates of a list are to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateFilter {
    /// Whatever they are.
    All,
    /// Valid now.
    Valid,
    /// Valid now, and no more at this time.
    EndingBefore(Timestamp),
    /// Past their end, and not revoked.
    Expired,
    /// On hold.
    Suspended,
    /// Revoked.
    Revoked,
}

/// What the list is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertificateSort {
    /// When they were put on record.
    Recorded,
    /// When they end.
    End,
}

impl CertificateFilter {
    /// What its lists can be sorted by; the first is what they are sorted by where nobody asked for another order.
    #[must_use]
    pub const fn sorts(self) -> &'static [CertificateSort] {
        match self {
            Self::All => &[CertificateSort::Recorded, CertificateSort::End],
            Self::Suspended | Self::Revoked => &[CertificateSort::Recorded],
            Self::Valid | Self::EndingBefore(_) | Self::Expired => &[CertificateSort::End],
        }
    }
}

impl CertificateSummary {
    /// Where it is in a list that is sorted so.
    #[must_use]
    pub fn place(&self, sort: CertificateSort) -> Place {
        let key = match sort {
            CertificateSort::Recorded => self.certificate.reserved_at,
            CertificateSort::End => self.certificate.not_after,
        };
        Place::new(key, &self.certificate.id)
    }
}

/// What a search for certificates looks for besides the names of their holders.
#[derive(Clone, Debug, Default)]
pub struct Numbers {
    /// Serial numbers or their beginnings (lower-case hexadecimal); empty where the text cannot be one.
    pub serials: [String; 2],
    /// A SHA-256 fingerprint (lower-case hexadecimal); empty where the text cannot be one.
    pub fingerprint: String,
}

const TABLE: Table = Table {
    columns: concat!(
        certificate_columns!(),
        ", h.name AS holder_name, h.username AS holder_username, p.name AS phone_name"
    ),
    from: "certificates c JOIN holders h ON h.id = c.holder_id JOIN phones p ON p.id = c.phone_id",
    counted: "certificates c",
    id: "c.id",
};

/// Certificates by a serial number or its beginning, by one in another notation, and by a fingerprint.
const BY_NUMBER: &str = "SELECT s.id FROM (SELECT m.id FROM certificates m WHERE m.serial >= ? AND m.serial < ? LIMIT 2001) AS s \
     UNION SELECT m.id FROM certificates m WHERE m.serial = ? \
     UNION SELECT m.id FROM certificates m WHERE m.fingerprint = ?";

/// The same of a row.
const HAS_NUMBER: &str = "(c.serial >= ? AND c.serial < ?) OR c.serial = ? OR c.fingerprint = ?";

fn searched(search: &str, numbers: &Numbers) -> Option<Search> {
    let [serial, other] = &numbers.serials;
    // The letter after the last of hexadecimal; without a serial number nothing lies between the two.
    let end = if serial.is_empty() { "" } else { "g" };
    let values = [
        serial.clone(),
        format!("{serial}{end}"),
        other.clone(),
        numbers.fingerprint.clone(),
    ];
    Some(Search {
        column: "c.id",
        text: "('\n' || h.search)",
        searches: vec![(Patterns::of(search)?, &[CERTIFICATES_OF_PEOPLE])],
        also: Some(Also {
            select: BY_NUMBER,
            condition: HAS_NUMBER,
            values: values.map(Key::Text).into(),
        }),
    })
}

fn conditions(
    filter: CertificateFilter,
    search: &str,
    numbers: &Numbers,
    now: Timestamp,
    is_common: bool,
) -> Conditions {
    let mut conditions = Conditions::default();
    conditions.add("c.phone_id IS NOT NULL", []);
    match filter {
        CertificateFilter::All => {}
        CertificateFilter::Suspended => conditions.add("c.state = 'suspended'", []),
        CertificateFilter::Revoked => conditions.add("c.state = 'revoked'", []),
        CertificateFilter::Valid => conditions.add(
            "c.state = 'issued' AND c.not_before <= ? AND c.not_after >= ?",
            [now.into(), now.into()],
        ),
        CertificateFilter::EndingBefore(time) => conditions.add(
            "c.state = 'issued' AND c.not_before <= ? AND c.not_after >= ? AND c.not_after < ?",
            [now.into(), now.into(), time.into()],
        ),
        CertificateFilter::Expired => {
            conditions.add("c.state = 'issued' AND c.not_after < ?", [now.into()]);
        }
    }
    conditions.search(searched(search, numbers), is_common);
    conditions
}

fn order(filter: CertificateFilter, sorting: Sorting<CertificateSort>) -> Order {
    sorting.column(match (sorting.by, filter) {
        (CertificateSort::Recorded, _) => "c.reserved_at",
        // As the index of all certificates has it.
        (CertificateSort::End, CertificateFilter::All) => "(c.not_after + 0)",
        (CertificateSort::End, _) => "c.not_after",
    })
}

/// The phones' certificates in whose holder's names all words of `search` are found, or that have one of these numbers.
pub async fn certificates<'e>(
    on: impl Reader<'e>,
    filter: CertificateFilter,
    search: &str,
    numbers: &Numbers,
    now: Timestamp,
    sorting: Sorting<CertificateSort>,
    span: Span<'_>,
) -> Result<Vec<CertificateSummary>> {
    let order = order(filter, sorting);
    let conditions = conditions(filter, search, numbers, now, span.is_common);
    statement::rows(on, TABLE, conditions, order, span).await
}

/// How many [`certificates`] there are, as far as `most`; `is_common` as in [`Span`].
#[expect(
    clippy::too_many_arguments,
    reason = "what a list is read with, and how far"
)]
pub async fn count_certificates<'e>(
    on: impl Reader<'e>,
    filter: CertificateFilter,
    search: &str,
    numbers: &Numbers,
    now: Timestamp,
    sorting: Sorting<CertificateSort>,
    is_common: bool,
    most: i64,
) -> Result<Counted> {
    let conditions = conditions(filter, search, numbers, now, is_common);
    statement::count(on, TABLE, conditions, order(filter, sorting), most).await
}

/// Whether a search for certificates is for something common.
pub async fn is_common_among_certificates<'e>(
    on: impl Reader<'e>,
    search: &str,
    numbers: &Numbers,
) -> Result<bool> {
    statement::is_common(on, searched(search, numbers)).await
}
