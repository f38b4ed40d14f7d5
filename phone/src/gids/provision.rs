//! What the card has as a GIDS card where nobody else makes it one: the files that Windows' minidriver makes, and a container
//! for each RSA key that PIV has, with its certificate, so that a phone that is enrolled is enrolled for GIDS too.
//!
//! Such a key stays PIV's: over GIDS it is used, and not made, written or deleted. A PIN alone must not replace a key that an
//! enrollment brought.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use card_edge::gids::control_parameters::KeyUsage;
use card_edge::gids::file_system::certificate::{self, file_name};
use card_edge::gids::file_system::container_map::{Container, KeySpec};
use card_edge::gids::file_system::key_map::MappedKey;
use card_edge::gids::file_system::layout::{self, FIRST_KEY};
use card_edge::gids::{
    Condition, FileControlParameters, FileId, FileKind, Mechanism, Padding, SecurityAttribute,
};
use card_edge::piv::windows::container_name;
use card_edge::piv::{
    AsymmetricKey, KeyAlgorithm, KeyKind, KeyUse, ObjectId, certificate as piv_certificate,
};
use uuid::Uuid;

pub use super::host_files::forget_host_files;
pub use super::provision_error::ProvisionError;

use super::host_files;
use super::initial::{
    blank, freshness, initial, pin_is_not_of_piv, random_administrator_key, set_administrator_key,
};
use super::tables::{Tables, put};
use crate::piv::OBJECTS_MAX;
use crate::state::{CardState, DataFile, Gids, GidsKey, KeyFile, OBJECTS_OF_FILE_MAX, Stage};

/// Makes the card a GIDS card with a file system and containers for the keys of PIV. Where it is one already, its containers
/// become those of the keys that PIV has now; whatever else is in the files stays. A GIDS card encrypts no keys.
///
/// # Errors
/// [`ProvisionError`]; [`ProvisionError::OwnKeys`] and [`ProvisionError::HostFiles`] where a host has made keys or written
/// something and the card is not yet activated, and
/// [`ProvisionError::Sealing`] where keys are encrypted: see [`CardState::unseal_keys`].
pub fn provision(state: &mut CardState) -> Result<(), ProvisionError> {
    state.unseal_keys(None)?;
    match &state.gids {
        Some(gids) if gids.stage == Stage::Operational => {
            let standard = initial(state)?.data_files;
            if let Some(gids) = &mut state.gids {
                complete(gids, standard);
            }
        }
        before => {
            refuse_to_lose_keys(before.as_ref())?;
            host_files::refuse_to_lose(state)?;
            state.gids = Some(initial(state)?);
        }
    }
    show_keys(state)
}

/// Makes the card a blank GIDS card, which a tool will make.
///
/// # Errors
/// [`ProvisionError::NotBlank`], and [`ProvisionError::HostFiles`] where hosts have written something: see
/// [`forget_host_files`].
pub fn provision_blank(state: &mut CardState) -> Result<(), ProvisionError> {
    let has_own_keys = state.gids.iter().flat_map(Gids::own_keys).next().is_some();
    if !state.keys.is_empty() || state.enrollment.is_some() || has_own_keys {
        return Err(ProvisionError::NotBlank);
    }
    host_files::refuse_to_lose(state)?;
    state.unseal_keys(None)?;
    state.gids = Some(blank(state));
    Ok(())
}

/// An enrollment changed the keys of PIV and every secret: a GIDS card shows the new keys, and nobody knows its
/// administrator's key any more. The standard files are there then, with the rules that they should have: whoever made the
/// card, or knew its administrator's key, may have given them others. Keys of hosts stay. Tables that a host has left
/// unreadable or full are made new: certificates that were issued must not be lost for them.
///
/// # Errors
/// [`ProvisionError`].
pub fn after_enrollment(state: &mut CardState) -> Result<(), ProvisionError> {
    let standard = initial(state)?.data_files;
    let Some(gids) = &mut state.gids else {
        return Ok(());
    };
    gids.stage = Stage::Operational;
    gids.pin_is_not_of_piv = false;
    set_administrator_key(gids, random_administrator_key()?);
    for (id, file) in &standard {
        if let Some(existing) = gids.data_files.get_mut(id) {
            existing.parameters = file.parameters.clone();
        }
    }
    complete(gids, standard);
    let before = state.gids.clone();
    match show_keys(state) {
        Err(ProvisionError::File(_) | ProvisionError::Full) => {
            state.gids = before;
            make_files_new(state)?;
        }
        made => made?,
    }
    if let Some(gids) = &mut state.gids {
        let freshness = freshness(gids)?.after_a_new_pin();
        put(gids, layout::FRESHNESS, freshness.encode().to_vec());
    }
    Ok(())
}

/// Shows GIDS the keys that a renewal has replaced or moved, on a card whose holder chose it.
///
/// # Errors
/// [`ProvisionError`].
pub fn after_renewal(state: &mut CardState) -> Result<(), ProvisionError> {
    show_keys(state)
}

/// What the standard files lack.
fn complete(gids: &mut Gids, standard: BTreeMap<FileId, DataFile>) {
    for (id, file) in standard {
        match gids.data_files.entry(id) {
            Entry::Vacant(place) => {
                place.insert(file);
            }
            Entry::Occupied(mut existing) => {
                for (tag, content) in file.objects {
                    existing.get_mut().objects.entry(tag).or_insert(content);
                }
            }
        }
    }
}

/// The data files as they are at first, with the keys that the card has, and counters that go on. Files that keys have not
/// come into go: they may have taken all places.
fn make_files_new(state: &mut CardState) -> Result<(), ProvisionError> {
    let data_files = initial(state)?.data_files;
    if let Some(gids) = &mut state.gids {
        let freshness = freshness(gids);
        gids.data_files = data_files;
        gids.key_files.retain(|_, file| file.key.is_some());
        if let Ok(freshness) = freshness {
            put(gids, layout::FRESHNESS, freshness.encode().to_vec());
        }
    }
    show_keys(state)
}

/// Makes the card a PIV card again. With the PIN and PUK of every new card, which nobody need be asked for, it encrypts keys
/// again.
///
/// # Errors
/// [`ProvisionError`] where something would be lost.
pub fn withdraw(state: &mut CardState) -> Result<(), ProvisionError> {
    refuse_to_lose_keys(state.gids.as_ref())?;
    host_files::refuse_to_lose(state)?;
    if pin_is_not_of_piv(state) {
        return Err(ProvisionError::PinNotOfPiv);
    }
    state.gids = None;
    if state.sealing.is_none() && state.pin.is_default && state.puk.is_default {
        let opening = state.renew_sealing(None)?;
        state.pin = CardState::default_pin(state.pin.limit, opening.as_ref())?;
        state.puk = CardState::default_puk(state.puk.limit, opening.as_ref())?;
    }
    Ok(())
}

/// How many of the keys that hosts use over PIV GIDS cannot have: it knows no curves.
#[must_use]
pub fn keys_on_curves(state: &CardState) -> usize {
    let keys = state.keys.iter();
    keys.filter(|(slot, record)| {
        **slot != AsymmetricKey::Attestation && rsa(record.algorithm).is_none()
    })
    .count()
}

fn refuse_to_lose_keys(gids: Option<&Gids>) -> Result<(), ProvisionError> {
    match gids.map_or(0, |gids| gids.own_keys().count()) {
        0 => Ok(()),
        keys => Err(ProvisionError::OwnKeys(keys)),
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
            let (mechanism, bits) = rsa(record.algorithm)?;
            let content = state.object(ObjectId::Certificate(*slot));
            Some(Shown {
                slot: *slot,
                algorithm: record.algorithm,
                mechanism,
                bits,
                spec: spec_of(*slot),
                certificate: content.and_then(|content| piv_certificate::decode(content).ok()),
            })
        })
        .collect()
}

/// The byte of an RSA key's mechanism without a padding, and the key's bits.
fn rsa(algorithm: KeyAlgorithm) -> Option<(u8, u16)> {
    let KeyKind::Rsa { modulus } = algorithm.kind() else {
        return None;
    };
    let mechanism = Mechanism {
        padding: Padding::None,
        algorithm,
    };
    Some((mechanism.encode()?, u16::try_from(modulus * 8).ok()?))
}

/// Windows logs in with key exchange keys, so 9A is one of them, as it is for the minidriver's PIV half.
fn spec_of(slot: AsymmetricKey) -> KeySpec {
    match slot {
        AsymmetricKey::DigitalSignature | AsymmetricKey::CardAuthentication => KeySpec::Signature,
        _ => KeySpec::Exchange,
    }
}

/// What a key's file allows: what its place in PIV is for, and of 9A both: what is applied to a block that a host has padded
/// decrypts too, as it does over PIV, and a logon may need it.
fn parameters_of(shown: &Shown, reference: u8) -> FileControlParameters {
    let mechanism = |padding| Mechanism {
        padding,
        algorithm: shown.algorithm,
    };
    let mut usages = Vec::new();
    let signs = shown.slot.key_use() == KeyUse::Sign;
    if signs {
        usages.extend(
            [Padding::SignatureByHost, Padding::SignaturePkcs1]
                .map(|padding| KeyUsage::Signature(mechanism(padding))),
        );
    }
    if !signs || shown.slot == AsymmetricKey::PivAuthentication {
        usages.extend(
            [
                Padding::None,
                Padding::DecryptionOaep,
                Padding::DecryptionPkcs1,
            ]
            .map(|padding| KeyUsage::Decryption(mechanism(padding))),
        );
    }
    FileControlParameters {
        kind: FileKind::KeyPair(usages),
        identifier: FileId::of_key(reference),
        attribute: SecurityAttribute::of_key_pair(Condition::NEVER, Condition::USER),
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
    list_own_keys(gids, &mut tables);
    tables.write(gids)?;
    let freshness = freshness(gids)?.after_a_change().encode();
    put(gids, layout::FRESHNESS, freshness.to_vec());
    let is_full = |file: &DataFile| file.objects.len() > OBJECTS_OF_FILE_MAX;
    if gids.data_files.values().any(is_full) || gids.objects_size() > OBJECTS_MAX {
        return Err(ProvisionError::Full);
    }
    Ok(())
}

/// Keys of hosts that the tables do not know are listed: nobody could use or delete them else.
fn list_own_keys(gids: &Gids, tables: &mut Tables) {
    for (id, file) in &gids.key_files {
        let (Some(GidsKey::Own(record)), FileKind::KeyPair(usages), Some(reference)) =
            (&file.key, &file.parameters.kind, id.key_reference())
        else {
            continue;
        };
        let Some(container) = reference.checked_sub(FIRST_KEY) else {
            continue;
        };
        let described = rsa(record.algorithm).filter(|_| !tables.has(container));
        let Some((algorithm, bits)) = described else {
            continue;
        };
        let decrypts = |usage: &KeyUsage| matches!(usage, KeyUsage::Decryption(_));
        let key = if usages.iter().any(decrypts) {
            KeySpec::Exchange
        } else {
            KeySpec::Signature
        };
        let row = Container {
            name: Uuid::new_v4().to_string(),
            is_default: false,
            key,
            bits,
        };
        let mapped = MappedKey {
            algorithm,
            key,
            file: *id,
        };
        tables.set(container, row, mapped);
    }
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
    let row = Container {
        // The name that Windows gives the same key of a PIV card.
        name: container_name(card, ObjectId::Certificate(shown.slot)).unwrap_or_default(),
        // Known hosts use no other kind of RSA key of such a card.
        is_default: shown.slot == AsymmetricKey::PivAuthentication
            && shown.algorithm == KeyAlgorithm::Rsa2048,
        key: shown.spec,
        bits: shown.bits,
    };
    let mapped = MappedKey {
        algorithm: shown.mechanism,
        key: shown.spec,
        file,
    };
    tables.set(container, row, mapped);
    if let Some(der) = &shown.certificate {
        let place = tables.new_place(gids, file_name(shown.spec, container));
        put(
            gids,
            place.ok_or(ProvisionError::Full)?,
            certificate::encode(der)?,
        );
    }
    Ok(())
}
