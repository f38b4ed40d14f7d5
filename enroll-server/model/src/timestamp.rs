//! Points in time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How far apart the clocks of servers that share a database may be.
pub const CLOCKS_DIFFER: Duration = Duration::from_secs(30);

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time `seconds` after 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// The same time without its fraction of a second, as certificates and CRLs write it.
    #[must_use]
    pub const fn whole_seconds(self) -> Self {
        Self::from_seconds(self.seconds())
    }

    /// This time and `duration` more.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros(duration)))
    }

    /// This time and `duration` less.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros(duration)))
    }

    /// How long after `earlier` this is; none if it is before.
    #[must_use]
    pub fn since(self, earlier: Self) -> Option<Duration> {
        let micros = self.0.saturating_sub(earlier.0);
        u64::try_from(micros).ok().map(Duration::from_micros)
    }

    /// Whether what was made at this time is younger than `span`. What is from the future is not: the clock went back
    /// since, and what was made before that would hold for as long as the clock was wrong.
    #[must_use]
    pub fn is_within(self, span: Duration, now: Self) -> bool {
        now.since(self).is_some_and(|age| age < span)
    }

    /// The same for what another server may have made, whose clock may be [ahead](CLOCKS_DIFFER).
    #[must_use]
    pub fn is_within_at_any_server(self, span: Duration, now: Self) -> bool {
        self.is_within(span, now) || now.is_within(CLOCKS_DIFFER, self)
    }

    /// Whether what ends at this time, and was made to last for `span`, still holds. What ends later than that allows
    /// does not: the clock went back since. The clock of another server, which may have made it, may be
    /// [ahead](CLOCKS_DIFFER).
    #[must_use]
    pub fn still_holds(self, span: Duration, now: Self) -> bool {
        self > now && self <= now.latest_end(span)
    }

    /// The latest end of what was made to last for `span` and still holds at this time.
    #[must_use]
    pub fn latest_end(self, span: Duration) -> Self {
        self.plus(span).plus(CLOCKS_DIFFER)
    }

    /// The time as the standard library has it; times before 1970 are its first moment.
    #[must_use]
    pub fn system_time(self) -> SystemTime {
        let micros = u64::try_from(self.0).unwrap_or(0);
        UNIX_EPOCH + Duration::from_micros(micros)
    }

    /// The time as the `time` crate has it, in UTC.
    #[must_use]
    pub fn date_time(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The time of a text as RFC 3339 writes it, in whole seconds, rounded down: `2026-07-23T12:00:00+02:00`. None for another text.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        OffsetDateTime::parse(text, &Rfc3339).ok().map(Self::from)
    }

    /// The time in whole seconds as RFC 3339 writes it, in UTC: `2026-07-23T10:00:00Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.whole_seconds()
            .date_time()
            .format(&Rfc3339)
            .unwrap_or_default()
    }
}

/// In whole seconds, rounded down.
impl From<OffsetDateTime> for Timestamp {
    fn from(at: OffsetDateTime) -> Self {
        Self::from_seconds(at.unix_timestamp())
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(feature = "sqlx")]
mod column {
    use sqlx::any::{Any, AnyTypeInfo, AnyValueRef};
    use sqlx::encode::IsNull;
    use sqlx::error::BoxDynError;
    use sqlx::{Database, Decode, Encode, Type};

    use super::Timestamp;

    impl Type<Any> for Timestamp {
        fn type_info() -> AnyTypeInfo {
            <i64 as Type<Any>>::type_info()
        }
    }

    impl<'q> Encode<'q, Any> for Timestamp {
        fn encode_by_ref(
            &self,
            buffer: &mut <Any as Database>::ArgumentBuffer,
        ) -> Result<IsNull, BoxDynError> {
            <i64 as Encode<'q, Any>>::encode_by_ref(&self.0, buffer)
        }
    }

    impl<'r> Decode<'r, Any> for Timestamp {
        fn decode(value: AnyValueRef<'r>) -> Result<Self, BoxDynError> {
            <i64 as Decode<'r, Any>>::decode(value).map(Self)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_whole_seconds_of_utc() {
        assert_eq!(Timestamp(1_500_000).rfc3339(), "1970-01-01T00:00:01Z");
        assert_eq!(Timestamp(-1).seconds(), -1);
        let read = Timestamp::from_rfc3339("1970-01-01T01:00:01.9+01:00");
        assert_eq!(read, Some(Timestamp(1_000_000)));
        assert_eq!(Timestamp::from_rfc3339("1970-01-01"), None);
    }

    #[test]
    fn there_is_no_negative_difference() {
        let early = Timestamp::from_seconds(10);
        let late = early.plus(Duration::from_secs(5));
        assert_eq!(late.since(early), Some(Duration::from_secs(5)));
        assert_eq!(early.since(late), None);
    }

    #[test]
    fn what_is_from_the_future_is_not_young() {
        let (now, span) = (Timestamp::from_seconds(1_000_000), Duration::from_secs(600));
        let ago = |seconds| now.minus(Duration::from_secs(seconds));
        let ahead = |seconds| now.plus(Duration::from_secs(seconds));
        for (made, strictly, anywhere) in [
            (now, true, true),
            (ago(599), true, true),
            (ago(600), false, false),
            (ahead(1), false, true),
            (ahead(29), false, true),
            (ahead(30), false, false),
            (ahead(1_000_000_000), false, false),
        ] {
            assert_eq!(made.is_within(span, now), strictly, "{made:?}");
            assert_eq!(
                made.is_within_at_any_server(span, now),
                anywhere,
                "{made:?}"
            );
        }
        for (end, holds) in [
            (now, false),
            (ahead(1), true),
            (ahead(600), true),
            (ahead(630), true),
            (ahead(631), false),
        ] {
            assert_eq!(end.still_holds(span, now), holds, "{end:?}");
        }
    }
}
