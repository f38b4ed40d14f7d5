//! What the card has as a GIDS card where nobody else makes it one: the files that Windows' minidriver makes, and a container
//! for each RSA key that PIV has, with its certificate, so that a phone that is enrolled is enrolled for GIDS too.
//!
//! Such a key stays PIV's: over GIDS it is used, and not made, written or deleted. A PIN alone must not replace a key that an
//! enrollment brought.

use std::collections::BTreeMap;

use card_edge::gids::control_parameters::KeyUsage;
use card_edge::gids::file_system::FileError;
use card_edge::gids::file_system::certificate::{self, file_name};
use card_edge::gids::file_system::container_map::{Container, ContainerMap, KeySpec};
use card_edge::gids::file_system::freshness::Freshness;
use card_edge::gids::file_system::key_map::{KeyMap, MappedKey};
use card_edge::gids::file_system::layout::{self, ADMINISTRATOR_KEY, FIRST_KEY, Place};
use card_edge::gids::file_system::master_file::{MasterFile, Row};
use card_edge::gids::{
    Condition, FileControlParameters, FileId, FileKind, Mechanism, Padding, SecurityAttribute,
};
use card_edge::piv::windows::container_name;
use card_edge::piv::{
    AsymmetricKey, Cipher, KeyAlgorithm, KeyKind, KeyUse, ManagementKey, ObjectId,
    certificate as piv_certificate,
};
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::state::encoding::Bytes;
use crate::state::reference_data::HashError;
use crate::state::{CardState, DataFile, Gids, GidsKey, KeyFile, Stage, StateError};

/// Why the card cannot be a GIDS card, or a PIV card again.
#[derive(Debug, Error)]
pub enum ProvisionError {
    /// A file of a host cannot be read, so nothing can be added to it.
    #[error("a file of the GIDS card is not as hosts write it ({0})")]
    File(#[from] FileError),
    /// A blank card has nothing on it.
    #[error("the card has keys: it cannot be a blank GIDS card")]
    NotBlank,
    /// All places for keys are taken.
    #[error("the GIDS card has no place for another key")]
    Full,
    /// Going back would lose keys.
    #[error(
        "{0} of the card's keys are known to GIDS alone, and would be lost: delete their containers first"
    )]
    OwnKeys(usize),
    /// Nobody could give the PIN to a PIV card.
    #[error("the card's PIN is not one of PIV: change it to one of 6 to 8 digits first")]
    PinNotOfPiv,
    /// The state.
    #[error(transparent)]
    State(#[from] StateError),
}

impl From<HashError> for ProvisionError {
    fn from(error: HashError) -> Self {
        Self::State(error.into())
    }
}

/// Makes the card a GIDS card with a file system and containers for the keys of PIV. Where it is one already, its containers
/// become those of the keys that PIV has now; whatever else is in the files stays.
///
/// # Errors
/// [`ProvisionError`].
pub fn provision(state: &mut CardState) -> Result<(), ProvisionError> {
    let is_made = state
        .gids
        .as_ref()
        .is_some_and(|gids| gids.stage == Stage::Operational);
    if !is_made {
        state.gids = Some(initial(state)?);
    }
    show_keys(state)
}

/// Makes the card a blank GIDS card, which a tool will make.
///
/// # Errors
/// [`ProvisionError::NotBlank`].
pub fn provision_blank(state: &mut CardState) -> Result<(), ProvisionError> {
    let has_own_keys = state.gids.iter().flat_map(Gids::own_keys).next().is_some();
    if !state.keys.is_empty() || state.enrollment.is_some() || has_own_keys {
        return Err(ProvisionError::NotBlank);
    }
    state.gids = Some(Gids::blank());
    Ok(())
}

/// An enrollment changed the keys of PIV and every secret: a GIDS card shows the new keys, and nobody knows its
/// administrator's key any more. Files that a host has left unreadable are made new: certificates that were issued must not
/// be lost for them.
///
/// # Errors
/// [`ProvisionError`].
pub fn after_enrollment(state: &mut CardState) -> Result<(), ProvisionError> {
    if state.gids.is_none() {
        return Ok(());
    }
    match provision(state) {
        Err(ProvisionError::File(_)) => make_files_new(state)?,
        made => made?,
    }
    let key = random_administrator_key()?;
    if let Some(gids) = &mut state.gids {
        gids.pin_is_not_of_piv = false;
        if let Some(file) = gids.key_files.get_mut(&FileId::of_key(ADMINISTRATOR_KEY)) {
            file.key = Some(GidsKey::Administrator(key));
        }
    }
    Ok(())
}

fn make_files_new(state: &mut CardState) -> Result<(), ProvisionError> {
    let data_files = initial(state)?.data_files;
    if let Some(gids) = &mut state.gids {
        gids.data_files = data_files;
    }
    show_keys(state)
}

/// Makes the card a PIV card again.
///
/// # Errors
/// [`ProvisionError`] where something would be lost.
pub fn withdraw(state: &mut CardState) -> Result<(), ProvisionError> {
    if let Some(gids) = &state.gids {
        match gids.own_keys().count() {
            0 if gids.pin_is_not_of_piv => return Err(ProvisionError::PinNotOfPiv),
            0 => {}
            keys => return Err(ProvisionError::OwnKeys(keys)),
        }
    }
    state.gids = None;
    Ok(())
}

/// The files of a card without containers. The administrator's key is the management key where GIDS can have that one:
/// of a new card the one that tools know; else nobody knows it.
fn initial(state: &CardState) -> Result<Gids, ProvisionError> {
    let mut gids = Gids::blank();
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
    let management_key = &state.management_key;
    let administrator_key = if management_key.accepts(Cipher::TripleDes) {
        ManagementKey::new(Cipher::TripleDes, management_key.as_bytes()).map_err(|_| HashError)?
    } else {
        random_administrator_key()?
    };
    let identifier = FileId::of_key(ADMINISTRATOR_KEY);
    let parameters = FileControlParameters {
        kind: FileKind::AdministratorKey,
        identifier,
        attribute: SecurityAttribute::of_administrator_key(),
    };
    let key = Some(GidsKey::Administrator(administrator_key));
    gids.key_files
        .insert(identifier, KeyFile { parameters, key });
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
        Freshness::default().encode().to_vec(),
    );
    put(&mut gids, layout::CONTAINER_MAP, Vec::new());
    Ok(gids)
}

fn random_administrator_key() -> Result<ManagementKey, ProvisionError> {
    let mut key = Zeroizing::new([0; 24]);
    getrandom::fill(key.as_mut()).map_err(StateError::from)?;
    Ok(ManagementKey::new(Cipher::TripleDes, key.as_ref()).map_err(|_| HashError)?)
}

fn put(gids: &mut Gids, (file, tag): Place, content: Vec<u8>) {
    if let Some(file) = gids.data_files.get_mut(&file) {
        file.objects.insert(tag, Bytes(content));
    }
}

/// What a key of PIV is as a container.
struct Shown {
    slot: AsymmetricKey,
    algorithm: KeyAlgorithm,
    /// The byte of its mechanism without a padding.
    mechanism: u8,
    bits: u16,
    spec: KeySpec,
    certificate: Option<Vec<u8>>,
}

/// The keys of PIV that GIDS can have: RSA keys that hosts use.
fn keys_to_show(state: &CardState) -> Vec<Shown> {
    state
        .keys
        .iter()
        .filter(|(slot, _)| **slot != AsymmetricKey::Attestation)
        .filter_map(|(slot, record)| {
            let KeyKind::Rsa { modulus } = record.algorithm.kind() else {
                return None;
            };
            let mechanism = Mechanism {
                padding: Padding::None,
                algorithm: record.algorithm,
            };
            let content = state.object(ObjectId::Certificate(*slot));
            Some(Shown {
                slot: *slot,
                algorithm: record.algorithm,
                mechanism: mechanism.encode()?,
                bits: u16::try_from(modulus * 8).ok()?,
                spec: spec_of(*slot),
                certificate: content.and_then(|content| piv_certificate::decode(content).ok()),
            })
        })
        .collect()
}

/// Windows logs in with key exchange keys, so 9A is one of them, as it is for the minidriver's PIV half.
fn spec_of(slot: AsymmetricKey) -> KeySpec {
    match slot {
        AsymmetricKey::DigitalSignature | AsymmetricKey::CardAuthentication => KeySpec::Signature,
        _ => KeySpec::Exchange,
    }
}

/// What a key's file allows: what its place in PIV is for, and nothing beyond that.
fn parameters_of(shown: &Shown, reference: u8) -> FileControlParameters {
    let mechanism = |padding| Mechanism {
        padding,
        algorithm: shown.algorithm,
    };
    let usages = match shown.slot.key_use() {
        KeyUse::Sign => [Padding::SignatureByHost, Padding::SignaturePkcs1]
            .map(|padding| KeyUsage::Signature(mechanism(padding)))
            .to_vec(),
        KeyUse::DecryptOrAgree => [
            Padding::None,
            Padding::DecryptionOaep,
            Padding::DecryptionPkcs1,
        ]
        .map(|padding| KeyUsage::Decryption(mechanism(padding)))
        .to_vec(),
    };
    FileControlParameters {
        kind: FileKind::KeyPair(usages),
        identifier: FileId::of_key(reference),
        attribute: SecurityAttribute::of_key_pair(Condition::NEVER, Condition::USER),
    }
}

/// The tables of the minidriver, as they are read and written together.
struct Tables {
    files: MasterFile,
    containers: ContainerMap,
    keys: KeyMap,
}

impl Tables {
    fn read(gids: &Gids) -> Result<Self, FileError> {
        let content = |place| gids.object(place).unwrap_or_default();
        let files = match gids.object(layout::MASTER_FILE) {
            Some(bytes) => MasterFile::decode(bytes)?,
            None => MasterFile::initial(),
        };
        Ok(Self {
            files,
            containers: ContainerMap::decode(content(layout::CONTAINER_MAP))?,
            keys: KeyMap::decode(content(layout::KEY_MAP))?,
        })
    }

    fn write(&self, gids: &mut Gids) -> Result<(), FileError> {
        put(gids, layout::MASTER_FILE, self.files.encode()?);
        put(gids, layout::CONTAINER_MAP, self.containers.encode()?);
        put(gids, layout::KEY_MAP, self.keys.encode());
        Ok(())
    }

    /// Forgets a container and its certificate.
    fn clear(&mut self, gids: &mut Gids, container: u8) {
        let index = usize::from(container);
        if let Some(entry) = self.containers.0.get_mut(index) {
            *entry = None;
        }
        if let Some(entry) = self.keys.0.get_mut(index) {
            *entry = None;
        }
        for spec in [KeySpec::Exchange, KeySpec::Signature] {
            let name = file_name(spec, container);
            if let Some(place) = self.files.find(layout::DIRECTORY, &name) {
                put(gids, place, Vec::new());
                self.files.0.retain(|row| row.place != place);
            }
        }
    }

    /// The first container that has no key, of the card's or of a host's.
    fn free_container(&self, gids: &Gids) -> Option<u8> {
        (0..=u8::MAX - FIRST_KEY).find(|container| {
            let index = usize::from(*container);
            let is_named = matches!(self.containers.0.get(index), Some(Some(_)));
            let file = FileId::of_key(FIRST_KEY + container);
            !is_named && !gids.key_files.contains_key(&file)
        })
    }

    /// Where a file of the minidriver's directory is, or will be.
    fn place_of(&mut self, gids: &Gids, name: String) -> Result<Place, ProvisionError> {
        if let Some(place) = self.files.find(layout::DIRECTORY, &name) {
            return Ok(place);
        }
        let place = layout::certificate_tags()
            .map(|tag| (layout::EVERYONE_READ_USER_WRITE, tag))
            .find(|place| {
                self.files.0.iter().all(|row| row.place != *place)
                    && gids.object(*place).unwrap_or_default().is_empty()
            })
            .ok_or(ProvisionError::Full)?;
        self.files.0.push(Row {
            directory: layout::DIRECTORY.to_owned(),
            name,
            place,
        });
        Ok(place)
    }
}

/// Containers of keys that PIV does not have any more go, those of its other keys are as the keys are now, and hosts read
/// everything again.
fn show_keys(state: &mut CardState) -> Result<(), ProvisionError> {
    let shown = keys_to_show(state);
    let card = state.guid().unwrap_or_default();
    let Some(gids) = &mut state.gids else {
        return Ok(());
    };
    let mut tables = Tables::read(gids)?;
    let mut places: BTreeMap<AsymmetricKey, u8> = BTreeMap::new();
    for (file, key) in &gids.key_files {
        if let (Some(GidsKey::Slot(slot)), Some(reference)) = (&key.key, file.key_reference()) {
            places.insert(*slot, reference - FIRST_KEY);
        }
    }
    for (slot, container) in &places {
        gids.key_files
            .remove(&FileId::of_key(FIRST_KEY + container));
        if !shown.iter().any(|shown| shown.slot == *slot) {
            tables.clear(gids, *container);
        }
    }
    for one in &shown {
        let container = match places.get(&one.slot) {
            Some(container) => *container,
            None => tables.free_container(gids).ok_or(ProvisionError::Full)?,
        };
        show(gids, &mut tables, one, container, card)?;
    }
    tables.write(gids)?;
    let freshness = gids.object(layout::FRESHNESS).map(Freshness::decode);
    let freshness = freshness.transpose()?.unwrap_or_default();
    let freshness = freshness.after_a_change().encode();
    put(gids, layout::FRESHNESS, freshness.to_vec());
    Ok(())
}

fn show(
    gids: &mut Gids,
    tables: &mut Tables,
    shown: &Shown,
    container: u8,
    card: Uuid,
) -> Result<(), ProvisionError> {
    tables.clear(gids, container);
    let reference = FIRST_KEY + container;
    let parameters = parameters_of(shown, reference);
    let file = parameters.identifier;
    let key = Some(GidsKey::Slot(shown.slot));
    gids.key_files.insert(file, KeyFile { parameters, key });
    let index = usize::from(container);
    if tables.containers.0.len() <= index {
        tables.containers.0.resize(index + 1, None);
    }
    // Hosts take both tables for equally long.
    tables.keys.0.resize(tables.containers.0.len(), None);
    let is_default = shown.slot == AsymmetricKey::PivAuthentication;
    if is_default {
        for other in tables.containers.0.iter_mut().flatten() {
            other.is_default = false;
        }
    }
    if let Some(entry) = tables.containers.0.get_mut(index) {
        *entry = Some(Container {
            // The name that Windows gives the same key of a PIV card.
            name: container_name(card, ObjectId::Certificate(shown.slot)).unwrap_or_default(),
            is_default,
            key: shown.spec,
            bits: shown.bits,
        });
    }
    if let Some(entry) = tables.keys.0.get_mut(index) {
        *entry = Some(MappedKey {
            algorithm: shown.mechanism,
            key: shown.spec,
            file,
        });
    }
    if let Some(der) = &shown.certificate {
        let place = tables.place_of(gids, file_name(shown.spec, container))?;
        put(gids, place, certificate::encode(der)?);
    }
    Ok(())
}
