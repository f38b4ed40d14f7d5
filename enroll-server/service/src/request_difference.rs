//! What a request of a holder would change, and whose approval of that counts.

use serde::{Deserialize, Serialize};

use enroll_server_ca::decoded::{Decoded, NameKind};
use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::random::sha256_hex;
use enroll_server_model::{
    AccountState, ActorKind, KeyAlgorithm, PhoneState, Role, Scope, Slot, Timestamp,
};
use enroll_server_store::administrator::{Administrator, AdministratorSummary};
use enroll_server_store::api_token::ApiToken;
use enroll_server_store::certificate;
use enroll_server_store::holder::Holder;
use enroll_server_store::holder_request::Approval;
use enroll_server_store::phone::Phone;

use crate::app::App;
use crate::error::Result;

/// What the holder has, and what they would have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// How many phones they have that are not revoked; they would have one more.
    pub phones: usize,
    /// The keys of the phone that they would have, in the order of the policy.
    pub keys: Vec<KeyDifference>,
    /// The name in certificates.
    pub name: Change,
    /// The mail address in certificates.
    pub email: Change,
    /// The user principal name in certificates.
    pub upn: Change,
}

/// A key that would get a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyDifference {
    /// In which slot.
    pub slot: Slot,
    /// Of which algorithm.
    pub algorithm: KeyAlgorithm,
    /// For how many days its certificate would be valid.
    pub days: u32,
    /// How many valid certificates for the same use the holder has.
    pub had: usize,
    /// When the last of them ends.
    pub until: Option<Timestamp>,
}

/// What a name is in the newest valid certificate, and what it would be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// What it is; none where no valid certificate says it.
    pub before: Option<String>,
    /// What it would be.
    pub after: String,
}

impl Change {
    fn to(after: &str) -> Self {
        Self {
            before: None,
            after: after.to_owned(),
        }
    }
}

/// The difference that another phone by a policy would make to a holder with these phones.
pub(crate) async fn difference(
    app: &App,
    holder: &Holder,
    policy: &EnrollmentPolicy,
    phones: &[Phone],
) -> Result<Difference> {
    let (on, now) = (app.store.reader(), app.clock.now());
    let mut found = Difference {
        phones: kept(phones).count(),
        keys: Vec::new(),
        name: Change::to(&holder.name),
        email: Change::to(&holder.email_ascii),
        upn: Change::to(&holder.upn),
    };
    for key in policy.keys.iter() {
        let valid = certificate::valid_of_holder(on, &holder.id, key.slot, now).await?;
        for row in valid.iter().rev() {
            for name in Decoded::from_der(&row.der)?.names {
                let change = match name.kind {
                    NameKind::Common => &mut found.name,
                    NameKind::Mail => &mut found.email,
                    NameKind::Upn => &mut found.upn,
                    NameKind::Host | NameKind::Card | NameKind::Address | NameKind::Other => {
                        continue;
                    }
                };
                change.before.get_or_insert(name.text);
            }
        }
        found.keys.push(KeyDifference {
            slot: key.slot,
            algorithm: key.algorithm,
            days: key.profile.definition.lifetime_days,
            had: valid.len(),
            until: valid.iter().map(|row| row.certificate.not_after).max(),
        });
    }
    Ok(found)
}

fn kept(phones: &[Phone]) -> impl Iterator<Item = &Phone> {
    let is_kept = |phone: &&Phone| phone.state != PhoneState::Revoked;
    phones.iter().filter(is_kept)
}

/// SHA-256 of what decides about a request: whoever saw it with another one has seen something else.
pub(crate) fn seen(holder: &Holder, policy: &EnrollmentPolicy, phones: &[Phone]) -> String {
    let mut lines = vec![
        holder.name.clone(),
        holder.email.clone(),
        holder.upn.clone(),
        format!("{} {}", policy.name, policy.version),
    ];
    let mut phones: Vec<String> = kept(phones)
        .map(|phone| format!("{} {}", phone.id, phone.state))
        .collect();
    phones.sort();
    lines.append(&mut phones);
    sha256_hex(lines.join("\n").as_bytes())
}

/// Who may approve at a moment.
pub(crate) struct Approvers {
    /// The accounts.
    pub accounts: Vec<AdministratorSummary>,
    /// The tokens of the API.
    pub tokens: Vec<ApiToken>,
}

impl Approvers {
    /// Those of the approvals that count for a holder's request as it is now: of what is seen now, by accounts that may approve
    /// still and are not the holder's own, and by one token at most.
    pub fn counting(
        &self,
        approvals: &[Approval],
        seen: &str,
        holder: &Holder,
        now: Timestamp,
    ) -> Vec<Approval> {
        let mut has_token = false;
        let mut counting = approvals.to_vec();
        counting.retain(|approval| {
            if approval.seen != seen {
                return false;
            }
            match approval.actor_kind.parse() {
                Ok(ActorKind::Administrator) => {
                    let account = self
                        .accounts
                        .iter()
                        .map(|one| &one.administrator)
                        .find(|one| one.id == approval.actor_id);
                    account.is_some_and(|account| {
                        may_approve(account) && !has_address(&account.email, holder)
                    })
                }
                Ok(ActorKind::ApiToken) if !has_token => {
                    let token = self.tokens.iter().find(|one| one.id == approval.actor_id);
                    has_token = token.is_some_and(|token| token_may_approve(token, now));
                    has_token
                }
                _ => false,
            }
        });
        counting
    }
}

/// Whether whoever has an account may decide about requests.
pub(crate) fn may_approve(account: &Administrator) -> bool {
    account.state() != AccountState::Disabled
        && matches!(account.role, Role::Administrator | Role::Officer)
}

/// Whether a token of the API may.
pub(crate) fn token_may_approve(token: &ApiToken, now: Timestamp) -> bool {
    token.revoked.is_none() && token.expires > now && token.scopes.contains(&Scope::Approve)
}

/// Whether an account, by its mail address, is that of a holder.
pub(crate) fn has_address(account: &str, holder: &Holder) -> bool {
    [&holder.email, &holder.email_ascii]
        .iter()
        .any(|email| email.to_lowercase() == account)
}
