//! What holders ask for: who approves it, whose approval counts, and what ends it.

use std::time::Duration;

use enroll_server_model::{
    Actor, AddingPhones, CameBy, EventKind, RequestState, RevocationReason, Role, Scope,
    SeededPolicy, Timestamp,
};
use enroll_server_service::admission::request::{self, Approved, NewRequest};
use enroll_server_service::error::{Error, Result};
use enroll_server_service::holder::{self, NewNames, let_go, remove};
use enroll_server_service::person::{SharedMail, SystemAccount};
use enroll_server_service::query::{self, Holder};
use enroll_server_service::refusal::{Conflict, Field, FieldFlaw};
use enroll_server_service::suspension::{suspend_holder, suspend_phone};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::api_token::{self, ApiToken};
use enroll_server_store::listing::HolderFilter;
use enroll_server_store::{Kind, StoreError, invitation};

use crate::fixture::{Fixture, administrator as anybody};
use crate::on_both;
use crate::people::people;
use crate::row::execute;

on_both! {
    nobody_asks_where_that_is_not_allowed,
    one_approval_invites_the_holder,
    two_different_officers_approve,
    whoever_may_not_approve_is_refused,
    of_two_who_approve_at_once_the_last_invites,
    an_approval_of_somebody_who_may_not_any_more_does_not_count,
    what_changed_since_is_decided_on_again,
    a_stricter_policy_holds_for_what_waits,
    all_tokens_together_are_one_approver,
    a_request_is_refused_with_a_note_or_withdrawn,
    a_request_expires_after_thirty_days,
    a_request_ends_with_its_holder,
    a_request_with_enough_approvals_is_ended_by_whoever_approved_before,
    a_request_that_cannot_end_invites_nobody,
    a_request_whose_policy_is_gone_can_be_refused,
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Alice has a phone, and the server's holders ask as `how` says.
async fn set_up(fixture: &mut Fixture, how: AddingPhones) -> Holder {
    fixture.enroll(SeededPolicy::Compact).await;
    with(fixture, how).await;
    alice(fixture).await
}

async fn with(fixture: &mut Fixture, how: AddingPhones) {
    fixture.options.holders_add_phones = how;
    fixture.restart().await;
}

async fn alice(fixture: &Fixture) -> Holder {
    let found = people(&fixture.store, HolderFilter::All, "Alice").await;
    found.unwrap().remove(0).holder
}

async fn try_ask(fixture: &Fixture, holder: &Holder) -> Result<String> {
    let new = NewRequest {
        policy: "compact".to_owned(),
        reason: "a second phone".to_owned(),
        came_by: CameBy::Phone,
    };
    let actor = Actor::holder(&holder.id, &holder.name, "192.0.2.7");
    request::make(fixture.app(), holder, new, &actor).await
}

async fn ask(fixture: &Fixture, holder: &Holder) -> String {
    try_ask(fixture, holder).await.unwrap()
}

/// An account, and whoever signs in with it.
async fn account(fixture: &Fixture, name: &str, role: Role) -> Actor {
    let row = Administrator {
        id: format!("account-{name}"),
        name: name.to_owned(),
        email: format!("{name}@example.org"),
        password_hash: "$argon2id$".to_owned(),
        created: Timestamp(1),
        role,
        disabled: None,
    };
    let actor = Actor::administrator(&row.id, &row.name, "192.0.2.9");
    fixture
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { administrator::insert(tx, &row).await })
        })
        .await
        .unwrap();
    actor
}

async fn officers(fixture: &Fixture) -> (Actor, Actor) {
    let first = account(fixture, "olga", Role::Officer).await;
    let second = account(fixture, "otto", Role::Officer).await;
    (first, second)
}

pub async fn token(fixture: &Fixture, name: &str, scopes: &[Scope]) -> Actor {
    let row = ApiToken {
        id: format!("token-{name}"),
        name: name.to_owned(),
        scopes: scopes.to_vec(),
        created: Timestamp(1),
        created_by: "Ada Admin".to_owned(),
        expires: fixture.app().clock.now().plus(DAY),
        revoked: None,
        last_used: None,
    };
    let actor = Actor::api_token(&row.id, &row.name, "192.0.2.9");
    let hash = format!("hash-{name}");
    fixture
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { api_token::insert(tx, &row, &hash).await })
        })
        .await
        .unwrap();
    actor
}

async fn seen(fixture: &Fixture, id: &str) -> String {
    query::request(fixture.app(), id).await.unwrap().seen
}

/// Approves what is seen now.
async fn approve(fixture: &Fixture, id: &str, actor: &Actor) -> Result<Approved> {
    let seen = seen(fixture, id).await;
    request::approve(fixture.app(), id, &seen, actor).await
}

async fn state(fixture: &Fixture, id: &str) -> RequestState {
    query::request(fixture.app(), id).await.unwrap().state
}

async fn invitations(fixture: &Fixture, holder: &Holder) -> usize {
    let now = fixture.app().clock.now();
    let open = invitation::open_of_holder(fixture.store.reader(), &holder.id, now).await;
    open.unwrap().len()
}

async fn count(fixture: &Fixture, kind: EventKind) -> usize {
    let kinds = fixture.event_kinds().await;
    kinds.into_iter().filter(|one| *one == kind).count()
}

fn conflict<T: std::fmt::Debug>(result: Result<T>) -> Conflict {
    match result.unwrap_err() {
        Error::Conflict(conflict) => conflict,
        other => panic!("{other}"),
    }
}

async fn nobody_asks_where_that_is_not_allowed(mut fixture: Fixture) {
    for how in [AddingPhones::No, AddingPhones::AtOnce] {
        let alice = if how == AddingPhones::No {
            set_up(&mut fixture, how).await
        } else {
            with(&mut fixture, how).await;
            alice(&fixture).await
        };
        let refused = try_ask(&fixture, &alice).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound(_)), "{refused}");
    }
}

async fn one_approval_invites_the_holder(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    assert_eq!(
        conflict(try_ask(&fixture, &alice).await),
        Conflict::RequestWaits
    );
    let view = query::request(fixture.app(), &id).await.unwrap();
    let difference = view.difference.as_ref().unwrap();
    assert_eq!((difference.phones, view.missing()), (1, 1));
    assert_eq!(difference.keys.len(), 4);
    assert!(difference.keys.iter().all(|key| key.had == 1));
    assert_eq!(difference.name.before.as_deref(), Some("Alice Example"));
    let approved = approve(&fixture, &id, &olga).await.unwrap();
    assert_eq!(approved.missing, 0);
    assert_eq!(invitations(&fixture, &alice).await, 1);
    let view = query::request(fixture.app(), &id).await.unwrap();
    assert_eq!(view.state, RequestState::Approved);
    // What was decided on is shown afterwards.
    assert_eq!(view.difference.as_ref(), Some(difference));
    let link = query::invitation_of(fixture.app(), &view.request).await;
    assert!(link.unwrap().is_some());
    let twice = request::approve(fixture.app(), &id, "", &otto).await;
    assert_eq!(
        conflict(twice),
        Conflict::RequestEnded(RequestState::Approved)
    );
    assert_eq!(invitations(&fixture, &alice).await, 1);
    ask(&fixture, &alice).await;
}

async fn two_different_officers_approve(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    assert_eq!(approve(&fixture, &id, &olga).await.unwrap().missing, 1);
    let twice = approve(&fixture, &id, &olga).await;
    assert_eq!(conflict(twice), Conflict::RequestApprovedBefore);
    assert_eq!(invitations(&fixture, &alice).await, 0);
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 0);
    assert_eq!(invitations(&fixture, &alice).await, 1);
    for kind in [
        EventKind::RequestMade,
        EventKind::RequestApprovedOnce,
        EventKind::RequestApproved,
    ] {
        assert_eq!(count(&fixture, kind).await, 1, "{kind}");
    }
}

async fn whoever_may_not_approve_is_refused(mut fixture: Fixture) {
    let alice_example = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let id = ask(&fixture, &alice_example).await;
    let auditor = account(&fixture, "aude", Role::Auditor).await;
    assert_eq!(
        conflict(approve(&fixture, &id, &auditor).await),
        Conflict::NoApprover
    );
    let nobody = approve(&fixture, &id, &anybody()).await;
    assert_eq!(conflict(nobody), Conflict::NoApprover);
    // An officer who is Alice.
    let herself = account(&fixture, "alice", Role::Officer).await;
    let own = approve(&fixture, &id, &herself).await;
    assert_eq!(conflict(own), Conflict::RequestOwn);
    let reader = token(&fixture, "reader", &[Scope::Read, Scope::Invite]).await;
    let unfit = approve(&fixture, &id, &reader).await;
    assert_eq!(conflict(unfit), Conflict::NoApprover);
    assert_eq!(state(&fixture, &id).await, RequestState::Waiting);
}

async fn of_two_who_approve_at_once_the_last_invites(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let what = seen(&fixture, &id).await;
    let app = fixture.app();
    let (first, same, second) = tokio::join!(
        request::approve(app, &id, &what, &olga),
        request::approve(app, &id, &what, &olga),
        request::approve(app, &id, &what, &otto),
    );
    let mut missing: Vec<i64> = [first, same, second]
        .into_iter()
        .filter_map(|one| one.ok().map(|approved| approved.missing))
        .collect();
    missing.sort_unstable();
    assert_eq!(missing, [0, 1]);
    assert_eq!(invitations(&fixture, &alice).await, 1);
    assert_eq!(count(&fixture, EventKind::InvitationCreated).await, 2);

    with(&mut fixture, AddingPhones::OneApproval).await;
    let id = ask(&fixture, &alice).await;
    let what = seen(&fixture, &id).await;
    let app = fixture.app();
    let (approved, refused) = tokio::join!(
        request::approve(app, &id, &what, &olga),
        request::refuse(app, &id, &what, "not now", &otto),
    );
    assert_ne!(approved.is_ok(), refused.is_ok());
}

async fn set_disabled(fixture: &Fixture, account: &Actor, at: Option<Timestamp>) {
    let id = account.id.clone();
    fixture
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { administrator::set_disabled(tx, &id, at).await })
        })
        .await
        .unwrap();
}

async fn an_approval_of_somebody_who_may_not_any_more_does_not_count(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, otto) = officers(&fixture).await;
    let kim = account(&fixture, "kim", Role::Administrator).await;
    let id = ask(&fixture, &alice).await;
    approve(&fixture, &id, &olga).await.unwrap();
    let now = fixture.app().clock.now();
    set_disabled(&fixture, &olga, Some(now)).await;
    let view = query::request(fixture.app(), &id).await.unwrap();
    assert_eq!((view.approvals.len(), view.missing()), (1, 2));
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 1);
    let otto_id = otto.id.clone();
    fixture
        .store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { administrator::set_role(tx, &otto_id, Role::Auditor).await })
        })
        .await
        .unwrap();
    assert_eq!(approve(&fixture, &id, &kim).await.unwrap().missing, 1);
    assert_eq!(invitations(&fixture, &alice).await, 0);
}

async fn what_changed_since_is_decided_on_again(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let before = seen(&fixture, &id).await;
    approve(&fixture, &id, &olga).await.unwrap();
    let names = NewNames {
        name: "Alice Corrected".to_owned(),
        email: alice.email.clone(),
        upn: alice.upn.clone(),
        language: "en".to_owned(),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
    };
    holder::edit(fixture.app(), &alice.id, names, &anybody())
        .await
        .unwrap();
    for decided in [
        request::approve(fixture.app(), &id, &before, &otto)
            .await
            .map(drop),
        request::refuse(fixture.app(), &id, &before, "no", &otto).await,
    ] {
        assert_eq!(conflict(decided), Conflict::RequestStale);
    }
    let view = query::request(fixture.app(), &id).await.unwrap();
    let difference = view.difference.as_ref().unwrap();
    assert_eq!(difference.name.before.as_deref(), Some("Alice Example"));
    assert_eq!(difference.name.after, "Alice Corrected");
    // Olga has seen something else.
    assert_eq!(view.missing(), 2);
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 1);
    assert_eq!(approve(&fixture, &id, &olga).await.unwrap().missing, 0);
    // So with a phone of hers.
    let id = ask(&fixture, &alice).await;
    let before = seen(&fixture, &id).await;
    let phones = enroll_server_store::phone::of_holder(fixture.store.reader(), &alice.id).await;
    let phone = phones.unwrap().remove(0);
    suspend_phone(fixture.app(), &phone.id, String::new(), &anybody())
        .await
        .unwrap();
    let stale = request::approve(fixture.app(), &id, &before, &otto).await;
    assert_eq!(conflict(stale), Conflict::RequestStale);
}

async fn a_stricter_policy_holds_for_what_waits(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    with(&mut fixture, AddingPhones::TwoApprovals).await;
    assert_eq!(approve(&fixture, &id, &olga).await.unwrap().missing, 1);
    // A laxer one does not.
    with(&mut fixture, AddingPhones::No).await;
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 0);
    with(&mut fixture, AddingPhones::TwoApprovals).await;
    let id = ask(&fixture, &alice).await;
    with(&mut fixture, AddingPhones::OneApproval).await;
    assert_eq!(approve(&fixture, &id, &olga).await.unwrap().missing, 1);
}

async fn all_tokens_together_are_one_approver(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, _) = officers(&fixture).await;
    let first = token(&fixture, "first", &[Scope::Approve]).await;
    let second = token(&fixture, "second", &[Scope::Approve]).await;
    let id = ask(&fixture, &alice).await;
    assert_eq!(approve(&fixture, &id, &first).await.unwrap().missing, 1);
    for again in [&first, &second] {
        let refused = approve(&fixture, &id, again).await;
        assert_eq!(conflict(refused), Conflict::RequestApprovedByProgram);
    }
    assert_eq!(approve(&fixture, &id, &olga).await.unwrap().missing, 0);
    assert_eq!(invitations(&fixture, &alice).await, 1);
}

async fn a_request_is_refused_with_a_note_or_withdrawn(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, _) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let what = seen(&fixture, &id).await;
    let without = request::refuse(fixture.app(), &id, &what, "  ", &olga).await;
    assert!(matches!(
        without,
        Err(Error::InvalidField {
            field: Field::Note,
            flaw: FieldFlaw::NoteEmpty
        })
    ));
    request::refuse(fixture.app(), &id, &what, "one is enough", &olga)
        .await
        .unwrap();
    let view = query::request(fixture.app(), &id).await.unwrap();
    assert_eq!(view.state, RequestState::Refused);
    assert_eq!(view.request.note, "one is enough");
    assert_eq!(view.request.ended_by, "olga");
    let herself = Actor::holder(&alice.id, &alice.name, "192.0.2.7");
    let late = request::withdraw(fixture.app(), &alice.id, &id, &herself).await;
    assert_eq!(
        conflict(late),
        Conflict::RequestEnded(RequestState::Refused)
    );
    let refused = id;
    let id = ask(&fixture, &alice).await;
    for id in [&id, &refused] {
        let another = request::withdraw(fixture.app(), "another", id, &herself).await;
        assert!(matches!(another, Err(Error::NotFound(_))), "{another:?}");
    }
    request::withdraw(fixture.app(), &alice.id, &id, &herself)
        .await
        .unwrap();
    assert_eq!(state(&fixture, &id).await, RequestState::Withdrawn);
    assert_eq!(count(&fixture, EventKind::RequestRefused).await, 1);
    assert_eq!(count(&fixture, EventKind::RequestWithdrawn).await, 1);
    assert_eq!(invitations(&fixture, &alice).await, 0);
}

async fn a_request_expires_after_thirty_days(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, _) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let what = seen(&fixture, &id).await;
    fixture.wait(30 * DAY - Duration::from_secs(1));
    request::expire_due(fixture.app()).await.unwrap();
    assert_eq!(state(&fixture, &id).await, RequestState::Waiting);
    fixture.wait(Duration::from_secs(1));
    let late = request::approve(fixture.app(), &id, &what, &olga).await;
    assert_eq!(
        conflict(late),
        Conflict::RequestEnded(RequestState::Expired)
    );
    request::expire_due(fixture.app()).await.unwrap();
    request::expire_due(fixture.app()).await.unwrap();
    assert_eq!(count(&fixture, EventKind::RequestExpired).await, 1);
    // One that nobody has put on record yet is in nobody's way.
    ask(&fixture, &alice).await;
    fixture.wait(30 * DAY);
    let id = ask(&fixture, &alice).await;
    assert_eq!(count(&fixture, EventKind::RequestExpired).await, 2);
    assert_eq!(state(&fixture, &id).await, RequestState::Waiting);
}

async fn a_request_ends_with_its_holder(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let id = ask(&fixture, &alice).await;
    suspend_holder(fixture.app(), &alice.id, String::new(), &anybody())
        .await
        .unwrap();
    assert_eq!(state(&fixture, &id).await, RequestState::Closed);
    let suspended = try_ask(&fixture, &alice).await;
    assert_eq!(conflict(suspended), Conflict::HolderSuspended);
    // Somebody who has no phone yet.
    for ending in [RequestState::Closed, RequestState::Withdrawn] {
        let account = format!("bob-{ending}");
        let bob = fixture
            .invite_person("Bob Example", &account, SeededPolicy::Compact)
            .await
            .holder;
        let id = ask(&fixture, &bob).await;
        if ending == RequestState::Closed {
            let reason = RevocationReason::Unspecified;
            let_go(fixture.app(), &bob.id, reason, String::new(), &anybody())
                .await
                .unwrap();
            assert_eq!(state(&fixture, &id).await, RequestState::Closed);
        } else {
            remove(fixture.app(), &bob.id, &anybody()).await.unwrap();
            let gone = query::request(fixture.app(), &id).await;
            assert!(matches!(gone, Err(Error::NotFound(_))));
        }
    }
    assert_eq!(count(&fixture, EventKind::RequestClosed).await, 3);
}

async fn a_request_with_enough_approvals_is_ended_by_whoever_approved_before(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::TwoApprovals).await;
    let (olga, otto) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    approve(&fixture, &id, &olga).await.unwrap();
    let now = fixture.app().clock.now();
    set_disabled(&fixture, &olga, Some(now)).await;
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 1);
    set_disabled(&fixture, &olga, None).await;
    let view = query::request(fixture.app(), &id).await.unwrap();
    assert_eq!((view.state, view.missing()), (RequestState::Waiting, 0));
    assert_eq!(approve(&fixture, &id, &otto).await.unwrap().missing, 0);
    assert_eq!(invitations(&fixture, &alice).await, 1);
    let view = query::request(fixture.app(), &id).await.unwrap();
    let mut by: Vec<&str> = view
        .approvals
        .iter()
        .map(|(one, _)| one.actor_name.as_str())
        .collect();
    by.sort_unstable();
    assert_eq!(by, ["olga", "otto"]);

    // Two were needed for a while; a token that has approved ends it too.
    with(&mut fixture, AddingPhones::OneApproval).await;
    let program = token(&fixture, "program", &[Scope::Approve]).await;
    let id = ask(&fixture, &alice).await;
    with(&mut fixture, AddingPhones::TwoApprovals).await;
    assert_eq!(approve(&fixture, &id, &program).await.unwrap().missing, 1);
    let again = approve(&fixture, &id, &program).await;
    assert_eq!(conflict(again), Conflict::RequestApprovedByProgram);
    with(&mut fixture, AddingPhones::OneApproval).await;
    assert_eq!(approve(&fixture, &id, &program).await.unwrap().missing, 0);
    assert_eq!(invitations(&fixture, &alice).await, 2);
    assert_eq!(count(&fixture, EventKind::RequestApproved).await, 2);
}

async fn a_request_that_cannot_end_invites_nobody(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, _) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let statements: &[&'static str] = match fixture.store.kind() {
        Kind::Sqlite => &[
            "CREATE TRIGGER kept BEFORE UPDATE ON holder_requests BEGIN SELECT RAISE(IGNORE); END",
        ],
        Kind::Postgres => &[
            "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "CREATE TRIGGER kept BEFORE UPDATE ON holder_requests FOR EACH ROW EXECUTE FUNCTION keep()",
        ],
    };
    for statement in statements {
        execute(&fixture.store, statement, &[]).await;
    }
    let refused = approve(&fixture, &id, &olga).await;
    assert!(matches!(conflict(refused), Conflict::RequestEnded(_)));
    assert_eq!(invitations(&fixture, &alice).await, 0);
    assert_eq!(count(&fixture, EventKind::RequestApproved).await, 0);
}

async fn a_request_whose_policy_is_gone_can_be_refused(mut fixture: Fixture) {
    let alice = set_up(&mut fixture, AddingPhones::OneApproval).await;
    let (olga, _) = officers(&fixture).await;
    let id = ask(&fixture, &alice).await;
    let gone = "UPDATE holder_requests SET policy = $1 WHERE id = $2";
    execute(&fixture.store, gone, &["gone", &id]).await;
    let approved = approve(&fixture, &id, &olga).await.unwrap_err();
    let field = Field::Policy;
    let flaw = FieldFlaw::NoPolicy;
    assert!(
        matches!(approved, Error::InvalidField { field: at, flaw: what } if at == field && what == flaw)
    );
    let shown = seen(&fixture, &id).await;
    request::refuse(fixture.app(), &id, &shown, "no such keys any more", &olga)
        .await
        .unwrap();
    assert_eq!(state(&fixture, &id).await, RequestState::Refused);
}
