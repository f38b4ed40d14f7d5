//! The report as text for people.

use plain_text::Plain;

use super::advice::advise;
use super::atr::AtrReport;
use super::finding::{Finding, Severity};
use super::piv::{
    CertificateReport, KeyHistoryReport, ManagementKey, ObjectState, PinReport, PinState,
    PivReport, Validity,
};
use super::report::{Answer, CardEdges, Presence, ReaderReport, Report};

/// Most characters on a line.
const WIDTH: usize = 100;
/// Where values begin, after their names.
const COLUMN: usize = 18;

/// The whole report.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut page = Page::default();
    for finding in &report.service.findings {
        page.finding(finding, 0);
        page.blank();
    }
    for reader in &report.readers {
        page.reader(reader);
        page.blank();
    }
    page.paragraph(0, 0, &conclusion(report));
    page.text
}

fn conclusion(report: &Report) -> String {
    let count = |severity, one: &str| match report.count(severity) {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {one}s")),
    };
    let counts: Vec<String> = [
        count(Severity::Problem, "problem"),
        count(Severity::Warning, "warning"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if counts.is_empty() {
        return "Nothing is wrong here. Whether a certificate was revoked, its issuer knows."
            .to_owned();
    }
    let first = if report.healthy {
        "Nothing is wrong: "
    } else {
        ""
    };
    format!("{first}{}.", counts.join(", "))
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn blank(&mut self) {
        self.text.push('\n');
    }

    /// Words broken into lines: the first begins after `first` spaces, the others after `rest`.
    fn paragraph(&mut self, first: usize, rest: usize, words: &str) {
        self.wrap(" ".repeat(first), rest, words);
    }

    /// A name and its value beside it.
    fn field(&mut self, name: &str, value: &str) {
        let width = COLUMN - 2;
        self.wrap(format!("  {name:<width$}"), COLUMN, value);
    }

    /// What comes from a card or a reader may hold anything, so every line is shown plain.
    fn wrap(&mut self, start: String, rest: usize, words: &str) {
        let words = Plain(words).to_string();
        let mut line = start;
        let mut empty = true;
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            let length = line.chars().count() + 1 + word.chars().count();
            if !empty && length > WIDTH {
                self.text.push_str(line.trim_end());
                self.blank();
                line = " ".repeat(rest);
                empty = true;
            }
            if !empty {
                line.push(' ');
            }
            line.push_str(word);
            empty = false;
        }
        self.text.push_str(line.trim_end());
        self.blank();
    }

    fn reader(&mut self, reader: &ReaderReport) {
        self.paragraph(0, 0, &reader.name);
        self.paragraph(2, 2, &reader.summary);
        if reader.presence == Presence::Empty {
            return;
        }
        self.blank();
        if let Some(atr) = &reader.atr {
            self.atr(atr);
        }
        if let Some(edges) = &reader.card_edges {
            self.field("Card edges", &card_edges(edges));
        }
        if let Some(piv) = &reader.piv {
            self.piv(piv);
        }
        if reader.cost.commands > 0 {
            self.field("Asked with", &cost(reader));
        }
        for finding in &reader.findings {
            self.blank();
            self.finding(finding, 2);
        }
    }

    fn atr(&mut self, atr: &AtrReport) {
        self.field("ATR", &atr.bytes);
        for sentence in &atr.tells {
            self.field("", sentence);
        }
        if !atr.historical_bytes.is_empty() {
            let offer = match atr.protocols.as_slice() {
                [] => String::new(),
                protocols => format!("; offers {}", protocols.join(" and ")),
            };
            self.field(
                "",
                &format!("Historical bytes {}{offer}.", atr.historical_bytes),
            );
        }
        self.field(
            "",
            &format!("It cannot tell: {}", lower_first(&atr.cannot_tell)),
        );
    }

    fn piv(&mut self, piv: &PivReport) {
        if let Some(label) = &piv.label {
            self.field("Application", &format!("\"{label}\""));
        }
        if let Some(url) = &piv.url {
            self.field("Described at", url);
        }
        if !piv.algorithms.is_empty() {
            self.field("Algorithms", &piv.algorithms.join(", "));
        }
        if let Some(identity) = &piv.identity {
            let expires = identity.expires.as_ref().map_or_else(
                || "without a valid expiration date".to_owned(),
                |date| format!("valid until {date}"),
            );
            let signed = if identity.signed {
                ", signed by its issuer"
            } else {
                ""
            };
            self.field(
                "Identity",
                &format!("GUID {}, {expires}{signed}", identity.guid),
            );
        }
        for pin in &piv.pins {
            let name = match pin.reference {
                "PIV" => "PIN",
                "global" => "Global PIN",
                other => other,
            };
            self.field(name, &pin_in_words(pin));
        }
        if let Some(words) = management_key(piv.management_key) {
            self.field("Management key", words);
        }
        for (name, object) in core::iter::once("Objects")
            .chain(core::iter::repeat(""))
            .zip(objects(piv))
        {
            self.field(name, &object);
        }
        if let Some(history) = &piv.key_history {
            self.field("Key history", &key_history(history));
        }
        if !piv.certificates.is_empty() {
            self.field("Certificates", &piv.certificates.len().to_string());
        }
        for certificate in &piv.certificates {
            self.certificate(certificate);
        }
    }

    fn certificate(&mut self, certificate: &CertificateReport) {
        let holder = certificate
            .common_name
            .as_ref()
            .unwrap_or(&certificate.subject);
        let issuer = certificate
            .issuer_common_name
            .as_ref()
            .unwrap_or(&certificate.issuer);
        self.paragraph(
            4,
            7,
            &format!(
                "{} {}: {holder}, {}, issued by {issuer}",
                certificate.slot, certificate.slot_name, certificate.key
            ),
        );
        let names = certificate
            .logon_names
            .iter()
            .map(|name| format!("logon name {name}"));
        let mail = certificate.mail.iter().map(|mail| format!("mail {mail}"));
        let names: Vec<String> = names.chain(mail).collect();
        if !names.is_empty() {
            self.paragraph(7, 7, &names.join(", "));
        }
        self.paragraph(7, 7, &validity(certificate));
    }

    fn finding(&mut self, finding: &Finding, indent: usize) {
        let advice = advise(finding);
        let word = match finding.severity() {
            Severity::Problem => "PROBLEM",
            Severity::Warning => "WARNING",
            Severity::Note => "NOTE",
        };
        self.paragraph(indent, indent + 2, &format!("{word}: {}", advice.headline));
        self.paragraph(indent + 2, indent + 2, &advice.reason);
        for step in &advice.next {
            self.paragraph(indent + 2, indent + 5, &format!("-> {step}"));
        }
    }
}

fn lower_first(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_lowercase().chain(letters).collect()
    })
}

fn card_edges(edges: &CardEdges) -> String {
    let piv = match &edges.piv {
        Answer::Present => "PIV answers".to_owned(),
        Answer::Absent { status, meaning } => format!("PIV is not there ({status}: {meaning})"),
    };
    let gids = match &edges.gids {
        None => "GIDS was not asked for".to_owned(),
        Some(Answer::Present) => "GIDS answers".to_owned(),
        Some(Answer::Absent { status, meaning }) => {
            format!("GIDS is not there ({status}: {meaning})")
        }
    };
    format!("{piv}; {gids}")
}

fn pin_in_words(pin: &PinReport) -> String {
    let state = match pin.state {
        PinState::TriesLeft(1) => "1 try left (asking costs none)".to_owned(),
        PinState::TriesLeft(tries) => format!("{tries} tries left (asking costs none)"),
        PinState::Verified => {
            "verified by another program; the card then does not say how many tries are left"
                .to_owned()
        }
        PinState::Blocked => "blocked, no tries left".to_owned(),
        PinState::Unknown => "the card does not say how many tries are left".to_owned(),
    };
    match pin.is_default {
        Some(true) => format!("{state}; still the default one"),
        Some(false) => format!("{state}; not the default one"),
        None => state,
    }
}

fn management_key(key: ManagementKey) -> Option<&'static str> {
    Some(match key {
        ManagementKey::NotAsked => return None,
        ManagementKey::Unknown => "not known: the card lets nobody try it here",
        ManagementKey::DefaultAes192 => "the default one, as AES-192",
        ManagementKey::DefaultTripleDes => "the default one, as 3DES",
        ManagementKey::Changed => "not the default one",
    })
}

fn objects(piv: &PivReport) -> Vec<String> {
    piv.objects
        .iter()
        .filter_map(|object| {
            let note = match object.state {
                ObjectState::Absent => return None,
                ObjectState::Present => format!("{} bytes", object.bytes),
                ObjectState::Protected => "needs a PIN".to_owned(),
                ObjectState::Unreadable => "cannot be read".to_owned(),
            };
            Some(format!("{} ({}, {note})", object.name, object.tag))
        })
        .collect()
}

fn key_history(history: &KeyHistoryReport) -> String {
    let elsewhere = match (history.off_card, &history.url) {
        (0, _) => String::new(),
        (n, Some(url)) => format!(", {n} with certificates at {url}"),
        (n, None) => format!(", {n} with certificates elsewhere"),
    };
    match (history.on_card, history.off_card) {
        (0, 0) => "no retired keys".to_owned(),
        (n, _) => format!("{n} retired keys with certificates on the card{elsewhere}"),
    }
}

fn validity(certificate: &CertificateReport) -> String {
    let date = |moment: &str| moment.split('T').next().unwrap_or_default().to_owned();
    let until = date(&certificate.not_after);
    match (certificate.validity, certificate.days_left) {
        (Validity::Valid, days) => format!("valid until {until} ({days} days)"),
        (Validity::ExpiresSoon, 0) => format!("expires soon: {until} (less than a day)"),
        (Validity::ExpiresSoon, 1) => format!("expires soon: {until} (1 day)"),
        (Validity::ExpiresSoon, days) => format!("expires soon: {until} ({days} days)"),
        (Validity::Expired, _) => format!("expired on {until}"),
        (Validity::NotYetValid, _) => {
            format!("not valid before {}", date(&certificate.not_before))
        }
    }
}

fn cost(reader: &ReaderReport) -> String {
    let commands = match reader.cost.commands {
        1 => "1 command".to_owned(),
        n => format!("{n} commands"),
    };
    format!(
        "{commands} in {} ms; nothing was changed",
        reader.cost.milliseconds
    )
}
