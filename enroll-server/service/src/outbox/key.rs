//! What secrets for others are made with: those of webhooks, the links that are sent by mail, authenticator
//! apps and recovery codes. They are made of a key and of the id of what they are for, so that no table has them, and a
//! repetition has the same. The key is in the database under the passphrase of the authorities' keys: several servers share
//! it, and a backup without the passphrase does not tell it.

use std::sync::Arc;

use enroll_server_ca::secret_key::{self, SecretKey};
use enroll_server_store::{StoreError, installation};

use super::outbox_key::OutboxKey;
use crate::app::App;
use crate::blocking::blocking;
use crate::error::Result;

/// The key of this installation, which is made when it is needed first.
pub(crate) async fn key(app: &App) -> Result<Arc<OutboxKey>> {
    let make = || async { read_or_make(app).await.map(Arc::new) };
    app.outbox_key.get_or_try_init(make).await.cloned()
}

async fn read_or_make(app: &App) -> Result<OutboxKey> {
    loop {
        let sealed = installation::outbox_key(app.store.reader()).await?;
        if let Some(key) = opened(app, sealed.clone()).await? {
            return Ok(OutboxKey::new(key));
        }
        if sealed.is_some() {
            tracing::error!(
                "the passphrase of the keys is another one than before: the secrets of all webhooks change (remove each webhook, and add it again), no mail has the link of an earlier invitation, no enrolled phone takes a code for a new PIN (invite its holder again), and no second factor fits any more (\"enroll-server administrator remove-second-factor\" removes one)"
            );
        }
        let passphrase = app.passphrase.clone();
        let (key, made) = blocking(move || secret_key::make(&passphrase)).await?;
        let is_kept = app
            .store
            .write::<_, StoreError, _>(move |tx| {
                Box::pin(
                    async move { installation::set_outbox_key(tx, &made, sealed.as_deref()).await },
                )
            })
            .await?;
        // Else another server was first.
        if is_kept {
            return Ok(OutboxKey::new(key));
        }
    }
}

async fn opened(app: &App, sealed: Option<String>) -> Result<Option<SecretKey>> {
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let passphrase = app.passphrase.clone();
    blocking(move || Ok::<_, crate::error::Error>(secret_key::open(&sealed, &passphrase))).await
}
