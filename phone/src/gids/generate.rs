//! GENERATE ASYMMETRIC KEY PAIR.

use card_edge::Status;
use card_edge::apdu::{Command, Response};
use card_edge::gids::{FileKind, Operation, generate};
use card_edge::piv::KeyAlgorithm;

use super::context::Context;
use super::create_file::algorithm_of;
use super::parameters::parameters;
use super::{access, put_key};
use crate::key_use;
use crate::refusal::{Answer, malformed, status_of_key};
use crate::state::{GidsKey, KeyRecord};

/// Makes a key.
pub(super) struct Generate {
    algorithm: KeyAlgorithm,
    reference: u8,
}

impl Generate {
    pub(super) fn parse(command: &Command) -> Result<Self, Status> {
        parameters(command, (0x00, 0x00))?;
        let (algorithm, reference) = generate::decode(&command.data).map_err(malformed)?;
        Ok(Self {
            algorithm,
            reference,
        })
    }

    /// 6A88 where there is no such file, 6982 where it may not be done, 6A80 where the file is for another kind of key. The
    /// new key takes the former one's place.
    pub(super) fn run(self, mut context: Context<'_>) -> Answer {
        let file = context.key_file(self.reference)?;
        let algorithm = match &file.kind {
            FileKind::KeyPair(usages) => algorithm_of(usages),
            FileKind::Data | FileKind::AdministratorKey => None,
        };
        access::may(&context, &file.attribute, Operation::GenerateKey)?;
        if algorithm != Some(self.algorithm) {
            return Err(Status::IncorrectData);
        }
        let keys = context.resources.keys.as_ref();
        let policy = key_use::CONTAINER;
        let record = KeyRecord::generate(keys, self.algorithm, policy).map_err(status_of_key)?;
        let key = record.open(keys, policy, None).map_err(status_of_key)?;
        let answer = key.public_key().encode().map_err(malformed)?;
        put_key::set(&mut context, self.reference, GidsKey::Own(record))?;
        Ok(Response::success(answer))
    }
}
