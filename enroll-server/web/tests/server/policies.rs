//! An invitation names the policy that it was made with, and its version.

use enroll_server_ca::error::CaError;
use enroll_server_model::{KeyAlgorithm, PolicyName, SeededPolicy, Slot};
use enroll_server_service::admission::invited::{self, Offer};
use enroll_server_service::error::Error;
use enroll_server_store::invitation;
use enrollment_protocol::TokenText;

use crate::client::{self, CLIENT, Phone};
use crate::fixture::Fixture;
use crate::on_both;
use crate::row::{add_policy, execute};

on_both!(
    a_phone_makes_the_keys_of_the_policy_that_its_invitation_names,
    an_invitation_keeps_the_version_that_it_was_made_with,
    an_invitation_whose_policy_no_longer_fits_is_refused,
);

const SIGN_IN: (&str, &str, &str) = ("9A", "P-384", "piv-authentication");
const DOORS: (&str, &str, &str) = ("9E", "P-256", "card-authentication");

async fn offer(fixture: &Fixture, token: &str) -> Result<Offer, Error> {
    invited::offer(fixture.app(), &TokenText::from(token.to_owned()), CLIENT).await
}

fn asked(offer: &Offer) -> Vec<(Slot, KeyAlgorithm)> {
    offer
        .keys
        .iter()
        .map(|key| (key.slot, key.algorithm))
        .collect()
}

async fn a_phone_makes_the_keys_of_the_policy_that_its_invitation_names(mut fixture: Fixture) {
    let store = &fixture.store;
    add_policy(store, "visitors", "1", "Visitors", &[SIGN_IN, DOORS]).await;
    fixture.restart().await;
    let name: PolicyName = "visitors".parse().unwrap();
    let invited = fixture.invite(name.clone()).await;
    let token = invited.token.reveal();
    assert_eq!(
        asked(&offer(&fixture, token).await.unwrap()),
        [
            (Slot::PivAuthentication, KeyAlgorithm::P384),
            (Slot::CardAuthentication, KeyAlgorithm::P256),
        ]
    );
    // A phone with the keys of another policy is refused.
    let other = Phone::new(SeededPolicy::Compact);
    let refused = other.enroll(fixture.app(), token).await;
    assert!(matches!(refused, Err(Error::RequestInvalid(_))));
    let phone = Phone::asked(&fixture.policy(name));
    let enrolled = phone.enroll(fixture.app(), token).await.unwrap();
    assert_eq!(enrolled.certificates.len(), 2);
    client::certificate(&enrolled, Slot::PivAuthentication);
    client::certificate(&enrolled, Slot::CardAuthentication);
}

async fn an_invitation_keeps_the_version_that_it_was_made_with(mut fixture: Fixture) {
    let before = fixture.invite(SeededPolicy::Compact).await;
    let store = &fixture.store;
    add_policy(store, "compact", "2", "Small", &[DOORS]).await;
    fixture.restart().await;
    let after = fixture.invite(SeededPolicy::Compact).await;
    for (invited, version, keys) in [(&before, 1, 4), (&after, 2, 1)] {
        let id = &invited.invitation.id;
        let row = invitation::by_id(fixture.store.reader(), id).await;
        assert_eq!(row.unwrap().unwrap().policy_version, version);
        let offered = offer(&fixture, invited.token.reveal()).await.unwrap();
        assert_eq!(offered.keys.len(), keys, "version {version}");
    }
    Phone::new(SeededPolicy::Compact)
        .enroll(fixture.app(), before.token.reveal())
        .await
        .unwrap();
}

async fn an_invitation_whose_policy_no_longer_fits_is_refused(mut fixture: Fixture) {
    let store = &fixture.store;
    add_policy(store, "visitors", "1", "Visitors", &[SIGN_IN]).await;
    fixture.restart().await;
    let name: PolicyName = "visitors".parse().unwrap();
    let invited = fixture.invite(name).await;
    let store = &fixture.store;
    add_policy(store, "visitors", "2", "Visitors", &[DOORS]).await;
    execute(
        store,
        "UPDATE enrollment_policies SET definition = REPLACE(definition, 'piv-authentication', 'gone') \
         WHERE name = $1 AND version = 1",
        &["visitors"],
    )
    .await;
    fixture.restart().await;
    let refused = offer(&fixture, invited.token.reveal()).await.unwrap_err();
    assert!(matches!(refused, Error::Ca(CaError::Mismatch(_))));
}
