//! A check-in: what a phone says is noted, and it is told what to do.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use enroll_server_model::event_detail::{HinderedRenewal, Nothing};
use enroll_server_model::{
    Actor, CertificateState, Event, HolderState, NewEvent, PhoneState, Problem, RevocationReason,
    Timestamp,
};
use enroll_server_store::certificate::{self, Certificate};
use enroll_server_store::check_in::{self, LastCheckIn};
use enroll_server_store::{Transaction, holder};
use enrollment_protocol::check_in::{CheckIn, PATH, RenewalOrder, Signed};

use super::{due, proof};
use crate::app::App;
use crate::error::{Error, Result};
use crate::{revocation, text};

/// Most characters of a program's version that are kept.
const LONGEST_VERSION: usize = 40;

/// What a phone is told.
#[derive(Clone, Debug)]
pub struct Told {
    /// What the server has it for.
    pub state: PhoneState,
    /// After how long it is to check in again.
    pub next: Duration,
    /// Whether it is to empty its card.
    pub wipe: bool,
    /// The challenge for its next message.
    pub challenge: String,
    /// What it is to renew.
    pub renewals: Vec<RenewalOrder>,
    /// What it would renew and cannot.
    pub problems: Vec<Problem>,
}

/// Takes a phone's check-in. What is on its card now takes the place of what was there: earlier certificates for other keys in
/// the same slot are revoked as superseded.
///
/// # Errors
/// [`Error::PhoneUnknown`], [`Error::CheckInRefused`], [`Error::RequestMalformed`], [`Error::RateLimited`].
pub async fn check_in(app: &Arc<App>, signed: Signed, client: IpAddr) -> Result<Told> {
    let proved = proof::read::<CheckIn>(app, signed, PATH, client).await?;
    let now = app.clock.now();
    let at = app.clone();
    let source = client.to_canonical().to_string();
    let told = app
        .store
        .write(move |tx| {
            Box::pin(async move {
                // First of all, as whoever suspends or revokes a phone does.
                let holder = holder::lock(tx, &proved.holder).await?;
                let said = &proved.message;
                let challenge = proof::use_challenge(tx, &proved, &said.challenge, now).await?;
                let phone = check_in::by_id(tx.reader(), &proved.phone).await?;
                let phone = phone.ok_or(Error::PhoneUnknown)?;
                let name = proof::name(tx, &proved.phone).await?;
                let actor = Actor::phone(&proved.phone, &name, &source);
                let is_active = phone.state == PhoneState::Active
                    && holder.is_some_and(|holder| holder.state == HolderState::Active);
                let rows = certificate::of_phone(tx.reader(), &proved.phone).await?;
                let installed = installed(&rows, said);
                let (mut renewals, mut problems) = Default::default();
                if is_active && !said.wiped {
                    supersede(tx, &rows, &installed, now, &actor).await?;
                    (renewals, problems) = due::orders(&at, &installed, now);
                }
                let wiped_at = phone.last.wiped_at.or(said.wiped.then_some(now));
                if wiped_at != phone.last.wiped_at {
                    let event = Event::PhoneWiped(Nothing {});
                    tx.record(NewEvent::new(now, &actor, &proved.phone, event));
                }
                let hindrances = hindrances(said, &renewals, &problems, &phone.last);
                let noted = Some(&hindrances)
                    .filter(|found| !found.is_empty())
                    .and_then(|found| serde_json::to_string(found).ok());
                if noted.is_some() && noted != phone.last.problems {
                    let event = Event::RenewalHindered(HinderedRenewal {
                        problems: hindrances,
                    });
                    tx.record(NewEvent::new(now, &actor, &proved.phone, event));
                }
                let note = LastCheckIn {
                    last_seen: Some(now),
                    app_version: Some(version(&said.version)),
                    key_protection: Some(said.keys.clone())
                        .filter(|keys| ["software", "hardware"].contains(&keys.as_str())),
                    last_use: said.last_use.map(Timestamp::from_seconds),
                    problems: noted,
                    wiped_at,
                };
                check_in::note(tx, &proved.phone, &note).await?;
                Ok::<_, Error>(Told {
                    state: phone.state,
                    next: due::pause(&at, &installed),
                    wipe: phone.state == PhoneState::Revoked && !said.wiped,
                    challenge,
                    renewals,
                    problems,
                })
            })
        })
        .await;
    app.crls.due.notify_one();
    told
}

/// The certificates of a phone that it says are on its card.
fn installed(rows: &[Certificate], said: &CheckIn) -> Vec<Certificate> {
    let is_there = |row: &&Certificate| {
        said.certificates
            .iter()
            .any(|one| Some(one.slot) == row.slot && Some(&one.sha256) == row.fingerprint.as_ref())
    };
    rows.iter().filter(is_there).cloned().collect()
}

/// Revokes what the certificates on the card have taken the place of. An earlier one for the same key stays until it ends.
async fn supersede(
    tx: &mut Transaction,
    rows: &[Certificate],
    installed: &[Certificate],
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    for new in installed {
        if new.state != CertificateState::Issued {
            continue;
        }
        for old in rows {
            let is_before = old.slot == new.slot
                && old.state == CertificateState::Issued
                && old.key_hash != new.key_hash
                && old.reserved_at < new.reserved_at;
            if is_before {
                revocation::revoke(tx, old, RevocationReason::Superseded, now, actor).await?;
            }
        }
    }
    Ok(())
}

/// What keeps the phone from renewing: what we know ourselves; and what it says after it has tried, or said before while it is about
/// to.
fn hindrances(
    said: &CheckIn,
    renewals: &[RenewalOrder],
    known: &[Problem],
    before: &LastCheckIn,
) -> Vec<Problem> {
    let found = match &said.problems {
        Some(found) => found.clone(),
        None if renewals.is_empty() => Vec::new(),
        None => {
            let noted = before.problems.as_deref().unwrap_or("[]");
            serde_json::from_str(noted).unwrap_or_default()
        }
    };
    let mut all = known.to_vec();
    for problem in found {
        if !all.contains(&problem) {
            all.push(problem);
        }
    }
    all
}

/// The version of a program, as far as a page can show it.
fn version(sent: &str) -> String {
    let seen = text::without_unseen(&text::one_line(sent));
    seen.chars().take(LONGEST_VERSION).collect()
}
