//! Points in time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A point in time: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
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

    /// The time in whole seconds as RFC 3339 writes it, in UTC: `2026-07-23T10:00:00Z`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        self.whole_seconds()
            .date_time()
            .format(&Rfc3339)
            .unwrap_or_default()
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
    }

    #[test]
    fn a_difference_is_never_negative() {
        let early = Timestamp::from_seconds(10);
        let late = early.plus(Duration::from_secs(5));
        assert_eq!(late.since(early), Duration::from_secs(5));
        assert_eq!(early.since(late), Duration::ZERO);
    }
}
