//! The lists that people browse.

use enroll_server_model::{InvitationState, ObjectKind, PhoneState, Timestamp};
use enroll_server_store::certificate::CertificateSummary;
use enroll_server_store::invitation::InvitationSummary;
use enroll_server_store::listing::{
    self, After, CertificateFilter, EventSummary, HolderFilter, HolderSummary,
};
use enroll_server_store::phone::PhoneSummary;

use super::page::{LIMIT, Page};
use crate::app::App;
use crate::error::Result;

/// Holders by name whose name, mail address or UPN has `search` in it.
pub async fn holders(
    app: &App,
    filter: HolderFilter,
    search: &str,
    after: Option<&After<String>>,
) -> Result<Page<HolderSummary>> {
    let on = app.store.reader();
    let now = app.clock.now();
    let found = listing::holders(on, filter, now, search, after, LIMIT).await?;
    Ok(Page::of(found))
}

/// Phones, newest first, whose holder, name or GUID has `search` in it.
pub async fn phones(
    app: &App,
    state: Option<PhoneState>,
    search: &str,
    after: Option<&After<Timestamp>>,
) -> Result<Page<PhoneSummary>> {
    let on = app.store.reader();
    let found = listing::phones(on, state, search, after, LIMIT).await?;
    Ok(Page::of(found))
}

/// Invitations, newest first; those that are pending or have expired, the last to expire first.
pub async fn invitations(
    app: &App,
    state: Option<InvitationState>,
    after: Option<&After<Timestamp>>,
) -> Result<Page<InvitationSummary>> {
    let on = app.store.reader();
    let now = app.clock.now();
    let found = listing::invitations(on, state, now, after, LIMIT).await?;
    Ok(Page::by(found, |row| After {
        key: listing::invitation_key(state, row),
        id: row.invitation.id.clone(),
    }))
}

/// The phones' certificates whose holder has `search` in the name, or whose serial number begins with one of `serials`
/// (lower-case hexadecimal), in the order of the [filter](CertificateFilter::key).
pub async fn certificates(
    app: &App,
    filter: CertificateFilter,
    search: &str,
    serials: &[String; 2],
    after: Option<&After<Timestamp>>,
) -> Result<Page<CertificateSummary>> {
    let on = app.store.reader();
    let now = app.clock.now();
    let found = listing::certificates(on, filter, now, search, serials, after, LIMIT).await?;
    Ok(Page::by(found, |row| After {
        key: filter.key(row),
        id: row.certificate.id.clone(),
    }))
}

/// Audit events, newest first; those before the event numbered `before`, if it is given.
pub async fn events(
    app: &App,
    about: Option<ObjectKind>,
    before: Option<i64>,
) -> Result<Page<EventSummary>> {
    let on = app.store.reader();
    Ok(Page::of(listing::events(on, about, before, LIMIT).await?))
}
