//! The listing as text for people, and as JSON.

use std::io;

use plain_text::{Json, Plain};

use super::report::{CardListing, KeyListing, Listing, ReaderListing, ReaderState};
use crate::advice_text::{advice, line};
use crate::doctor::piv::Validity;
use crate::table::table;

/// The listing as indented JSON with a line end.
///
/// # Errors
/// Where it has no JSON form, which no listing has.
pub fn json(listing: &Listing) -> io::Result<String> {
    let text = serde_json::to_string_pretty(listing)?;
    Ok(format!("{}\n", Json(&text)))
}

/// The listing as text: each reader's name at the beginning of a line, beneath it its card.
#[must_use]
pub fn text(listing: &Listing) -> String {
    let mut text = String::new();
    for finding in &listing.findings {
        text.push_str(&advice(finding, 0));
    }
    for (number, reader) in listing.readers.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&reader_text(reader));
    }
    text
}

fn reader_text(reader: &ReaderListing) -> String {
    let mut text = line(0, &reader.name);
    match (&reader.card, reader.state) {
        (Some(card), _) => text.push_str(&card_text(card)),
        (None, ReaderState::Empty) => text.push_str(&line(2, "No card is in this reader.")),
        (None, ReaderState::NotPiv) => {
            text.push_str(&line(
                2,
                "The card in this reader is not a PIV card: it has no PIV application.",
            ));
            text.push_str(&line(
                2,
                "-> `tapcard doctor` says what it is and what to do.",
            ));
        }
        (None, ReaderState::Piv | ReaderState::Inaccessible) => {
            text.push_str(&line(2, "The card in this reader could not be read."));
        }
        (None, ReaderState::Unknown) => text.push_str(&line(2, "This reader failed.")),
    }
    for finding in &reader.findings {
        text.push_str(&advice(finding, 2));
    }
    text
}

fn card_text(card: &CardListing) -> String {
    let guid = card
        .guid
        .as_ref()
        .map_or_else(|| "no GUID".to_owned(), |guid| format!("GUID {guid}"));
    let mut text = line(
        2,
        &format!(
            "{}, serial number {}, {guid}",
            card.label, card.serial_number
        ),
    );
    if card.keys.is_empty() {
        text.push_str(&line(2, "No key on this card has a certificate."));
        return text;
    }
    text.push('\n');
    let header = [
        "Slot",
        "ID",
        "Name",
        "Key",
        "Holder",
        "Issuer",
        "Valid until",
        "Days left",
    ];
    text.push_str(&table(2, header, card.keys.iter().map(row)));
    text
}

fn row(key: &KeyListing) -> [String; 8] {
    let date = key.not_after.split('T').next().unwrap_or_default();
    let days = match key.validity {
        Validity::Expired => "expired".to_owned(),
        Validity::NotYetValid => "not valid yet".to_owned(),
        Validity::Valid | Validity::ExpiresSoon => key.days_left.to_string(),
    };
    [
        key.slot.clone(),
        key.id.clone(),
        key.label.clone(),
        key.algorithm.clone(),
        Plain(key.common_name.as_ref().unwrap_or(&key.subject)).to_string(),
        Plain(key.issuer_common_name.as_ref().unwrap_or(&key.issuer)).to_string(),
        date.to_owned(),
        days,
    ]
}
