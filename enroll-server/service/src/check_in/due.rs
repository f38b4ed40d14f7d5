//! Which certificates are due for renewal, and when a phone is to check in again.

use std::time::Duration;

use enroll_server_ca::builder;
use enroll_server_ca::profile::definition::Profile;
use enroll_server_model::{CertificateState, KeyAlgorithm, Problem, ProblemReason, Timestamp};
use enroll_server_store::certificate::Certificate;
use enrollment_protocol::check_in::RenewalOrder;

use crate::app::App;

/// A phone checks in once a day, and more often where its certificates live so short that it would come too late.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);
/// How many check-ins there are between the time when a certificate is due and its end.
const CHANCES: u32 = 4;
/// How long after its end a certificate is still renewed, for a phone that lay in a drawer. Not longer: whoever finds an old phone,
/// or a copy of its card, must not make it new.
const GRACE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How a certificate stands to its renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing is to be done.
    Current,
    /// It is to be renewed.
    Due,
    /// It ended too long ago.
    Ended,
}

/// How long before its end a certificate is due.
fn window(profile: &Profile, row: &Certificate) -> Duration {
    profile.definition.renewed_before(row.validity().length())
}

/// How a certificate stands to its renewal.
pub(super) fn standing(
    app: &App,
    profile: &Profile,
    row: &Certificate,
    now: Timestamp,
) -> Standing {
    let window = window(profile, row);
    if row.state != CertificateState::Issued || now < row.not_after.minus(window) {
        return Standing::Current;
    }
    if now > row.not_after.plus(GRACE) {
        return Standing::Ended;
    }
    // A new certificate ends with its authority, if that is sooner: then there is nothing to be won by it. Without an authority it
    // is due: whoever asks for it is told that none is issued.
    let issuer = app.authorities.issuer_of(profile);
    let is_better = issuer.map_or(true, |issuer| {
        builder::end(issuer, profile, now) >= row.not_after.plus(window / CHANCES)
    });
    if is_better {
        Standing::Due
    } else {
        Standing::Current
    }
}

/// What a phone is told to renew of the certificates that are on its card, and what of them cannot be renewed.
pub(super) fn orders(
    app: &App,
    installed: &[Certificate],
    now: Timestamp,
) -> (Vec<RenewalOrder>, Vec<Problem>) {
    let mut orders = Vec::new();
    let mut problems = Vec::new();
    for row in installed {
        let (Some(slot), Some(profile)) = (row.slot, app.profiles.get(&row.profile)) else {
            continue;
        };
        match standing(app, profile, row, now) {
            Standing::Current => {}
            Standing::Due => orders.extend(order(profile, row)),
            Standing::Ended => problems.push(Problem {
                slot,
                reason: ProblemReason::Ended,
            }),
        }
    }
    (orders, problems)
}

fn order(profile: &Profile, row: &Certificate) -> Option<RenewalOrder> {
    Some(RenewalOrder {
        slot: row.slot?,
        replaces: row.fingerprint.clone()?,
        key: profile.definition.renewal.key,
        algorithm: algorithm(profile, row)?,
    })
}

/// The kind of a new key: as before, unless its profile takes no such keys any more.
pub(super) fn algorithm(profile: &Profile, row: &Certificate) -> Option<KeyAlgorithm> {
    let taken = &profile.definition.algorithms;
    if taken.contains(&row.algorithm) {
        return Some(row.algorithm);
    }
    taken.first().copied()
}

/// After how long a phone with these certificates is to check in again.
pub(super) fn pause(app: &App, installed: &[Certificate]) -> Duration {
    let windows = installed.iter().filter_map(|row| {
        let profile = app.profiles.get(&row.profile)?;
        Some(window(profile, row) / CHANCES)
    });
    let shortest = windows.min().unwrap_or(LONGEST_PAUSE);
    shortest.clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
}
