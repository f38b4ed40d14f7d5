//! What holders ask for, as they and officers see it.

use std::sync::Arc;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::random::Token;
use enroll_server_model::{InvitationState, RequestState};
use enroll_server_store::holder::{self, Holder};
use enroll_server_store::holder_request::{self, Approval, HolderRequest};
use enroll_server_store::{administrator, api_token, invitation, phone};

use crate::admission::request::needed;
use crate::app::App;
use crate::error::{Error, Result};
use crate::outbox::key;
use crate::refusal::Object;
use crate::request_difference::{Approvers, Difference, difference, has_address, seen};

/// A request's page.
#[derive(Clone, Debug)]
pub struct RequestView {
    /// The request.
    pub request: HolderRequest,
    /// What it is now.
    pub state: RequestState,
    /// Its holder as they are now.
    pub holder: Holder,
    /// Its enrollment policy, if that is in force.
    pub policy: Option<Arc<EnrollmentPolicy>>,
    /// What it would change; what whoever decided saw of it, if somebody did.
    pub difference: Option<Difference>,
    /// What stands for that in a form that decides.
    pub seen: String,
    /// Who approved it, each with whether that counts.
    pub approvals: Vec<(Approval, bool)>,
    /// How many approvals it needs.
    pub needed: i64,
}

impl RequestView {
    /// How many approvals are missing.
    #[must_use]
    pub fn missing(&self) -> i64 {
        let counting = self.approvals.iter().filter(|(_, counts)| *counts).count();
        (self.needed - i64::try_from(counting).unwrap_or(i64::MAX)).max(0)
    }

    /// Whether it was made by whoever signs in with this mail address.
    #[must_use]
    pub fn is_own(&self, account: &str) -> bool {
        has_address(account, &self.holder)
    }
}

/// The request with this id.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn request(app: &App, id: &str) -> Result<RequestView> {
    let (on, now) = (app.store.reader(), app.clock.now());
    let gone = || Error::NotFound(Object::Request);
    let request = holder_request::by_id(on, id).await?.ok_or_else(gone)?;
    let holder = holder::by_id(on, &request.holder_id).await?;
    let holder = holder.ok_or_else(gone)?;
    let state = request.state_at(now);
    let policy = app.policies.get(&request.policy).cloned();
    let approvals = holder_request::approvals(on, id).await?;
    let is_waiting = state == RequestState::Waiting;
    let (found, seen) = match &policy {
        Some(policy) if is_waiting => {
            let phones = phone::of_holder(on, &holder.id).await?;
            let found = difference(app, &holder, policy, &phones).await?;
            (Some(found), seen(&holder, policy, &phones))
        }
        _ => (
            serde_json::from_str(&request.difference).ok(),
            String::new(),
        ),
    };
    let counting = if is_waiting {
        let approvers = Approvers {
            accounts: administrator::all(on, now, now).await?,
            tokens: api_token::all(on).await?,
        };
        approvers.counting(&approvals, &seen, &holder, now)
    } else {
        approvals.clone()
    };
    let with_counts = |approval: Approval| {
        let counts = counting.contains(&approval);
        (approval, counts)
    };
    Ok(RequestView {
        needed: needed(app, &request),
        approvals: approvals.into_iter().map(with_counts).collect(),
        request,
        state,
        holder,
        policy,
        difference: found,
        seen,
    })
}

/// The requests of a holder, newest first.
pub async fn own_requests(app: &App, holder: &Holder) -> Result<Vec<HolderRequest>> {
    Ok(holder_request::of_holder(app.store.reader(), &holder.id).await?)
}

/// The request with this id, if it is of this holder.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn own_request(app: &App, holder: &Holder, id: &str) -> Result<RequestView> {
    let found = request(app, id).await?;
    if found.request.holder_id != holder.id {
        return Err(Error::NotFound(Object::Request));
    }
    Ok(found)
}

/// The token of the invitation that a request came to, as long as that can be used.
pub async fn invitation_of(app: &App, request: &HolderRequest) -> Result<Option<Token>> {
    let Some(id) = &request.invitation_id else {
        return Ok(None);
    };
    let Some(found) = invitation::by_id(app.store.reader(), id).await? else {
        return Ok(None);
    };
    let Some(seed) = &found.link_seed else {
        return Ok(None);
    };
    let is_open = found.state_at(app.clock.now()) == InvitationState::Pending;
    let token = key::key(app).await?.of_invitation(&found.id, seed);
    Ok(Some(token).filter(|token| is_open && token.hash() == found.token_hash))
}
