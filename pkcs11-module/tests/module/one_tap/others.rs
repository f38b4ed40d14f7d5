//! What goes on beside the wait for a phone: other cards, other threads, other programs.

use super::*;
use crate::card::set_management_key;

#[test]
fn a_card_that_comes_by_mistake_ends_no_session_and_the_waiting_goes_on() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        rig.reader.put(Box::new(contactless_phone(&KEYS).0));
        wait_for("it is shown", || {
            rig.module
                .token_info(0)
                .is_ok_and(|info| info.sessions == 0)
        });
        drop(rig.reader.take());
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(rig.at(session).info().state, CKS_RO_USER_FUNCTIONS);
}

#[test]
fn a_card_in_another_reader_that_somebody_uses_is_sent_nothing() {
    let mut desk = Desk::contactless();
    let (left, right) = (Reader::with(phone(&KEYS).0), desk.reader.clone());
    let readers = Arc::new(Two([left.clone(), right.clone()]));
    let rig = program(readers, &right, desk.kept.path(), LONG);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0, 1]);
    let busy = rig.module.open_session(0, Access::ReadOnly).unwrap();
    rig.at(busy).login(CKU_USER, Some(PIN)).unwrap();
    let session = rig.module.open_session(1, Access::ReadOnly).unwrap();
    left.sent();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        // A signature with 9C, whose login is the command before it, goes on beside the wait.
        let key = rig.private_key(busy, 2);
        begin(&rig, busy, key).unwrap();
        rig.at(busy).login(CKU_CONTEXT_SPECIFIC, Some(PIN)).unwrap();
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
        assert_eq!(finish(&rig, busy), Ok(()));
    });
    assert_eq!(left.sent(), [VERIFY, ESTABLISH]);
}

#[test]
fn of_two_threads_that_log_in_one_sends_the_pin() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let results = std::thread::scope(|scope| {
        let logins = [(); 2].map(|()| scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN))));
        wait_until_waiting(&rig, session);
        desk.tap();
        logins.map(|login| login.join().unwrap())
    });
    assert!(results.contains(&Ok(())), "{results:?}");
    assert!(
        results.contains(&Err(Error::UserAlreadyLoggedIn)),
        "{results:?}"
    );
    let sent = rig.reader.sent();
    assert_eq!(sent.iter().filter(|sent| *sent == VERIFY).count(), 1);
}

#[test]
fn a_program_keeps_its_phone_while_another_program_uses_another_one() {
    let mut desk = Desk::contactless();
    let rig = desk.program();
    let session = rig.session();
    let label = rig.module.token_info(0).unwrap().serial;
    // Another phone logs in, over another program.
    let second = Reader::contactless_with(contactless_phone(&KEYS).0.announcing());
    let other = program(readers_of(&second), &second, desk.kept.path(), LONG);
    other.user_session();
    assert_eq!(rig.module.token_info(0).unwrap().serial, label);
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    // Without a session the one that was used last is shown.
    rig.module.close_session(session).unwrap();
    drop(rig.reader.take());
    assert_eq!(rig.module.token_info(0).unwrap().serial, label);
    other.module.finalize();
    let third = program(readers_of(&second), &second, desk.kept.path(), LONG);
    third.user_session();
    assert_ne!(rig.module.token_info(0).unwrap().serial, label);
}

#[test]
fn it_is_shown_in_the_reader_where_it_was() {
    let desk = Desk::contactless();
    let right = Reader::contactless_with(contactless_phone(&KEYS).0.announcing());
    let readers = Arc::new(Two([Reader::empty(), right.clone()]));
    let open = || {
        let readers = Arc::clone(&readers) as Arc<dyn Readers>;
        program(readers, &right, desk.kept.path(), LONG)
    };
    let rig = open();
    let session = rig.module.open_session(1, Access::ReadOnly).unwrap();
    rig.at(session).login(CKU_USER, Some(PIN)).unwrap();
    rig.module.finalize();
    drop(right.take());
    assert_eq!(open().module.slot_list(Which::WithToken), [1]);
}

#[test]
fn what_the_security_officer_has_begun_to_change_hides_nothing_when_the_phone_leaves() {
    let mut desk = Desk::over_contacts();
    set_management_key(
        desk.phone.as_mut().unwrap().as_mut(),
        card_edge::piv::Cipher::Aes256,
        &[7; 32],
    );
    let rig = desk.program();
    desk.tap();
    let officer = rig.read_write_session();
    rig.at(officer).login(CKU_SO, Some(&[7; 32])).unwrap();
    let object = rig.object(officer, CKO_CERTIFICATE, 4);
    rig.at(officer).destroy_object(object).unwrap();
    desk.phone = rig.reader.take();
    let session = rig.session();
    assert!(!certificate(&rig, session, 1).is_empty());
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_card_that_is_gone_for_a_moment_keeps_its_sessions_and_its_slot() {
    let desk = Desk::contactless();
    let rig = desk.program();
    let card = Box::new(contactless_phone(&KEYS).0);
    rig.reader.put(card);
    let session = rig.session();
    let card = rig.reader.take().unwrap();
    assert!(rig.module.slot_list(Which::WithToken).is_empty());
    rig.reader.put(card);
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    assert!(rig.module.session(session).is_ok());
    // Without sessions the phone is shown again.
    rig.module.close_session(session).unwrap();
    drop(rig.reader.take());
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
}
