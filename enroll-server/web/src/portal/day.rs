//! Days as browsers send them.

use enroll_server_model::Timestamp;
use time::format_description::well_known::Iso8601;

/// The first moment of a day in UTC: `2026-12-05`.
#[must_use]
pub fn first_moment(typed: &str) -> Option<Timestamp> {
    midnight(typed).map(Timestamp::from)
}

/// The same as a date.
#[must_use]
pub fn midnight(typed: &str) -> Option<time::OffsetDateTime> {
    let date = time::Date::parse(typed.trim(), &Iso8601::DATE).ok()?;
    Some(date.midnight().assume_utc())
}
