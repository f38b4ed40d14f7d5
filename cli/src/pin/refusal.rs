//! Why nothing was done, and in which words that is said.

use std::io;

use thiserror::Error;

use super::error::PinError;
use super::pins::Presented;
use super::secret::SecretError;
use super::words;
use crate::advice_text::{advice, line};
use crate::doctor::finding::Finding;

/// Why nothing was done.
#[derive(Debug, Error)]
pub enum Refusal {
    /// What was given is not a PIN or PUK, or nothing was given.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The card or the way to it.
    #[error("{}", advice(.0, 0))]
    Finding(Finding),
    /// There is a card, but not a PIV card, in this reader.
    #[error("the card in {0} is not a PIV card")]
    NotPiv(String),
    /// There are several cards, in these readers.
    #[error("there are {} PIV cards: say by --reader which one is meant", .0.len())]
    SeveralCards(Vec<String>),
    /// What the card answered.
    #[error(transparent)]
    Card(PinError),
    /// What is needed is blocked, on a card over this kind of reader.
    #[error("the {} is blocked", presented.words())]
    Blocked {
        /// What is.
        presented: Presented,
        /// Whether the reader is a contactless one.
        contactless: bool,
    },
    /// Only one try is left, and nobody said that it may be spent.
    #[error("the {} has only one try left", .0.words())]
    LastTry(Presented),
    /// The new PIN was sent, and no answer came that counts, for this reason: the card has the old PIN or the new one.
    #[error("no answer came: {0}")]
    InDoubt(String),
    /// The new PIN was sent, no answer came for this reason, and the card still has the old PIN.
    #[error("no answer came: {0}")]
    NotCarriedOut(String),
    /// The new PIN is the old one.
    #[error("the new PIN is the same as the old one")]
    SamePin,
    /// No new PIN came of all the questions.
    #[error("no new PIN was given")]
    NoNewPin,
    /// The terminal failed.
    #[error("cannot ask or tell: {0}")]
    Terminal(#[from] io::Error),
}

impl Refusal {
    /// What is wrong and what to do, for people: a line each.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Finding(finding) => advice(finding, 0),
            Self::Blocked {
                presented: Presented::Pin,
                contactless,
            } => advice(
                &Finding::PinBlocked {
                    contactless: *contactless,
                },
                0,
            ),
            Self::Blocked {
                presented: Presented::Puk,
                contactless,
            } => said(
                "The PUK is blocked: nobody can unblock the PIN with it any more.",
                &[
                    if *contactless {
                        "Over a contactless reader a card may hold its last tries back: try it over contact or a local link."
                    } else {
                        "A Tapcard phone: enroll it again. Another card: whoever issued it can reset it."
                    },
                    "The certificates of a card that is given up should be revoked.",
                ],
            ),
            Self::Card(PinError::Wrong {
                presented,
                tries_left,
            }) => said(
                &format!(
                    "The {} is wrong: {}.",
                    presented.words(),
                    tries_left.map_or_else(
                        || "`tapcard pin status` asks how many tries are left".to_owned(),
                        words::tries
                    )
                ),
                match presented {
                    Presented::Pin => &[
                        "A right one restores all tries. Do not guess: with the PUK a new one can be set (`tapcard pin unblock`).",
                    ],
                    Presented::Puk => &[
                        "A right one restores all tries. Do not guess: a blocked PUK stays blocked.",
                    ],
                },
            ),
            Self::Card(PinError::NotAllowed(status)) => said(
                &format!("The card does not allow this here: {status}."),
                &[
                    "Over a contactless reader the standard allows no new PIN by the PUK, and no change in clear: use a contact reader, or a \
                     local link to the phone.",
                ],
            ),
            Self::Card(PinError::NewRefused(status)) => said(
                &format!("The card does not take this new PIN: {status}."),
                &[
                    "The old one still counts. Choose another: some cards want other lengths, or refuse what is easy to guess.",
                ],
            ),
            Self::Card(PinError::OtherCard) => said(
                "Another card is in the reader now: nothing was sent to it.",
                &["Leave the card where it is, and try again."],
            ),
            Self::InDoubt(why) | Self::Card(PinError::Interrupted { why, .. }) => said(
                &format!(
                    "The card was sent the new PIN and gave no answer that counts ({why}): it has the old PIN or the new one."
                ),
                &[
                    "`tapcard pin status` shows the tries that are left. Try the new PIN first; each wrong one costs a try.",
                    "Where this happens each time over a contactless reader: use a contact reader, or a local link to the phone.",
                ],
            ),
            Self::NotCarriedOut(why) => said(
                &format!(
                    "The card was sent the new PIN, gave no answer that counts ({why}), and still has the old PIN."
                ),
                &["Leave the card on the reader until this is done, and try again."],
            ),
            Self::Card(PinError::NotSent(finding)) => advice(finding, 0),
            Self::Card(PinError::Link(error)) => advice(&error.clone().into(), 0),
            Self::LastTry(presented) => said(
                &format!(
                    "Only one try is left for the {}, and it was not spent: if it were wrong, the {} would be blocked.",
                    presented.words(),
                    presented.words()
                ),
                &["Be sure of it, then say --yes, or answer yes at the terminal."],
            ),
            Self::SeveralCards(readers) => said(
                "There are several PIV cards: say which one is meant.",
                &readers
                    .iter()
                    .map(|reader| format!("--reader '{reader}'"))
                    .collect::<Vec<_>>(),
            ),
            Self::NotPiv(reader) => said(
                &format!("The card in {reader} is not a PIV card."),
                &["`tapcard doctor` says what it is and what to do."],
            ),
            other => said(&format!("{}.", capital(&other.to_string())), &[] as &[&str]),
        }
    }
}

fn said(headline: &str, steps: &[impl AsRef<str>]) -> String {
    let mut text = line(0, headline);
    for step in steps {
        text.push_str(&line(0, &format!("-> {}", step.as_ref())));
    }
    text
}

/// The sentence with its first letter in upper case.
pub(super) fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
