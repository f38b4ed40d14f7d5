//! PUT DATA that brings a key: the administrator's, or a key pair from outside.

use card_edge::Status;
use card_edge::gids::file_system::layout::ADMINISTRATOR_KEY;
use card_edge::gids::key_data::{KeyData, KeyMaterial};
use card_edge::gids::{FileId, FileKind, Operation};
use card_edge::piv::yubico::import::ImportedKey;
use card_edge::piv::{Cipher, KeyAlgorithm, ManagementKey};

use super::access;
use super::context::Context;
use super::create_file::algorithm_of;
use crate::key_store::KeyRequest;
use crate::key_use;
use crate::refusal::{Answer, status_of_key};
use crate::state::{GidsKey, KeyRecord, Origin};

/// Puts a key into its file; 6A88 where there is no such file, 6982 where it may not be written, 6A80 for a key of another
/// kind.
pub(super) fn run(mut context: Context<'_>, data: KeyData) -> Answer {
    let file = context.key_file(data.reference)?.clone();
    access::may(&context, &file.attribute, Operation::Put)?;
    let key = match (&file.kind, data.material) {
        (FileKind::AdministratorKey, KeyMaterial::Secret(secret)) => {
            ManagementKey::new(Cipher::TripleDes, &secret)
                .map(GidsKey::Administrator)
                .map_err(|_| Status::IncorrectData)?
        }
        (FileKind::KeyPair(usages), KeyMaterial::KeyPair(material)) => {
            let algorithm = algorithm_of(usages).ok_or(Status::IncorrectData)?;
            GidsKey::Own(import(&context, algorithm, &material)?)
        }
        _ => return Err(Status::IncorrectData),
    };
    set(&mut context, data.reference, key)?;
    Ok(Status::Success.into())
}

fn import(
    context: &Context<'_>,
    algorithm: KeyAlgorithm,
    material: &ImportedKey,
) -> Result<KeyRecord, Status> {
    let request = KeyRequest {
        algorithm,
        policy: key_use::CONTAINER,
        challenge: None,
    };
    let handle = context.resources.keys.import(&request, material);
    Ok(KeyRecord {
        algorithm,
        origin: Origin::Imported,
        pin_policy: None,
        handle: handle.map_err(status_of_key)?.into(),
        attestation: None,
    })
}

/// A key takes its place. What was proved with a former administrator's key, and chosen of a former key, ends.
pub(super) fn set(context: &mut Context<'_>, reference: u8, key: GidsKey) -> Result<(), Status> {
    context.change(|gids| {
        let file = gids.key_files.get_mut(&FileId::of_key(reference));
        file.ok_or(Status::ReferenceNotFound)?.key = Some(key);
        Ok(())
    })?;
    context.session.environment = None;
    if reference == ADMINISTRATOR_KEY {
        context.session.administrator = false;
    }
    Ok(())
}
