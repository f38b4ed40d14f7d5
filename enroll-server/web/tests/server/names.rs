//! Names as people and phones give them, and what becomes of them in certificates.

use enroll_server_ca::decoded::Decoded;
use enroll_server_model::SeededPolicy;
use enroll_server_service::admission::invitation::{self, NewInvitation};
use enroll_server_service::admission::invited;
use enroll_server_service::error::Error;
use enroll_server_service::person::{MailLanguage, SharedMail, SystemAccount};
use enroll_server_store::phone;

use crate::client::{CLIENT, Phone};
use crate::fixture::{Fixture, administrator};
use crate::on_both;

on_both! {
    an_international_domain_is_ascii_in_the_certificate,
    what_a_phone_calls_itself_can_be_seen,
}

async fn an_international_domain_is_ascii_in_the_certificate(fixture: Fixture) {
    let new = NewInvitation {
        language: MailLanguage::IfNew("en".to_owned()),
        system_account: SystemAccount::Refuse,
        shared_mail: SharedMail::Accept,
        name: "Zoë Beispiel".to_owned(),
        email: "z&z@münchen.example".to_owned(),
        upn: "zoe@münchen.example".to_owned(),
        policy: fixture.policy(SeededPolicy::Compact),
        by_mail: enroll_server_service::admission::mailing::ByMail::No,
        replaces: None,
    };
    let invited = invitation::invite(fixture.app(), new, &administrator())
        .await
        .unwrap();
    assert_eq!(invited.holder.email, "z&z@münchen.example");
    let phone = Phone::new(SeededPolicy::Compact);
    let enrolled = phone
        .enroll(fixture.app(), invited.token.reveal())
        .await
        .unwrap();
    let names = Decoded::from_der(&enrolled.certificates[0].der)
        .unwrap()
        .names;
    let names: Vec<_> = names.iter().map(|name| name.text.as_str()).collect();
    assert_eq!(
        names,
        [
            "Zoë Beispiel",
            "zoe@münchen.example",
            "z&z@xn--mnchen-3ya.example"
        ]
    );
}

async fn what_a_phone_calls_itself_can_be_seen(fixture: Fixture) {
    for (sent, kept) in [
        (
            "  Alice\u{202e}'s \u{200b} phone\u{0} ",
            Some("Alice's phone"),
        ),
        ("\u{200b}\u{2066}", None),
    ] {
        let invited = fixture.invite(SeededPolicy::Compact).await;
        let phone = Phone::new(SeededPolicy::Compact);
        let mut asked = phone.request(invited.token.reveal());
        asked.phone_name = sent.to_owned();
        let answer = invited::enroll(fixture.app(), asked, CLIENT).await;
        match (answer, kept) {
            (Ok(enrolled), Some(kept)) => {
                let row = phone::by_id(fixture.store.reader(), &enrolled.phone_id).await;
                assert_eq!(row.unwrap().unwrap().name, kept);
            }
            (Err(Error::RequestInvalid(_)), None) => {}
            (other, _) => panic!("{sent:?}: {other:?}"),
        }
    }
}
