//! Words for the certificates.

use card_edge::piv::AsymmetricKey;
use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};

use super::text::Advice;

fn named(reference: AsymmetricKey) -> String {
    format!("The certificate in {reference} ({})", reference.name())
}

fn days(count: i64) -> String {
    match count {
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    }
}

/// What one cannot do any more without this key's certificate.
fn purpose(reference: AsymmetricKey) -> &'static str {
    match reference {
        AsymmetricKey::PivAuthentication => "signing in",
        AsymmetricKey::DigitalSignature => "signing documents and mail",
        AsymmetricKey::KeyManagement => {
            "receiving encrypted mail (what came before can still be decrypted)"
        }
        AsymmetricKey::CardAuthentication => "opening doors",
        AsymmetricKey::RetiredKeyManagement(_) => "nothing more: it only decrypts what is old",
        AsymmetricKey::Attestation => "vouching for the card's keys",
    }
}

pub(super) fn never_enrolled(pin_is_default: Option<bool>) -> Advice {
    let pins = match pin_is_default {
        None => format!(
            " A card that was never enrolled mostly still has the default PIN {DEFAULT_PIN} and PUK {DEFAULT_PUK}. Whether it has cannot \
             be tested without risking a try, so this was not tested."
        ),
        Some(_) => String::new(),
    };
    Advice::new(
        "Nobody has enrolled this card: it holds no certificate.",
        format!("Without one no service knows whose it is.{pins}"),
        [
            "A Tapcard phone: ask your administrator for an invitation, then `tapcard-phone enroll` or open the link on the phone. Enrollment \
             also replaces PIN, PUK and management key.",
            "A token: enroll it with your organisation's tool, and change PIN and PUK.",
        ],
    )
}

pub(super) fn no_authentication_certificate() -> Advice {
    Advice::new(
        "There is no certificate for signing in: slot 9A is empty.",
        "Windows, ssh and browsers sign in with the PIV Authentication key (9A). There are certificates in other slots, but they are not for signing in.",
        ["Enroll again with a policy that issues a certificate for 9A."],
    )
}

pub(super) fn protected() -> Advice {
    Advice::new(
        "The card does not show its certificates over this reader.",
        "It keeps the standard's strict rules for contactless readers: certificates only through a secured channel, opened with the card's \
         pairing code. Windows, macOS and most other software cannot do that.",
        [
            "Use the card over contact, or the phone over a local link.",
            "OpenSC can, where it was built with secure messaging: set PIV_PAIRING_CODE for it.",
        ],
    )
}

pub(super) fn retired_missing(reference: AsymmetricKey) -> Advice {
    Advice::new(
        format!("The retired key {reference} has no certificate on the card."),
        "The Key History Object says that it should have one. Mail clients cannot find the key without it.",
        ["Write the certificate back, or correct the Key History Object."],
    )
}

pub(super) fn unreadable(reference: AsymmetricKey, words: &str) -> Advice {
    Advice::new(
        format!("{} cannot be read.", named(reference)),
        format!("There are bytes where it should be, but they are no certificate: {words}."),
        [
            "It was written wrongly or by halves (a phone pulled away too early). Import the certificate again, or enroll again.",
        ],
    )
}

pub(super) fn expired(reference: AsymmetricKey, ago: i64) -> Advice {
    let when = match ago {
        0 => "today".to_owned(),
        n => format!("{} ago", days(n)),
    };
    Advice::new(
        format!("{} expired {when}.", named(reference)),
        format!(
            "Services refuse it. It is of no use any more for {}.",
            purpose(reference)
        ),
        [
            "Enroll again, or ask your administrator to renew it.",
            "If it should not have expired yet: check this computer's clock (`date`).",
        ],
    )
}

pub(super) fn expires_soon(reference: AsymmetricKey, left: i64) -> Advice {
    let when = match left {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        n => format!("in {}", days(n)),
    };
    Advice::new(
        format!("{} expires {when}.", named(reference)),
        format!(
            "After that it is of no use any more for {}.",
            purpose(reference)
        ),
        ["Have it renewed in time: ask your administrator for a new invitation."],
    )
}

pub(super) fn not_yet_valid(reference: AsymmetricKey, to_go: i64) -> Advice {
    Advice::new(
        format!("{} is not valid yet.", named(reference)),
        format!(
            "It becomes so in {}, by this computer's clock. Services refuse it until then.",
            days(to_go.max(1))
        ),
        [
            "Check this computer's clock first (`date`): it is the usual reason.",
            "Otherwise wait, or ask your administrator why it was issued for later.",
        ],
    )
}

pub(super) fn key_too_weak(reference: AsymmetricKey, key: &str) -> Advice {
    Advice::new(
        format!(
            "The key in {reference} ({}) is {key}, which is too weak.",
            reference.name()
        ),
        "Windows refuses it at logon (error 0x80094016), and OpenSSH, browsers and SP 800-78-5 do not take it either.",
        ["Have a new key made: RSA-2048 or P-256. Enrolling again does that."],
    )
}
