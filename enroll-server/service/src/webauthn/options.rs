//! What a browser is asked (section 5.4 and 5.5), in the JSON that it reads by itself.

use data_encoding::BASE64URL_NOPAD;
use serde::Serialize;

use enroll_server_store::passkey::{self, Passkey};
use enroll_server_store::session::SignedIn;

use super::challenge::{self, LASTS};
use super::relying_party::RelyingParty;
use crate::app::App;
use crate::error::Result;
use crate::refusal::Conflict;

/// What keys sign with, as COSE numbers it (RFC 9053, RFC 8812): ECDSA with P-256 and SHA-256, which every authenticator has
/// but some in TPMs, and RSASSA-PKCS1-v1_5 with SHA-256, which those have.
const ALGORITHMS: [i32; 2] = [-7, -257];
const PUBLIC_KEY: &str = "public-key";
const REQUIRED: &str = "required";

#[derive(Debug, Serialize)]
struct Party {
    id: String,
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    id: String,
    name: String,
    display_name: String,
}

#[derive(Debug, Serialize)]
struct Algorithm {
    r#type: &'static str,
    alg: i32,
}

#[derive(Debug, Serialize)]
struct Known {
    r#type: &'static str,
    id: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Selection {
    resident_key: &'static str,
    require_resident_key: bool,
    user_verification: &'static str,
}

/// `PublicKeyCredentialCreationOptionsJSON`: a new passkey.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToAdd {
    rp: Party,
    user: User,
    challenge: String,
    pub_key_cred_params: Vec<Algorithm>,
    timeout: u128,
    exclude_credentials: Vec<Known>,
    authenticator_selection: Selection,
    attestation: &'static str,
}

/// `PublicKeyCredentialRequestOptionsJSON`: one that there is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToShow {
    challenge: String,
    timeout: u128,
    rp_id: String,
    allow_credentials: Vec<Known>,
    user_verification: &'static str,
}

fn party(app: &App) -> Result<RelyingParty> {
    Ok(RelyingParty::of(app).ok_or(Conflict::NoPasskeysHere)?)
}

fn known(passkeys: Vec<Passkey>) -> Vec<Known> {
    let known = |one: Passkey| Known {
        r#type: PUBLIC_KEY,
        id: one.credential_id,
    };
    passkeys.into_iter().map(known).collect()
}

/// Asks for a new passkey of whoever is signed in: one that knows by itself whose it is, and asks who is there.
///
/// # Errors
/// [`crate::error::Error::Conflict`] where the portal is reached by an IP address.
pub(crate) async fn to_add(app: &App, by: &SignedIn) -> Result<ToAdd> {
    let party = party(app)?;
    let id = &by.session.administrator_id;
    let others = passkey::of(app.store.reader(), id).await?;
    let algorithms = ALGORITHMS.map(|alg| Algorithm {
        r#type: PUBLIC_KEY,
        alg,
    });
    Ok(ToAdd {
        rp: Party {
            id: party.id,
            name: app.organisation.clone(),
        },
        user: User {
            id: BASE64URL_NOPAD.encode(id.as_bytes()),
            name: by.email.clone(),
            display_name: by.name.clone(),
        },
        challenge: challenge::make(app, &by.session.token_hash).await?,
        pub_key_cred_params: algorithms.into(),
        timeout: LASTS.as_millis(),
        exclude_credentials: known(others),
        authenticator_selection: Selection {
            resident_key: REQUIRED,
            require_resident_key: true,
            user_verification: REQUIRED,
        },
        attestation: "none",
    })
}

/// Asks the browser whose token has the hash `bound_to` for a passkey of this account, or of whichever account it has one.
///
/// # Errors
/// As [`to_add`].
pub(crate) async fn to_show(app: &App, bound_to: &str, of: Option<&str>) -> Result<ToShow> {
    let party = party(app)?;
    let passkeys = match of {
        Some(id) => passkey::of(app.store.reader(), id).await?,
        None => Vec::new(),
    };
    Ok(ToShow {
        challenge: challenge::make(app, bound_to).await?,
        timeout: LASTS.as_millis(),
        rp_id: party.id,
        allow_credentials: known(passkeys),
        user_verification: REQUIRED,
    })
}
