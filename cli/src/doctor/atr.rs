//! What an ATR tells, and what it cannot tell.

use card_edge::atr::{Atr, Contactless};
use card_edge::historical::{Field, HistoricalBytes};
use card_edge::piv;
use serde::Serialize;

/// The identifier of the GIDS application without its version.
pub const GIDS_AID: [u8; 9] = [0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59];

/// How the card is connected, as far as its ATR shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Interface {
    /// The ATR is the card's own.
    Contact,
    /// The reader made the ATR for a contactless card or phone.
    Contactless,
    /// The reader made the ATR for a contactless memory card.
    ContactlessMemory,
    /// The bytes are no ATR.
    Unknown,
}

/// An ATR taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AtrReport {
    /// All of it, in hexadecimal.
    pub bytes: String,
    /// How the card is connected.
    pub interface: Interface,
    /// The transmission protocols that it offers (`T=0`, `T=1`).
    pub protocols: Vec<String>,
    /// The historical bytes in hexadecimal.
    pub historical_bytes: String,
    /// What it tells, a sentence each.
    pub tells: Vec<String>,
    /// What it cannot tell.
    pub cannot_tell: String,
}

impl AtrReport {
    /// Whether it is a contactless card's.
    #[must_use]
    pub fn is_contactless(&self) -> bool {
        matches!(
            self.interface,
            Interface::Contactless | Interface::ContactlessMemory
        )
    }
}

/// Takes an ATR apart.
#[must_use]
pub fn explain(bytes: &[u8]) -> AtrReport {
    let atr = match Atr::parse(bytes) {
        Ok(atr) => atr,
        Err(error) => {
            return AtrReport {
                bytes: spaced_hex(bytes),
                interface: Interface::Unknown,
                protocols: Vec::new(),
                historical_bytes: String::new(),
                tells: vec![format!("It does not follow ISO/IEC 7816-3: {error}.")],
                cannot_tell: "What the card is.".to_owned(),
            };
        }
    };
    let historical = HistoricalBytes::parse(&atr.historical);
    let (interface, first) = match atr.contactless() {
        Some(Contactless::Memory(_)) => (
            Interface::ContactlessMemory,
            "A contactless memory card. The reader made this ATR for it.",
        ),
        Some(Contactless::Processor([])) => (
            Interface::Contactless,
            "A contactless chip card or a phone that sends no historical bytes, as Android phones do. The reader made this ATR; every \
             such phone shows the same.",
        ),
        Some(Contactless::Processor(_)) => (
            Interface::Contactless,
            "A contactless chip card or a phone. The reader made this ATR from the historical bytes of the chip's answer (its ATS).",
        ),
        None => (
            Interface::Contact,
            "A card with contacts, or a token or virtual card that acts as one. The ATR is its own.",
        ),
    };
    let mut tells = vec![first.to_owned()];
    if interface != Interface::ContactlessMemory {
        tells.extend(historical_in_words(&historical));
    }
    let cannot_tell = match (interface, historical.application_identifier()) {
        (Interface::ContactlessMemory, _) => "Nothing more: there are no applications to tell of.",
        (_, Some(_)) => {
            "Whether that application is really there and works: only selecting it tells."
        }
        (Interface::Contactless, None) => {
            "Which applications are on it, who it belongs to, or whether it is the same card as last time: only selecting \
             an application tells."
        }
        _ => "Which applications are on it: only selecting one tells.",
    };
    AtrReport {
        bytes: spaced_hex(bytes),
        interface,
        protocols: protocols(&atr),
        historical_bytes: spaced_hex(&atr.historical),
        tells,
        cannot_tell: cannot_tell.to_owned(),
    }
}

/// The protocols without repetition. The first TD byte of a contactless ATR says T=0 for form's sake alone (PC/SC part 3).
fn protocols(atr: &Atr) -> Vec<String> {
    let mut list: Vec<u8> = Vec::new();
    for protocol in &atr.protocols {
        let is_form = *protocol == 0 && atr.contactless().is_some();
        if *protocol != 15 && !is_form && !list.contains(protocol) {
            list.push(*protocol);
        }
    }
    list.iter()
        .map(|protocol| format!("T={protocol}"))
        .collect()
}

fn historical_in_words(historical: &HistoricalBytes<'_>) -> Vec<String> {
    match historical {
        HistoricalBytes::None => Vec::new(),
        HistoricalBytes::Proprietary(bytes) => vec![match printable(bytes) {
            Some(text) => format!("Its maker wrote \"{text}\" into it."),
            None => "Its historical bytes are in its maker's own form.".to_owned(),
        }],
        HistoricalBytes::Compact { fields, status } => fields
            .iter()
            .map(field_in_words)
            .chain(status.map(|(life_cycle, word)| status_in_words(life_cycle, word)))
            .collect(),
    }
}

fn field_in_words(field: &Field<'_>) -> String {
    match field {
        Field::CardServiceData(service) => {
            let mut ways = Vec::new();
            if service & 0x80 != 0 {
                ways.push("full name");
            }
            if service & 0x40 != 0 {
                ways.push("partial name");
            }
            if ways.is_empty() {
                "Its applications are not selected by name.".to_owned()
            } else {
                format!("Its applications are selected by {}.", ways.join(" or "))
            }
        }
        Field::Capabilities(bytes) => match bytes {
            [_, _, third] => match (third & 0x80 != 0, third & 0x40 != 0) {
                (true, true) => "It knows command chaining and extended length.",
                (true, false) => "It knows command chaining; it does not promise extended length.",
                (false, true) => "It knows extended length; it does not promise command chaining.",
                (false, false) => "It promises neither command chaining nor extended length.",
            }
            .to_owned(),
            _ => "It says how files are selected, and nothing of chaining or extended length."
                .to_owned(),
        },
        Field::ApplicationIdentifier(aid) => format!(
            "It names an application: {}{}.",
            spaced_hex(aid),
            application_name(aid).map_or_else(String::new, |name| format!(" ({name})"))
        ),
        Field::CountryCode(value) => format!("Country code and more: {}.", spaced_hex(value)),
        Field::IssuerIdentification(value) => format!("Issuer: {}.", spaced_hex(value)),
        Field::InitialAccessData(value) => format!("Initial access data: {}.", spaced_hex(value)),
        Field::IssuerData(value) => format!("Its issuer's own data: {}.", text_or_hex(value)),
        Field::PreIssuingData(value) => format!("Chip and maker: {}.", text_or_hex(value)),
        Field::Other(tag, value) => format!("Field {tag:X}: {}.", spaced_hex(value)),
    }
}

fn status_in_words(life_cycle: u8, word: u16) -> String {
    let stage = match life_cycle {
        0 => return format!("Its status is {word:04X}."),
        1 => "being created",
        3 => "being initialised",
        4 | 6 => "deactivated",
        5 | 7 => "in operation",
        12..=15 => "terminated",
        _ => "in a stage of its maker's own",
    };
    format!("It is {stage} (life cycle status {life_cycle:02X}).")
}

fn application_name(aid: &[u8]) -> Option<&'static str> {
    if aid.starts_with(&GIDS_AID) {
        Some("GIDS")
    } else if piv::is_selected_by(aid) {
        Some("PIV")
    } else {
        None
    }
}

fn printable(bytes: &[u8]) -> Option<String> {
    let readable = bytes.iter().all(|byte| (0x20..0x7F).contains(byte));
    (readable && bytes.len() > 2).then(|| bytes.iter().copied().map(char::from).collect())
}

fn text_or_hex(bytes: &[u8]) -> String {
    printable(bytes).unwrap_or_else(|| spaced_hex(bytes))
}

/// Bytes in hexadecimal with spaces between them.
#[must_use]
pub fn spaced_hex(bytes: &[u8]) -> String {
    let pairs: Vec<String> = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTACTLESS_CHIP: [u8; 15] = [
        0x3b, 0x8a, 0x80, 0x01, 0x00, 0x31, 0xc1, 0x73, 0xc8, 0x40, 0x00, 0x00, 0x90, 0x00, 0x90,
    ];

    #[test]
    fn the_atr_of_a_chip_tells_no_application() {
        let report = explain(&CONTACTLESS_CHIP);
        assert_eq!(report.interface, Interface::Contactless);
        assert_eq!(report.historical_bytes, "00 31 C1 73 C8 40 00 00 90 00");
        assert_eq!(report.protocols, ["T=1"]);
        assert_eq!(
            report.tells,
            [
                "A contactless chip card or a phone. The reader made this ATR from the historical bytes of the chip's answer (its ATS).",
                "Its applications are selected by full name or partial name.",
                "It promises neither command chaining nor extended length.",
                "Its status is 9000.",
            ]
        );
        assert!(report.cannot_tell.contains("Which applications are on it"));
    }

    #[test]
    fn every_android_phone_looks_like_this() {
        let report = explain(&[0x3b, 0x80, 0x80, 0x01, 0x01]);
        assert_eq!(report.interface, Interface::Contactless);
        assert!(report.tells[0].contains("every such phone shows the same"));
    }

    #[test]
    fn an_application_in_the_historical_bytes_is_named() {
        // Windows' TPM virtual smart card.
        let report = explain(&[
            0x3B, 0x8D, 0x01, 0x80, 0xFB, 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59,
            0x04, 0x01, 0xCF,
        ]);
        assert_eq!(report.interface, Interface::Contact);
        assert!(report.tells.iter().any(|line| line.ends_with("(GIDS).")));
    }

    #[test]
    fn a_memory_card_is_one_by_its_atr() {
        let report = explain(&[
            0x3b, 0x8f, 0x80, 0x01, 0x80, 0x4f, 0x0c, 0xa0, 0x00, 0x00, 0x03, 0x06, 0x03, 0x00,
            0x01, 0x00, 0x00, 0x00, 0x00, 0x6a,
        ]);
        assert_eq!(report.interface, Interface::ContactlessMemory);
    }

    #[test]
    fn bytes_that_are_no_atr_are_said_to_be_none() {
        assert_eq!(explain(&[1, 2, 3]).interface, Interface::Unknown);
    }
}
