//! Times as people read them: the exact time with its zone in visible text, and how far away it is.

use std::fmt;

use enroll_server_model::Timestamp;
use time::{Duration, OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use crate::words::{Text, Words, escaped};

/// A point in time, seen from a page made at `now`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    words: Words,
    at: OffsetDateTime,
    now: OffsetDateTime,
}

impl Moment {
    /// The time `at` on a page that is made `now`.
    #[must_use]
    pub fn new(words: Words, at: Timestamp, now: Timestamp) -> Self {
        Self {
            words,
            at: at.date_time(),
            now: now.date_time(),
        }
    }

    /// The `<time>` element alone, for use inside a sentence.
    #[must_use]
    pub const fn exact(self) -> Exact {
        Exact(self)
    }

    /// Exact and relative time on one line.
    #[must_use]
    pub const fn inline(self) -> Inline {
        Inline(self)
    }

    /// How far away it is: "in 23 days", "4 minutes ago".
    #[must_use]
    pub fn relative(self) -> Text {
        relative(self.words, self.at - self.now)
    }
}

/// Exact time, and beneath it in small how far away that is.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exact().fmt(f)?;
        f.write_str(r#" <span class="sub">"#)?;
        escaped(&self.relative()).fmt(f)?;
        f.write_str("</span>")
    }
}

impl askama::filters::HtmlSafe for Moment {}

/// A `<time>` element: "24 Nov 2026, 14:05 UTC".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact(Moment);

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Moment { words, at, .. } = self.0;
        f.write_str(&words.time(at, || element(words, at)))
    }
}

/// The `<time>` element for a time, in UTC and to the second.
fn element(words: Words, at: OffsetDateTime) -> String {
    let at = at.to_offset(UtcOffset::UTC);
    // Without fractions; no time of a certificate or event has a year that RFC 3339 cannot write.
    let machine = at
        .replace_nanosecond(0)
        .ok()
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default();
    let text = words.time_utc(words.date_time(at));
    format!(r#"<time datetime="{machine}">{}</time>"#, escaped(&text))
}

impl askama::filters::HtmlSafe for Exact {}

/// A `<time>` element followed by the relative time in brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inline(Moment);

impl fmt::Display for Inline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let relative = self.0.relative();
        self.0
            .words
            .time_with_distance(self.0.exact(), &relative)
            .fmt(f)
    }
}

impl askama::filters::HtmlSafe for Inline {}

/// A distance in its largest sensible unit.
fn relative(words: Words, distance: Duration) -> Text {
    let seconds = distance.whole_seconds().unsigned_abs();
    let is_past = distance.is_negative();
    match seconds {
        0..60 if distance.is_positive() => words.time_soon(),
        0..60 => words.time_now(),
        60..3_600 => match seconds / 60 {
            count if is_past => words.time_minutes_ago(count),
            count => words.time_in_minutes(count),
        },
        3_600..172_800 => match (seconds + 1_800) / 3_600 {
            count if is_past => words.time_hours_ago(count),
            count => words.time_in_hours(count),
        },
        172_800..63_072_000 => match (seconds + 43_200) / 86_400 {
            count if is_past => words.time_days_ago(count),
            count => words.time_in_days(count),
        },
        _ => match (seconds + 15_768_000) / 31_536_000 {
            count if is_past => words.time_years_ago(count),
            count => words.time_in_years(count),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T14:05:33Z
    const NOW: Timestamp = Timestamp::from_seconds(1_795_529_133);

    fn away(seconds: i64) -> Moment {
        let at = Timestamp::from_seconds(NOW.seconds() + seconds);
        Moment::new(Words::english(), at, NOW)
    }

    #[test]
    fn exact_time_names_its_zone_and_is_readable_by_machines() {
        // 2026-12-01T07:07:59Z
        assert_eq!(
            away(579_746).exact().to_string(),
            r#"<time datetime="2026-12-01T07:07:59Z">1 Dec 2026, 07:07 UTC</time>"#
        );
        assert_eq!(
            away(-60).inline().to_string(),
            r#"<time datetime="2026-11-24T14:04:33Z">24 Nov 2026, 14:04 UTC</time> (1 minute ago)"#
        );
    }

    #[test]
    fn german_writes_times_its_own_way() {
        let german = Words::of("de").unwrap();
        let away = |seconds: i64| {
            let at = Timestamp::from_seconds(NOW.seconds() + seconds);
            Moment::new(german, at, NOW)
        };
        assert_eq!(
            away(579_746).exact().to_string(),
            r#"<time datetime="2026-12-01T07:07:59Z">01.12.2026, 07:07 UTC</time>"#
        );
        for (seconds, words) in [
            (0, "gerade eben"),
            (20, "in weniger als einer Minute"),
            (-60, "vor 1 Minute"),
            (3_600, "in 1 Stunde"),
            (-47 * 3_600, "vor 47 Stunden"),
            (23 * 86_400, "in 23 Tagen"),
            (-400 * 86_400, "vor 400 Tagen"),
            (3_650 * 86_400, "in 10 Jahren"),
        ] {
            assert_eq!(away(seconds).relative(), words);
        }
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
            assert_eq!(away(seconds).relative(), words);
        }
    }
}
