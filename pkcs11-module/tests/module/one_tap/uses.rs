//! What is done with a phone that is waited for: keys that want the PIN each time, logins again, taps that
//! are too short, and PINs that are wrong.

use tapcard_phone::state::PinEntry;

use super::impostors::Twin;
use super::*;
use crate::pin_at_phone::{Hand, RIGHT};

/// Taps the phone when what is done here waits for it.
fn tapped<R: Send>(
    desk: &mut Desk,
    rig: &Rig,
    session: CK_SESSION_HANDLE,
    work: impl FnOnce() -> R + Send,
) -> R {
    std::thread::scope(|scope| {
        let working = scope.spawn(work);
        wait_until_waiting(rig, session);
        desk.tap();
        working.join().unwrap()
    })
}

#[test]
fn a_key_that_wants_the_pin_each_time_waits_each_time() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(tapped(&mut desk, &rig, session, login), Ok(()));
    let key = rig.private_key(session, 2);
    // The login was for the first use too.
    assert_eq!(sign(&rig, session, key), Ok(()));
    begin(&rig, session, key).unwrap();
    desk.phone = rig.reader.take();
    rig.reader.sent();
    let context = || rig.at(session).login(CKU_CONTEXT_SPECIFIC, Some(PIN));
    assert_eq!(tapped(&mut desk, &rig, session, context), Ok(()));
    assert_eq!(finish(&rig, session), Ok(()));
    assert_eq!(rig.reader.sent(), [SELECT, ESTABLISH, VERIFY, SIGN]);
}

#[test]
fn a_second_login_waits_again_although_nobody_has_looked_since_the_phone_left() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(tapped(&mut desk, &rig, session, login), Ok(()));
    assert_eq!(login(), Err(Error::UserAlreadyLoggedIn));
    desk.phone = rig.reader.take();
    assert_eq!(tapped(&mut desk, &rig, session, login), Ok(()));
    let key = rig.private_key(session, 1);
    assert_eq!(sign(&rig, session, key), Ok(()));
}

#[test]
fn a_phone_that_leaves_before_the_pin_was_sent_is_waited_for_once_more() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(PIN));
    // At SELECT, and in the middle of the channel.
    for commands in [0, 1] {
        rig.reader.leave_after(commands, false);
        let result = std::thread::scope(|scope| {
            let working = scope.spawn(login);
            wait_until_waiting(&rig, session);
            desk.tap();
            wait_for("it has left", || rig.reader.stays());
            desk.phone = rig.reader.take();
            assert!(desk.phone.is_some());
            desk.tap();
            working.join().unwrap()
        });
        assert_eq!(result, Ok(()), "{commands}");
        let sent = rig.reader.sent();
        assert_eq!(sent.iter().filter(|sent| *sent == VERIFY).count(), 1);
        desk.phone = rig.reader.take();
    }
}

#[test]
fn wrong_pins_cost_a_try_each_and_a_blocked_one_ends_the_wait_too() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let login = |pin: &[u8]| rig.at(session).login(CKU_USER, Some(pin));
    let mut results = vec![];
    for number in 0..20 {
        let wrong = format!("{number:06}");
        results.push(tapped(&mut desk, &rig, session, || login(wrong.as_bytes())));
        desk.phone = rig.reader.take();
        if results.last() == Some(&Err(Error::PinLocked)) {
            break;
        }
    }
    assert_eq!(results.pop(), Some(Err(Error::PinLocked)));
    let refused = |result: &Result<(), Error>| *result == Err(Error::PinIncorrect);
    assert!(results.iter().all(refused), "{results:?}");
    let sent = rig.reader.sent();
    let tried = sent.iter().filter(|sent| *sent == VERIFY).count();
    // Where it is blocked the first one of all says so.
    assert_eq!(tried, results.len() + 1);
    let right = tapped(&mut desk, &rig, session, || login(PIN));
    assert_eq!(right, Err(Error::PinLocked));
}

#[test]
fn a_use_of_a_key_goes_on_where_the_phone_was_away_for_a_moment_that_nobody_saw() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(tapped(&mut desk, &rig, session, login), Ok(()));
    let key = rig.private_key(session, 2);
    assert_eq!(sign(&rig, session, key), Ok(()));
    begin(&rig, session, key).unwrap();
    desk.phone = rig.reader.take();
    desk.tap();
    let context = rig.at(session).login(CKU_CONTEXT_SPECIFIC, Some(PIN));
    assert_eq!(context, Ok(()));
    assert_eq!(finish(&rig, session), Ok(()));
}

#[test]
fn a_login_with_the_pin_typed_at_the_phone_waits_for_the_tap_and_the_phone_proves_its_key() {
    for is_contactless in [false, true] {
        let hand = Hand::new(&[RIGHT; 2]);
        let mut desk = Desk::with(if is_contactless {
            Reader::contactless_with(contactless_phone(&KEYS).0.typing(hand.clone()))
        } else {
            Reader::with(phone(&KEYS).0.typing(hand.clone()))
        });
        let rig = desk.program();
        // It is remembered that the PIN can be typed there.
        let flags = rig.module.token_info(0).unwrap().flags;
        assert_ne!(flags & CKF_PROTECTED_AUTHENTICATION_PATH, 0);
        let session = rig.session();
        let login = || rig.at(session).login(CKU_USER, None);
        assert_eq!(tapped(&mut desk, &rig, session, login), Ok(()));
        let key = rig.private_key(session, 1);
        assert_eq!(sign(&rig, session, key), Ok(()));
        assert_eq!(rig.reader.sent(), [SELECT, ESTABLISH, VERIFY, SIGN]);
        // It has proved its key in this insertion.
        let key = rig.private_key(session, 2);
        begin(&rig, session, key).unwrap();
        let context = rig.at(session).login(CKU_CONTEXT_SPECIFIC, None);
        assert_eq!(context, Ok(()));
        assert_eq!(finish(&rig, session), Ok(()));
        assert_eq!(rig.reader.sent(), [VERIFY, SIGN]);
        assert_eq!(hand.asked().len(), 2);
    }
}

/// Whether the PIN can be typed at the phone, as this program tells.
fn has_offer(rig: &Rig) -> bool {
    rig.module.token_info(0).unwrap().flags & CKF_PROTECTED_AUTHENTICATION_PATH != 0
}

#[test]
fn a_card_that_comes_in_the_name_of_the_phone_is_not_believed_that_the_pin_was_typed() {
    // The twin is selected as the phone is, and offers the same or nothing.
    for entry in [PinEntry::Phone, PinEntry::Host] {
        let hand = Hand::new(&[RIGHT]);
        let phone = contactless_phone(&KEYS).0.typing(hand.clone());
        let setting = phone.entry();
        let mut desk = Desk::with(Reader::contactless_with(phone));
        let other = Hand::new(&[]);
        let mut card = contactless_phone(&KEYS).0.typing(other.clone());
        put_object(&mut card, ObjectId::Chuid, &desk.chuid);
        setting.set(entry);
        let twin = Twin::selected_as(desk.phone.as_mut().unwrap().as_mut(), card);
        setting.set(PinEntry::Phone);
        let rig = desk.program();
        let session = rig.session();
        let login = || rig.at(session).login(CKU_USER, None);
        let result = std::thread::scope(|scope| {
            let working = scope.spawn(login);
            wait_until_waiting(&rig, session);
            desk.reader.put(Box::new(twin));
            wait_for("it was met", || {
                rig.reader.sent().iter().any(|name| name == ESTABLISH)
            });
            drop(desk.reader.take());
            wait_for("the phone's offer stands", || has_offer(&rig));
            desk.tap();
            working.join().unwrap()
        });
        assert_eq!(result, Ok(()), "{entry:?}");
        assert_eq!(other.asked().len(), 0);
        assert_eq!(hand.asked().len(), 1);
    }
}

#[test]
fn a_holder_who_has_turned_it_off_is_met_without_it_after_one_login_that_fails() {
    let hand = Hand::new(&[]);
    let phone = contactless_phone(&KEYS).0.typing(hand.clone());
    let setting = phone.entry();
    let mut desk = Desk::with(Reader::contactless_with(phone));
    setting.set(PinEntry::Host);
    let rig = desk.program();
    assert!(has_offer(&rig));
    let session = rig.session();
    let login = || rig.at(session).login(CKU_USER, None);
    let refused = tapped(&mut desk, &rig, session, login);
    assert_eq!(refused.unwrap_err().rv(), CKR_ARGUMENTS_BAD);
    assert!(!has_offer(&rig));
    rig.module.finalize();
    desk.phone = desk.reader.take();
    let next = desk.program();
    assert!(!has_offer(&next));
    let session = next.session();
    let login = || next.at(session).login(CKU_USER, Some(PIN));
    assert_eq!(tapped(&mut desk, &next, session, login), Ok(()));
    assert_eq!(hand.asked().len(), 0);
}
