//! `tapcard pin` with the phone held over NFC: what whoever listens hears of PIN and PUK, whom they are sent to, and what is
//! said where the link is cut.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use rig::module::Module;
use rig::phone::{DEFAULT_PIN, DEFAULT_PUK, Phone};
use rig::program::{Outcome, Program};
use rig::stage::FreshCard;
use rig::wait::wait_until;
use rig::wire::{Cut, Exchange};
use rig::{Result, unexpected};
use serde_json::Value;

/// What `tapcard-phone run --nfc` takes: as fast as NFC can be, since nothing is measured here.
const NFC: &str = "848k,0ms";
const VERIFY: u8 = 0x20;
const CHANGE: u8 = 0x24;
const UNBLOCK: u8 = 0x2C;
const ESTABLISH: [u8; 4] = [0x00, 0x87, 0x27, 0x04];
const NEW: &str = "482913";
const NEWER: &str = "739154";
/// How long the phone is away where the link is cut.
const AWAY: Duration = Duration::from_millis(800);
const PATIENCE: Duration = Duration::from_secs(20);

/// A new phone over NFC.
fn phone_over_nfc() -> Result<FreshCard> {
    let mut card = FreshCard::at_reader()?;
    card.desk
        .hold_over_nfc(&card.folder, &mut card.phone, NFC)?;
    Ok(card)
}

fn tapcard(card: &FreshCard) -> Result<Program> {
    Ok(card
        .folder
        .program(card.folder.binaries().tapcard()?)
        .envs(card.desk.pcsc.environment())
        .arg("pin"))
}

/// `tapcard pin change` or `unblock`.
fn set(card: &FreshCard, verb: &str, secret: &str, new: &str) -> Result<Program> {
    let variable = match verb {
        "unblock" => "TAPCARD_PUK",
        _ => "TAPCARD_PIN",
    };
    Ok(tapcard(card)?
        .arg(verb)
        .env(variable, secret)
        .env("TAPCARD_NEW_PIN", new))
}

/// What crosses the wire while a program runs.
fn heard(card: &FreshCard, program: Program) -> Result<(Outcome, Vec<Exchange>)> {
    let mark = card.desk.wire.mark();
    let outcome = program.run()?;
    Ok((outcome, card.desk.wire.since(mark)))
}

/// Everything that is said of a PIN or PUK is inside a channel, and this command is among it as often.
fn only_inside(exchanges: &[Exchange], instruction: u8, times: usize) {
    let of_pins = [VERIFY, CHANGE, UNBLOCK];
    let in_clear = exchanges.iter().find(|exchange| {
        let instruction = exchange.instruction();
        instruction.is_some_and(|it| of_pins.contains(&it)) && !exchange.is_protected()
    });
    assert!(in_clear.is_none(), "{in_clear:?} in {exchanges:#?}");
    let found = exchanges
        .iter()
        .filter(|exchange| exchange.instruction() == Some(instruction))
        .count();
    assert_eq!(found, times, "{exchanges:#?}");
}

/// The files in which keys of cards are remembered.
fn known_cards(card: &FreshCard) -> Vec<(PathBuf, String)> {
    let folder = card.folder.join("home/.local/state/tapcard/cards");
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| {
            (
                entry.path(),
                fs::read_to_string(entry.path()).unwrap_or_default(),
            )
        })
        .collect()
}

/// The module logs in; what crosses the wire.
fn login(card: &FreshCard, module: &Module, pin: &str) -> Result<Vec<Exchange>> {
    let mark = card.desk.wire.mark();
    module
        .pkcs11_tool(&card.folder)
        .args(["--login", "--pin", pin, "--list-objects"])
        .succeed()?;
    module.was_used()?;
    Ok(card.desk.wire.since(mark))
}

#[test]
fn nobody_who_listens_hears_a_pin_or_puk() -> Result {
    let card = phone_over_nfc()?;
    let status = |words: &str| -> Result {
        let (outcome, exchanges) = heard(&card, tapcard(&card)?.arg("status"))?;
        outcome.saying(&[words])?;
        only_inside(&exchanges, VERIFY, 1);
        Ok(())
    };
    // The last try is held back over the air.
    status("PIN: 4 tries left; still the one of every new card")?;

    let (wrong, exchanges) = heard(&card, set(&card, "change", "000000", NEW)?)?;
    wrong.saying(&["The PIN is wrong: 3 tries left."])?;
    only_inside(&exchanges, CHANGE, 1);
    let (changed, exchanges) = heard(&card, set(&card, "change", DEFAULT_PIN, NEW)?)?;
    changed.saying(&["The PIN is changed.\nPIN: 4 tries left."])?;
    only_inside(&exchanges, CHANGE, 1);

    let (wrong, exchanges) = heard(&card, set(&card, "unblock", "00000000", NEWER)?)?;
    wrong.saying(&["The PUK is wrong: 1 try left."])?;
    only_inside(&exchanges, UNBLOCK, 1);
    // Of three, one is held back over the air, and the last one over the air is not spent without a word.
    let (asked, exchanges) = heard(&card, set(&card, "unblock", DEFAULT_PUK, NEWER)?)?;
    asked.saying(&["Only one try is left for the PUK, and it was not spent"])?;
    only_inside(&exchanges, UNBLOCK, 0);
    let unblock = set(&card, "unblock", DEFAULT_PUK, NEWER)?.arg("--yes");
    let (unblocked, exchanges) = heard(&card, unblock)?;
    unblocked.saying(&["The card has a new PIN.\nPIN: 4 tries left."])?;
    only_inside(&exchanges, UNBLOCK, 1);
    status("PIN: 4 tries left")?;

    // Nothing of the channel is left that would be in another program's way.
    let module = Module::at(&card.folder, &card.desk.pcsc)?;
    login(&card, &module, NEWER)?;
    let (changed, _) = heard(&card, set(&card, "change", NEWER, NEW)?)?;
    changed.saying(&["The PIN is changed."])?;
    Ok(())
}

#[test]
fn the_command_and_the_module_know_a_phone_by_the_same_file() -> Result {
    let card = phone_over_nfc()?;
    let module = Module::at(&card.folder, &card.desk.pcsc)?;
    assert_eq!(known_cards(&card), []);

    tapcard(&card)?.arg("status").succeed()?;
    let met = known_cards(&card);
    assert_eq!(met.len(), 1, "{met:?}");
    // The module asks nobody for the key first: it knows it.
    let exchanges = login(&card, &module, DEFAULT_PIN)?;
    let established = exchanges
        .iter()
        .filter(|exchange| exchange.header() == ESTABLISH)
        .count();
    assert_eq!(established, 1, "{exchanges:#?}");
    assert_eq!(known_cards(&card), met);

    for (path, _) in &met {
        let removed = fs::remove_file(path);
        assert!(removed.is_ok(), "{}: {removed:?}", path.display());
    }
    login(&card, &module, DEFAULT_PIN)?;
    assert_eq!(known_cards(&card), met);
    set(&card, "change", DEFAULT_PIN, NEW)?.succeed()?;
    assert_eq!(known_cards(&card), met);
    Ok(())
}

#[test]
fn a_phone_that_claims_to_be_the_known_one_is_told_nothing_until_the_user_says_so() -> Result {
    // A copy that is taken before the phone has made its key makes one of its own.
    let mut card = FreshCard::at_reader()?;
    card.phone.take_away()?;
    card.desk.wait_for_no_card(&card.folder)?;
    let claiming = card.folder.join("claiming");
    let copy = card.folder.program("cp").arg("-a");
    copy.arg(card.phone.state()).arg(&claiming).succeed()?;
    card.desk
        .hold_over_nfc(&card.folder, &mut card.phone, NFC)?;
    tapcard(&card)?.arg("status").succeed()?;
    card.phone.take_away()?;
    card.desk.wait_for_no_card(&card.folder)?;

    card.phone = Phone::at(claiming);
    let address = card.desk.wire.address();
    card.phone
        .hold_to_reader_with(&card.folder, &address, &["--nfc", NFC])?;
    card.desk.wait_for_card(&card.folder)?;
    let [(file, _)] = &known_cards(&card)[..] else {
        return Err(unexpected("not one card is known"));
    };
    let file = file.display().to_string();
    for program in [
        tapcard(&card)?.arg("status"),
        set(&card, "change", DEFAULT_PIN, NEW)?,
        set(&card, "unblock", DEFAULT_PUK, NEW)?,
    ] {
        let (outcome, exchanges) = heard(&card, program)?;
        assert!(!outcome.status.success(), "{}", outcome.all_text());
        let told = ["does not show that one's key", "stranger", &file];
        for words in told {
            assert!(outcome.all_text().contains(words), "{}", outcome.all_text());
        }
        for instruction in [VERIFY, CHANGE, UNBLOCK] {
            only_inside(&exchanges, instruction, 0);
        }
    }
    let json = tapcard(&card)?.args(["status", "--json"]).fail()?;
    let json: Value = serde_json::from_slice(&json.stdout).unwrap_or_default();
    let state = json.pointer("/readers/0/state").and_then(Value::as_str);
    assert_eq!(state, Some("card-not-proved"), "{json:#}");

    // The phone that is the holder's says which key it has, and another one does not have that.
    let status = card.phone.status(&card.folder)?;
    let shown = status.get("channel_key").and_then(Value::as_str);
    let meet = |digits: &str| -> Result<Program> {
        let tapcard = card.folder.program(card.folder.binaries().tapcard()?);
        let tapcard = tapcard.envs(card.desk.pcsc.environment());
        Ok(tapcard.args(["meet", "--key", digits]))
    };
    let before = known_cards(&card);
    let digits = shown.ok_or_else(|| unexpected(format!("no key in {status}")))?;
    let others = "0123 4567 89AB CDEF 0123 4567 89AB CDEF";
    let told = meet(others)?.fail()?;
    told.saying(&[digits, "Those are not the digits", "type no PIN"])?;
    assert_eq!(known_cards(&card), before);
    meet(digits)?
        .succeed()?
        .saying(&["knows the card by this key from now on"])?;
    tapcard(&card)?.arg("status").succeed()?;

    // Who cannot compare removes the file, as was told.
    let removed = fs::remove_file(&file);
    assert!(removed.is_ok(), "{file}: {removed:?}");
    set(&card, "change", DEFAULT_PIN, NEW)?.succeed()?;
    Ok(())
}

#[test]
fn where_no_key_can_be_remembered_that_is_said_and_nobody_hears_the_pin() -> Result {
    let card = phone_over_nfc()?;
    let change = set(&card, "change", DEFAULT_PIN, NEW)?.env("HOME", "");
    let (changed, exchanges) = heard(&card, change)?;
    changed.saying(&[
        "Warning: the card's key cannot be remembered here",
        "The PIN is changed.",
    ])?;
    only_inside(&exchanges, CHANGE, 1);
    assert_eq!(known_cards(&card), []);
    Ok(())
}

#[test]
fn over_contacts_a_pin_goes_as_ever_and_no_card_is_remembered() -> Result {
    let card = FreshCard::at_reader()?;
    for (verb, secret, instruction) in [
        ("change", DEFAULT_PIN, CHANGE),
        ("unblock", DEFAULT_PUK, UNBLOCK),
    ] {
        let (outcome, exchanges) = heard(&card, set(&card, verb, secret, NEW)?)?;
        outcome.saying(&["PIN: 5 tries left."])?;
        let is_protected: Vec<_> = exchanges
            .iter()
            .filter(|exchange| exchange.instruction() == Some(instruction))
            .map(Exchange::is_protected)
            .collect();
        assert_eq!(is_protected, [false], "{exchanges:#?}");
        assert!(
            exchanges.iter().all(|it| it.header() != ESTABLISH),
            "{exchanges:#?}"
        );
    }
    assert_eq!(known_cards(&card), []);
    Ok(())
}

/// Runs a command whose link is cut at the place where the new PIN goes; the phone is back soon.
fn cut(card: &FreshCard, program: Program, at: usize, cut: Cut) -> Result<Outcome> {
    card.desk.wire.cut_for(at, cut, AWAY);
    let outcome = program.run()?;
    assert!(!card.desk.wire.forget_cut(), "{}", outcome.all_text());
    wait_until("the phone is back", PATIENCE, || {
        Ok(card.desk.wire.has_card())
    })?;
    card.desk.wait_for_card(&card.folder)?;
    Ok(outcome)
}

#[test]
fn where_the_answer_to_a_new_pin_is_lost_the_card_is_asked_which_one_it_has() -> Result {
    let card = phone_over_nfc()?;
    let place = |exchanges: &[Exchange], instruction| {
        let mut places = exchanges.iter();
        places.position(|exchange| exchange.instruction() == Some(instruction))
    };
    let (changed, exchanges) = heard(&card, set(&card, "change", DEFAULT_PIN, NEW)?)?;
    changed.saying(&["The PIN is changed."])?;
    let at = 1 + place(&exchanges, CHANGE).ok_or_else(|| unexpected("no change was sent"))?;

    // Either of the two, and nothing tells which: all tries were there before.
    for place in [Cut::BeforeCommand, Cut::BeforeAnswer] {
        let outcome = cut(&card, set(&card, "change", NEW, NEWER)?, at, place)?;
        assert!(!outcome.status.success(), "{}", outcome.all_text());
        outcome.saying(&[
            "it is asked which PIN it has",
            "it has the old PIN or the new one",
        ])?;
        let now = match place {
            Cut::BeforeCommand => NEW,
            Cut::BeforeAnswer => NEWER,
        };
        set(&card, "change", now, DEFAULT_PIN)?.succeed()?;
        set(&card, "change", DEFAULT_PIN, NEW)?.succeed()?;
    }
    // A try that was missing before is back, which another program's login does too.
    set(&card, "change", "000000", NEWER)?.fail()?;
    let outcome = cut(
        &card,
        set(&card, "change", NEW, NEWER)?,
        at,
        Cut::BeforeAnswer,
    )?;
    outcome.saying(&["it has the old PIN or the new one"])?;

    // A wrong one is told as such.
    let wrong = set(&card, "change", "000000", NEW)?;
    cut(&card, wrong, at, Cut::BeforeAnswer)?.saying(&["The PIN is wrong: 3 tries left."])?;

    // Blocked before, so that the PUK's work is seen.
    for _ in 0..3 {
        set(&card, "change", "000000", NEW)?.arg("--yes").fail()?;
    }
    let outcome = cut(
        &card,
        set(&card, "unblock", DEFAULT_PUK, NEW)?,
        at,
        Cut::BeforeCommand,
    )?;
    outcome.saying(&["still has the old PIN"])?;
    let outcome = cut(
        &card,
        set(&card, "unblock", DEFAULT_PUK, NEW)?,
        at,
        Cut::BeforeAnswer,
    )?;
    outcome.saying(&["The card has a new PIN.\nPIN: 4 tries left."])?;
    set(&card, "change", NEW, NEWER)?.succeed()?;
    Ok(())
}
