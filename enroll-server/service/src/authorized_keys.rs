//! The public keys by which sshd lets a person in: those of their valid 9A certificates, now. A revoked phone's key
//! is not among them, so sshd refuses it from the moment of its revocation.

use enroll_server_ca::ssh;
use enroll_server_model::Slot;
use enroll_server_store::{certificate, holder};

use crate::app::App;
use crate::error::Result;

/// The lines of an `authorized_keys` file for an account; none if nobody has it.
pub async fn lines(app: &App, username: &str) -> Result<Vec<String>> {
    let Some(holder) = holder::by_username(app.store.reader(), username).await? else {
        return Ok(Vec::new());
    };
    let slot = Slot::PivAuthentication;
    let now = app.clock.now();
    let valid = certificate::valid_of_holder(app.store.reader(), &holder.id, slot, now).await?;
    valid
        .iter()
        .map(|row| Ok(ssh::authorized_key(&row.der)?))
        .collect()
}
