//! When the server issued certificates for itself. At most one an hour: whatever goes wrong after one is on record, it
//! must not be tried again every minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use enroll_server_ca::key_id::KeyId;
use enroll_server_model::{ProfileName, Timestamp};

use crate::error::Error;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Why none is issued now.
#[derive(Debug, thiserror::Error)]
#[error(
    "a certificate of the profile {profile} was put on record at {}, and another one is only after an hour",
    at.rfc3339()
)]
struct Lately {
    profile: ProfileName,
    at: Timestamp,
}

/// Whether another certificate of a profile can follow one of this time.
///
/// # Errors
/// [`Error::TriedInVain`] if it was in the last hour.
pub(crate) fn check(profile: &ProfileName, last: Timestamp, now: Timestamp) -> Result<(), Error> {
    if !last.is_within(HOUR, now) {
        return Ok(());
    }
    let lately = Lately {
        profile: profile.clone(),
        at: last,
    };
    Err(Error::TriedInVain(lately.to_string()))
}

/// When the server last issued itself a certificate of each profile by each authority.
#[derive(Debug, Default)]
pub(crate) struct IssuedLately(Mutex<HashMap<(ProfileName, KeyId), Timestamp>>);

impl IssuedLately {
    /// Notes that one is about to be issued.
    ///
    /// # Errors
    /// [`Error::TriedInVain`] if one was in the last hour.
    pub(crate) fn note(
        &self,
        profile: &ProfileName,
        issuer: KeyId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let mut issued = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let name = (profile.clone(), issuer);
        if let Some(last) = issued.get(&name) {
            check(profile, *last, now)?;
        }
        issued.insert(name, now);
        Ok(())
    }
}
