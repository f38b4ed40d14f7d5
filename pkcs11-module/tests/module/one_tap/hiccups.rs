//! The phone itself, which does not do for a moment what proves its key: it is not taken for a stranger's card.

use super::*;

/// GENERAL AUTHENTICATE with key 04.
fn is_establishment(command: &[u8]) -> bool {
    command.get(1) == Some(&0x87) && command.get(3) == Some(&0x04)
}

/// A card that gives another answer to the establishment of a channel, so often.
struct Hiccups {
    left: usize,
    answer: &'static [u8],
    card: Box<dyn Answers>,
}

impl Answers for Hiccups {
    fn answer(&mut self, command: &[u8]) -> Vec<u8> {
        if self.left > 0 && is_establishment(command) {
            self.left -= 1;
            return self.answer.to_vec();
        }
        self.card.answer(command)
    }

    fn reset(&mut self) {
        self.card.reset();
    }
}

/// No precise diagnosis, an error of the card's, no secure messaging now, and two that were torn.
const ANSWERS: [&[u8]; 5] = [
    &[0x6F, 0x00],
    &[0x64, 0x00],
    &[0x68, 0x82],
    &[0x90, 0x00],
    &[0x7C, 0x05, 0x82, 0x90, 0x00],
];

/// More than are taken for chance within one try.
const OFTEN: usize = 3;

fn each(test: impl Fn(Desk)) {
    for answer in ANSWERS {
        for mut desk in Desk::each() {
            let card = desk.phone.take().unwrap();
            desk.phone = Some(Box::new(Hiccups {
                left: OFTEN,
                answer,
                card,
            }));
            test(desk);
        }
    }
}

#[test]
fn a_login_that_waits_goes_on_until_the_phone_has_proved_itself() {
    each(|mut desk| {
        let rig = desk.program_that_waits(SOON);
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        let sent = rig.reader.sent();
        assert_eq!(sent.iter().filter(|sent| *sent == VERIFY).count(), 1);
        assert!(!rig.reader.has_heard(PIN));
    });
}

#[test]
fn a_card_that_never_proves_anything_keeps_nobody_from_the_phone() {
    for answer in ANSWERS {
        let mut desk = Desk::contactless();
        let phone = desk.phone.as_mut().unwrap();
        let mut other = crate::card::phone(&KEYS).0;
        put_object(&mut other, ObjectId::Chuid, &desk.chuid);
        let twin = impostors::Twin::selected_as(phone.as_mut(), other.announcing());
        phone.reset();
        let odd = Hiccups {
            left: usize::MAX,
            answer,
            card: Box::new(twin),
        };
        let (left, right) = (Reader::empty(), desk.reader.clone());
        let readers = Arc::new(Two([left.clone(), right.clone()]));
        let rig = program(readers, &right, desk.kept.path(), LONG);
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            left.put(Box::new(odd));
            let asked = || left.sent().iter().filter(|sent| *sent == ESTABLISH).count();
            let so_far = std::cell::Cell::new(0);
            wait_for("it has failed often", || {
                so_far.set(so_far.get() + asked());
                so_far.get() >= 6
            });
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()), "{answer:02X?}");
        });
        assert!(!left.sent().iter().any(|sent| sent == VERIFY));
        assert!(right.sent().iter().any(|sent| sent == VERIFY));
    }
}

#[test]
fn a_phone_that_lies_there_stays_a_token_and_the_next_login_succeeds() {
    each(|mut desk| {
        desk.tap();
        let rig = desk.program_that_waits(Duration::from_millis(100));
        let session = rig.session();
        let refused = rig.at(session).login(CKU_USER, Some(PIN));
        assert!(matches!(refused, Err(Error::Device(_))), "{refused:?}");
        let sent = rig.reader.sent();
        assert!(!sent.iter().any(|sent| sent == VERIFY), "{sent:?}");
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert_eq!(rig.at(session).login(CKU_USER, Some(PIN)), Ok(()));
    });
}

#[test]
fn a_phone_that_was_renewed_is_looked_at_again() {
    each(|mut desk| {
        put_object(
            desk.phone.as_mut().unwrap().as_mut(),
            ObjectId::Certificate(AsymmetricKey::CardAuthentication),
            &[],
        );
        let rig = desk.program_that_waits(SOON);
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
    });
}
