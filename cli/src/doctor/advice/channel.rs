//! Words for the protected channel, without which a phone is sent no PIN over the air.

use super::text::Advice;

pub(super) fn card_not_proved(file: &str) -> Advice {
    Advice::new(
        "No PIN was sent: this card claims to be one that you have used here before, and does not show that one's key.",
        "A card with a protected channel has a key that nobody can copy, and this computer remembers it from the first time. The \
         card's number can be copied by anybody.",
        [
            "It may be a stranger's card or phone, or somebody between it and the reader. If you are not sure that it is yours, take it \
             away and type no PIN."
                .to_owned(),
            format!(
                "If it is yours and has a new key (its card was made again, or was given its first P-384 key): `tapcard meet` shows \
                 that key, to compare with the one that the phone shows, and remembers it. Without the phone's display: remove {file}, \
                 and the card that comes next is believed."
            ),
        ],
    )
}

pub(super) fn known_card_unreadable(words: &str) -> Advice {
    Advice::new(
        format!(
            "No PIN was sent: what this computer remembers of the card cannot be read: {words}."
        ),
        "Whoever can write to it could make a stranger's card pass for yours.",
        [
            "Give the file back to yourself alone (`chown`, `chmod 600`), or remove it: the card is then met as a new one.",
        ],
    )
}

pub(super) fn no_protected_channel(words: &str) -> Advice {
    Advice::new(
        format!(
            "No PIN goes to this phone over the air, since there is no protected channel to it: {words}."
        ),
        "Whoever is near could hear a PIN that goes in clear.",
        [
            "Lift the phone, unlock it, and hold it to the reader again.",
            "If that does not help: use a contact reader, or a local link to the phone.",
        ],
    )
}
