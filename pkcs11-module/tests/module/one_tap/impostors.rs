//! Cards that say to be the phone, whose number anybody can read: none is told the PIN, and nothing of them is shown.

use super::*;

/// A login that ends with an error although a card with the phone's number is there; the PIN was not sent to it.
fn is_refused(rig: &Rig, session: CK_SESSION_HANDLE) {
    rig.reader.sent();
    let refused = rig.at(session).login(CKU_USER, Some(PIN));
    assert!(matches!(refused, Err(Error::Device(_))), "{refused:?}");
    assert!(!rig.reader.sent().iter().any(|sent| sent == VERIFY));
}

#[test]
fn one_that_is_there_before_the_program_is_told_no_pin_over_contacts_either() {
    for (desk, is_contactless) in Desk::each().into_iter().zip([false, true]) {
        desk.reader.put(Box::new(another(&desk, is_contactless)));
        let rig = desk.program_that_waits(Duration::from_millis(100));
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        is_refused(&rig, rig.session());
    }
}

#[test]
fn one_that_takes_the_phones_place_after_a_login_is_told_none() {
    let mut desk = Desk::over_contacts();
    let rig = desk.program_that_waits(Duration::from_millis(100));
    desk.tap();
    let session = rig.user_session();
    let clone = another(&desk, false);
    drop(rig.reader.take());
    rig.reader.put(Box::new(clone));
    assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
    is_refused(&rig, session);
}

#[test]
fn what_becomes_of_the_file_with_the_phones_key_meanwhile_changes_nothing() {
    for (mut desk, is_contactless) in Desk::each().into_iter().zip([false, true]) {
        let rig = desk.program();
        let session = rig.session();
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            std::fs::remove_dir_all(desk.kept.path().join("cards")).unwrap();
            rig.reader.put(Box::new(another(&desk, is_contactless)));
            wait_for("it is left alone", || {
                rig.module.slot_list(Which::WithToken).is_empty()
            });
            drop(rig.reader.take());
            assert!(!rig.reader.sent().iter().any(|sent| sent == VERIFY));
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        assert!(!desk.kept.path().join("cards").exists());
    }
}

#[test]
fn nothing_of_one_is_listed_for_who_looks_while_it_is_there_and_after_it() {
    for announces in [true, false] {
        let mut desk = Desk::over_contacts();
        let rig = desk.program();
        let session = rig.session();
        let before = certificate(&rig, session, 1);
        let clone = if announces {
            another(&desk, false)
        } else {
            let mut clone = phone(&KEYS).0;
            put_object(&mut clone, ObjectId::Chuid, &desk.chuid);
            clone
        };
        rig.reader.put(Box::new(clone));
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert_eq!(certificate(&rig, session, 1), before, "{announces}");
        drop(rig.reader.take());
        assert_eq!(rig.module.slot_list(Which::WithToken), [0]);
        assert_eq!(certificate(&rig, session, 1), before, "{announces}");
        std::thread::scope(|scope| {
            let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
            wait_until_waiting(&rig, session);
            desk.tap();
            assert_eq!(login.join().unwrap(), Ok(()));
        });
        let key = rig.private_key(session, 1);
        assert_eq!(sign(&rig, session, key), Ok(()), "{announces}");
    }
}

#[test]
fn beside_one_in_another_reader_the_phone_is_waited_for() {
    let mut desk = Desk::contactless();
    let (left, right) = (Reader::empty(), desk.reader.clone());
    let readers = Arc::new(Two([left.clone(), right.clone()]));
    let rig = program(readers, &right, desk.kept.path(), LONG);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        left.put(Box::new(another(&desk, false)));
        // Somebody else looks at the slots all the time.
        wait_for("it is left alone", || {
            rig.module.slot_list(Which::WithToken) == [1]
                && left.sent().iter().any(|sent| sent == ESTABLISH)
        });
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert!(!left.sent().iter().any(|sent| sent == VERIFY));
    assert_eq!(right.sent(), [SELECT, ESTABLISH, VERIFY]);
}
