//! What a stranger or a host has left on a card, and what its holder's choice and an enrollment make of it.

use card_edge::apdu::{Command, Instruction};
use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::layout;
use card_edge::gids::file_system::master_file::{MasterFile, Row};
use card_edge::gids::{FileControlParameters, FileId};
use card_edge::piv::{
    AsymmetricKey, Cipher, DEFAULT_CARD_MANAGEMENT_KEY, KeyAlgorithm, ManagementKey,
};
use card_edge::tlv::{self, Tag};
use tapcard_phone::gids::provision::{self, ProvisionError};
use tapcard_phone::interface::Interface;
use tapcard_phone::state::encoding::Bytes;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{CardState, Gids, KeyFile, Stage};

use crate::common::{CREATE_KEY, FORGET, GENERATE, GidsCard, VERIFY, hex};
use crate::provision::{card_with_piv_keys, put_key, shown};

const CREATE_ADMINISTRATOR: &str = "00 E0 00 00 1C 62 1A 82 01 18 83 02 B0 80 8C 04 87 00 20 FF A5 0B A4 09 80 01 02 83 01 80 95 01 C0";
/// PUT KEY of an administrator's key.
const PUT_ADMINISTRATOR: &str = "00 DB 3F FF 21 70 1F 84 01 80 A5 1A 87 18 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08 01 02 03 04 05 06 07 08";

fn change(card: &GidsCard, change: impl FnOnce(&mut CardState)) {
    let changed = card.store().update(|state| {
        change(state);
        Ok::<_, ProvisionError>(())
    });
    changed.unwrap();
}

fn gids(card: &GidsCard) -> Gids {
    card.store().state().gids.clone().unwrap()
}

/// An enrollment that brings a key, as far as GIDS is concerned.
fn enroll(card: &GidsCard) {
    let enrolled = card.store().update(|state| {
        let slot = AsymmetricKey::PivAuthentication;
        put_key(state, slot, KeyAlgorithm::Rsa2048, b"enrolled");
        provision::after_enrollment(state)
    });
    enrolled.unwrap();
}

/// The enrolled key is a container with its certificate.
fn assert_shown(card: &GidsCard) {
    let gids = gids(card);
    let place = shown(&gids).files.find("mscp", "kxc00").unwrap();
    let content = gids.object(place).unwrap();
    let certificate = card_edge::gids::file_system::certificate::decode(content);
    assert_eq!(certificate.unwrap(), b"enrolled");
    assert!(shown(&gids).containers.0[0].is_some());
}

#[test]
fn nobody_but_the_administrator_writes_the_administrators_key() {
    let weak = |condition: &str| {
        CREATE_ADMINISTRATOR.replace("87 00 20 FF", &format!("87 00 {condition} FF"))
    };
    for condition in ["00", "10", "30", "90"] {
        let mut card = GidsCard::new();
        card.prove_administrator();
        card.expect("00 E4 00 00 02 B0 80", "9000");
        card.expect(&weak(condition), "6A80");
        card.expect(CREATE_ADMINISTRATOR, "9000");
        GidsCard::blank().expect(&weak(condition), "6A80");
    }
}

#[test]
fn an_enrollment_gives_the_files_the_rules_that_they_should_have() {
    let mut card = GidsCard::new();
    card.prove_administrator();
    // Files that everybody may write, and one that is gone.
    for file in ["A0 12", "A0 00", "A0 10"] {
        card.expect(&format!("00 E4 00 00 02 {file}"), "9000");
        let open = format!("00 E0 00 00 0E 62 0C 82 01 39 83 02 {file} 8C 03 03 00 00");
        card.expect(&open, "9000");
    }
    card.expect("00 E4 00 00 02 A0 14", "9000");
    // A card of before has such a file of the administrator's key.
    change(&card, |state| {
        let id = FileId::of_key(layout::ADMINISTRATOR_KEY);
        let bytes = hex(&CREATE_ADMINISTRATOR.replace("87 00 20 FF", "87 00 00 FF"));
        let gids = state.gids.as_mut().unwrap();
        let file = gids.key_files.get_mut(&id).unwrap();
        file.parameters = FileControlParameters::decode(&bytes[5..]).unwrap();
    });
    card.restart();
    card.expect(PUT_ADMINISTRATOR, "9000");
    enroll(&card);
    card.restart();
    card.play(&[
        (PUT_ADMINISTRATOR, "6982"),
        ("00 DB A0 00 03 DF 30 00", "6982"),
        ("00 DB A0 10 03 DF 30 00", "6982"),
        ("00 DB A0 12 03 DF 30 00", "6982"),
        ("00 DB A0 14 03 DF 30 00", "6982"),
        (
            "00 A4 00 04 02 A0 12 00",
            "62 0C 82 01 39 83 02 A0 12 8C 03 03 20 00 9000",
        ),
    ]);
    assert_shown(&card);
    let guid = card.store().state().guid().unwrap();
    assert_eq!(
        gids(&card).object(layout::CARD_ID),
        Some(guid.as_bytes().as_slice())
    );
}

#[test]
fn a_card_that_was_activated_without_files_gets_them() {
    let mut card = GidsCard::blank();
    card.expect("00 44 00 00", "9000");
    card.store().update(provision::provision).unwrap();
    assert!(gids(&card).object(layout::CARD_ID).is_some());

    let mut card = GidsCard::blank();
    card.expect("00 44 00 00", "9000");
    enroll(&card);
    assert_shown(&card);
    card.restart();
    card.expect("00 22 81 A4 03 83 01 80", "9000");
}

#[test]
fn the_management_key_is_the_administrators_on_a_card_as_new_alone() {
    let made = |change: fn(&mut CardState)| {
        let mut card = GidsCard::made(Interface::Contact, |state| {
            change(state);
            provision::provision(state).unwrap();
        });
        card.authenticate(&DEFAULT_CARD_MANAGEMENT_KEY).is_success()
    };
    assert!(made(|_| {}));
    assert!(!made(|state| {
        state.pin = ReferenceData::new(b"654321\xFF\xFF", 5, false, None).unwrap();
    }));
    assert!(!made(|state| {
        state.puk = ReferenceData::new(b"87654321", 3, false, None).unwrap();
    }));
    assert!(!made(|state| {
        let slot = AsymmetricKey::PivAuthentication;
        put_key(state, slot, KeyAlgorithm::P256, b"curve");
        state.management_key =
            ManagementKey::new(Cipher::TripleDes, &DEFAULT_CARD_MANAGEMENT_KEY).unwrap();
    }));
}

#[test]
fn hosts_find_no_numbers_of_before() {
    let card = GidsCard::new();
    let numbers = |card: &GidsCard| shown(&gids(card)).freshness;
    let first = numbers(&card);
    card.store().update(provision::withdraw).unwrap();
    card.store().update(provision::provision).unwrap();
    assert_ne!(numbers(&card), first);
    // An enrollment goes on from where they are, whether or not it makes the files new.
    for table in ["00 DB A0 10 03 DF 23 00", "00 DB A0 10 04 DF 23 01 07"] {
        let mut card = GidsCard::new();
        card.expect(VERIFY, "9000");
        card.expect("00 DB A0 10 09 DF 22 06 00 07 10 00 20 00", "9000");
        card.expect(table, "9000");
        enroll(&card);
        let after = Freshness {
            version: 0,
            pins: 8,
            containers: 0x11,
            files: 0x21,
        };
        assert_eq!(numbers(&card), after, "{table}");
        assert_shown(&card);
    }
}

#[test]
fn keys_of_hosts_are_listed_where_the_tables_are_made_new() {
    let mut card = card_with_piv_keys();
    card.expect(VERIFY, "9000");
    card.expect(&CREATE_KEY.replace("B0 81", "B0 85"), "9000");
    let generate = GENERATE.replace("01 81", "01 85");
    assert!(card.send(&hex(&generate)).status.is_success());
    card.expect("00 DB A0 10 04 DF 23 01 07", "9000");
    enroll(&card);
    let shown = shown(&gids(&card));
    let container = shown.containers.0[4].as_ref().unwrap();
    assert_eq!((container.bits, container.is_default), (2048, false));
    let key = shown.keys.0[4].unwrap();
    assert_eq!((key.algorithm, key.file), (0x07, FileId::of_key(0x85)));
    assert_eq!(container.key, key.key);
    card.restart();
    card.expect(VERIFY, "9000");
    card.expect("00 22 41 B6 06 80 01 57 84 01 85", "9000");
    assert!(card.status("00 2A 9E 9A 04 01 02 03 04 00").is_success());
}

#[test]
fn a_key_that_no_known_host_uses_is_not_the_default_one() {
    for (algorithm, is_default) in [
        (KeyAlgorithm::Rsa2048, true),
        (KeyAlgorithm::Rsa3072, false),
    ] {
        let card = GidsCard::made(Interface::Contact, |state| {
            let slot = AsymmetricKey::PivAuthentication;
            put_key(state, slot, KeyAlgorithm::Rsa2048, b"9A");
            // The card opens no key to show it.
            state.keys.get_mut(&slot).unwrap().algorithm = algorithm;
            provision::provision(state).unwrap();
        });
        let shown = shown(&gids(&card));
        let container = shown.containers.0[0].as_ref().unwrap();
        assert_eq!(container.is_default, is_default, "{algorithm}");
    }
}

#[test]
fn a_pin_that_is_not_of_piv_stays_one() {
    let refused = |card: &GidsCard| {
        let withdrawn = card.store().update(provision::withdraw);
        assert!(matches!(withdrawn, Err(ProvisionError::PinNotOfPiv)));
    };
    let mut card = GidsCard::new();
    card.expect("00 24 00 80 0A 31 32 33 34 35 36 31 32 33 34", "9000");
    card.store().update(provision::provision_blank).unwrap();
    refused(&card);
    let mut card = GidsCard::blank();
    card.expect("00 24 01 80 04 31 32 33 34", "9000");
    refused(&card);
    card.store().update(provision::provision).unwrap();
    refused(&card);
}

#[test]
fn keys_that_were_made_on_a_blank_card_are_not_lost() {
    let mut card = GidsCard::blank();
    card.expect(&CREATE_KEY.replace("B0 81", "B0 85"), "9000");
    let generate = GENERATE.replace("01 81", "01 85");
    assert!(card.send(&hex(&generate)).status.is_success());
    let chosen = card.store().update(provision::provision);
    assert!(matches!(chosen, Err(ProvisionError::OwnKeys(1))));
    enroll(&card);
    let gids = gids(&card);
    assert_eq!(
        (gids.own_keys().count(), gids.stage),
        (1, Stage::Operational)
    );
    assert_shown(&card);
}

#[test]
fn what_fills_the_card_keeps_no_enrollment_out() {
    type Fill = fn(&mut Gids);
    let fills: [(&str, Fill); 3] = [
        ("rows that name all places", |gids| {
            let rows = layout::certificate_tags().map(|tag| Row {
                directory: "junk".to_owned(),
                name: format!("{:X}", tag.value()),
                place: (layout::EVERYONE_READ_USER_WRITE, tag),
            });
            let table = MasterFile(rows.collect()).encode().unwrap();
            let (file, tag) = layout::MASTER_FILE;
            let file = gids.data_files.get_mut(&file).unwrap();
            file.objects.insert(tag, Bytes(table));
        }),
        ("as many objects as a file may have", |gids| {
            let (file, _) = layout::CONTAINER_MAP;
            let file = gids.data_files.get_mut(&file).unwrap();
            let tags = (0xDF_8100..).filter(|tag| tag & 0x80 == 0).map(Tag::new);
            for tag in tags.take(256 - file.objects.len()) {
                file.objects.insert(tag, Bytes(Vec::new()));
            }
        }),
        ("files for all keys", |gids| {
            for reference in layout::FIRST_KEY..=0xFF {
                let mut create = hex(CREATE_KEY);
                create[13] = reference;
                let parameters = FileControlParameters::decode(&create[5..]).unwrap();
                let id = parameters.identifier;
                let key = None;
                gids.key_files.insert(id, KeyFile { parameters, key });
            }
        }),
    ];
    for (what, fill) in fills {
        let mut card = GidsCard::new();
        change(&card, |state| fill(state.gids.as_mut().unwrap()));
        enroll(&card);
        card.restart();
        assert_eq!(shown(&gids(&card)).containers.0.len(), 1, "{what}");
        assert_shown(&card);
    }
}

#[test]
fn rows_of_a_host_lead_the_phone_to_nothing_but_certificates() {
    for place in [layout::CARD_ID, layout::CARD_APPLICATIONS] {
        let mut card = card_with_piv_keys();
        let before = gids(&card);
        let mut rows = shown(&before).files;
        let named = |row: &&mut Row| row.name == "kxc00";
        rows.0.iter_mut().find(named).unwrap().place = place;
        let (file, tag) = layout::MASTER_FILE;
        let data = tlv::encode(tag, &rows.encode().unwrap()).unwrap();
        let [p1, p2] = file.0.to_be_bytes();
        card.expect(VERIFY, "9000");
        let command = Command::new(Instruction::PutData, p1, p2).with_data(data);
        assert!(card.chain(&command).status.is_success());
        card.expect(FORGET, "9000");
        card.store().update(provision::provision).unwrap();
        let after = gids(&card);
        assert_eq!(after.object(place), before.object(place));
        let certificate = shown(&after).files.find("mscp", "kxc00").unwrap();
        assert!(layout::certificate_tags().any(|tag| tag == certificate.1));
        let rows = shown(&after).files.0;
        assert_eq!(rows.iter().filter(|row| row.name == "kxc00").count(), 1);
    }
}
