//! What a request changes, in words: its holder and whoever decides see the same.

use enroll_server_service::query::{Change, Difference, RequestView};

use crate::portal::label;
use crate::portal::view::{Icon, Tag, Tone};
use crate::words::{Text, Words};

/// One thing that is otherwise with the phone than without.
#[derive(Debug)]
pub struct Row {
    /// What it is.
    pub what: Text,
    /// Where on the card.
    pub note: String,
    /// What is.
    pub before: Text,
    /// What would be.
    pub after: Text,
    /// Whether it is new or another, if so.
    pub tag: Option<Tag>,
}

/// What a request changes, row by row; none where nobody knows.
#[must_use]
pub fn rows(words: Words, view: &RequestView) -> Vec<Row> {
    view.difference
        .as_ref()
        .map(|difference| all(words, difference))
        .unwrap_or_default()
}

fn all(words: Words, found: &Difference) -> Vec<Row> {
    let new = || Some(Tag::new(Tone::Info, Icon::Check, words.difference_new()));
    let mut rows = vec![Row {
        what: words.difference_phones(),
        note: String::new(),
        before: words.difference_phone_count(found.phones),
        after: words.difference_phone_count(found.phones + 1),
        tag: new(),
    }];
    rows.extend(found.keys.iter().map(|key| Row {
        what: label::purpose(words, Some(key.slot)),
        note: format!("{} {}", key.slot, key.algorithm),
        before: match key.until {
            Some(until) => {
                words.difference_had(key.had, words.time_utc(words.date_time(until.date_time())))
            }
            None => words.difference_none(),
        },
        after: words.difference_gets(key.days),
        tag: new(),
    }));
    let name = |what: Text, change: &Change| Row {
        what,
        note: String::new(),
        before: change
            .before
            .clone()
            .map_or_else(|| words.difference_none(), Text::from),
        after: change.after.clone().into(),
        tag: match &change.before {
            None => new(),
            Some(before) if *before == change.after => None,
            Some(_) => Some(Tag::new(
                Tone::Notice,
                Icon::Warning,
                words.difference_changed(),
            )),
        },
    };
    rows.push(name(words.difference_name(), &found.name));
    rows.push(name(words.difference_email(), &found.email));
    rows.push(name(words.difference_upn(), &found.upn));
    rows
}

/// What was corrected of the holder since the request was made.
#[must_use]
pub fn moved(words: Words, view: &RequestView) -> Vec<Row> {
    let (request, holder) = (&view.request, &view.holder);
    let pairs = [
        (words.label_name(), &request.name, &holder.name),
        (words.label_email(), &request.email, &holder.email),
        (words.label_upn(), &request.upn, &holder.upn),
    ];
    let others = pairs.into_iter().filter(|(_, then, now)| then != now);
    others
        .map(|(what, then, now)| Row {
            what,
            note: String::new(),
            before: then.clone().into(),
            after: now.clone().into(),
            tag: None,
        })
        .collect()
}
