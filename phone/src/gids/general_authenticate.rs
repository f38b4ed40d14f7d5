//! GENERAL AUTHENTICATE with the administrator's key: external, where the host encrypts the card's challenge, and mutual,
//! where both encrypt both challenges. 3DES in CBC mode, with zeros before the first block.
//!
//! The card encrypts nothing before the host has proved the key.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::gids::authenticate::{self, MUTUAL_CHALLENGE, MUTUAL_RESPONSE, Request};
use des::TdesEde3;
use des::cipher::{BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::access;
use super::context::Context;
use super::parameters::parameters;
use super::session::{Environment, PendingAuthentication};
use crate::refusal::{Answer, malformed};

const BLOCK: usize = 8;
/// The random bytes of each side in a mutual authentication, and what they are filled up with.
const SECRET: usize = 7;
const FILL: u8 = 0x80;

/// One step of an authentication.
pub(super) struct GeneralAuthenticate(Request);

impl GeneralAuthenticate {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x00, 0x00))?;
        authenticate::decode(&command.data)
            .map(Self)
            .map_err(malformed)
    }

    /// 6985 where the administrator's key was not chosen before, where the card has none, and for a response that does not
    /// follow its challenge with nothing but reading in between; 6982 where the host did not prove the key.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        access::is_in_use(&context)?;
        if context.session.environment != Some(Environment::Administrator) {
            return Err(Status::ConditionsNotSatisfied);
        }
        let pending = context.preceding.authentication.take();
        match self.0 {
            Request::Challenge => {
                let challenge = random(BLOCK)?;
                let answer = authenticate::encode_challenge(&challenge).map_err(malformed)?;
                context.session.pending = Some(PendingAuthentication::External { challenge });
                Ok(Response::success(answer))
            }
            Request::MutualChallenge(host) => {
                let card = random(MUTUAL_CHALLENGE)?;
                let answer = authenticate::encode_challenge(&card).map_err(malformed)?;
                let host = Zeroizing::new(host.to_vec());
                context.session.pending = Some(PendingAuthentication::Mutual { card, host });
                Ok(Response::success(answer))
            }
            Request::Response(response) => {
                let pending = pending.ok_or(Status::ConditionsNotSatisfied)?;
                let key = administrator_key(&context)?;
                context.session.administrator = false;
                let answer = prove(&key, pending, &response)?;
                context.session.administrator = true;
                Ok(answer)
            }
        }
    }
}

/// Compares; the card's own response where the host wants one.
fn prove(key: &TdesEde3, pending: PendingAuthentication, response: &[u8]) -> Answer {
    match pending {
        PendingAuthentication::External { challenge } => {
            let decrypted = decrypt(key, response)?;
            if !bool::from(decrypted.ct_eq(&challenge)) {
                return Err(Status::SecurityStatusNotSatisfied);
            }
            Ok(Status::Success.into())
        }
        PendingAuthentication::Mutual { card, host } => {
            let decrypted = decrypt(key, response)?;
            let (challenges, rest) = decrypted
                .split_at_checked(2 * MUTUAL_CHALLENGE)
                .filter(|_| decrypted.len() == MUTUAL_RESPONSE)
                .ok_or(Status::SecurityStatusNotSatisfied)?;
            let expected = Zeroizing::new([card.as_slice(), &host].concat());
            let fill = rest.last().copied().unwrap_or_default();
            if !bool::from(challenges.ct_eq(&expected) & fill.ct_eq(&FILL)) {
                return Err(Status::SecurityStatusNotSatisfied);
            }
            let secret = random(SECRET)?;
            let own = Zeroizing::new([host.as_slice(), &card, &secret, &[FILL]].concat());
            authenticate::encode_response(&encrypt(key, &own)?)
                .map(Response::success)
                .map_err(malformed)
        }
    }
}

fn administrator_key(context: &Context<'_>) -> Result<TdesEde3, Status> {
    let key = context.gids()?.administrator_key();
    let key = key.ok_or(Status::ConditionsNotSatisfied)?;
    TdesEde3::new_from_slice(key.as_bytes()).map_err(|_| Status::Unknown)
}

fn random(length: usize) -> Result<Zeroizing<Vec<u8>>, Status> {
    let mut bytes = Zeroizing::new(vec![0; length]);
    getrandom::fill(&mut bytes).map_err(|_| Status::Unknown)?;
    Ok(bytes)
}

/// 6982 where it is not whole blocks.
fn decrypt(key: &TdesEde3, bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, Status> {
    let mut out = Zeroizing::new(Vec::with_capacity(bytes.len()));
    let mut before: &[u8] = &[0; BLOCK];
    for chunk in bytes.chunks(BLOCK) {
        let block = chunk.try_into();
        let mut block = block.map_err(|_| Status::SecurityStatusNotSatisfied)?;
        key.decrypt_block(&mut block);
        out.extend(block.iter().zip(before).map(|(byte, other)| byte ^ other));
        before = chunk;
    }
    Ok(out)
}

/// 6F00 where it is not whole blocks: it is the card's own.
fn encrypt(key: &TdesEde3, bytes: &[u8]) -> Result<Vec<u8>, Status> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut before = vec![0; BLOCK];
    for chunk in bytes.chunks(BLOCK) {
        let mixed: Zeroizing<Vec<u8>> = Zeroizing::new(
            chunk
                .iter()
                .zip(&before)
                .map(|(byte, other)| byte ^ other)
                .collect(),
        );
        let mut block = mixed.as_slice().try_into().map_err(|_| Status::Unknown)?;
        key.encrypt_block(&mut block);
        before = block.to_vec();
        out.extend_from_slice(&before);
    }
    Ok(out)
}
