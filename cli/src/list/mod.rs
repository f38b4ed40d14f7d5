//! `tapcard list`: the readers, the PIV card in each, and the keys and certificates on it. No PIN is needed, and nothing is
//! judged: that is the doctor's part.

pub mod card;
pub mod render;
pub mod report;

use std::ffi::CStr;

use time::OffsetDateTime;

use crate::doctor::finding::Finding;
use crate::doctor::{matches, pcsc_service};
use crate::transaction::{CardState, card_has_left, card_state, in_transaction};
use report::{Listing, ReaderListing, ReaderState};

/// Lists every reader whose name contains `filter` (in upper or lower case), or all of them.
#[must_use]
pub fn run(filter: Option<&str>) -> Listing {
    let now = OffsetDateTime::now_utc();
    let names = match pcsc_service::readers() {
        Ok(names) => names,
        Err(finding) => return Listing::new(now, Vec::new(), vec![finding]),
    };
    let readers: Vec<ReaderListing> = names
        .iter()
        .filter(|name| matches(&name.to_string_lossy(), filter))
        .map(|name| list(name, now))
        .collect();
    let findings = match filter {
        _ if !readers.is_empty() => Vec::new(),
        Some(wanted) if !names.is_empty() => vec![Finding::NoSuchReader {
            name: wanted.to_owned(),
            available: names
                .iter()
                .map(|name| name.to_string_lossy().into_owned())
                .collect(),
        }],
        _ => vec![Finding::NoReader],
    };
    Listing::new(now, readers, findings)
}

fn list(reader: &CStr, now: OffsetDateTime) -> ReaderListing {
    let name = reader.to_string_lossy().into_owned();
    match card_state(reader) {
        CardState::Empty => ReaderListing::without_card(name, ReaderState::Empty),
        CardState::Unknown(finding) => ReaderListing::failed(name, ReaderState::Unknown, finding),
        CardState::Unusable(finding, _) => {
            ReaderListing::failed(name, ReaderState::Inaccessible, finding)
        }
        CardState::Present(_) => {
            let read = in_transaction(reader, move |link| {
                let mut listing = ReaderListing::without_card(name, ReaderState::NotPiv);
                let disposition = card::read(link, now, &mut listing);
                (listing, disposition)
            });
            match read {
                Ok(mut listing) => {
                    if listing.findings.contains(&Finding::CardUnresponsive)
                        && card_has_left(reader)
                    {
                        listing.findings = vec![Finding::CardRemoved];
                    }
                    listing
                }
                Err(finding) => ReaderListing::failed(
                    reader.to_string_lossy().into_owned(),
                    ReaderState::Inaccessible,
                    finding,
                ),
            }
        }
    }
}
