//! PERFORM SECURITY OPERATION: a signature or a decryption with the key that was chosen.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::gids::control_parameters::KeyUsage;
use card_edge::gids::{FileKind, Mechanism, Operation, Padding};
use card_edge::piv::{KeyAlgorithm, KeyKind};
use zeroize::Zeroizing;

use super::access;
use super::context::Context;
use super::session::Environment;
use crate::consent;
use crate::key_store::KeyStoreError;
use crate::key_use::KeyUseRequest;
use crate::padding;
use crate::refusal::{Answer, status_of_key, status_of_key_use};

/// P1 and P2 of a signature: 9E comes back for 9A.
const SIGN: (u8, u8) = (0x9E, 0x9A);
/// P1 and P2 of a decryption: 80 comes back for 86.
const DECRYPT: (u8, u8) = (0x80, 0x86);
/// Nothing is said of the padding. Some hosts have it before what they want decrypted, others have not.
const PADDING_INDICATOR: u8 = 0x00;

/// What is done with a key.
pub(super) enum PerformSecurityOperation {
    /// Signs this.
    Sign(Zeroizing<Vec<u8>>),
    /// Decrypts this.
    Decrypt(Zeroizing<Vec<u8>>),
}

impl PerformSecurityOperation {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        match (command.p1, command.p2) {
            SIGN => Ok(Self::Sign(command.data.clone())),
            DECRYPT => Ok(Self::Decrypt(command.data.clone())),
            _ => Err(Status::IncorrectParameters),
        }
    }

    /// 6985 where nothing was chosen for it, 6982 where it may not be done (any more), 6A80 for data that does not fit.
    pub(super) fn run(self, context: Context<'_>) -> Answer {
        match (self, context.session.environment) {
            (Self::Sign(data), Some(Environment::Sign(mechanism, key))) => {
                sign(context, mechanism, key, &data)
            }
            (Self::Decrypt(data), Some(Environment::Decrypt(mechanism, key))) => {
                decrypt(context, mechanism, key, &data)
            }
            _ => Err(Status::ConditionsNotSatisfied),
        }
    }
}

/// The length of the modulus that a mechanism is for, in bytes.
fn modulus(algorithm: KeyAlgorithm) -> Result<usize, Status> {
    match algorithm.kind() {
        KeyKind::Rsa { modulus } => Ok(modulus),
        KeyKind::Ecc(_) | KeyKind::Ed25519 | KeyKind::X25519 => Err(Status::IncorrectData),
    }
}

/// The key to the power of a block. The rule of its file holds for each use: a PIN may have been forgotten since the key
/// was chosen. 6985 where the holder does not agree.
fn apply(
    context: Context<'_>,
    mechanism: Mechanism,
    key: u8,
    operation: consent::Operation,
    block: &[u8],
) -> Result<Zeroizing<Vec<u8>>, Status> {
    let attribute = context.key_file(key)?.attribute.clone();
    access::may(&context, &attribute, Operation::UseKey)?;
    let place = context.place_of(key)?;
    let record = context.resources.key_record(place);
    let is_as_chosen = record.is_some_and(|record| record.algorithm == mechanism.algorithm);
    // The holder is asked for nothing that cannot be.
    if !is_as_chosen || block.len() != modulus(mechanism.algorithm)? {
        return Err(Status::IncorrectData);
    }
    let request = KeyUseRequest {
        key: place,
        operation,
        pin: context.preceding.pin,
        says: None,
    };
    context
        .resources
        .use_key(request, |key, authorisation| {
            key.apply_rsa(authorisation, block)
        })
        .map_err(status_of_key_use)
}

fn sign(context: Context<'_>, mechanism: Mechanism, key: u8, data: &[u8]) -> Answer {
    let modulus = modulus(mechanism.algorithm)?;
    let is_padded_by_host = mechanism.padding == Padding::SignatureByHost
        || (data.len() == modulus && pads_itself(&context, mechanism, key)?);
    let (block, operation) = if is_padded_by_host {
        (data.to_vec(), consent::Operation::SignOrDecrypt)
    } else {
        let block = padding::pkcs1_around(data, modulus).map_err(status_of_key)?;
        (block, consent::Operation::Sign)
    };
    let signature = apply(context, mechanism, key, operation, &block)?;
    Ok(Response {
        data: signature,
        status: Status::Success,
    })
}

/// Whether a host may have padded itself: the key's file allows it. OpenSC names the mechanism that pads on the card for
/// blocks that it has padded too; as long as the modulus, they cannot be meant to be padded again.
fn pads_itself(context: &Context<'_>, mechanism: Mechanism, key: u8) -> Result<bool, Status> {
    let by_host = KeyUsage::Signature(Mechanism {
        padding: Padding::SignatureByHost,
        ..mechanism
    });
    let file = context.key_file(key)?;
    Ok(matches!(&file.kind, FileKind::KeyPair(usages) if usages.contains(&by_host)))
}

fn decrypt(context: Context<'_>, mechanism: Mechanism, key: u8, data: &[u8]) -> Answer {
    let modulus = modulus(mechanism.algorithm)?;
    let block = match data.split_first() {
        Some((&PADDING_INDICATOR, block)) if block.len() == modulus => block,
        _ => data,
    };
    // What comes back without a padding taken off may as well be a signature.
    let operation = match mechanism.padding {
        Padding::None => consent::Operation::SignOrDecrypt,
        _ => consent::Operation::Decrypt,
    };
    let block = apply(context, mechanism, key, operation, block)?;
    let message = match mechanism.padding {
        Padding::None => Ok(block),
        Padding::DecryptionPkcs1 => padding::pkcs1_message(&block),
        Padding::DecryptionOaep => padding::oaep_message(&block),
        Padding::SignatureByHost | Padding::SignaturePkcs1 => Err(KeyStoreError::InvalidInput),
    };
    Ok(Response {
        data: message.map_err(status_of_key)?,
        status: Status::Success,
    })
}
