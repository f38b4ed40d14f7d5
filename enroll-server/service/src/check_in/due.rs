//! Which certificates are due for renewal, and when a phone is to check in again.

use std::time::Duration;

use enroll_server_ca::profile::definition::Profile;
use enroll_server_model::{CertificateState, KeyAlgorithm, Timestamp};
use enroll_server_store::certificate::Certificate;
use enrollment_protocol::check_in::RenewalOrder;

use crate::app::App;

/// A phone checks in once a day, and more often where its certificates live so short that it would come too late.
const LONGEST_PAUSE: Duration = Duration::from_secs(24 * 60 * 60);
const SHORTEST_PAUSE: Duration = Duration::from_secs(60);
/// How many check-ins there are between the time when a certificate is due and its end.
const CHANCES: u32 = 4;

/// How long before its end a certificate is due.
fn window(profile: &Profile, row: &Certificate) -> Duration {
    profile.definition.renewed_before(row.validity().length())
}

/// Whether a certificate is due for renewal. One that has expired still is: a phone that lay in a drawer comes back.
pub(super) fn is_due(profile: &Profile, row: &Certificate, now: Timestamp) -> bool {
    row.state == CertificateState::Issued && row.not_after.minus(window(profile, row)) <= now
}

/// What a phone is told to renew of the certificates that are on its card.
pub(super) fn orders(app: &App, installed: &[Certificate], now: Timestamp) -> Vec<RenewalOrder> {
    installed
        .iter()
        .filter_map(|row| {
            let profile = app.profiles.get(&row.profile)?;
            if !is_due(profile, row, now) {
                return None;
            }
            Some(RenewalOrder {
                slot: row.slot?,
                replaces: row.fingerprint.clone()?,
                key: profile.definition.renewal.key,
                algorithm: algorithm(profile, row)?,
            })
        })
        .collect()
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
