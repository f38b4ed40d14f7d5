//! What a server, or whoever answers in its place, can do to an enrollment.

use std::time::SystemTime;

use card_edge::piv::{AsymmetricKey, KeyAlgorithm, Pin};
use enrollment_protocol::{Code, Fingerprint, Invitation};

use super::fixture::{KEYS, card, offer};
use super::scripted_server::{
    Does, Received, ScriptedServer, another_invitation, invitation_naming, keys_of,
};
use crate::enrollment::http::HttpError;
use crate::enrollment::{
    CertificateFlaw, Device, EnrollError, Enrolled, ServerError, WantedPin, enroll,
};
use crate::key_store::KeyPolicy;
use crate::key_store::software::SoftwareKeyStore;
use crate::present_pin;
use crate::state::reference_data::ReferenceData;
use crate::state::{CardState, KeyRecord, StateError, Store};
use tempfile::TempDir;

pub(super) fn run(
    store: &mut Store,
    server: &ScriptedServer,
    invitation: &Invitation,
) -> Result<Enrolled, EnrollError> {
    run_knowing(None, store, server, invitation)
}

fn run_knowing(
    present: Option<&[u8]>,
    store: &mut Store,
    server: &ScriptedServer,
    invitation: &Invitation,
) -> Result<Enrolled, EnrollError> {
    enroll(
        store,
        Device {
            keys: &SoftwareKeyStore,
            http: server,
            name: "a phone",
            clock: SystemTime::now,
        },
        invitation,
        |wanted, _| {
            let pin = match wanted {
                WantedPin::Present { .. } => present,
                WantedPin::New => Some(&b"739154"[..]),
            };
            Ok(pin.map(|pin| Pin::new(pin).unwrap()))
        },
        |_| {},
    )
}

/// Enrolls a new card by this script, which must fail and leave the card as it was but for keys that wait; gives what
/// it failed with, and what the server received.
fn fail(script: impl IntoIterator<Item = Does>) -> (ServerError, Vec<Received>) {
    let server = ScriptedServer::that(script);
    let (_folder, mut store) = card();
    let error = fail_on(&mut store, &server);
    let (EnrollError::Server(error) | EnrollError::NoCertificates(error)) = error else {
        panic!("{error}");
    };
    (error, server.received())
}

fn fail_on(store: &mut Store, server: &ScriptedServer) -> EnrollError {
    let before = store.state().clone();
    let error = run(store, server, &ScriptedServer::invitation()).unwrap_err();
    let mut after = store.state().clone();
    after.pending_enrollment = None;
    assert_eq!(after, before, "the card has changed");
    error
}

#[test]
fn a_card_is_enrolled_in_three_requests_of_which_the_first_trusts_nobody() {
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    let (_folder, mut store) = card();
    let enrolled = run(&mut store, &server, &ScriptedServer::invitation()).unwrap();
    assert!(matches!(enrolled, Enrolled::New { certificates, .. } if certificates.len() == 2));
    assert!(KEYS.iter().all(|key| store.state().keys.contains_key(key)));

    let received = server.received();
    let trusted: Vec<bool> = received.iter().map(|request| request.trusts_root).collect();
    assert_eq!(trusted, [false, true, true]);
    assert!(received[0].body.is_none(), "nothing is shown to a stranger");
}

#[test]
fn a_refused_invitation_is_said_in_the_servers_words_and_no_key_is_made() {
    let (_folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Refuses(409, Code::InvitationUsed)]);
    let error = fail_on(&mut store, &server);
    assert_eq!(error.to_string(), "what the server says");
    let refused = |error| match error {
        EnrollError::Server(ServerError::Refused { code, .. }) => Some(code),
        _ => None,
    };
    assert_eq!(refused(error), Some(Code::InvitationUsed));
    assert!(store.state().pending_enrollment.is_none());
}

#[test]
fn a_server_of_another_version_and_one_that_wants_time_are_told_from_others() {
    let (error, _) = fail([Does::Answers, Does::Refuses(400, Code::ProtocolUnsupported)]);
    assert!(
        matches!(error, ServerError::OtherProtocol { .. }),
        "{error}"
    );
    let (error, _) = fail([Does::Answers, Does::RefusesFor(7)]);
    assert!(
        matches!(error, ServerError::RateLimited { seconds: 7 }),
        "{error}"
    );
}

#[test]
fn a_server_of_another_fingerprint_gets_nothing() {
    let (_folder, mut store) = card();
    let before = store.state().clone();
    let server = ScriptedServer::that([Does::Answers]);
    let invitation = invitation_naming(Fingerprint::of(b"another root"));
    let error = run(&mut store, &server, &invitation).unwrap_err();
    assert!(
        matches!(
            error,
            EnrollError::Server(ServerError::OtherAuthority { expected, .. })
                if expected == invitation.fingerprint()
        ),
        "{error}"
    );
    assert_eq!(*store.state(), before);
    let received = server.received();
    assert_eq!(received.len(), 1);
    assert!(received[0].body.is_none());
}

#[test]
fn a_server_whose_tls_certificate_is_of_another_root_is_not_a_server_that_is_down() {
    let untrusted = HttpError::Untrusted("unknown issuer".to_owned());
    let (error, _) = fail([Does::Answers, Does::Fails(untrusted)]);
    assert!(matches!(error, ServerError::Untrusted { .. }), "{error}");
    let down = HttpError::Unreachable("connection refused".to_owned());
    let (error, _) = fail([Does::Fails(down)]);
    assert!(matches!(error, ServerError::Unreachable { .. }), "{error}");
}

#[test]
fn an_answer_that_is_cut_too_long_or_of_something_else_is_malformed() {
    let whole = serde_json::to_vec(&offer()).unwrap().len();
    for length in [0, 1, whole / 2, whole - 1] {
        let (error, _) = fail([Does::Answers, Does::AnswersCutAfter(length)]);
        assert!(matches!(error, ServerError::Malformed { .. }), "{error}");
    }
    // The certificates, when the keys are made already.
    let (error, _) = fail([Does::Answers, Does::Answers, Does::AnswersCutAfter(400)]);
    assert!(matches!(error, ServerError::Malformed { .. }), "{error}");
    for other in [
        Does::Fails(HttpError::TooLong),
        Does::Says(200, "<html>Welcome</html>"),
        Does::Says(502, "<html>Bad Gateway</html>"),
        Does::Says(302, ""),
        Does::Says(200, "{}"),
    ] {
        let (error, _) = fail([other]);
        assert!(matches!(error, ServerError::Malformed { .. }), "{error}");
    }
}

#[test]
fn certificates_for_other_keys_change_nothing() {
    let (_folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::AnswersForOtherKeys]);
    let error = fail_on(&mut store, &server);
    assert!(
        matches!(error, EnrollError::Certificate { key, flaw: CertificateFlaw::OtherKey } if key == KEYS[0]),
        "{error}"
    );
}

#[test]
fn a_retry_after_a_lost_answer_sends_the_same_keys_and_asks_for_no_offer() {
    let (folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::LosesTheAnswer]);
    let error = fail_on(&mut store, &server);
    assert!(
        matches!(
            error,
            EnrollError::NoCertificates(ServerError::Unreachable { .. })
        ),
        "{error}"
    );
    assert!(error.to_string().contains("it goes on"), "{error}");
    let first = server.received();

    // The phone was switched off in between.
    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    let server = ScriptedServer::that([Does::Answers, Does::Answers]);
    let enrolled = run(&mut store, &server, &ScriptedServer::invitation()).unwrap();
    assert!(matches!(enrolled, Enrolled::New { .. }));
    let second = server.received();
    assert_eq!(keys_of(&second[1]), keys_of(&first[2]));

    // Once enrolled, the same invitation asks nobody.
    let nobody = ScriptedServer::that([]);
    let again = run(&mut store, &nobody, &ScriptedServer::invitation()).unwrap();
    assert!(matches!(again, Enrolled::Already { puk: Some(_), .. }));
}

#[test]
fn a_later_invitation_keeps_the_keys_of_an_earlier_one() {
    let (folder, mut store) = card();
    // The answer to the first is lost: its keys may be certified.
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::LosesTheAnswer]);
    run(&mut store, &server, &another_invitation(1)).unwrap_err();
    let first = server.received();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::LosesTheAnswer]);
    run(&mut store, &server, &another_invitation(2)).unwrap_err();

    drop(store);
    let mut store = Store::open(folder.path()).unwrap();
    let server = ScriptedServer::that([Does::Answers, Does::Answers]);
    run(&mut store, &server, &another_invitation(1)).unwrap();
    assert_eq!(keys_of(&server.received()[1]), keys_of(&first[2]));
}

#[test]
fn a_puk_that_was_changed_since_is_not_shown_as_valid() {
    let (_folder, mut store) = card();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    let invitation = ScriptedServer::invitation();
    run(&mut store, &server, &invitation).unwrap();
    store
        .update(|state| {
            let opening = state.pin.opening_key(b"739154\xFF\xFF")?;
            state.puk = ReferenceData::new(b"27182818", 3, false, opening.as_ref())?;
            Ok::<_, StateError>(())
        })
        .unwrap();
    let again = run(&mut store, &ScriptedServer::that([]), &invitation).unwrap();
    assert!(matches!(again, Enrolled::Already { puk: None, .. }));
}

#[test]
fn a_server_that_is_busy_with_the_request_is_asked_again() {
    let busy = || Does::Refuses(503, Code::Busy);
    let server =
        ScriptedServer::that([Does::Answers, Does::Answers, busy(), busy(), Does::Answers]);
    let (_folder, mut store) = card();
    run(&mut store, &server, &ScriptedServer::invitation()).unwrap();
    let received = server.received();
    assert_eq!(received[4].body, received[2].body);
}

/// A card with the PIN 271828 and a key in 82, which no enrollment replaces.
fn with_a_retired_key() -> (TempDir, Store) {
    let (folder, mut store) = card();
    let opening = present_pin::prove(&mut store, &Pin::new(b"123456").unwrap()).unwrap();
    let key = KeyRecord::generate(
        &SoftwareKeyStore,
        KeyAlgorithm::P256,
        KeyPolicy::of(retired()),
    );
    store
        .update(|state| {
            state.pin = ReferenceData::new(b"271828\xFF\xFF", 5, false, opening.as_ref())?;
            state.keys.insert(retired(), key.unwrap());
            Ok::<_, StateError>(state.seal_keys(&SoftwareKeyStore)?)
        })
        .unwrap();
    (folder, store)
}

fn retired() -> AsymmetricKey {
    AsymmetricKey::try_from(0x82).unwrap()
}

/// The key in 82, opened by this PIN or PUK.
fn opens(store: &Store, data: &ReferenceData, value: &[u8]) -> bool {
    let opening = store.state().opening_key(data, value).unwrap();
    let kept = &store.state().keys[&retired()];
    let policy = KeyPolicy::of(retired());
    kept.open(&SoftwareKeyStore, policy, opening.as_ref())
        .is_ok()
}

#[test]
fn keys_that_an_enrollment_does_not_replace_are_kept_for_whoever_knows_the_present_pin() {
    let (folder, mut store) = with_a_retired_key();
    let invitation = ScriptedServer::invitation();
    let before = store.state().clone();
    for (wrong, left) in [(&b"000000"[..], 4), (b"111111", 3)] {
        let server = ScriptedServer::that([Does::Answers, Does::Answers]);
        let error = run_knowing(Some(wrong), &mut store, &server, &invitation).unwrap_err();
        assert!(matches!(error, EnrollError::PresentPin(_)), "{error}");
        assert_eq!(store.tries().unwrap().pin, left);
        assert_eq!(*store.state(), before, "nothing was made or asked for");
    }
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    // Another process changes the card while the PIN is typed: nothing was proved to it before.
    let mut elsewhere = Store::open(folder.path()).unwrap();
    elsewhere
        .update(|state| {
            state.serial ^= 1;
            Ok::<_, StateError>(())
        })
        .unwrap();
    run_knowing(Some(b"271828"), &mut store, &server, &invitation).unwrap();
    let state = store.state();
    assert_ne!(
        state.sealing, before.sealing,
        "an old copy with an old PIN opens nothing new"
    );
    assert!(opens(&store, &state.pin, b"739154\xFF\xFF"));
}

#[test]
fn whoever_has_lost_the_present_pin_enrolls_the_card_without_what_it_opens() {
    for is_blocked_default in [false, true] {
        let (_folder, mut store) = with_a_retired_key();
        if is_blocked_default {
            let known = Pin::new(b"271828").unwrap();
            let opening = present_pin::prove(&mut store, &known).unwrap();
            store
                .update(|state| {
                    state.pin = CardState::default_pin(5, opening.as_ref())?;
                    Ok::<_, StateError>(())
                })
                .unwrap();
            for _ in 0..5 {
                present_pin::prove(&mut store, &known)
                    .map(drop)
                    .unwrap_err();
            }
        }
        let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
        run_knowing(None, &mut store, &server, &ScriptedServer::invitation()).unwrap();
        let state = store.state();
        assert!(!state.keys.contains_key(&retired()));
        assert_eq!(state.sealed_keys().count(), 1);
    }
}

#[test]
fn a_global_pin_stays_and_opens_what_was_issued() {
    let (_folder, mut store) = with_a_retired_key();
    let opening = present_pin::prove(&mut store, &Pin::new(b"271828").unwrap()).unwrap();
    store
        .update(|state| {
            let global = ReferenceData::new(b"112358\xFF\xFF", 5, false, opening.as_ref());
            state.global_pin = Some(global?);
            Ok::<_, StateError>(())
        })
        .unwrap();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    let invitation = ScriptedServer::invitation();
    run_knowing(Some(b"271828"), &mut store, &server, &invitation).unwrap();
    let state = store.state();
    assert!(opens(
        &store,
        state.global_pin.as_ref().unwrap(),
        b"112358\xFF\xFF"
    ));
    assert!(opens(&store, &state.pin, b"739154\xFF\xFF"));
}

#[test]
fn keys_of_a_card_of_before_are_encrypted_by_an_enrollment() {
    let (_folder, mut store) = with_a_retired_key();
    let opening = present_pin::prove(&mut store, &Pin::new(b"271828").unwrap()).unwrap();
    store
        .update(|state| {
            state
                .unseal_keys(opening.as_ref())
                .map_err(StateError::from)
        })
        .unwrap();
    let server = ScriptedServer::that([Does::Answers, Does::Answers, Does::Answers]);
    run_knowing(None, &mut store, &server, &ScriptedServer::invitation()).unwrap();
    assert!(opens(&store, &store.state().pin, b"739154\xFF\xFF"));
    assert_eq!(store.state().sealed_keys().count(), 2);
}

#[test]
fn keys_that_come_during_an_enrollment_are_not_lost_by_it() {
    let (folder, mut store) = with_a_retired_key();
    let pending = super::own_part::prepare(&mut store, "one");
    let error = super::own_part::finish(&mut store, &pending).unwrap_err();
    assert!(matches!(error, EnrollError::KeysCame), "{error}");
    let store = Store::open(folder.path()).unwrap();
    assert!(opens(&store, &store.state().pin, b"271828\xFF\xFF"));
}
