//! Cards that say to be the phone, whose number anybody can read: none is told the PIN, and nothing of them is shown.

use super::*;

const SELECT_PIV: &[u8] = &[0x00, 0xA4];
const GENERAL_AUTHENTICATE: &[u8] = &[0x00, 0x87];

/// A card that answers some commands as the phone was heard to answer them.
pub struct Twin {
    heard: Vec<(&'static [u8], Vec<u8>)>,
    card: Phone,
}

impl Twin {
    /// One that is selected as this phone is now, and has another key.
    pub fn selected_as(phone: &mut dyn Answers, card: Phone) -> Self {
        let select = [
            0x00, 0xA4, 0x04, 0x00, 0x09, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00,
            0x00,
        ];
        let heard = vec![(SELECT_PIV, phone.answer(&select))];
        Self { heard, card }
    }
}

impl Answers for Twin {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        let answer = self.card.answer(command);
        let heard = self
            .heard
            .iter()
            .find(|(begins, _)| command.starts_with(begins));
        heard.map_or(answer, |(_, heard)| heard.clone())
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

/// How well a card imitates the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Imitation {
    /// It has its number.
    Number,
    /// It has its number, and announces nothing.
    Silent,
    /// It is selected as the phone is: it announces the same objects, and the key is another.
    Selection,
    /// The same, and what proved the key once is repeated.
    Replay,
}

const ALL: [Imitation; 4] = [
    Imitation::Number,
    Imitation::Silent,
    Imitation::Selection,
    Imitation::Replay,
];

/// A card that imitates the phone, which is with the desk.
fn imitation(desk: &mut Desk, is_contactless: bool, how: Imitation) -> Box<dyn Answers> {
    let (mut plain, _) = if is_contactless {
        contactless_phone(&KEYS)
    } else {
        phone(&KEYS)
    };
    put_object(&mut plain, ObjectId::Chuid, &desk.chuid);
    let phone = desk.phone.as_mut().unwrap();
    match how {
        Imitation::Number => Box::new(plain.announcing()),
        Imitation::Silent => Box::new(plain),
        Imitation::Selection | Imitation::Replay => {
            let mut twin = Twin::selected_as(phone.as_mut(), plain.announcing());
            if how == Imitation::Replay {
                let answer = established(phone.as_mut());
                twin.heard.push((GENERAL_AUTHENTICATE, answer));
            }
            phone.reset();
            Box::new(twin)
        }
    }
}

/// What the phone answers to the establishment of a channel.
fn established(phone: &mut dyn Answers) -> Vec<u8> {
    let point = p256::SecretKey::from_slice(&[9; 32]).unwrap();
    let point = point.public_key().to_sec1_bytes();
    let begin = [
        0x00, 0x87, 0x27, 0x04, 0x50, 0x7C, 0x4E, 0x82, 0x00, 0x81, 0x4A, 0x00, 0, 0, 0, 0, 0, 0,
        0, 0,
    ];
    let command = [&begin[..], &point, &[0x00]].concat();
    let answer = phone.answer(&command);
    assert!(answer.ends_with(&[0x90, 0x00]), "{answer:02X?}");
    answer
}

fn is_not_told_the_pin(rig: &Rig) {
    const CHANGE: &str = "CHANGE REFERENCE DATA";
    let sent = rig.reader.sent();
    assert!(
        !sent.iter().any(|sent| sent == VERIFY || sent == CHANGE),
        "{sent:?}"
    );
}

fn each(test: impl Fn(Desk, bool, Imitation)) {
    for how in ALL {
        for (desk, is_contactless) in Desk::each().into_iter().zip([false, true]) {
            test(desk, is_contactless, how);
        }
    }
}

#[test]
fn one_that_is_there_before_the_program_is_told_no_pin_over_contacts_either() {
    each(|mut desk, is_contactless, how| {
        let imitation = imitation(&mut desk, is_contactless, how);
        desk.reader.put(imitation);
        let rig = desk.program_that_waits(Duration::from_millis(100));
        if rig.module.slot_list(Which::WithToken) == [0] {
            let session = rig.session();
            let refused = rig.at(session).login(CKU_USER, Some(PIN));
            assert!(matches!(refused, Err(Error::Device(_))), "{refused:?}");
        }
        is_not_told_the_pin(&rig);
        // It is not shown any more, and the phone in its place is.
        assert!(rig.module.slot_list(Which::WithToken).is_empty(), "{how:?}");
        drop(rig.reader.take());
        desk.tap();
        let session = rig.session();
        assert_eq!(rig.at(session).login(CKU_USER, Some(PIN)), Ok(()));
    });
}

#[test]
fn one_that_takes_the_phones_place_after_a_login_is_told_none_for_whatever_purpose() {
    for is_looked_at in [true, false] {
        each(|mut desk, is_contactless, how| {
            let imitation = imitation(&mut desk, is_contactless, how);
            let rig = desk.program_that_waits(Duration::from_millis(100));
            desk.tap();
            let session = rig.read_write_session();
            rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
            rig.at(session).logout().unwrap();
            drop(rig.reader.take());
            rig.reader.put(imitation);
            rig.reader.sent();
            if is_looked_at {
                drop(rig.module.slot_list(Which::WithToken));
            }
            assert!(rig.at(session).set_pin(PIN, b"654321").is_err());
            assert!(rig.at(session).login(CKU_USER, Some(PIN)).is_err());
            assert!(
                rig.at(session)
                    .login(CKU_CONTEXT_SPECIFIC, Some(PIN))
                    .is_err()
            );
            is_not_told_the_pin(&rig);
        });
    }
}

#[test]
fn who_waits_is_told_which_phone_one_says_to_be() {
    for how in [Imitation::Number, Imitation::Selection] {
        let mut desk = Desk::contactless();
        let imitation = imitation(&mut desk, true, how);
        let rig = desk.program_that_waits(Duration::from_secs(3));
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            rig.reader.put(imitation);
            let Err(Error::Device(told)) = login.join().unwrap() else {
                panic!("{how:?}");
            };
            let expected = "claims to be the phone of Alice Example: the card does not prove";
            assert!(told.contains(expected), "{told}");
        });
        is_not_told_the_pin(&rig);
    }
}

#[test]
fn what_becomes_of_the_file_with_the_phones_key_meanwhile_changes_nothing() {
    each(|mut desk, is_contactless, how| {
        let imitation = imitation(&mut desk, is_contactless, how);
        let rig = desk.program();
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            std::fs::remove_dir_all(desk.kept.path().join("cards")).unwrap();
            rig.reader.put(imitation);
            wait_for("it is left alone", || {
                rig.module.slot_list(Which::WithToken).is_empty()
            });
            drop(rig.reader.take());
            is_not_told_the_pin(&rig);
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        assert!(!desk.kept.path().join("cards").exists());
    });
}

#[test]
fn nothing_of_one_is_listed_for_who_looks_while_it_is_there_and_after_it() {
    for is_looked_at in [true, false] {
        each(|mut desk, is_contactless, how| {
            let imitation = imitation(&mut desk, is_contactless, how);
            let rig = desk.program();
            let session = rig.session();
            let before = certificate(&rig, session, 1);
            rig.reader.put(imitation);
            if is_looked_at {
                drop(rig.module.slot_list(Which::WithToken));
            }
            assert_eq!(certificate(&rig, session, 1), before, "{how:?}");
            drop(rig.reader.take());
            assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
            assert_eq!(certificate(&rig, session, 1), before, "{how:?}");
            std::thread::scope(|scope| {
                let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
                wait_until_waiting(&rig, session);
                desk.tap();
                assert_eq!(login.join().unwrap(), Ok(()));
            });
            let key = rig.private_key(session, 1);
            assert_eq!(sign(&rig, session, key), Ok(()), "{how:?}");
        });
    }
}

#[test]
fn beside_one_in_another_reader_the_phone_is_waited_for() {
    for how in ALL {
        let mut desk = Desk::contactless();
        let imitation = imitation(&mut desk, false, how);
        let (left, right) = (Reader::empty(), desk.reader.clone());
        let readers = Arc::new(Two([left.clone(), right.clone()]));
        let rig = program(readers, &right, desk.kept.path(), LONG);
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            left.put(imitation);
            // Somebody else looks at the slots all the time.
            wait_for("it is left alone", || {
                rig.module.slot_list(Which::WithToken) == [1] && !left.sent().is_empty()
            });
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()), "{how:?}");
        });
        assert!(!left.sent().iter().any(|sent| sent == VERIFY));
        assert_eq!(right.sent(), [SELECT, ESTABLISH, VERIFY]);
    }
}

#[test]
fn one_of_another_phone_is_told_nothing_nor_is_the_phone_that_is_shown() {
    let mut desk = Desk::contactless();
    // A second phone, used by the same program in another reader.
    let mut other = Desk::over_contacts();
    let fake = imitation(&mut other, false, Imitation::Selection);
    let (left, right) = (other.reader.clone(), desk.reader.clone());
    let readers = Arc::new(Two([left.clone(), right.clone()]));
    other.tap();
    let rig = program(readers, &right, desk.kept.path(), SOON);
    let session = rig.module.open_session(1, Access::ReadOnly).unwrap();
    let second = rig.module.open_session(0, Access::ReadOnly).unwrap();
    rig.at(second).login(CKU_USER, Some(PIN)).unwrap();
    drop(left.take());
    left.put(fake);
    left.sent();
    desk.tap();
    for _ in 0..2 {
        assert!(rig.at(second).login(CKU_USER, Some(PIN)).is_err());
    }
    assert!(!left.sent().iter().any(|sent| sent == VERIFY));
    assert!(!right.sent().iter().any(|sent| sent == VERIFY));
    assert_eq!(rig.at(session).login(CKU_USER, Some(PIN)), Ok(()));
}

#[test]
fn a_phone_that_was_renewed_while_it_was_away_proves_its_key_and_shows_what_it_has() {
    let mut desk = Desk::over_contacts();
    let before = {
        let rig = desk.program();
        certificate(&rig, rig.session(), 4)
    };
    put_object(
        desk.phone.as_mut().unwrap().as_mut(),
        ObjectId::Certificate(AsymmetricKey::CardAuthentication),
        &[],
    );
    assert!(!before.is_empty());
    desk.tap();
    let rig = desk.program();
    let session = rig.session();
    let template = [class_is(CKO_CERTIFICATE)];
    assert_eq!(rig.find(session, &template).unwrap().len(), 3);
    assert!(rig.reader.sent().iter().any(|sent| sent == ESTABLISH));
}

#[test]
fn a_known_phone_that_is_not_the_last_one_proves_its_key_too() {
    let mut desk = Desk::over_contacts();
    let imitation = imitation(&mut desk, false, Imitation::Selection);
    std::fs::remove_dir_all(desk.kept.path().join("state")).unwrap();
    desk.reader.put(imitation);
    let rig = desk.program();
    assert_eq!(
        rig.module.open_session(0, Access::ReadOnly),
        Err(Error::TokenNotRecognized)
    );
    is_not_told_the_pin(&rig);
}

#[test]
fn without_the_users_word_a_card_that_proves_nothing_stays_a_token() {
    let mut desk = Desk::contactless();
    let imitation = imitation(&mut desk, true, Imitation::Selection);
    desk.reader.put(imitation);
    let settings = Settings {
        cache: Cache::at(desk.kept.path().join("cache")),
        known_cards: KnownCards::at(desk.kept.path().join("cards")),
        ..Settings::default()
    };
    let rig = Rig {
        module: Module::new(readers_of(&desk.reader), settings),
        reader: desk.reader.clone(),
        issued: Vec::new(),
    };
    let session = rig.session();
    for _ in 0..2 {
        let refused = rig.at(session).login(CKU_USER, Some(PIN));
        assert!(matches!(refused, Err(Error::Device(_))), "{refused:?}");
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    }
    is_not_told_the_pin(&rig);
}
