//! GENERAL AUTHENTICATE with the card management key: external and mutual authentication
//! (SP 800-73-5 part 2, 3.2.4 and appendix A.1).
//!
//! The card never encrypts a block that a host has chosen before the host has proved the key: else a host could
//! have the answer to one challenge from another command.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use card_edge::piv::{Cipher, ManagementKey};
use des::TdesEde3;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::access;
use super::context::Context;
use super::pending_authentication::{PendingAuthentication, Step};
use crate::refusal::{Answer, malformed};

/// One step of an authentication. 6A86 where the key is for another cipher, 6982 where the host did not prove it, 6A80
/// for steps that do not follow.
pub(super) fn step(mut context: Context<'_>, cipher: Cipher, request: Request) -> Answer {
    let key = context.state().management_key.clone();
    if !key.accepts(cipher) {
        return Err(Status::IncorrectParameters);
    }
    let pending = context.preceding.authentication.take();
    let pending = pending.filter(|pending| pending.cipher == cipher);
    match (request, pending.map(|pending| pending.step)) {
        (Request::Challenge, _) => {
            let challenge = random_block(cipher)?;
            let expected = encrypt(&key, cipher, &challenge)?;
            let step = Step::External { expected };
            context.session.pending = Some(PendingAuthentication { cipher, step });
            answer(AnswerField::Challenge, &challenge)
        }
        (Request::Witness, _) => {
            let witness = random_block(cipher)?;
            let encrypted = encrypt(&key, cipher, &witness)?;
            let step = Step::Mutual { witness };
            context.session.pending = Some(PendingAuthentication { cipher, step });
            answer(AnswerField::Witness, &encrypted)
        }
        (Request::ChallengeResponse(response), Some(Step::External { expected })) => {
            prove(&mut context, &expected, &response)?;
            Ok(Status::Success.into())
        }
        (
            Request::WitnessAndChallenge {
                witness: claimed,
                challenge,
            },
            Some(Step::Mutual { witness }),
        ) => {
            let result = encrypt(&key, cipher, &challenge)?;
            prove(&mut context, &witness, &claimed)?;
            answer(AnswerField::Response, &result)
        }
        (Request::ChallengeResponse(_), Some(Step::Mutual { .. }) | None)
        | (Request::WitnessAndChallenge { .. }, Some(Step::External { .. }) | None)
        | (Request::InternalAuthenticate(_) | Request::KeyAgreement(_), _) => {
            Err(Status::IncorrectData)
        }
    }
}

/// The key counts as proved where both are equal, and as not proved otherwise.
fn prove(context: &mut Context<'_>, expected: &[u8], given: &[u8]) -> Result<(), Status> {
    let proved = expected.ct_eq(given).into();
    context.session.security.set_management_key(proved);
    access::may_administer(&context.session.security)
}

fn answer(field: AnswerField, value: &[u8]) -> Answer {
    Ok(Response {
        data: authenticate::encode_answer(field, value).map_err(malformed)?,
        status: Status::Success,
    })
}

fn random_block(cipher: Cipher) -> Result<Zeroizing<Vec<u8>>, Status> {
    let mut block = Zeroizing::new(vec![0; cipher.block_length()]);
    getrandom::fill(&mut block).map_err(|_| Status::Unknown)?;
    Ok(block)
}

/// One block under the key; 6A80 where it is not a block.
fn encrypt(
    key: &ManagementKey,
    cipher: Cipher,
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Status> {
    fn one<C: BlockCipherEncrypt + KeyInit>(
        key: &[u8],
        block: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, Status> {
        let cipher = C::new_from_slice(key).map_err(|_| Status::Unknown)?;
        let mut block = block.try_into().map_err(|_| Status::IncorrectData)?;
        cipher.encrypt_block(&mut block);
        Ok(Zeroizing::new(block.to_vec()))
    }
    let key = key.as_bytes();
    match cipher {
        Cipher::TripleDes => one::<TdesEde3>(key, block),
        Cipher::Aes128 => one::<Aes128>(key, block),
        Cipher::Aes192 => one::<Aes192>(key, block),
        Cipher::Aes256 => one::<Aes256>(key, block),
    }
}
