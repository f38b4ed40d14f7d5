//! What a browser answers (section 5.1), in the JSON of its own `toJSON`: read, and held against what it was asked.

use data_encoding::BASE64URL_NOPAD;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use enroll_server_ca::public_key::PublicKey;
use enroll_server_model::KeyAlgorithm;

use super::relying_party::RelyingParty;

/// Most characters that are looked at.
const LONGEST: usize = 16 * 1024;
/// Most bytes of a credential's id (section 4).
const LONGEST_ID: usize = 1023;

/// Why an answer is not taken. It is for the log: whoever answers is told that it was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flaw {
    /// It is not what a browser writes.
    #[error("it is not an answer of a browser")]
    Unreadable,
    /// It answers something else than was asked.
    #[error("it is for something else than was asked")]
    OtherCeremony,
    /// It answers another challenge.
    #[error("it answers another challenge")]
    OtherChallenge,
    /// It was given on a page of another origin.
    #[error("it comes from another origin")]
    OtherOrigin,
    /// It was given for another relying party.
    #[error("it is for another relying party")]
    OtherRelyingParty,
    /// Nobody touched the authenticator.
    #[error("nobody was at the authenticator")]
    NobodyPresent,
    /// The authenticator did not ask who it was.
    #[error("the authenticator did not ask who it was")]
    NotVerified,
    /// Its key is of a kind that was not asked for, or is not sound.
    #[error("its key is not one that was asked for")]
    Key,
    /// The signature is not by the passkey.
    #[error("the signature is not by the passkey")]
    Signature,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) party: RelyingParty,
    pub(crate) challenge: String,
}

/// A passkey that an authenticator made.
#[derive(Clone, Debug)]
pub(crate) struct NewCredential {
    /// By which the authenticator knows it, base64url.
    pub(crate) id: String,
    pub(crate) key: PublicKey,
    pub(crate) sign_count: u32,
}

/// `RegistrationResponseJSON` (section 5.1).
#[derive(Deserialize)]
struct Registration {
    id: String,
    response: Attestation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    public_key: String,
}

/// `AuthenticationResponseJSON` (section 5.1): a passkey that was shown, and not looked at yet.
#[derive(Debug, Deserialize)]
pub(crate) struct Assertion {
    /// By which the authenticator knows the passkey, base64url.
    pub(crate) id: String,
    response: Signed,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

/// What the browser itself says of what it was asked (section 5.8.1).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// What the authenticator says (section 6.1).
struct AuthenticatorData<'a> {
    sign_count: u32,
    /// The id of the credential that it made, if it made one.
    credential_id: Option<&'a [u8]>,
}

const USER_PRESENT: u8 = 1;
const USER_VERIFIED: u8 = 1 << 2;
const HAS_CREDENTIAL: u8 = 1 << 6;

/// The passkey that an authenticator made when it was asked for one (section 7.1).
///
/// # Errors
/// What is wrong first.
pub(crate) fn made(answer: &str, asked: &Asked) -> Result<NewCredential, Flaw> {
    let answer: Registration = read(answer)?;
    check_client(
        &decoded(&answer.response.client_data)?,
        "webauthn.create",
        asked,
    )?;
    let data = decoded(&answer.response.authenticator_data)?;
    let said = check_authenticator(&data, asked)?;
    let id = said.credential_id.ok_or(Flaw::Unreadable)?;
    if BASE64URL_NOPAD.encode(id) != answer.id {
        return Err(Flaw::Unreadable);
    }
    let key = decoded(&answer.response.public_key)?;
    let key = PublicKey::from_der(&key).map_err(|_| Flaw::Key)?;
    if key.algorithm() == KeyAlgorithm::P384 || key.check().is_err() {
        return Err(Flaw::Key);
    }
    Ok(NewCredential {
        id: answer.id,
        key,
        sign_count: said.sign_count,
    })
}

impl Assertion {
    /// Reads an answer.
    ///
    /// # Errors
    /// [`Flaw::Unreadable`].
    pub(crate) fn read(answer: &str) -> Result<Self, Flaw> {
        read(answer)
    }

    /// For whom the authenticator keeps the passkey, if it says so.
    pub(crate) fn user_handle(&self) -> Option<Vec<u8>> {
        let handle = self.response.user_handle.as_deref()?;
        decoded(handle).ok()
    }

    /// Holds it against what was asked and the passkey's key (section 7.2). Returns how often the authenticator has signed.
    ///
    /// # Errors
    /// What is wrong first.
    pub(crate) fn check(&self, asked: &Asked, key: &PublicKey) -> Result<u32, Flaw> {
        let client_data = decoded(&self.response.client_data)?;
        check_client(&client_data, "webauthn.get", asked)?;
        let mut message = decoded(&self.response.authenticator_data)?;
        let sign_count = check_authenticator(&message, asked)?.sign_count;
        message.extend_from_slice(&Sha256::digest(&client_data));
        let signature = decoded(&self.response.signature)?;
        key.verify(&message, &signature)
            .map_err(|_| Flaw::Signature)?;
        Ok(sign_count)
    }
}

fn read<'a, T: Deserialize<'a>>(answer: &'a str) -> Result<T, Flaw> {
    if answer.len() > LONGEST {
        return Err(Flaw::Unreadable);
    }
    serde_json::from_str(answer).map_err(|_| Flaw::Unreadable)
}

fn decoded(text: &str) -> Result<Vec<u8>, Flaw> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|_| Flaw::Unreadable)
}

fn check_client(json: &[u8], ceremony: &str, asked: &Asked) -> Result<(), Flaw> {
    let said: ClientData = serde_json::from_slice(json).map_err(|_| Flaw::Unreadable)?;
    if said.r#type != ceremony {
        return Err(Flaw::OtherCeremony);
    }
    if said.challenge != asked.challenge {
        return Err(Flaw::OtherChallenge);
    }
    if said.origin != asked.party.origin || said.cross_origin {
        return Err(Flaw::OtherOrigin);
    }
    Ok(())
}

fn check_authenticator<'a>(data: &'a [u8], asked: &Asked) -> Result<AuthenticatorData<'a>, Flaw> {
    let (party, rest) = data.split_first_chunk::<32>().ok_or(Flaw::Unreadable)?;
    let (flags, rest) = rest.split_first().ok_or(Flaw::Unreadable)?;
    let (count, rest) = rest.split_first_chunk::<4>().ok_or(Flaw::Unreadable)?;
    if *party != *Sha256::digest(&asked.party.id) {
        return Err(Flaw::OtherRelyingParty);
    }
    if flags & USER_PRESENT == 0 {
        return Err(Flaw::NobodyPresent);
    }
    if flags & USER_VERIFIED == 0 {
        return Err(Flaw::NotVerified);
    }
    let credential_id = if flags & HAS_CREDENTIAL == 0 {
        None
    } else {
        Some(credential_id(rest).ok_or(Flaw::Unreadable)?)
    };
    Ok(AuthenticatorData {
        sign_count: u32::from_be_bytes(*count),
        credential_id,
    })
}

/// The id in the attested credential data (section 6.5.1): after the 16 bytes that say what kind of authenticator it is.
fn credential_id(data: &[u8]) -> Option<&[u8]> {
    let (_, rest) = data.split_first_chunk::<16>()?;
    let (length, rest) = rest.split_first_chunk::<2>()?;
    let id = rest.get(..usize::from(u16::from_be_bytes(*length)))?;
    (1..=LONGEST_ID).contains(&id.len()).then_some(id)
}
