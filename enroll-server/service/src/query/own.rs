//! What holders read of themselves.

use enroll_server_model::{ObjectKind, PhoneState, Slot, Timestamp};
use enroll_server_store::holder::Holder;
use enroll_server_store::phone::{self, Phone};
use enroll_server_store::{certificate, suspension};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;

/// A phone as its holder sees it.
#[derive(Clone, Debug)]
pub struct OwnPhone {
    /// The phone.
    pub phone: Phone,
    /// What its valid certificates are for, by slot.
    pub uses: Vec<Slot>,
    /// When the first of them ends.
    pub next_end: Option<Timestamp>,
    /// When its suspension ends by itself, if it does.
    pub suspended_until: Option<Timestamp>,
}

/// The phones of a holder: first those that are not revoked, and the newest of them first.
pub async fn own_phones(app: &App, holder: &Holder) -> Result<Vec<OwnPhone>> {
    let (on, now) = (app.store.reader(), app.clock.now());
    let mut phones = phone::of_holder(on, &holder.id).await?;
    phones.sort_by_key(|phone| phone.state == PhoneState::Revoked);
    let mut own = Vec::new();
    for phone in phones {
        let mut valid = certificate::of_phone(on, &phone.id).await?;
        valid.retain(|certificate| certificate.is_valid_at(now));
        let mut uses: Vec<Slot> = valid.iter().filter_map(|one| one.slot).collect();
        uses.dedup();
        let suspension = suspension::of(on, ObjectKind::Phone, &phone.id).await?;
        own.push(OwnPhone {
            suspended_until: suspension.and_then(|suspension| suspension.until),
            phone,
            uses,
            next_end: valid.iter().map(|one| one.not_after).min(),
        });
    }
    Ok(own)
}

/// The phone with this id, if it is of this holder and not revoked.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own_phone(app: &App, holder: &Holder, id: &str) -> Result<Phone> {
    let found = phone::by_id(app.store.reader(), id).await?;
    let own =
        found.filter(|phone| phone.holder_id == holder.id && phone.state != PhoneState::Revoked);
    own.ok_or(Error::NotFound(Object::Phone))
}
