//! Who may do what: each file and each use of a key against everything that can be proved.

use card_edge::Status;
use card_edge::apdu::{Command, Instruction};
use card_edge::piv::DEFAULT_CARD_MANAGEMENT_KEY;

use tapcard_phone::gids::provision;
use tapcard_phone::interface::Interface;
use tapcard_phone::state::ContactlessPolicy;

use crate::common::{CREATE_KEY, FORGET, GENERATE, GidsCard, SELECT, VERIFY, hex};

/// What has been proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    Nobody,
    User,
    Administrator,
    Both,
}

const PROOFS: [Proof; 4] = [
    Proof::Nobody,
    Proof::User,
    Proof::Administrator,
    Proof::Both,
];

fn prove(card: &mut GidsCard, proof: Proof) {
    card.expect(FORGET, "9000");
    if matches!(proof, Proof::User | Proof::Both) {
        card.expect(VERIFY, "9000");
    }
    if matches!(proof, Proof::Administrator | Proof::Both) {
        card.prove_administrator();
    }
}

/// Each command in each state must be allowed just where the table says so.
fn hold(card: &mut GidsCard, table: &[(&str, &[Proof])]) {
    for (command, allowed) in table {
        for proof in PROOFS {
            prove(card, proof);
            let status = card.status(command);
            let expected = if allowed.contains(&proof) {
                assert!(status.is_success(), "{command} {proof:?}: {status}");
                continue;
            } else {
                Status::SecurityStatusNotSatisfied
            };
            assert_eq!(status, expected, "{command} {proof:?}");
        }
    }
}

use Proof::{Administrator, Both, Nobody, User};

const EVERYONE: &[Proof] = &PROOFS;
const EITHER: &[Proof] = &[User, Administrator, Both];
const ADMINISTRATOR: &[Proof] = &[Administrator, Both];
const USER: &[Proof] = &[User, Both];
const NEVER: &[Proof] = &[];

#[test]
fn every_file_is_read_and_written_by_whom_it_says() {
    let mut card = GidsCard::new();
    hold(
        &mut card,
        &[
            // Written first, so that there is something to read.
            ("00 DB A0 00 05 DF 70 02 01 02", EITHER),
            ("00 CB A0 00 04 5C 02 DF 70 00", EVERYONE),
            ("00 DB A0 10 05 DF 70 02 01 02", EITHER),
            ("00 CB A0 10 04 5C 02 DF 70 00", EVERYONE),
            ("00 DB A0 11 05 DF 70 02 01 02", EITHER),
            ("00 CB A0 11 04 5C 02 DF 70 00", NEVER),
            ("00 CB A0 11 02 5C 00 00", NEVER),
            ("00 DB A0 12 05 DF 70 02 01 02", ADMINISTRATOR),
            ("00 CB A0 12 04 5C 02 DF 70 00", EVERYONE),
            ("00 DB A0 13 05 DF 70 02 01 02", EITHER),
            ("00 CB A0 13 04 5C 02 DF 70 00", EITHER),
            ("00 CB A0 13 02 5C 00 00", EITHER),
            ("00 DB A0 14 05 DF 70 02 01 02", ADMINISTRATOR),
            ("00 CB A0 14 04 5C 02 DF 70 00", ADMINISTRATOR),
        ],
    );
}

#[test]
fn every_use_of_a_key_is_allowed_to_whom_its_file_says() {
    let mut card = GidsCard::with_key();
    hold(
        &mut card,
        &[
            ("00 CB 3F FF 0A 70 08 84 01 81 A5 03 7F 49 80 00", EVERYONE),
            ("00 22 41 B6 06 80 01 57 84 01 81", USER),
            ("00 22 41 B8 06 80 01 47 84 01 81", USER),
            (GENERATE, USER),
            ("00 22 81 A4 03 83 01 80", EVERYONE),
            // The administrator's key is nobody's to read.
            ("00 CB 3F FF 0A 70 08 84 01 80 A5 03 7F 49 80 00", NEVER),
            (
                "00 DB 3F FF 26 70 24 84 01 80 A5 1F 87 18 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 88 03 B0 73 DC",
                ADMINISTRATOR,
            ),
            ("00 2C 02 80 06 31 32 33 34 35 36", ADMINISTRATOR),
        ],
    );
}

#[test]
fn files_are_created_and_deleted_by_whoever_may_write_them() {
    let mut card = GidsCard::new();
    let create =
        |low: u8| format!("00 E0 00 00 0E 62 0C 82 01 39 83 02 A1 {low:02X} 8C 03 03 30 00");
    for (number, proof) in PROOFS.into_iter().enumerate() {
        prove(&mut card, proof);
        let status = card.status(&create(number as u8));
        let expected = match proof {
            Nobody => Status::SecurityStatusNotSatisfied,
            User | Administrator | Both => Status::Success,
        };
        assert_eq!(status, expected, "{proof:?}");
    }
    // Of files that the administrator alone may write, of one that the user may, and of the administrator's key.
    for (file, allowed) in [
        ("A0 12", ADMINISTRATOR),
        ("A0 14", ADMINISTRATOR),
        ("A1 01", EITHER),
        ("B0 80", ADMINISTRATOR),
    ] {
        for proof in PROOFS.into_iter().filter(|proof| !allowed.contains(proof)) {
            prove(&mut card, proof);
            let select = format!("00 A4 00 0C 02 {file}");
            card.expect(&select, "9000");
            card.expect("00 E4 00 00", "6982");
            card.expect(&format!("00 E4 00 00 02 {file}"), "6982");
            card.expect(&select, "9000");
        }
        prove(&mut card, allowed[0]);
        card.expect(&format!("00 E4 00 00 02 {file}"), "9000");
        card.expect(&format!("00 A4 00 0C 02 {file}"), "6A82");
    }
    // Who could make a place for the administrator's key would be the administrator.
    const CREATE_ADMINISTRATOR: &str = "00 E0 00 00 1C 62 1A 82 01 18 83 02 B0 80 8C 04 87 00 20 FF A5 0B A4 09 80 01 02 83 01 80 95 01 C0";
    prove(&mut card, User);
    card.expect(CREATE_ADMINISTRATOR, "6982");
    // Nobody can prove a key that is not there.
    card.expect("00 22 81 A4 03 83 01 80", "6A88");
}

#[test]
fn no_other_key_is_the_administrators() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    // A file for a secret key in another place, and one for a key pair in the administrator's.
    for file in [
        "00 E0 00 00 1C 62 1A 82 01 18 83 02 B0 90 8C 04 87 00 10 FF A5 0B A4 09 80 01 02 83 01 90 95 01 C0",
        "00 E0 00 00 1C 62 1A 82 01 18 83 02 B0 80 8C 04 87 00 10 10 A5 0B B6 09 80 01 57 83 01 80 95 01 40",
    ] {
        card.expect(file, "6A80");
    }
    card.expect("00 22 81 A4 03 83 01 90", "6A88");
    card.expect(CREATE_KEY, "9000");
    card.expect("00 22 81 A4 03 83 01 81", "6A88");
    // and a secret key fits no file of a key pair.
    card.expect(
        "00 DB 3F FF 26 70 24 84 01 81 A5 1F 87 18 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 88 03 B0 73 DC",
        "6A80",
    );
}

#[test]
fn a_key_whose_file_asks_for_nothing_still_needs_the_pin() {
    let mut card = GidsCard::new();
    card.expect(VERIFY, "9000");
    let open = CREATE_KEY.replace("8F 10 10 10 00", "8F 00 00 00 00");
    card.expect(&open, "9000");
    assert!(card.send(&hex(GENERATE)).status.is_success());
    card.expect(FORGET, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6982");
    card.prove_administrator();
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6982");
}

#[test]
fn what_was_chosen_with_a_pin_is_not_used_without_it() {
    let mut card = GidsCard::with_key();
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    // A wrong PIN takes back what was proved, and leaves what was chosen.
    card.expect("00 20 00 80 04 30 30 30 30", "63C4");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6982");
    card.expect(VERIFY, "9000");
    assert!(card.status("00 2A 9E 9A 04 01 02 03 04 00").is_success());
    card.expect(FORGET, "9000");
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    card.card.reset();
    card.restart();
    card.expect("00 2A 9E 9A 04 01 02 03 04 00", "6985");
}

#[test]
fn reading_leaves_what_was_chosen() {
    let mut card = GidsCard::with_key();
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 81", "9000");
    for reading in [
        SELECT,
        "00 A4 00 0C 02 A0 10",
        "00 CB A0 10 04 5C 02 DF 22 00",
        "00 20 00 80",
    ] {
        assert!(card.status(reading).is_success(), "{reading}");
        let signed = card.status("00 2A 9E 9A 04 01 02 03 04 00");
        assert!(signed.is_success(), "{reading}");
    }
}

#[test]
fn an_administrator_that_was_replaced_is_not_one() {
    let mut card = GidsCard::new();
    card.prove_administrator();
    let mut put = hex("00 DB 3F FF 21 70 1F 84 01 80 A5 1A 87 18");
    put.extend([7; 24]);
    assert_eq!(card.send(&put).status, Status::Success);
    // At once: whoever knew the old key need not know the new one.
    card.expect("00 DB A0 12 05 DF 70 02 01 02", "6982");
    card.expect("00 2C 02 80 06 31 32 33 34 35 36", "6982");
    assert_eq!(card.send(&put).status, Status::SecurityStatusNotSatisfied);
    assert_eq!(
        card.authenticate(&DEFAULT_CARD_MANAGEMENT_KEY),
        Status::SecurityStatusNotSatisfied
    );
    assert_eq!(card.authenticate(&[7; 24]), Status::Success);
}

#[test]
fn what_another_process_changes_ends_what_was_proved() {
    let mut card = GidsCard::with_key();
    card.expect(VERIFY, "9000");
    card.prove_administrator();
    card.store()
        .update(|state| {
            state.serial += 1;
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    card.expect("00 20 00 80", "63C5");
    card.expect("00 DB A0 12 05 DF 70 02 01 02", "6982");
    let command = Command::new(Instruction::PutData, 0xA0, 0x10).with_data([0xDF, 0x70, 0]);
    assert_eq!(
        card.send(&command.encode().unwrap()).status,
        Status::SecurityStatusNotSatisfied
    );
}

#[test]
fn where_the_air_needs_an_encrypted_channel_the_card_does_nothing_over_it() {
    let strict = |interface| {
        GidsCard::unselected(interface, |state| {
            provision::provision(state).unwrap();
            state.contactless = ContactlessPolicy::Strict;
        })
    };
    let mut card = strict(Interface::Contactless);
    card.expect(SELECT, "6A81");
    for command in [
        VERIFY,
        "00 CB A0 12 04 5C 02 DF 20 00",
        "00 A4 00 0C 02 3F FF",
    ] {
        assert!(!card.status(command).is_success(), "{command}");
    }
    assert_eq!(card.tries(), 5);
    let mut card = strict(Interface::Contact);
    assert!(card.status(SELECT).is_success());
    card.expect(VERIFY, "9000");
    // Nor is there a channel to try.
    card.expect("0C 20 00 80 06 31 32 33 34 35 36", "6882");
}

#[test]
fn a_holder_who_closes_the_air_closes_it_for_what_is_selected_too() {
    let mut card = GidsCard::over_nfc();
    card.expect(VERIFY, "9000");
    card.store()
        .update(|state| {
            state.contactless = ContactlessPolicy::Strict;
            Ok::<_, tapcard_phone::state::StateError>(())
        })
        .unwrap();
    card.expect("00 CB A0 12 04 5C 02 DF 20 00", "6A81");
    card.expect("00 DB A0 10 03 DF 30 00", "6A81");
}
