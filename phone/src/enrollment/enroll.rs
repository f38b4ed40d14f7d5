//! One enrollment, from the invitation to the enrolled card.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use card_edge::piv::{AsymmetricKey, Pin};
use enrollment_protocol::enrollment::{EnrollmentRequest, Phone};
use enrollment_protocol::{Der, Guid, Invitation, TokenText, Version};
use x509_cert::Certificate;
use zeroize::Zeroizing;

use super::client::{Client, ServerError};
use super::error::EnrollError;
use super::http::Http;
use super::install::{NewSecrets, install};
use super::issued::{Expected, check_issued};
use super::keys::{begin, make_missing_keys};
use super::new_secrets::{kept_unblocking, random_puk};
use super::request::{certification_requests, check_in_request};
use super::step::Step;
use super::text::cut;
use crate::key_store::KeyStore;
use crate::present_pin;
use crate::secret::Secret;
use crate::state::encoding::Bytes;
use crate::state::{CheckIn, Enrollment, PendingEnrollment, StateError, Store};

/// What an enrollment brought.
#[derive(Debug)]
pub enum Enrolled {
    /// Certificates were issued and stored.
    New {
        /// Who issued, and to whom.
        enrollment: Enrollment,
        /// The certificates by key.
        certificates: BTreeMap<AsymmetricKey, Certificate>,
        /// The new PIN unblocking key, eight digits, to be shown once: see [`puk_was_seen`].
        puk: Zeroizing<String>,
    },
    /// This card had been enrolled with this very invitation before: nothing was done.
    Already {
        /// Who issued, and to whom.
        enrollment: Enrollment,
        /// The PIN unblocking key, where it has not been shown yet and was not changed since.
        puk: Option<Zeroizing<String>>,
    },
}

/// The holder has seen the new PUK: the card forgets it, but for its hash.
///
/// # Errors
/// [`StateError`].
pub fn puk_was_seen(store: &mut Store) -> Result<(), StateError> {
    store.update(|state| {
        if let Some(enrollment) = &mut state.enrollment {
            enrollment.unseen_puk = None;
        }
        Ok(())
    })
}

/// What a phone brings to an enrollment beside its card.
#[derive(Clone, Copy)]
pub struct Device<'a> {
    /// Where its keys are made.
    pub keys: &'a dyn KeyStore,
    /// Its way to the server.
    pub http: &'a dyn Http,
    /// What it calls itself.
    pub name: &'a str,
    /// Its clock.
    pub clock: fn() -> SystemTime,
}

/// A PIN that an enrollment asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WantedPin<'a> {
    /// The one in force: the card keeps keys that are encrypted under it, or a global PIN that decrypts keys. Without it they
    /// are forgotten.
    Present {
        /// The places of the keys.
        keys: &'a [AsymmetricKey],
        /// Whether there is a global PIN.
        global_pin: bool,
        /// The tries that are left.
        tries: u8,
    },
    /// The new one.
    New,
}

/// Enrolls the card in `store`. `ask_pin` gives the PINs that are asked for, once the offer is known: the one in force
/// where it is needed, or none, and then the new one. `on_step` is called at each step.
///
/// # Errors
/// [`EnrollError`]. The card then is as it was, but for keys that wait for the next attempt.
pub fn enroll(
    store: &mut Store,
    device: Device<'_>,
    invitation: &Invitation,
    mut ask_pin: impl FnMut(WantedPin<'_>, &PendingEnrollment) -> Result<Option<Pin>, EnrollError>,
    mut on_step: impl FnMut(Step<'_>),
) -> Result<Enrolled, EnrollError> {
    let Device {
        keys, http, name, ..
    } = device;
    let _alone = store.begin_enrollment()?;
    // Nothing was proved to the card that another process has changed before.
    store.refresh()?;
    let id = invitation.token().hash();
    if let Some(enrollment) = &store.state().enrollment
        && enrollment.invitation == id
    {
        let is_in_force = |puk: &&Secret| {
            let in_force = &store.state().puk;
            in_force.matches(puk.as_bytes()).unwrap_or(false)
        };
        let puk = enrollment
            .unseen_puk
            .as_ref()
            .filter(is_in_force)
            .map(|puk| {
                let digits = String::from_utf8_lossy(puk.as_bytes());
                Zeroizing::new(digits.into_owned())
            });
        return Ok(Enrolled::Already {
            enrollment: enrollment.clone(),
            puk,
        });
    }
    let guid = store.state().guid().ok_or(EnrollError::NoIdentity)?;
    let guid = Guid::from_bytes(guid.into_bytes());
    let client = Client::connect(http, invitation)?;
    let begun = store
        .state()
        .begun_enrollments()
        .find(|begun| begun.invitation == id)
        .cloned();
    let pending = match begun {
        // The server may have used the invitation up for these keys: it is not asked for its offer again.
        Some(begun) => {
            on_step(Step::GoingOn);
            begun
        }
        None => {
            let offer = client.offer(invitation)?;
            on_step(Step::FoundServer(&invitation.server()));
            begin(id, offer, keys.algorithms())?
        }
    };
    let is_replaced = |slot| pending.offered.contains_key(&slot);
    let (opening, forgets) = if store.state().needs_present_pin(is_replaced) {
        let keys: Vec<_> = store.state().sealed_keys().collect();
        let keys: Vec<_> = keys.into_iter().filter(|key| !is_replaced(*key)).collect();
        let wanted = WantedPin::Present {
            keys: &keys,
            global_pin: store.state().global_pin.is_some(),
            tries: store.tries()?.pin,
        };
        let opening = present_pin::opening_key(store, || ask_pin(wanted, &pending))?;
        let forgets = opening.is_none();
        (opening, forgets)
    } else {
        (None, false)
    };
    let pin = ask_pin(WantedPin::New, &pending)?.ok_or(EnrollError::NoPin)?;
    let pending = make_missing_keys(store, keys, pending, &mut on_step)?;
    let requests = certification_requests(keys, &pending)?;
    let check_in = check_in_request(keys, &pending)?;
    on_step(Step::Requesting(requests.len()));
    let answer = client.enroll(&EnrollmentRequest {
        protocol: Version::CURRENT,
        invitation: TokenText::from(invitation.token()),
        phone: Phone {
            name: name.to_owned(),
            guid,
        },
        requests,
        check_in,
    });
    let answer = answer.map_err(|error| match error {
        ServerError::Unreachable { .. } | ServerError::Malformed { .. } => {
            EnrollError::NoCertificates(error)
        }
        error => error.into(),
    })?;
    let expected = Expected {
        root: client.root(),
        card: guid,
        now: (device.clock)()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default(),
    };
    let certificates = check_issued(keys, &pending, &answer, &expected)?;
    if let Some(notice) = &answer.notice {
        on_step(Step::Notice(&cut(notice)));
    }
    let puk = random_puk()?;
    let enrollment = Enrollment {
        organisation: pending.organisation.clone(),
        holder: pending.holder.clone(),
        server: invitation.server(),
        phone: answer.phone,
        invitation: pending.invitation.clone(),
        issuers: answer
            .issuers
            .into_iter()
            .map(|Der(der)| Bytes(der))
            .collect(),
        unseen_puk: Some(Secret::new(puk.as_bytes().to_vec())),
    };
    let unblocking = answer.unblocking;
    let check_in = pending.check_in.clone().map(|key| CheckIn {
        server: enrollment.server.clone(),
        phone: enrollment.phone.clone(),
        root: Bytes(client.root().to_vec()),
        key,
        renewal: BTreeMap::new(),
        unblocking: None,
        is_wiped: false,
    });
    let secrets = NewSecrets {
        pin: &pin,
        puk: &puk,
        opening: opening.as_ref(),
        forgets_sealed_keys: forgets,
    };
    store.update(|state| {
        let opening = install(state, keys, &pending, &certificates, &enrollment, &secrets)?;
        let kept = |key| kept_unblocking(key, opening.as_ref());
        let unblocking = unblocking.as_ref().map(kept).transpose();
        let unblocking = unblocking.map_err(StateError::from)?;
        state.check_in = check_in.map(|own| CheckIn { unblocking, ..own });
        Ok::<_, EnrollError>(())
    })?;
    Ok(Enrolled::New {
        enrollment,
        certificates,
        puk,
    })
}
