//! What hosts have written to a GIDS card beside keys: it goes with the card's files, and not without a word.

use card_edge::gids::file_system::layout::{self, FIRST_KEY, Place};

use super::initial::initial;
use super::provision_error::ProvisionError;
use super::tables::Tables;
use crate::state::{CardState, GidsKey};

/// Fails where hosts have written something.
///
/// # Errors
/// [`ProvisionError::HostFiles`], or why it cannot be known.
pub(super) fn refuse_to_lose(state: &CardState) -> Result<(), ProvisionError> {
    match written(state)?.len() {
        0 => Ok(()),
        files => Err(ProvisionError::HostFiles(files)),
    }
}

/// Forgets what hosts have written: their files are empty then.
///
/// # Errors
/// [`ProvisionError`] where it cannot be known.
pub fn forget_host_files(state: &mut CardState) -> Result<(), ProvisionError> {
    let written = written(state)?;
    for (file, tag) in written {
        let files = state.gids.as_mut().map(|gids| &mut gids.data_files);
        if let Some(file) = files.and_then(|files| files.get_mut(&file)) {
            file.objects.remove(&tag);
        }
    }
    Ok(())
}

/// Where something is that is neither the minidriver's own table nor the certificate of a key that PIV has.
fn written(state: &CardState) -> Result<Vec<Place>, ProvisionError> {
    let Some(gids) = &state.gids else {
        return Ok(Vec::new());
    };
    let standard = initial(state)?;
    let is_standard = |place: Place| place == layout::KEY_MAP || standard.object(place).is_some();
    let mut others = gids.clone();
    // Where the tables cannot be read nobody knows which certificates are PIV's.
    if let Ok(mut tables) = Tables::read(gids) {
        for (file, key) in &gids.key_files {
            let container = file
                .key_reference()
                .and_then(|key| key.checked_sub(FIRST_KEY));
            if let (Some(GidsKey::Slot(_)), Some(container)) = (&key.key, container) {
                tables.clear(&mut others, container);
            }
        }
    }
    let places = others.data_files.iter().flat_map(|(file, data)| {
        let written = data
            .objects
            .iter()
            .filter(|(_, content)| !content.0.is_empty());
        written.map(|(tag, _)| (*file, *tag))
    });
    Ok(places.filter(|place| !is_standard(*place)).collect())
}
