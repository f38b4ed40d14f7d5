//! A passkey that somebody shows: whose it is, and whether it is one of ours.

use data_encoding::BASE64URL_NOPAD;

use enroll_server_ca::public_key::PublicKey;
use enroll_server_store::passkey::{self, Passkey};

use super::answer::{Assertion, Flaw};
use super::challenge;
use crate::app::App;
use crate::error::Result;

/// A passkey that was shown as it was asked for. Nothing is noted of it yet.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    pub(crate) passkey: Passkey,
    pub(crate) sign_count: i64,
}

/// What became of an answer.
#[derive(Clone, Debug)]
pub(crate) enum Looked {
    /// It is right.
    Right(Shown),
    /// The browser was not asked, or too long ago.
    NotAsked,
    /// It is not right; the account of the passkey that it claims to be, if there is one.
    Wrong(Option<String>),
}

/// Looks at the answer of the browser whose token has the hash `bound_to`. Its challenge is used up.
pub(crate) async fn look(app: &App, bound_to: &str, answer: &str) -> Result<Looked> {
    let Some(asked) = challenge::take(app, bound_to).await? else {
        return Ok(Looked::NotAsked);
    };
    let Ok(assertion) = Assertion::read(answer) else {
        return Ok(Looked::Wrong(None));
    };
    let found = passkey::by_credential_id(app.store.reader(), &assertion.id).await?;
    let Some(passkey) = found else {
        return Ok(Looked::Wrong(None));
    };
    let owner = Some(passkey.administrator_id.clone());
    let is_of_another = assertion
        .user_handle()
        .is_some_and(|handle| handle != passkey.administrator_id.as_bytes());
    let checked = key(&passkey).and_then(|key| assertion.check(&asked, &key));
    match checked {
        Ok(sign_count) if !is_of_another => Ok(Looked::Right(Shown {
            passkey,
            sign_count: sign_count.into(),
        })),
        Ok(_) => Ok(Looked::Wrong(owner)),
        Err(flaw) => {
            tracing::info!(%flaw, "a passkey is not taken");
            Ok(Looked::Wrong(owner))
        }
    }
}

fn key(passkey: &Passkey) -> std::result::Result<PublicKey, Flaw> {
    let der = BASE64URL_NOPAD.decode(passkey.public_key.as_bytes());
    PublicKey::from_der(&der.map_err(|_| Flaw::Key)?).map_err(|_| Flaw::Key)
}
