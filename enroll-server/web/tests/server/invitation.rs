//! Inviting, and what becomes of an invitation.

use std::time::Duration;

use enroll_server_model::{EventKind, InvitationState, SeededPolicy};
use enroll_server_service::admission::invitation::{self, LIFETIME, NewInvitation};
use enroll_server_service::admission::invited::offer;
use enroll_server_service::error::Error;
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_service::rate_limit::{INVITATION_BY_ADDRESS, UNKNOWN_TOKEN_BY_ADDRESS};
use enroll_server_service::refusal::{Field, Object};
use enrollment_protocol::{Fingerprint, TokenText};

use crate::client::{CLIENT, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both!(
    an_offer_says_what_to_make_and_uses_nothing_up,
    an_expired_invitation_says_so,
    a_cancelled_invitation_says_so_and_is_cancelled_once,
    a_used_invitation_cannot_be_cancelled,
    an_account_is_one_person,
    the_database_does_not_hold_the_token,
    guessing_is_limited,
);

async fn an_offer_says_what_to_make_and_uses_nothing_up(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Standard).await;
    for token in [
        invited.token.reveal().to_owned(),
        invited.token.reveal().to_lowercase(),
    ] {
        let offer = offer(app, &TokenText::from(token), CLIENT).await.unwrap();
        assert_eq!(offer.holder.name, "Alice Example");
        assert_eq!(offer.expires, invited.invitation.expires);
        let asked: Vec<_> = offer
            .keys
            .iter()
            .map(|key| (key.slot.as_str(), key.algorithm.as_str()))
            .collect();
        assert_eq!(
            asked,
            [
                ("9A", "RSA-2048"),
                ("9C", "P-256"),
                ("9D", "RSA-2048"),
                ("9E", "P-256")
            ]
        );
    }
    let link = app.invitation_link(&invited.token);
    assert!(link.starts_with("https://localhost:"), "{link}");
    let pin = link.split_once("#sha256=").unwrap().1;
    assert_eq!(pin, Fingerprint::of(&app.anchor().der).to_string());
}

async fn an_expired_invitation_says_so(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Compact).await;
    fixture.wait(LIFETIME);
    let app = fixture.app();
    let refused = offer(app, &TokenText::from(&invited.token), CLIENT).await;
    assert!(matches!(refused, Err(Error::InvitationExpired)));
    let phone = Phone::new(SeededPolicy::Compact);
    let refused = phone.enroll(app, invited.token.reveal()).await;
    assert!(matches!(refused, Err(Error::InvitationExpired)));
    let (found, _) = invitation::look_at(app, Ok(invited.token.clone()), CLIENT)
        .await
        .unwrap();
    assert_eq!(found.state_at(app.clock.now()), InvitationState::Expired);
    let refused = invitation::cancel(app, &found.id, &administrator()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
}

async fn a_cancelled_invitation_says_so_and_is_cancelled_once(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    invitation::cancel(app, &invited.invitation.id, &administrator())
        .await
        .unwrap();
    let phone = Phone::new(SeededPolicy::Compact);
    let refused = phone.enroll(app, invited.token.reveal()).await;
    assert!(matches!(refused, Err(Error::InvitationCancelled)));
    let again = invitation::cancel(app, &invited.invitation.id, &administrator()).await;
    assert!(matches!(again, Err(Error::Conflict(_))));
    let unknown = invitation::cancel(app, "no such id", &administrator()).await;
    assert!(matches!(unknown, Err(Error::NotFound(Object::Invitation))));
    let last = fixture.events().await.pop().unwrap();
    assert_eq!(last.kind, EventKind::InvitationCancelled);
    assert_eq!(last.actor_name, "Ada Admin");
}

async fn a_used_invitation_cannot_be_cancelled(fixture: Fixture) {
    let app = fixture.app();
    let invited = fixture.invite(SeededPolicy::Compact).await;
    let phone = Phone::new(SeededPolicy::Compact);
    phone.enroll(app, invited.token.reveal()).await.unwrap();
    let refused = invitation::cancel(app, &invited.invitation.id, &administrator()).await;
    assert!(matches!(refused, Err(Error::Conflict(_))));
    let refused = offer(app, &TokenText::from(&invited.token), CLIENT).await;
    assert!(matches!(refused, Err(Error::InvitationUsed)));
}

async fn an_account_is_one_person(fixture: Fixture) {
    let first = fixture.invite(SeededPolicy::Standard).await;
    let second = fixture.invite(SeededPolicy::Compact).await;
    assert_eq!(first.holder.id, second.holder.id);
    let invite = async |name: &str, email: &str, upn: &str| {
        let new = NewInvitation {
            language: MailLanguage::IfNew("en".to_owned()),
            system_account: SystemAccount::Refuse,
            shared_mail: SharedMail::Accept,
            name: name.to_owned(),
            email: email.to_owned(),
            upn: upn.to_owned(),
            policy: fixture.policy(SeededPolicy::Standard),
            by_mail: enroll_server_service::admission::mailing::ByMail::No,
            replaces: None,
        };
        match invitation::invite(fixture.app(), new, &administrator()).await {
            Err(Error::InvalidField { field, .. }) => Some(field),
            other => other.map(|_| None).unwrap(),
        }
    };
    // Another person's name with Alice's UPN, and Alice's account name in another domain.
    assert_eq!(
        invite("Mallory", "alice@example.org", "alice@example.org").await,
        Some(Field::Upn)
    );
    assert_eq!(
        invite("Alice Other", "alice@b.example", "ALICE@b.example").await,
        Some(Field::Upn)
    );
    assert_eq!(
        invite("Alice Example", "Alice@example.org", "Alice@example.org").await,
        None
    );
    assert_eq!(
        invite("Bob", "bob", "bob@example.org").await,
        Some(Field::Email)
    );
}

async fn the_database_does_not_hold_the_token(fixture: Fixture) {
    let invited = fixture.invite(SeededPolicy::Standard).await;
    let found = format!(
        "{:?}",
        invitation::look_at(fixture.app(), Ok(invited.token.clone()), CLIENT)
            .await
            .unwrap()
    );
    assert!(!found.to_uppercase().contains(invited.token.reveal()));
    let events = format!("{:?}", fixture.events().await);
    assert!(!events.to_uppercase().contains(invited.token.reveal()));
}

async fn guessing_is_limited(fixture: Fixture) {
    let app = fixture.app();
    let guess = TokenText::from("A".repeat(32));
    for _ in 0..UNKNOWN_TOKEN_BY_ADDRESS.burst {
        let answer = offer(app, &guess, CLIENT).await;
        assert!(matches!(answer, Err(Error::InvitationUnknown)));
    }
    let Err(Error::RateLimited { retry_after }) = offer(app, &guess, CLIENT).await else {
        panic!("not limited");
    };
    assert!(retry_after <= UNKNOWN_TOKEN_BY_ADDRESS.interval);
    // After the time that was told, one more.
    fixture.wait(retry_after + Duration::from_millis(1));
    let answer = offer(app, &guess, CLIENT).await;
    assert!(
        matches!(answer, Err(Error::InvitationUnknown)),
        "{answer:?}"
    );
    // Whoever comes from elsewhere, or has an invitation, is not in their way.
    let elsewhere = "198.51.100.7".parse().unwrap();
    assert!(matches!(
        offer(app, &guess, elsewhere).await,
        Err(Error::InvitationUnknown)
    ));
    let invited = fixture.invite(SeededPolicy::Compact).await;
    offer(app, &TokenText::from(&invited.token), CLIENT)
        .await
        .unwrap();
    // A known token cannot be used to make the server work without end either.
    let mut limited = false;
    for _ in 0..=INVITATION_BY_ADDRESS.burst {
        limited |= matches!(
            offer(app, &TokenText::from(&invited.token), elsewhere).await,
            Err(Error::RateLimited { .. })
        );
    }
    assert!(limited);
}
