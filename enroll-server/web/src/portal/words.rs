//! The project's terms in the words of people: states, slots, reasons, profiles.

use enroll_server_model::{
    CertificateState, InvitationProfile, InvitationState, PhoneState, RevocationReason, Timestamp,
};
use enroll_server_service::query::Certificate;

use super::view::{Choice, Icon, Tag, Tone};

/// Within how many days the end of a certificate is worth a word.
pub const SOON_DAYS: u64 = 30;

/// [`SOON_DAYS`] from now.
#[must_use]
pub fn soon(now: Timestamp) -> Timestamp {
    now.plus(std::time::Duration::from_secs(SOON_DAYS * 24 * 60 * 60))
}

/// The state of an invitation as a label.
#[must_use]
pub fn invitation_tag(state: InvitationState) -> Tag {
    match state {
        InvitationState::Pending => Tag::new(Tone::Info, Icon::Clock, "Open"),
        InvitationState::Used => Tag::new(Tone::Good, Icon::Check, "Used"),
        InvitationState::Expired => Tag::new(Tone::Quiet, Icon::Clock, "Expired"),
        InvitationState::Cancelled => Tag::new(Tone::Quiet, Icon::Stop, "Cancelled"),
    }
}

/// The state of a phone as a label.
#[must_use]
pub fn phone_tag(state: PhoneState) -> Tag {
    match state {
        PhoneState::Active => Tag::new(Tone::Good, Icon::Check, "Active"),
        PhoneState::Revoked => Tag::new(Tone::Bad, Icon::Stop, "Revoked"),
    }
}

/// The state of a certificate as a label.
#[must_use]
pub fn certificate_tag(certificate: &Certificate, now: Timestamp) -> Tag {
    match certificate.state {
        CertificateState::Revoked => Tag::new(Tone::Bad, Icon::Stop, "Revoked"),
        CertificateState::Reserved => Tag::new(Tone::Info, Icon::Clock, "Being issued"),
        CertificateState::Issued if certificate.not_after < now => {
            Tag::new(Tone::Quiet, Icon::Clock, "Expired")
        }
        CertificateState::Issued if certificate.not_after < soon(now) => {
            Tag::new(Tone::Notice, Icon::Warning, "Expires soon")
        }
        CertificateState::Issued => Tag::new(Tone::Good, Icon::Check, "Valid"),
    }
}

/// A slot of the card, as its use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// Its number in PIV.
    pub number: &'static str,
    /// What it is for, as a title.
    pub purpose: &'static str,
    /// What that means for its holder.
    pub use_in_words: &'static str,
    /// What stops when its certificate is revoked.
    pub what_stops: &'static str,
}

/// The slots that are enrolled (NIST SP 800-73, key references).
const SLOTS: [Slot; 4] = [
    Slot {
        number: "9A",
        purpose: "Signing in",
        use_in_words: "Computers, ssh, web sites, VPN. The phone asks for the PIN.",
        what_stops: "can no longer sign in with it",
    },
    Slot {
        number: "9C",
        purpose: "Signing documents and mail",
        use_in_words: "The phone asks for the PIN before each signature.",
        what_stops: "can no longer sign documents and mail with it",
    },
    Slot {
        number: "9D",
        purpose: "Decrypting",
        use_in_words: "Mail and files that were encrypted for you.",
        what_stops: "should no longer be sent anything encrypted with it",
    },
    Slot {
        number: "9E",
        purpose: "Doors and readers",
        use_in_words: "A tap is enough: no PIN.",
        what_stops: "can no longer open doors and readers with it",
    },
];

/// A slot that is not on the list.
const OTHER_SLOT: Slot = Slot {
    number: "",
    purpose: "Other use",
    use_in_words: "Not one of the four usual slots.",
    what_stops: "can no longer use it",
};

/// The slot with this number.
#[must_use]
pub fn slot(number: &str) -> Slot {
    SLOTS
        .into_iter()
        .find(|slot| slot.number == number)
        .unwrap_or(OTHER_SLOT)
}

/// Which keys a phone may be asked to make.
#[must_use]
pub fn profile(profile: InvitationProfile) -> Choice {
    match profile {
        InvitationProfile::Standard => Choice {
            value: profile.as_str(),
            name: "Standard",
            note: "RSA 2048 for signing in and decrypting, P-256 for the rest. Works with every program that knows smart cards.",
        },
        InvitationProfile::Compact => Choice {
            value: profile.as_str(),
            name: "Compact",
            note: "P-256 for everything. Faster over the air; some older programs do not know it.",
        },
    }
}

/// A reason to revoke, with what follows from choosing it.
#[must_use]
pub fn reason(reason: RevocationReason) -> Choice {
    let (name, note) = match reason {
        RevocationReason::KeyCompromise => (
            "Somebody else may have the phone or its keys",
            "Lost, stolen, PIN seen. The most serious reason: others should distrust recent signatures too.",
        ),
        RevocationReason::PrivilegeWithdrawn => (
            "This person may no longer use it",
            "Left, changed role, or broke the rules. Earlier signatures stay good.",
        ),
        RevocationReason::CessationOfOperation => (
            "It is retired, and nothing bad happened",
            "The phone was replaced or given back.",
        ),
        RevocationReason::AffiliationChanged => (
            "Name or organisation changed",
            "What the certificate says is no longer true. Invite the person again under the new name.",
        ),
        RevocationReason::Superseded => (
            "A newer one took its place",
            "The person has enrolled again and does not need this one.",
        ),
        RevocationReason::Unspecified => ("Another reason", "The revocation list then gives none."),
    };
    Choice {
        value: reason.as_str(),
        name,
        note,
    }
}

/// All reasons, the likeliest first.
#[must_use]
pub fn reasons() -> Vec<Choice> {
    RevocationReason::ALL.iter().copied().map(reason).collect()
}

/// A number of things: "1 phone", "3 phones", "no phones".
#[must_use]
pub fn count(number: i64, singular: &str) -> String {
    match number {
        0 => format!("no {singular}s"),
        1 => format!("1 {singular}"),
        _ => format!("{} {singular}s", grouped(number)),
    }
}

/// The same words with a capital letter first.
#[must_use]
pub fn sentence_start(words: &str) -> String {
    let mut characters = words.chars();
    characters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(characters).collect()
    })
}

/// A number with a comma between thousands.
#[must_use]
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_at_a_glance() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(count(1, "phone"), "1 phone");
        assert_eq!(count(0, "phone"), "no phones");
    }

    #[test]
    fn every_enrolled_slot_has_its_words() {
        for number in ["9A", "9C", "9D", "9E"] {
            assert_eq!(slot(number).number, number);
        }
    }
}
