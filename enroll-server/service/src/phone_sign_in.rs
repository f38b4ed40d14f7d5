//! Signing in with a phone: TLS has proved that the browser can use the certificate's key, for which the phone wants the PIN.
//! Whether the certificate is good is asked of the database alone, by issuer and serial: what it does not know is refused.

use std::time::Duration;

use der::{Decode, Encode};
use x509_cert::Certificate as X509;

use enroll_server_model::random::{self, Token};
use enroll_server_model::{
    CertificateState, HolderState, PhoneRefusal, PhoneState, RevocationReason, Slot,
};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::holder_link::HolderLink;
use enroll_server_store::phone::Phone;
use enroll_server_store::rate_limit::Limit;
use enroll_server_store::{StoreError, holder, phone, revocation};

use crate::app::App;
use crate::error::{Error, Result};
use crate::holder_link;
use crate::rate_limit;

/// For how long the way from here to the holder's own pages is open.
const HANDED_OVER: Duration = Duration::from_secs(2 * 60);

/// How often one phone is shown.
const PER_PHONE: Limit = Limit {
    burst: 20,
    interval: Duration::from_secs(30),
};

/// Why nobody signs in.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The phone is not accepted.
    #[error("the phone is not accepted: {0}")]
    Refused(PhoneRefusal),
    /// The service failed.
    #[error(transparent)]
    Service(#[from] Error),
}

impl From<StoreError> for ShowError {
    fn from(error: StoreError) -> Self {
        Self::Service(error.into())
    }
}

/// The token of a link to the own pages of whose phone this is. `shown` is the certificate whose key the browser has proved to
/// have (DER).
///
/// # Errors
/// [`ShowError::Refused`] if it is not a certificate to sign in with that is good now.
pub async fn show(app: &App, shown: Option<&[u8]>) -> Result<Token, ShowError> {
    let shown = shown.ok_or(ShowError::Refused(PhoneRefusal::NoCertificate))?;
    let found = known(app, shown).await?;
    let row = found.ok_or(ShowError::Refused(PhoneRefusal::AnotherAuthority))?;
    let phone = accepted(app, &row).await?;
    rate_limit::take(app, &format!("own-pages:phone:{}", phone.id), PER_PHONE).await?;
    let token = random::token_of::<32>().map_err(Error::from)?;
    let now = app.clock.now();
    let link = HolderLink {
        id: random::id().map_err(Error::from)?,
        token_hash: token.hash(),
        holder_id: phone.holder_id,
        phone_id: Some(phone.id),
        expires: now.plus(HANDED_OVER),
    };
    holder_link::make(app, link, now).await?;
    Ok(token)
}

/// The row of a certificate that one of our authorities issued: this very one, octet for octet.
async fn known(app: &App, shown: &[u8]) -> Result<Option<Certificate>> {
    let Ok(parsed) = X509::from_der(shown) else {
        return Ok(None);
    };
    let tbs = parsed.tbs_certificate();
    let Ok(issuer) = tbs.issuer().to_der() else {
        return Ok(None);
    };
    let serial = data_encoding::HEXLOWER.encode(tbs.serial_number().as_bytes());
    let on = app.store.reader();
    for authority in app.authorities.iter() {
        if authority.certificate().subject_der != issuer {
            continue;
        }
        if let Some(row) = certificate::by_serial(on, authority.id(), &serial).await?
            && certificate::der(on, &row.id).await?.as_deref() == Some(shown)
        {
            return Ok(Some(row));
        }
    }
    Ok(None)
}

/// The phone of a certificate that is good for signing in.
async fn accepted(app: &App, row: &Certificate) -> Result<Phone, ShowError> {
    let on = app.store.reader();
    let refused = |why| Err(ShowError::Refused(why));
    let Some(phone_id) = row.phone_id.as_deref() else {
        return refused(PhoneRefusal::AnotherKey);
    };
    if row.slot != Some(Slot::PivAuthentication) {
        return refused(PhoneRefusal::AnotherKey);
    }
    if let Some(found) = revocation::of(on, &row.issuer_id, &row.serial).await? {
        return refused(match found.reason {
            RevocationReason::CertificateHold => PhoneRefusal::Suspended,
            _ => PhoneRefusal::Revoked,
        });
    }
    match row.state {
        CertificateState::Issued => {}
        CertificateState::Suspended => return refused(PhoneRefusal::Suspended),
        CertificateState::Reserved | CertificateState::Revoked => {
            return refused(PhoneRefusal::Revoked);
        }
    }
    let Some(phone) = phone::by_id(on, phone_id).await? else {
        return refused(PhoneRefusal::AnotherAuthority);
    };
    match phone.state {
        PhoneState::Active => {}
        PhoneState::Suspended => return refused(PhoneRefusal::Suspended),
        PhoneState::Revoked => return refused(PhoneRefusal::Revoked),
    }
    match holder::by_id(on, &phone.holder_id)
        .await?
        .map(|one| one.state)
    {
        Some(HolderState::Active) => {}
        Some(HolderState::Suspended) => return refused(PhoneRefusal::Suspended),
        Some(HolderState::Gone) | None => return refused(PhoneRefusal::Revoked),
    }
    if !row.validity().contains(app.clock.now()) {
        return refused(PhoneRefusal::Expired);
    }
    Ok(phone)
}
