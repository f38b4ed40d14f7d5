//! Mail: invitations, what became of them, and what holders are told of their phones.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use enrollment_protocol::invitation::TokenError;
use tokio_util::sync::CancellationToken;

use enroll_server::outward::{self, Mailer, Outward};
use enroll_server_model::random::Token;
use enroll_server_model::{
    DeliveryState, EventKind, InvitationState, MailKind, Outcome, SeededPolicy,
};
use enroll_server_service::App;
use enroll_server_service::admission::invitation::{self, Invited, NewInvitation};
use enroll_server_service::admission::mailing::{self, ByMail};
use enroll_server_service::error::Error;
use enroll_server_service::holder::{self, Edited, NewNames};
use enroll_server_service::outbox::{Parcel, Report, begin_attempt, settle};
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::query::{self, Delivery};
use enroll_server_service::refusal::Conflict;
use enroll_server_service::suspension::suspend_phone;
use enroll_server_store::{Kind, outbox};

use crate::check_in::Enrollee;
use crate::fixture::{Fixture, administrator, another};
use crate::mail_server::MailServer;
use crate::on_both;
use crate::row::execute;
use crate::unblocking::{allowed, brings};

on_both!(
    an_invitation_is_mailed_with_the_link_that_works,
    what_is_refused_for_good_is_not_tried_again_and_what_is_refused_for_now_is,
    an_invitation_is_sent_again_and_reminded_of_but_not_at_once,
    an_invitation_that_is_cancelled_is_not_sent_any_more,
    a_corrected_address_gets_a_new_link_and_the_old_one_opens_nothing,
    a_mail_under_way_while_its_address_is_corrected_tells_no_link_later,
    somebody_is_written_to_in_their_language,
    what_a_newer_server_is_to_send_keeps_nothing_waiting,
    a_holder_is_told_what_happens_to_a_phone,
    two_servers_of_one_database_send_each_mail_once,
    without_a_mail_server_nothing_is_written_down_to_be_sent,
    names_and_addresses_add_no_header,
);

const OF_A_NEWER_SERVER: &str = "INSERT INTO outbox \
    (id, lane, sequence, created, state, next_attempt, kind, about, recipient) \
    VALUES ($1, 'mail', 0, 0, $2, 0, 'of-a-newer-server', 'x', 'x@example.org')";

/// Begins to send, until the test ends.
fn send(app: &Arc<App>, server: &MailServer) -> CancellationToken {
    let settings = server.options().settings().unwrap().unwrap();
    let mailer = Mailer::new(settings, "enroll.example.org").unwrap();
    let outward = Arc::new(Outward::new(&[], Some(mailer)).unwrap());
    let stop = CancellationToken::new();
    tokio::spawn(outward::run(app.clone(), outward, stop.clone()));
    stop
}

/// A fixture whose server gives its mail to this one.
async fn with_mail(fixture: &mut Fixture, server: &MailServer) {
    fixture.options.mail = server.options();
    fixture.restart().await;
}

async fn invite(fixture: &Fixture, name: &str, account: &str) -> Invited {
    let new = NewInvitation {
        name: name.to_owned(),
        email: format!("{account}@example.org"),
        upn: format!("{account}@example.org"),
        language: MailLanguage::IfNew("en".to_owned()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
        policy: fixture.policy(SeededPolicy::Compact),
        by_mail: ByMail::Yes,
        replaces: None,
    };
    invitation::invite(fixture.app(), new, &administrator())
        .await
        .unwrap()
}

async fn mails(fixture: &Fixture, id: &str) -> Vec<Delivery> {
    query::invitation(fixture.app(), id).await.unwrap().mails
}

async fn wait_for(fixture: &Fixture, id: &str, is: impl Fn(&Delivery) -> bool) -> Vec<Delivery> {
    for _ in 0..600 {
        let all = mails(fixture, id).await;
        if !all.is_empty() && all.iter().all(&is) {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{:#?}", mails(fixture, id).await);
}

fn is_delivered(mail: &Delivery) -> bool {
    mail.state == DeliveryState::Delivered
}

async fn an_invitation_is_mailed_with_the_link_that_works(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    send(fixture.app(), &server);
    let invited = invite(&fixture, "Alice Example", "alice").await;
    let link = fixture.app().invitation_link(&invited.token);
    let received = server.wait_for(1).await;
    let mail = &received[0];
    assert_eq!(mail.recipient, "alice@example.org");
    // As text and as HTML.
    let text = mail.text();
    assert_eq!(text.matches(&link).count(), 3, "{text}");
    for words in [
        "Hello Alice Example,",
        "Ada Admin",
        "8 Jul 2026",
        "do not pass this mail on",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert_eq!(mail.header("From"), "\"Example Works\" <cards@example.org>");
    assert!(
        mail.header("Subject")
            .contains("your phone as a smart card"),
        "{text}"
    );
    let id = mail.header("Message-ID");
    assert!(id.ends_with("@enroll.example.org>"), "{id}");
    // Nothing is fetched, and nobody is counted.
    assert!(!text.contains("<img") && !text.contains("src="), "{text}");
    let sent = wait_for(&fixture, &invited.invitation.id, is_delivered).await;
    assert_eq!(sent[0].answer, "250 queued as 4711");
    assert!(
        fixture
            .event_kinds()
            .await
            .contains(&EventKind::InvitationMailed)
    );
    // Whoever has the database has no link.
    if let Some(file) = fixture.store.file() {
        let token = invited.token.reveal().to_string();
        for path in [file.to_owned(), file.with_extension("db-wal")] {
            let bytes = std::fs::read(path).unwrap_or_default();
            let is_there = bytes
                .windows(token.len())
                .any(|bytes| bytes == token.as_bytes());
            assert!(!is_there);
        }
    }
}

async fn what_is_refused_for_good_is_not_tried_again_and_what_is_refused_for_now_is(
    mut fixture: Fixture,
) {
    let answers = ["550 5.1.1 no such person", "451 4.7.1 come back later"];
    let server = MailServer::answering(&answers).await;
    with_mail(&mut fixture, &server).await;
    send(fixture.app(), &server);
    let nobody = invite(&fixture, "No Body", "nobody.here")
        .await
        .invitation
        .id;
    let failed = wait_for(&fixture, &nobody, |one| one.state == DeliveryState::Failed).await;
    assert_eq!(failed[0].outcome, Some(Outcome::Rejected));
    assert_eq!(failed[0].attempts, 1);
    assert!(failed[0].answer.starts_with("550 "), "{failed:?}");
    assert!(failed[0].answer.contains("no such person"), "{failed:?}");
    let later = invite(&fixture, "Alice Example", "alice")
        .await
        .invitation
        .id;
    let sent = wait_for(&fixture, &later, is_delivered).await;
    assert_eq!(sent[0].attempts, 2);
    assert_eq!(server.received().len(), 1);
    // One that was not delivered may be sent again at once.
    mailing::send(
        fixture.app(),
        &nobody,
        MailKind::Invitation,
        &administrator(),
    )
    .await
    .unwrap();
    server.wait_for(2).await;
}

async fn an_invitation_is_sent_again_and_reminded_of_but_not_at_once(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    send(fixture.app(), &server);
    let invited = invite(&fixture, "Alice Example", "alice").await;
    let id = invited.invitation.id.clone();
    wait_for(&fixture, &id, is_delivered).await;
    let again = |kind| {
        let (app, id) = (fixture.app().clone(), id.clone());
        async move { mailing::send(&app, &id, kind, &administrator()).await }
    };
    let refused = again(MailKind::Invitation).await.unwrap_err();
    assert!(
        matches!(refused, Error::Conflict(Conflict::MailedLately)),
        "{refused}"
    );
    fixture.wait(Duration::from_secs(5 * 60 + 1));
    again(MailKind::Invitation).await.unwrap();
    wait_for(&fixture, &id, is_delivered).await;
    fixture.wait(Duration::from_secs(24 * 60 * 60));
    again(MailKind::Reminder).await.unwrap();
    wait_for(&fixture, &id, is_delivered).await;
    let received = server.wait_for(3).await;
    let link = fixture.app().invitation_link(&invited.token);
    assert!(received.iter().all(|mail| mail.text().contains(&link)));
    assert!(
        received[2].header("Subject").starts_with("Reminder"),
        "{received:#?}"
    );
    let mut ids: Vec<_> = received
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(
        fixture
            .event_kinds()
            .await
            .contains(&EventKind::InvitationReminded)
    );
    // One that is over has no link to send.
    fixture.wait(Duration::from_secs(7 * 24 * 60 * 60));
    let refused = again(MailKind::Reminder).await.unwrap_err();
    assert!(
        matches!(refused, Error::Conflict(Conflict::NotPending(_))),
        "{refused}"
    );
}

async fn an_invitation_that_is_cancelled_is_not_sent_any_more(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    let id = invite(&fixture, "Alice Example", "alice")
        .await
        .invitation
        .id;
    invitation::cancel(fixture.app(), &id, &administrator())
        .await
        .unwrap();
    send(fixture.app(), &server);
    let ended = wait_for(&fixture, &id, |one| one.state == DeliveryState::Failed).await;
    assert_eq!(ended[0].outcome, Some(Outcome::Gone));
    assert!(server.received().is_empty());
}

async fn correct(fixture: &Fixture, invited: &Invited, email: &str, language: &str) -> Edited {
    let holder = &invited.holder;
    let new = NewNames {
        name: holder.name.clone(),
        email: email.to_owned(),
        upn: holder.upn.clone(),
        language: language.to_owned(),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Refuse,
    };
    holder::edit(fixture.app(), &holder.id, new, &administrator())
        .await
        .unwrap()
}

async fn a_corrected_address_gets_a_new_link_and_the_old_one_opens_nothing(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    // Alice's is delivered, Bob's waits, and the link of Cara's was handed over.
    let alice = invite(&fixture, "Alice Example", "alcie").await;
    let stop = send(fixture.app(), &server);
    server.wait_for(1).await;
    wait_for(&fixture, &alice.invitation.id, is_delivered).await;
    stop.cancel();
    let bob = invite(&fixture, "Bob Example", "bbo").await;
    let cara = fixture
        .invite_person("Cara Example", "cara", SeededPolicy::Compact)
        .await;
    for (invited, email, mailed) in [
        (&alice, "alice@example.org", 1),
        (&bob, "bob@example.org", 1),
        (&cara, "c@example.org", 0),
    ] {
        assert_eq!(
            correct(&fixture, invited, email, "en").await,
            Edited::Done { mailed }
        );
    }
    send(fixture.app(), &server);
    let received = server.wait_for(3).await;
    let mut recipients: Vec<&str> = received[1..].iter().map(|m| &*m.recipient).collect();
    recipients.sort_unstable();
    assert_eq!(recipients, ["alice@example.org", "bob@example.org"]);
    let known = async |token: Result<Token, TokenError>| {
        let client = "192.0.2.1".parse().unwrap();
        invitation::look_at(fixture.app(), token, client).await
    };
    for mail in &received[1..] {
        let text = mail.text();
        let (_, link) = text.split_once("/invitation/").unwrap();
        let (invitation, holder) = known(link.get(..32).unwrap().parse()).await.unwrap();
        assert_eq!(
            invitation.state_at(fixture.app().clock.now()),
            InvitationState::Pending
        );
        assert_eq!(holder.email, mail.recipient);
    }
    for old in [&alice, &bob] {
        let gone = known(Ok(old.token.clone())).await.err().unwrap();
        assert!(matches!(gone, Error::InvitationUnknown), "{gone:?}");
    }
    // Nobody sent this one anywhere.
    known(Ok(cara.token.clone())).await.unwrap();
}

async fn a_mail_under_way_while_its_address_is_corrected_tells_no_link_later(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    let alice = invite(&fixture, "Alice Example", "alcie").await;
    let lanes = enroll_server_service::outbox::due(fixture.app(), &BTreeSet::new())
        .await
        .unwrap();
    let begin = || begin_attempt(fixture.app(), &lanes[0]);
    let attempt = begin().await.unwrap().unwrap();
    assert!(matches!(attempt.parcel, Parcel::Mail(_)));
    let edited = correct(&fixture, &alice, "alice@example.org", "en").await;
    assert_eq!(edited, Edited::Done { mailed: 1 });
    // The mail server has it wait, and it is tried again.
    let report = Report {
        outcome: Outcome::Refused,
        answer: "451 come back later".to_owned(),
    };
    settle(fixture.app(), attempt, report).await.unwrap();
    execute(&fixture.store, "UPDATE outbox SET next_attempt = 0", &[]).await;
    let again = begin().await.unwrap().unwrap();
    assert!(matches!(again.parcel, Parcel::Nothing), "{again:?}");
}

async fn somebody_is_written_to_in_their_language(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    let alice = invite(&fixture, "Alice Example", "alice").await;
    correct(&fixture, &alice, "alice@example.org", "de").await;
    send(fixture.app(), &server);
    let received = server.wait_for(1).await;
    let text = received[0].text();
    assert!(text.contains("Guten Tag, Alice Example"), "{text}");
    assert!(text.contains("lang=\"de\""), "{text}");
}

async fn what_a_newer_server_is_to_send_keeps_nothing_waiting(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    let alice = invite(&fixture, "Alice Example", "alice").await;
    for number in 0..20 {
        let id = format!("mail-{number}");
        execute(&fixture.store, OF_A_NEWER_SERVER, &[&id, "waiting"]).await;
    }
    send(fixture.app(), &server);
    server.wait_for(1).await;
    wait_for(&fixture, &alice.invitation.id, is_delivered).await;
    let others = outbox::mails_about(fixture.store.reader(), "x")
        .await
        .unwrap();
    assert_eq!(others.len(), 20);
    assert!(
        others
            .iter()
            .all(|mail| mail.state == DeliveryState::Waiting && mail.attempts == 0)
    );
}

async fn a_holder_is_told_what_happens_to_a_phone(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    send(fixture.app(), &server);
    let phone = Enrollee::new(&fixture).await;
    server.wait_for(1).await;
    let code = allowed(&fixture, &phone).await;
    brings(&fixture, &phone, &code).await.unwrap();
    server.wait_for(2).await;
    suspend_phone(fixture.app(), &phone.id, String::new(), &administrator())
        .await
        .unwrap();
    server.wait_for(3).await;
    fixture.revoke(&phone.id).await;
    let received = server.wait_for(4).await;
    let subjects: Vec<_> = received.iter().map(|mail| mail.header("Subject")).collect();
    let told = ["enrolled in your name", "a new PIN", "suspended", "revoked"];
    for (subject, words) in subjects.iter().zip(told) {
        assert!(subject.contains(words), "{subjects:?}");
    }
}

async fn two_servers_of_one_database_send_each_mail_once(mut fixture: Fixture) {
    // SQLite has one server.
    if fixture.store.kind() == Kind::Sqlite {
        return;
    }
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    let other = another(&fixture).await;
    send(fixture.app(), &server);
    send(other.app(), &server);
    let mut ids = Vec::new();
    for number in 0..20 {
        let account = format!("person{number}");
        ids.push(
            invite(&fixture, "Some Person", &account)
                .await
                .invitation
                .id,
        );
    }
    for id in ids {
        wait_for(&fixture, &id, is_delivered).await;
    }
    assert_eq!(server.received().len(), 20);
}

async fn without_a_mail_server_nothing_is_written_down_to_be_sent(fixture: Fixture) {
    let id = invite(&fixture, "Alice Example", "alice")
        .await
        .invitation
        .id;
    assert!(mails(&fixture, &id).await.is_empty());
    let refused = mailing::send(fixture.app(), &id, MailKind::Invitation, &administrator()).await;
    assert!(matches!(
        refused.unwrap_err(),
        Error::Conflict(Conflict::NoMail)
    ));
}

async fn names_and_addresses_add_no_header(mut fixture: Fixture) {
    let server = MailServer::answering(&[]).await;
    with_mail(&mut fixture, &server).await;
    send(fixture.app(), &server);
    for (number, name) in [
        "Mallory\" <mallory@example.com>, \"",
        "Mallory, Bcc: mallory@example.com",
        "Zoë Müller =?utf-8?q?=0D=0ABcc:_mallory@example.com?=",
        "Mallory\r\nBcc: mallory@example.com",
        "Mallory\nBcc: mallory@example.com",
    ]
    .into_iter()
    .enumerate()
    {
        invite(&fixture, name, &format!("person{number}")).await;
        let received = server.wait_for(number + 1).await;
        let mail = received.last().unwrap();
        assert_eq!(mail.recipient, format!("person{number}@example.org"));
        let (head, _) = mail.data.split_once("\r\n\r\n").unwrap();
        assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
        let to: lettre::message::Mailboxes = mail.header("To").parse().unwrap();
        assert_eq!(to.iter().count(), 1, "{head}");
    }
}
