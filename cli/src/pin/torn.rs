//! What became of a new PIN whose answer got lost, by what the card says of its tries before and after it.

use super::pins::{CardPins, Presented};
use crate::doctor::piv::{PinReport, PinState};

/// Which PIN the card has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// The new one.
    Changed,
    /// The old one: the command did not arrive.
    Unchanged,
    /// The old one: what was presented is wrong, and has this number of tries left.
    Refused(u8),
    /// The old one or the new one.
    Unknown,
}

/// What became of a new PIN that was sent with this PIN or PUK. A PIN that counts as verified afterwards, or has more tries
/// than before, tells nothing: another program may have logged in meanwhile, with either PIN.
#[must_use]
pub fn judge(presented: Presented, before: &CardPins, after: &CardPins) -> Fate {
    let is_channel = before.protection.is_channel();
    if after.protection.is_channel() != is_channel {
        return Fate::Unknown;
    }
    // GET METADATA goes in clear, beside a channel too: whoever is between can answer it.
    let believes_metadata = !is_channel;
    if presented == Presented::Pin || believes_metadata {
        let tries = |pins: &CardPins| counted(pins.state(presented));
        if let (Some(before), Some(after)) = (tries(before), tries(after))
            && after < before
        {
            return Fate::Refused(after);
        }
    }
    let (Some(was), Some(is)) = (before.report(Presented::Pin), after.report(Presented::Pin))
    else {
        return Fate::Unknown;
    };
    match (was.state, is.state) {
        // Nothing but the right PUK changes that, whichever PIN is new.
        (PinState::Blocked, PinState::Blocked) => return Fate::Unchanged,
        (PinState::Blocked, PinState::TriesLeft(_)) => return Fate::Changed,
        _ => {}
    }
    match (was.is_default, is.is_default) {
        (Some(was), Some(is)) if believes_metadata && was != is => Fate::Changed,
        (Some(true), Some(true)) if believes_metadata => Fate::Unchanged,
        _ => Fate::Unknown,
    }
}

/// The tries that the card counts, by its answer to the same question each time: GET METADATA, which alone tells them of a
/// verified PIN, does not hold the last ones back over the air as VERIFY does.
fn counted(state: PinState) -> Option<u8> {
    match state {
        PinState::TriesLeft(tries) => Some(tries),
        PinState::Blocked => Some(0),
        PinState::Verified | PinState::Unknown => None,
    }
}

/// Whether the card has kept its power, and with it what the lost command has proved.
#[must_use]
pub fn is_left_verified(before: &[PinReport], after: &[PinReport]) -> bool {
    let is_verified = |pins: &[PinReport]| {
        let mut found = pins.iter().filter(|pin| pin.reference == "PIV");
        found.any(|pin| pin.state == PinState::Verified)
    };
    is_verified(after) && !is_verified(before)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pin::pins::Protection;
    use PinState::{Blocked, TriesLeft, Unknown, Verified};

    fn pins(pin: (PinState, Option<bool>), puk: Option<u8>) -> CardPins {
        let report = |reference, state, is_default| PinReport {
            reference,
            state,
            tries_left: match state {
                TriesLeft(tries) => Some(tries),
                Blocked => Some(0),
                Verified | Unknown => None,
            },
            is_default,
        };
        let puk = puk.map(|tries| report("PUK", TriesLeft(tries), None));
        CardPins {
            identity: [1; 16],
            protection: Protection::Contacts,
            pins: std::iter::once(report("PIV", pin.0, pin.1))
                .chain(puk)
                .collect(),
            obstacle: None,
            typed_at_card: None,
        }
    }

    #[test]
    fn the_cards_counters_tell_which_pin_it_has_or_that_nobody_knows() {
        const NEW: Option<bool> = Some(true);
        const OWN: Option<bool> = Some(false);
        let (pin, puk) = (Presented::Pin, Presented::Puk);
        for (presented, before, after, fate) in [
            // By the old PIN.
            (
                pin,
                ((TriesLeft(5), OWN), None),
                ((TriesLeft(4), OWN), None),
                Fate::Refused(4),
            ),
            (
                pin,
                ((TriesLeft(1), OWN), None),
                ((Blocked, OWN), None),
                Fate::Refused(0),
            ),
            (
                pin,
                ((TriesLeft(5), OWN), None),
                ((TriesLeft(5), OWN), None),
                Fate::Unknown,
            ),
            (
                pin,
                ((TriesLeft(5), None), None),
                ((TriesLeft(5), None), None),
                Fate::Unknown,
            ),
            (
                pin,
                ((TriesLeft(3), None), None),
                ((TriesLeft(5), None), None),
                Fate::Unknown,
            ),
            (
                pin,
                ((TriesLeft(5), None), None),
                ((Verified, None), None),
                Fate::Unknown,
            ),
            (
                pin,
                ((Verified, None), None),
                ((Verified, None), None),
                Fate::Unknown,
            ),
            (
                pin,
                ((TriesLeft(5), NEW), None),
                ((TriesLeft(5), OWN), None),
                Fate::Changed,
            ),
            (
                pin,
                ((TriesLeft(5), NEW), None),
                ((TriesLeft(5), NEW), None),
                Fate::Unchanged,
            ),
            (
                pin,
                ((TriesLeft(5), NEW), None),
                ((TriesLeft(4), NEW), None),
                Fate::Refused(4),
            ),
            (
                pin,
                ((Unknown, None), None),
                ((Unknown, None), None),
                Fate::Unknown,
            ),
            // By the PUK.
            (
                puk,
                ((Blocked, OWN), Some(3)),
                ((TriesLeft(5), OWN), Some(3)),
                Fate::Changed,
            ),
            (
                puk,
                ((Blocked, OWN), Some(3)),
                ((Blocked, OWN), Some(2)),
                Fate::Refused(2),
            ),
            (
                puk,
                ((Blocked, OWN), Some(3)),
                ((Blocked, OWN), Some(3)),
                Fate::Unchanged,
            ),
            (
                puk,
                ((Blocked, None), None),
                ((Blocked, None), None),
                Fate::Unchanged,
            ),
            (
                puk,
                ((Blocked, NEW), Some(3)),
                ((TriesLeft(5), NEW), Some(3)),
                Fate::Changed,
            ),
            (
                puk,
                ((TriesLeft(5), OWN), Some(3)),
                ((TriesLeft(5), OWN), Some(3)),
                Fate::Unknown,
            ),
            (
                puk,
                ((TriesLeft(5), OWN), Some(3)),
                ((Verified, OWN), Some(3)),
                Fate::Unknown,
            ),
        ] {
            let (before, after) = (pins(before.0, before.1), pins(after.0, after.1));
            let judged = judge(presented, &before, &after);
            assert_eq!(judged, fate, "{presented:?} {before:?} {after:?}");
        }
    }

    #[test]
    fn the_tries_of_a_verified_pin_are_not_held_against_those_of_another_question() {
        let mut before = pins((Verified, None), None);
        for pin in &mut before.pins {
            pin.tries_left = Some(5);
        }
        let after = pins((TriesLeft(4), None), None);
        assert_eq!(judge(Presented::Pin, &before, &after), Fate::Unknown);
    }

    #[test]
    fn of_a_channel_what_was_said_inside_it_is_believed_alone() {
        const NEW: Option<bool> = Some(true);
        const OWN: Option<bool> = Some(false);
        use Protection::{Channel, Nothing};
        let (pin, puk) = (Presented::Pin, Presented::Puk);
        for (presented, before, after, protections, fate) in [
            (
                pin,
                (TriesLeft(4), NEW),
                (TriesLeft(4), OWN),
                [Channel; 2],
                Fate::Unknown,
            ),
            (
                pin,
                (TriesLeft(4), NEW),
                (TriesLeft(4), NEW),
                [Channel; 2],
                Fate::Unknown,
            ),
            (
                pin,
                (TriesLeft(4), NEW),
                (TriesLeft(3), OWN),
                [Channel; 2],
                Fate::Refused(3),
            ),
            (
                puk,
                (TriesLeft(4), OWN),
                (TriesLeft(4), OWN),
                [Channel; 2],
                Fate::Unknown,
            ),
            (
                puk,
                (Blocked, OWN),
                (Blocked, NEW),
                [Channel; 2],
                Fate::Unchanged,
            ),
            (
                puk,
                (Blocked, NEW),
                (TriesLeft(4), NEW),
                [Channel; 2],
                Fate::Changed,
            ),
            (
                pin,
                (TriesLeft(4), OWN),
                (TriesLeft(3), OWN),
                [Channel, Nothing],
                Fate::Unknown,
            ),
        ] {
            // Whoever is between takes tries from the PUK.
            let (mut before, mut after) = (pins(before, Some(3)), pins(after, Some(2)));
            [before.protection, after.protection] = protections;
            let judged = judge(presented, &before, &after);
            assert_eq!(judged, fate, "{presented:?} {before:?} {after:?}");
        }
    }
}
