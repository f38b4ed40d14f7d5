//! What a card is at first as a GIDS card: the files that Windows' minidriver makes, and the administrator's key.

use std::collections::BTreeMap;

use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::layout::{self, ADMINISTRATOR_KEY};
use card_edge::gids::file_system::master_file::MasterFile;
use card_edge::gids::{FileControlParameters, FileId, FileKind, SecurityAttribute};
use card_edge::piv::{Cipher, ManagementKey};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::provision_error::ProvisionError;
use super::tables::put;
use crate::state::reference_data::HashError;
use crate::state::{CardState, DataFile, Gids, GidsKey, KeyFile, Stage, StateError};

/// The PIN stays the card's, whatever it is made.
pub(super) fn pin_is_not_of_piv(state: &CardState) -> bool {
    state
        .gids
        .as_ref()
        .is_some_and(|gids| gids.pin_is_not_of_piv)
}

/// The card without anything on it.
pub(super) fn blank(state: &CardState) -> Gids {
    Gids {
        pin_is_not_of_piv: pin_is_not_of_piv(state),
        ..Gids::blank()
    }
}

/// The files of a card without containers.
pub(super) fn initial(state: &CardState) -> Result<Gids, ProvisionError> {
    let mut gids = blank(state);
    gids.stage = Stage::Operational;
    for (identifier, attribute) in layout::data_files() {
        let parameters = FileControlParameters {
            kind: FileKind::Data,
            identifier,
            attribute,
        };
        let objects = BTreeMap::new();
        gids.data_files.insert(
            identifier,
            DataFile {
                parameters,
                objects,
            },
        );
    }
    set_administrator_key(&mut gids, first_administrator_key(state)?);
    let card = state.guid().unwrap_or_else(Uuid::new_v4);
    put(
        &mut gids,
        layout::MASTER_FILE,
        MasterFile::initial().encode()?,
    );
    put(&mut gids, layout::CARD_ID, card.into_bytes().to_vec());
    put(
        &mut gids,
        layout::CARD_APPLICATIONS,
        layout::APPLICATIONS.to_vec(),
    );
    put(
        &mut gids,
        layout::FRESHNESS,
        random_freshness()?.encode().to_vec(),
    );
    put(&mut gids, layout::CONTAINER_MAP, Vec::new());
    Ok(gids)
}

/// A key that nobody knows.
pub(super) fn random_administrator_key() -> Result<ManagementKey, ProvisionError> {
    let mut key = Zeroizing::new([0; 24]);
    getrandom::fill(key.as_mut()).map_err(StateError::from)?;
    Ok(ManagementKey::new(Cipher::TripleDes, key.as_ref()).map_err(|_| HashError)?)
}

/// The management key where GIDS can have that one, on a card that is still as every new card is: tools know it. On any
/// other card it would become a key that resets the PIN, which PIV's is not, so nobody knows the administrator's key there.
fn first_administrator_key(state: &CardState) -> Result<ManagementKey, ProvisionError> {
    let key = &state.management_key;
    let is_as_new = state.pin.is_default
        && state.puk.is_default
        && state.keys.is_empty()
        && state.enrollment.is_none();
    if is_as_new && key.accepts(Cipher::TripleDes) {
        Ok(ManagementKey::new(Cipher::TripleDes, key.as_bytes()).map_err(|_| HashError)?)
    } else {
        random_administrator_key()
    }
}

/// The file of the administrator's key, as it should be.
pub(super) fn set_administrator_key(gids: &mut Gids, key: ManagementKey) {
    let identifier = FileId::of_key(ADMINISTRATOR_KEY);
    let parameters = FileControlParameters {
        kind: FileKind::AdministratorKey,
        identifier,
        attribute: SecurityAttribute::of_administrator_key(),
    };
    let key = Some(GidsKey::Administrator(key));
    gids.key_files
        .insert(identifier, KeyFile { parameters, key });
}

/// Hosts keep what they read of a card under its identity and these numbers, so a card that is made new must not come to
/// numbers that it had.
fn random_freshness() -> Result<Freshness, ProvisionError> {
    let [pins, c0, c1, f0, f1, ..] = getrandom::u64().map_err(StateError::from)?.to_le_bytes();
    Ok(Freshness {
        version: 0,
        pins,
        containers: u16::from_le_bytes([c0, c1]),
        files: u16::from_le_bytes([f0, f1]),
    })
}

/// The counters, wherever they stand.
pub(super) fn freshness(gids: &Gids) -> Result<Freshness, ProvisionError> {
    match gids.object(layout::FRESHNESS) {
        Some(bytes) => Ok(Freshness::decode(bytes)?),
        None => random_freshness(),
    }
}
