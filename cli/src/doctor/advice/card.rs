//! Words for what is on the card: applications, objects, PIN, management key.

use card_edge::piv::pin::{DEFAULT_PIN, DEFAULT_PUK};
use card_edge::piv::{Cipher, ObjectId};

use super::text::Advice;

pub(super) fn memory_card() -> Advice {
    Advice::new(
        "This is a memory card, which can hold no application and no key.",
        "Its ATR says so: PC/SC gives memory cards (door, ticket and NFC tags) an ATR of their own, and they answer no SELECT.",
        ["Use a smart card or a phone with a PIV application."],
    )
}

pub(super) fn no_card_edge(contactless: bool, piv: &str, gids: &str) -> Advice {
    let asked = format!(
        "Asked for each by name (SELECT), the card has neither: PIV was answered with {piv}, GIDS with {gids}. "
    );
    let windows = "Windows may still show it as \"Identity Device (NIST SP 800-73 [PIV])\": it remembers an ATR under which a PIV card \
                   was once seen. It then treats this one as PIV, no command does what it should, and the error says nothing of it.";
    if contactless {
        Advice::new(
            "This phone or chip card emulates no PIV and no GIDS application, so no computer can sign in with it.",
            format!(
                "{asked}The ATR says nothing of applications: a contactless card has no ATR, the reader makes one up from the chip's own \
                 answer, and every phone or card with that chip shows the same. {windows}"
            ),
            [
                "A phone: open its smart card application and make sure that it is enrolled. NFC and card emulation must be switched on, and \
                 that application must be the one that answers contactless readers (not a wallet alone). Keep the screen on, and tap again.",
                "If a phone that worked before answers like this now: lift it, unlock it, open the application, tap again.",
                "A chip card: it is made for something else (payment, tickets, doors). Use a PIV card, or have a PIV application put on it.",
            ],
        )
    } else {
        Advice::new(
            "This card has no PIV and no GIDS application, so the systems' own drivers cannot sign in with it.",
            format!(
                "{asked}Its ATR tells chip and operating system, not which applications are on it. {windows}"
            ),
            [
                "If it is an identity card of another kind, it needs its own maker's middleware.",
                "Otherwise use a PIV card, or have a PIV application put on it.",
            ],
        )
    }
}

pub(super) fn gids_only() -> Advice {
    Advice::new(
        "This card is a GIDS card, not a PIV card.",
        "Windows knows GIDS out of the box. Tapcard's PKCS#11 module, macOS and most other software speak PIV and do not see its keys.",
        ["On Windows nothing is to be done. Elsewhere OpenSC can read it: `pkcs15-tool --dump`."],
    )
}

pub(super) fn both_card_edges() -> Advice {
    Advice::new(
        "This card answers both as PIV and as GIDS.",
        "Windows looks for GIDS first in one place and for PIV first in another, so it may take the card for both and show the wrong \
         certificates.",
        ["If Windows is to use it, remove or switch off one of the two applications."],
    )
}

pub(super) fn answer_malformed(words: &str) -> Advice {
    Advice::new(
        "The card answers, but not as the PIV standard says.",
        format!("{}.", capital(words)),
        [
            "Take the card away, put it back and try again: a command of another program may have come between.",
            "If it stays: the card's PIV application has a defect, which its maker should know.",
        ],
    )
}

pub(super) fn chuid_missing() -> Advice {
    Advice::new(
        "The card does not say who it is: it has no readable CHUID.",
        "The Card Holder Unique Identifier (5FC102) carries the GUID by which systems know a card. macOS ignores a card without it, and \
         Windows gives its keys new names each time.",
        [
            "A Tapcard phone makes its own: enroll it again.",
            "A token: `yubico-piv-tool -r '' -a set-chuid` writes one (it needs the management key).",
        ],
    )
}

pub(super) fn guid_is_zero() -> Advice {
    Advice::new(
        "The card's GUID is all zeros.",
        "Systems know a card by it (Windows names keys after it, caches are kept under it), and all cards with a zero GUID look like one.",
        [
            "Write a CHUID with a random GUID: `yubico-piv-tool -r '' -a set-chuid` (it needs the management key).",
        ],
    )
}

pub(super) fn chuid_expired(date: &str) -> Advice {
    Advice::new(
        format!("The card itself expired on {date}."),
        "The expiration date in its CHUID has passed. Its certificates may still be valid, but door systems and some services refuse it.",
        ["Ask whoever issued the card for a new one, or enroll the phone again."],
    )
}

pub(super) fn object_unreadable(object: ObjectId, words: &str) -> Advice {
    Advice::new(
        format!("The object \"{}\" cannot be read.", object.name()),
        format!("{}.", capital(words)),
        [
            "It was written wrongly or by halves. Write it again with the tool that made it, or enroll again.",
        ],
    )
}

pub(super) fn pin_blocked(contactless: bool) -> Advice {
    let mut next = vec![
        "Set a new PIN with the PUK: `tapcard pin unblock`. The PUK of a Tapcard phone was shown once, when it was enrolled. It has \
         tries of its own: do not guess.",
        "Without the PUK: enroll the phone again. The old certificates should then be revoked.",
    ];
    if contactless {
        next.insert(
            0,
            "Over a contactless reader a card may hold its last tries back, so that a stranger with a reader cannot block it. Try it over \
             contact or a local link first: the PIN may still work there.",
        );
    }
    Advice::new(
        "The PIN is blocked.",
        "It was entered wrongly too often. No key that needs the PIN can be used.",
        next,
    )
}

pub(super) fn puk_blocked(contactless: bool) -> Advice {
    let reason = if contactless {
        "It was entered wrongly too often, or the card holds its last tries back over a contactless reader. A PIN that gets blocked \
         cannot be set again while this lasts."
    } else {
        "It was entered wrongly too often. A PIN that gets blocked now cannot be set again."
    };
    Advice::new(
        "The PUK is blocked.",
        reason,
        ["The PIN still works. Take care of it; to get a working PUK, enroll the phone again."],
    )
}

pub(super) fn default_pins(pin: bool, puk: bool) -> Advice {
    let (headline, values) = match (pin, puk) {
        (true, false) => (
            "The PIN is still the default that everyone knows.",
            format!("It is {DEFAULT_PIN}"),
        ),
        (false, _) => (
            "The PUK is still the default that everyone knows.",
            format!("It is {DEFAULT_PUK}"),
        ),
        (true, true) => (
            "PIN and PUK are still the defaults that everyone knows.",
            format!("They are {DEFAULT_PIN} and {DEFAULT_PUK}"),
        ),
    };
    Advice::new(
        headline,
        format!(
            "{values}: the card says so itself (GET METADATA), no try was spent on it. Whoever holds the card can use its keys."
        ),
        [
            "A Tapcard phone: enroll it. Enrollment replaces PIN, PUK and management key.",
            "A token: `tapcard pin change`, and `yubico-piv-tool -r '' -a change-puk`.",
        ],
    )
}

pub(super) fn last_pin_try() -> Advice {
    Advice::new(
        "Only one PIN try is left.",
        "One more wrong PIN blocks the card.",
        [
            "Look the PIN up before you enter it. A right one restores all tries.",
            "If you do not know it: set a new one with the PUK (`tapcard pin unblock`) instead of guessing.",
        ],
    )
}

pub(super) fn pin_state_unknown(words: &str) -> Advice {
    Advice::new(
        "The card does not say how many PIN tries are left.",
        format!("{}.", capital(words)),
        ["A card may keep that to itself over a contactless reader. That is not a fault."],
    )
}

pub(super) fn default_management_key(algorithm: Cipher) -> Advice {
    Advice::new(
        "The card management key is still the default that everyone knows.",
        format!(
            "It is 0102030405060708, three times, as {algorithm}. Whoever holds the card for a second can replace its keys and \
             certificates. (Finding out cost no try: this key has no counter.)"
        ),
        [
            "A Tapcard phone: enroll it. Enrollment replaces this key, the PIN and the PUK."
                .to_owned(),
            format!(
                "A token: `yubico-piv-tool -r '' -a set-mgm-key`. Change the PIN and PUK too, if they still are {DEFAULT_PIN} and {DEFAULT_PUK}."
            ),
        ],
    )
}

/// The sentence with its first letter in upper case.
fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
