//! What pages and the API read, once for both.

use enroll_server_model::{ObjectKind, PhoneState, Timestamp};
use enroll_server_store::{
    audit, certificate, crl, holder, invitation, issuer, listing, phone, revocation,
};

use crate::app::App;
use crate::error::{Error, Result};
pub use enroll_server_ca::CaCertificate;
pub use enroll_server_ca::extension::MS_UPN;
pub use enroll_server_ca::profile::{
    DOCUMENT_SIGNING, MS_SMART_CARD_LOGON, PIV_CARD_AUTHENTICATION, Profile, requested_keys,
};
pub use enroll_server_store::audit::RecordedEvent;
pub use enroll_server_store::certificate::Certificate;
pub use enroll_server_store::holder::Holder;
pub use enroll_server_store::invitation::{Invitation, InvitationSummary};
pub use enroll_server_store::listing::{After, CertificateFilter, CertificateSummary};
pub use enroll_server_store::phone::{Phone, PhoneSummary};
pub use enroll_server_store::revocation::Revocation;
pub use enroll_server_store::session::{Session, SignedIn};

/// Holders by name whose name, mail address or UPN has `search` in it.
///
/// # Errors
/// If the database fails.
pub async fn holders(
    app: &App,
    search: &str,
    after: Option<&After<String>>,
    limit: i64,
) -> Result<Vec<Holder>> {
    Ok(listing::holders(app.store.reader(), search, after, limit).await?)
}

/// Phones, newest first, whose holder, name or GUID has `search` in it.
///
/// # Errors
/// If the database fails.
pub async fn phones(
    app: &App,
    state: Option<PhoneState>,
    search: &str,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<PhoneSummary>> {
    Ok(listing::phones(app.store.reader(), state, search, after, limit).await?)
}

/// Invitations, newest first.
///
/// # Errors
/// If the database fails.
pub async fn invitations(
    app: &App,
    state: Option<enroll_server_model::InvitationState>,
    now: Timestamp,
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<InvitationSummary>> {
    Ok(listing::invitations(app.store.reader(), state, now, after, limit).await?)
}

/// The phones' certificates, newest first, whose holder has `search` in the name, or whose serial number begins
/// with one of `serials` (lower-case hexadecimal).
///
/// # Errors
/// If the database fails.
pub async fn certificates(
    app: &App,
    filter: CertificateFilter,
    now: Timestamp,
    search: &str,
    serials: &[String; 2],
    after: Option<&After<Timestamp>>,
    limit: i64,
) -> Result<Vec<CertificateSummary>> {
    let on = app.store.reader();
    Ok(listing::certificates(on, filter, now, search, serials, after, limit).await?)
}

/// Audit events, newest first; those before the event numbered `before`, if it is given.
///
/// # Errors
/// If the database fails.
pub async fn events(
    app: &App,
    about: Option<ObjectKind>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<RecordedEvent>> {
    Ok(listing::events(app.store.reader(), about, before, limit).await?)
}

/// The newest events about one object, newest first.
///
/// # Errors
/// If the database fails.
pub async fn events_about(
    app: &App,
    kind: ObjectKind,
    id: &str,
    limit: i64,
) -> Result<Vec<RecordedEvent>> {
    Ok(audit::about(app.store.reader(), kind, id, limit).await?)
}

/// What an event happened to, by the names that people know: the phone's and the holder's.
///
/// # Errors
/// If the database fails.
pub async fn names_in(
    app: &App,
    event: &RecordedEvent,
) -> Result<(Option<String>, Option<String>)> {
    let on = app.store.reader();
    let id = event.object_id.as_str();
    let (phone, holder_id) = match event.object_kind {
        ObjectKind::Phone => match phone::by_id(on, id).await? {
            Some(phone) => (Some(phone.name), phone.holder_id),
            None => return Ok((None, None)),
        },
        ObjectKind::Invitation => match invitation::by_id(on, id).await? {
            Some(invitation) => (None, invitation.holder_id),
            None => return Ok((None, None)),
        },
        ObjectKind::Certificate => match certificate::by_id(on, id).await? {
            Some(certificate) => (None, certificate.holder_id.unwrap_or_default()),
            None => return Ok((None, None)),
        },
        _ => return Ok((None, None)),
    };
    let holder = holder::by_id(on, &holder_id).await?;
    Ok((phone, holder.map(|holder| holder.name)))
}

/// The holder with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn holder(app: &App, id: &str) -> Result<Holder> {
    holder::by_id(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound("holder"))
}

/// The phones of a holder, newest first.
///
/// # Errors
/// If the database fails.
pub async fn phones_of_holder(app: &App, id: &str) -> Result<Vec<Phone>> {
    Ok(phone::of_holder(app.store.reader(), id).await?)
}

/// The invitations of a holder, newest first.
///
/// # Errors
/// If the database fails.
pub async fn invitations_of_holder(app: &App, id: &str) -> Result<Vec<Invitation>> {
    Ok(invitation::of_holder(app.store.reader(), id).await?)
}

/// The invitation with this id, and who is invited.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn invitation(app: &App, id: &str) -> Result<(Invitation, Holder)> {
    let invitation = invitation::by_id(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound("invitation"))?;
    let holder = holder::by_id(app.store.reader(), &invitation.holder_id)
        .await?
        .ok_or(Error::NotFound("invitation"))?;
    Ok((invitation, holder))
}

/// The phone with this id, and whose it is.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn phone(app: &App, id: &str) -> Result<(Phone, Holder)> {
    let phone = phone::by_id(app.store.reader(), id)
        .await?
        .ok_or(Error::NotFound("phone"))?;
    let holder = holder::by_id(app.store.reader(), &phone.holder_id)
        .await?
        .ok_or(Error::NotFound("phone"))?;
    Ok((phone, holder))
}

/// The phone with this id, if there is one.
///
/// # Errors
/// If the database fails.
pub async fn enrolled_phone(app: &App, id: &str) -> Result<Option<Phone>> {
    Ok(phone::by_id(app.store.reader(), id).await?)
}

/// The certificates of a phone, by slot, the newest of a slot first.
///
/// # Errors
/// If the database fails.
pub async fn certificates_of_phone(app: &App, id: &str) -> Result<Vec<Certificate>> {
    Ok(certificate::of_phone(app.store.reader(), id).await?)
}

/// A certificate of a phone, with the phone and its holder.
#[derive(Clone, Debug)]
pub struct CertificateOfPhone {
    /// The certificate.
    pub certificate: Certificate,
    /// The phone.
    pub phone: Phone,
    /// Whose it is.
    pub holder: Holder,
}

/// The phone's certificate with this id. The server's own certificates are not found.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn certificate(app: &App, id: &str) -> Result<CertificateOfPhone> {
    const NOT_FOUND: Error = Error::NotFound("certificate");
    let on = app.store.reader();
    let certificate = certificate::by_id(on, id).await?.ok_or(NOT_FOUND)?;
    let phone_id = certificate.phone_id.as_deref().ok_or(NOT_FOUND)?;
    let phone = phone::by_id(on, phone_id).await?.ok_or(NOT_FOUND)?;
    let holder = holder::by_id(on, &phone.holder_id)
        .await?
        .ok_or(NOT_FOUND)?;
    Ok(CertificateOfPhone {
        certificate,
        phone,
        holder,
    })
}

/// A certificate's DER, if it was ever signed.
///
/// # Errors
/// If the database fails.
pub async fn certificate_der(app: &App, id: &str) -> Result<Option<Vec<u8>>> {
    Ok(certificate::der(app.store.reader(), id).await?)
}

/// The revocation of a certificate, if it is revoked.
///
/// # Errors
/// If the database fails.
pub async fn revocation(app: &App, certificate: &Certificate) -> Result<Option<Revocation>> {
    let Certificate {
        issuer_id, serial, ..
    } = certificate;
    Ok(revocation::of(app.store.reader(), issuer_id, serial).await?)
}

/// What the overview counts.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Holders.
    pub holders: i64,
    /// Phones that are active.
    pub active_phones: i64,
    /// Phones that are revoked.
    pub revoked_phones: i64,
    /// Valid certificates of phones.
    pub valid: i64,
    /// Those of them that end soon.
    pub ending: i64,
    /// Invitations that can be used.
    pub open_invitations: i64,
    /// Those of them that end soon.
    pub lapsing_invitations: i64,
    /// Certificates revoked lately.
    pub revoked_lately: i64,
    /// Revocation lists that should have been replaced.
    pub stale_lists: i64,
}

/// Counts; certificates end soon before `soon`, invitations before `lapsing`, and lately is since `lately`.
///
/// # Errors
/// If the database fails.
pub async fn counts(
    app: &App,
    now: Timestamp,
    soon: Timestamp,
    lapsing: Timestamp,
    lately: Timestamp,
) -> Result<Counts> {
    let on = app.store.reader();
    let mut stale_lists = 0;
    for issuer in issuer::all(on).await? {
        if let Some(list) = crl::newest(on, &issuer.id).await?
            && list.next_update < now
        {
            stale_lists += 1;
        }
    }
    Ok(Counts {
        holders: holder::count(on).await?,
        active_phones: phone::count(on, PhoneState::Active).await?,
        revoked_phones: phone::count(on, PhoneState::Revoked).await?,
        valid: certificate::count_valid(on, now, Timestamp(i64::MAX)).await?,
        ending: certificate::count_valid(on, now, soon).await?,
        open_invitations: invitation::count_pending(on, now).await?,
        lapsing_invitations: listing::count_invitations_ending(on, now, lapsing).await?,
        revoked_lately: listing::count_revoked_since(on, lately).await?,
        stale_lists,
    })
}

/// The earlier invitation with the id `again`, and the holder invited with it, or the holder with the id `holder`.
///
/// # Errors
/// If the database fails.
pub async fn invited_before(
    app: &App,
    again: &str,
    holder: &str,
) -> Result<(Option<Invitation>, Option<Holder>)> {
    let on = app.store.reader();
    let earlier = invitation::by_id(on, again).await?;
    let holder_id = earlier
        .as_ref()
        .map_or(holder, |earlier| &earlier.holder_id);
    let holder = holder::by_id(on, holder_id).await?;
    Ok((earlier, holder))
}
