//! Times as people read them: the exact time with its zone in visible text, and how far away it is.

use std::fmt;

use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A point in time, seen from a page made at `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    at: OffsetDateTime,
    now: OffsetDateTime,
}

impl Moment {
    /// The time `at` on a page that is made `now`.
    #[must_use]
    pub const fn new(at: OffsetDateTime, now: OffsetDateTime) -> Self {
        Self { at, now }
    }

    /// The `<time>` element alone, for use inside a sentence.
    #[must_use]
    pub const fn exact(self) -> Exact {
        Exact(self.at)
    }

    /// Exact and relative time on one line.
    #[must_use]
    pub const fn inline(self) -> Inline {
        Inline(self)
    }

    /// How far away it is: "in 23 days", "4 minutes ago".
    #[must_use]
    pub fn relative(self) -> String {
        relative(self.at - self.now)
    }
}

/// Exact time, and beneath it in small how far away that is.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            r#"{} <span class="sub">{}</span>"#,
            self.exact(),
            self.relative()
        )
    }
}

impl askama::filters::HtmlSafe for Moment {}

/// A `<time>` element: "24 Nov 2026, 14:05 UTC".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact(OffsetDateTime);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.0.to_offset(UtcOffset::UTC);
        let machine = at
            .replace_nanosecond(0)
            .unwrap_or(at)
            .format(&Rfc3339)
            .map_err(|_| fmt::Error)?;
        write!(f, r#"<time datetime="{machine}">{}</time>"#, text(at))
    }
}

impl askama::filters::HtmlSafe for Exact {}

/// A `<time>` element followed by the relative time in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inline(Moment);

impl fmt::Display for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.0.exact(), self.0.relative())
    }
}

impl askama::filters::HtmlSafe for Inline {}

/// "24 Nov 2026, 14:05 UTC".
fn text(at: OffsetDateTime) -> String {
    let month = at.month().to_string();
    format!(
        "{} {} {}, {:02}:{:02} UTC",
        at.day(),
        month.get(..3).unwrap_or(&month),
        at.year(),
        at.hour(),
        at.minute()
    )
}

/// A distance in its largest sensible unit.
fn relative(distance: Duration) -> String {
    let seconds = distance.whole_seconds().unsigned_abs();
    let (count, unit) = match seconds {
        0..60 => {
            return if distance.is_positive() {
                "in less than a minute".to_owned()
            } else {
                "just now".to_owned()
            };
        }
        60..3_600 => (seconds / 60, "minute"),
        3_600..172_800 => ((seconds + 1_800) / 3_600, "hour"),
        172_800..63_072_000 => ((seconds + 43_200) / 86_400, "day"),
        _ => ((seconds + 15_768_000) / 31_536_000, "year"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance.is_negative() {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-24 14:05:33 UTC);

    #[test]
    fn exact_time_names_its_zone_and_is_readable_by_machines() {
        let text = Moment::new(datetime!(2026-12-01 09:07:59 +2), NOW)
            .exact()
            .to_string();
        assert_eq!(
            text,
            r#"<time datetime="2026-12-01T07:07:59Z">1 Dec 2026, 07:07 UTC</time>"#
        );
    }

    #[test]
    fn distances_use_the_unit_that_people_would_use() {
        for (seconds, words) in [
            (-3, "just now"),
            (0, "just now"),
            (20, "in less than a minute"),
            (-60, "1 minute ago"),
            (59 * 60, "in 59 minutes"),
            (3_600, "in 1 hour"),
            (47 * 3_600, "in 47 hours"),
            (7 * 86_400 - 20, "in 7 days"),
            (23 * 86_400, "in 23 days"),
            (-400 * 86_400, "400 days ago"),
            (3_650 * 86_400, "in 10 years"),
        ] {
            let at = NOW + Duration::seconds(seconds);
            assert_eq!(Moment::new(at, NOW).relative(), words);
        }
    }
}
