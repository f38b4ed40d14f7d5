//! A language at work: its messages, and its ways to write numbers and dates.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMDT;
use icu_datetime::input::{Date, DateTime, Time};
use icu_datetime::options::TimePrecision;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::Locale;
use intl_memoizer::Memoizable;
use intl_memoizer::concurrent::IntlLangMemoizer;
use time::{OffsetDateTime, UtcOffset};
use unic_langid::LanguageIdentifier;

use super::argument::{Argument, Number};
use super::mark::mark;
use super::memo::Memo;

/// The message that names the conventions for dates and numbers.
const CONVENTIONS: &str = "conventions";

/// A language.
pub(super) struct Language {
    tag: &'static str,
    bundle: FluentBundle<FluentResource>,
    dates: Option<FixedCalendarDateTimeFormatter<Gregorian, YMDT>>,
    /// Messages with one number, by message and number.
    counts: Memo<(&'static str, i64)>,
    /// Times, by their second since 1970.
    times: Memo<i64>,
}

impl Language {
    /// The language with this tag and these chapters. The build has read them before: what fails here is logged.
    pub(super) fn new(tag: &'static str, chapters: &[&str]) -> Self {
        let identifier: LanguageIdentifier = tag.parse().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // The marks would be around every value, into clipboards and searches: see `argument::isolated`.
        bundle.set_use_isolating(false);
        bundle.set_formatter(Some(grouped));
        for chapter in chapters {
            let resource = FluentResource::try_new((*chapter).to_owned()).unwrap_or_else(
                |(readable, errors)| {
                    tracing::error!(tag, ?errors, "a chapter of words cannot be read");
                    readable
                },
            );
            if let Err(errors) = bundle.add_resource(resource) {
                tracing::error!(tag, ?errors, "a chapter of words cannot be used");
            }
        }
        let mut language = Self {
            tag,
            bundle,
            dates: None,
            counts: Memo::new(),
            times: Memo::new(),
        };
        language.dates = formatter(&language.said(CONVENTIONS, &[]));
        if language.dates.is_none() {
            tracing::error!(tag, "the language's dates are not known");
        }
        language
    }

    pub(super) const fn tag(&self) -> &'static str {
        self.tag
    }

    /// A message with its arguments.
    pub(super) fn said(
        &self,
        id: &'static str,
        arguments: &[(&'static str, Argument<'_>)],
    ) -> Cow<'_, str> {
        let [(_, Argument::Number(Number(number)))] = arguments else {
            return self.put_together(id, arguments);
        };
        let say = || self.put_together(id, arguments).into_owned();
        Cow::Owned(self.counts.said((id, *number), say).to_string())
    }

    fn put_together(
        &self,
        id: &'static str,
        arguments: &[(&'static str, Argument<'_>)],
    ) -> Cow<'_, str> {
        let Some(pattern) = self
            .bundle
            .get_message(id)
            .and_then(|message| message.value())
        else {
            tracing::error!(id, tag = self.tag, "a message is missing");
            return Cow::Borrowed(id);
        };
        if arguments.is_empty() {
            return self.bundle.format_pattern(pattern, None, &mut Vec::new());
        }
        let mut values = FluentArgs::with_capacity(arguments.len());
        for (index, (name, argument)) in arguments.iter().enumerate() {
            values.set(*name, argument.value(mark(index)));
        }
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&values), &mut errors);
        if !errors.is_empty() {
            tracing::error!(id, ?errors, "a message could not be put together");
        }
        Cow::Owned(text.into_owned())
    }

    /// The text for a time, which `say` puts together the first time.
    pub(super) fn time(&self, at: OffsetDateTime, say: impl FnOnce() -> String) -> Arc<str> {
        self.times.said(at.unix_timestamp(), say)
    }

    /// A date and time of day in UTC.
    pub(super) fn date_time(&self, at: OffsetDateTime) -> String {
        let at = at.to_offset(UtcOffset::UTC);
        let date = Date::try_new_gregorian(at.year(), at.month().into(), at.day());
        let time = Time::try_new(at.hour(), at.minute(), at.second(), 0);
        match (&self.dates, date, time) {
            (Some(dates), Ok(date), Ok(time)) => dates.format(&DateTime { date, time }).to_string(),
            // No language at all, but every language reads it.
            _ => format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute()),
        }
    }
}

fn formatter(conventions: &str) -> Option<FixedCalendarDateTimeFormatter<Gregorian, YMDT>> {
    let locale: Locale = conventions.parse().ok()?;
    FixedCalendarDateTimeFormatter::try_new(
        (&locale).into(),
        YMDT::medium().with_time_precision(TimePrecision::Minute),
    )
    .ok()
}

/// Writes numbers with the language's separators.
struct Grouped(DecimalFormatter);

impl Memoizable for Grouped {
    type Args = ();
    type Error = ();

    fn construct(language: LanguageIdentifier, (): ()) -> Result<Self, ()> {
        let locale: Locale = language.to_string().parse().map_err(|_| ())?;
        DecimalFormatter::try_new((&locale).into(), Default::default())
            .map(Self)
            .map_err(|_| ())
    }
}

fn grouped(value: &FluentValue<'_>, memoizer: &IntlLangMemoizer) -> Option<String> {
    let FluentValue::Number(number) = value else {
        return None;
    };
    // Numbers come from `argument::Number` alone, and have no fraction.
    let whole: i64 = number.as_string().parse().ok()?;
    memoizer
        .with_try_get::<Grouped, _, _>((), |Grouped(formatter)| {
            formatter.format(&Decimal::from(whole)).to_string()
        })
        .ok()
}
