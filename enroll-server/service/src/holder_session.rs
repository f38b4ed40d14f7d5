//! Sessions of holders on their own pages: from a link to signing out, or until their time is over.

use std::time::Duration;

use enroll_server_model::HolderState;
use enroll_server_model::random::Token;
use enroll_server_store::StoreError;
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::holder_session;

use crate::app::App;
use crate::error::Result;

/// For how long a session lasts.
pub const LASTS: Duration = Duration::from_secs(30 * 60);

/// A holder on their own pages.
#[derive(Clone, Debug)]
pub struct SignedIn {
    /// They.
    pub holder: Holder,
    /// Whether they showed a phone; else they came by mail.
    pub by_phone: bool,
}

/// Who is on their own pages with this token, if it is good.
pub async fn find(app: &App, token: &Token) -> Result<Option<SignedIn>> {
    let on = app.store.reader();
    let session = holder_session::by_token_hash(on, &token.hash()).await?;
    let session = session.filter(|session| session.expires.still_holds(LASTS, app.clock.now()));
    let Some(session) = session else {
        return Ok(None);
    };
    let holder = holder::by_id(on, &session.holder_id).await?;
    let holder = holder.filter(|holder| holder.state == HolderState::Active);
    Ok(holder.map(|holder| SignedIn {
        holder,
        by_phone: session.phone_id.is_some(),
    }))
}

/// Ends a session: its holder signed out.
pub async fn end(app: &App, token: &Token) -> Result<()> {
    let hash = token.hash();
    app.store
        .write::<_, StoreError, _>(move |tx| {
            Box::pin(async move { holder_session::delete(tx, &hash).await })
        })
        .await?;
    Ok(())
}
