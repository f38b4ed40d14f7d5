//! GENERAL AUTHENTICATE with the card management key: external and mutual authentication
//! (SP 800-73-5 part 2, 3.2.4 and appendix A.1).
//!
//! The card never encrypts a block that a host has chosen before the host has proven the key: else a host could
//! have the answer to one challenge from another command.

use aes::cipher::{BlockCipherEncrypt, KeyInit};
use aes::{Aes128, Aes192, Aes256};
use card_edge::Status;
use card_edge::apdu::Response;
use card_edge::piv::Cipher;
use card_edge::piv::authenticate::{self, AnswerField, Request};
use des::TdesEde3;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{Outcome, PivApplication, malformed};
use crate::state::ManagementKey;

/// The first half of an authentication: what the host must answer directly after.
pub(super) struct PendingAuthentication {
    cipher: Cipher,
    step: Step,
}

enum Step {
    /// External: the host encrypts the challenge.
    External { expected: Zeroizing<Vec<u8>> },
    /// Mutual: the host decrypts the witness.
    Mutual { witness: Zeroizing<Vec<u8>> },
}

impl PivApplication {
    /// One step of an authentication. 6A86 where the key is for another cipher, 6982 where the host did not prove
    /// it, 6A80 for steps that do not follow.
    pub(super) fn authenticate_management(
        &mut self,
        cipher: Cipher,
        request: Request,
        pending: Option<PendingAuthentication>,
    ) -> Outcome {
        let key = &self.store.state().management_key;
        if !key.accepts(cipher) {
            return Err(Status::IncorrectParameters);
        }
        let pending = pending.filter(|pending| pending.cipher == cipher);
        match (request, pending.map(|pending| pending.step)) {
            (Request::Challenge, _) => {
                let challenge = random_block(cipher)?;
                let expected = encrypt(key, cipher, &challenge)?;
                self.await_answer(cipher, Step::External { expected });
                answer(AnswerField::Challenge, &challenge)
            }
            (Request::Witness, _) => {
                let witness = random_block(cipher)?;
                let encrypted = encrypt(key, cipher, &witness)?;
                self.await_answer(cipher, Step::Mutual { witness });
                answer(AnswerField::Witness, &encrypted)
            }
            (Request::ChallengeResponse(response), Some(Step::External { expected })) => {
                self.prove(&expected, &response)?;
                Ok(Status::Success.into())
            }
            (
                Request::WitnessAndChallenge {
                    witness: claimed,
                    challenge,
                },
                Some(Step::Mutual { witness }),
            ) => {
                let result = encrypt(key, cipher, &challenge)?;
                self.prove(&witness, &claimed)?;
                answer(AnswerField::Response, &result)
            }
            _ => Err(Status::IncorrectData),
        }
    }

    fn await_answer(&mut self, cipher: Cipher, step: Step) {
        self.pending = Some(PendingAuthentication { cipher, step });
    }

    /// The key counts as proven where both are equal, and as not proven otherwise.
    fn prove(&mut self, expected: &[u8], given: &[u8]) -> Result<(), Status> {
        let proven = expected.ct_eq(given).into();
        self.security.set_management_key(proven);
        self.security.may_administer()
    }
}

fn answer(field: AnswerField, value: &[u8]) -> Outcome {
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
