//! Whether the database is as new as the authorities: it knows every CRL that they have published. An older one, restored
//! from a backup, or an empty one would have what was revoked since be good again.

use std::collections::HashMap;
use std::path::Path;

use enroll_server_ca::authorities::folder;
use enroll_server_ca::authorities::set::Authorities;
use enroll_server_ca::key_id::KeyId;
use enroll_server_store::{Store, crl};

use crate::blocking::blocking;
use crate::out_of_step::OutOfStep;
use crate::start_error::StartError;

/// Holds the database against the CRLs that are kept beside the keys in `folder`; returns their numbers.
pub(crate) async fn check(
    store: &Store,
    authorities: &Authorities,
    folder: &Path,
) -> Result<HashMap<KeyId, i64>, StartError> {
    let mut numbers = HashMap::new();
    for authority in authorities.iter() {
        let (of_folder, issuer) = (folder.to_owned(), authority.clone());
        let kept = blocking(move || folder::kept_crl(&of_folder, issuer.certificate())).await?;
        let Some((kept, der)) = kept else {
            continue;
        };
        let newest = crl::newest(store.reader(), authority.id()).await?;
        let known = newest.as_ref().map_or(0, |newest| newest.number);
        let is_same = newest.is_some_and(|newest| newest.body.as_ref() == der);
        if known < kept.number || (known == kept.number && !is_same) {
            return Err(OutOfStep::Behind {
                authority: authority.certificate().name.clone(),
                kept: kept.number,
                known,
            }
            .into());
        }
        numbers.insert(authority.key_id(), kept.number);
    }
    Ok(numbers)
}
