//! Phones.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use enroll_server_model::{PhoneState, Timestamp};
use enroll_server_service::query::{self, PhoneSort, PhoneSummary, Sorting};
use enroll_server_service::revocation::{self, Subject};
use enroll_server_service::{App, phone_name, suspension as service, unblocking};

use super::certificate::Certificate;
use super::reason::Revocation;
use super::suspension::{Suspend, Suspension};
use crate::api::body::{Asked, Body};
use crate::api::failure::{Failure, Unreadable};
use crate::api::guard::Caller;
use crate::api::page::{Listed, Paging};
use crate::api::schema;

/// A phone that was enrolled.
#[derive(Debug, Serialize, ToSchema)]
pub struct Phone {
    /// The id.
    id: String,
    /// Whose it is: their id.
    person_id: String,
    /// Their name.
    person_name: String,
    /// What it calls itself.
    name: String,
    /// The GUID of its card.
    guid: String,
    /// What has become of it.
    #[schema(schema_with = schema::phone_state)]
    state: &'static str,
    /// When it was enrolled, the last time.
    #[schema(format = DateTime)]
    enrolled: String,
    /// When it was revoked.
    #[schema(format = DateTime)]
    revoked: Option<String>,
    /// When it last checked in.
    #[schema(format = DateTime)]
    last_check_in: Option<String>,
    /// The version of its program.
    app_version: Option<String>,
    /// When the first of its certificates ends; only lists have it.
    #[schema(format = DateTime)]
    next_end: Option<String>,
}

impl Phone {
    /// A phone of somebody of this name.
    #[must_use]
    pub fn of(phone: query::Phone, person_name: &str, next_end: Option<Timestamp>) -> Self {
        let time = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        Self {
            id: phone.id,
            person_id: phone.holder_id,
            person_name: person_name.to_owned(),
            name: phone.name,
            guid: phone.guid.to_string(),
            state: phone.state.as_str(),
            enrolled: phone.created.rfc3339(),
            revoked: time(phone.revoked_at),
            last_check_in: time(phone.check_in.last_seen),
            app_version: phone.check_in.app_version,
            next_end: time(next_end),
        }
    }
}

impl From<PhoneSummary> for Phone {
    fn from(summary: PhoneSummary) -> Self {
        Self::of(summary.phone, &summary.holder_name, summary.next_end)
    }
}

/// A phone with its certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholePhone {
    /// The phone.
    phone: Phone,
    /// Who suspended it, if somebody did so by itself.
    suspension: Option<Suspension>,
    /// The phone that it took the place of: its id.
    replaces: Option<String>,
    /// What took its place, or is about to.
    replaced_by: Option<ReplacedBy>,
    /// Its certificates by slot, the newest of a slot first.
    certificates: Vec<Certificate>,
}

/// What took the place of a phone, or is about to.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplacedBy {
    /// The id of the invitation.
    invitation_id: String,
    /// The id of the phone that was enrolled with it; none as long as it can be used.
    phone_id: Option<String>,
}

/// Which phones are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPhones {
    /// Words that are all found in the names of its holder, or in its name and GUID.
    #[serde(default)]
    q: String,
    /// Those of this state; all without it.
    #[param(schema_with = schema::phone_state)]
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// Phones, newest first
#[utoipa::path(get, path = "/api/v1/phones", tag = "phones", operation_id = "list_phones",
    params(WhichPhones), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Phone>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichPhones>,
) -> Result<Json<Listed<Phone>>, Response> {
    let state = which.state.as_deref().map(str::parse::<PhoneState>);
    let state = state
        .transpose()
        .map_err(|_| Unreadable::Word("state").into_response())?;
    let paging = Paging::read(
        "phones",
        which.state.as_deref(),
        which.after.as_deref(),
        which.limit,
    )
    .map_err(IntoResponse::into_response)?;
    let sorting = Sorting::falling(PhoneSort::Created);
    let found = query::phones(&app, state, &which.q, sorting, paging.wanted(&which.q)).await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(paging.listed(found, Phone::from)))
}

/// A phone with its certificates
#[utoipa::path(get, path = "/api/v1/phones/{id}", tag = "phones", operation_id = "show_phone",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The phone", body = WholePhone)))]
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<WholePhone>, Failure> {
    Ok(Json(whole(&app, &id).await?))
}

async fn whole(app: &App, id: &str) -> Result<WholePhone, Failure> {
    let found = query::phone(app, id).await?;
    let certificates = found.certificates.into_iter();
    Ok(WholePhone {
        phone: found.phone.into(),
        suspension: found.suspension.map(Into::into),
        replaces: found.replaces.map(|old| old.id),
        replaced_by: found.replaced_by.map(|by| ReplacedBy {
            invitation_id: by.invitation.id,
            phone_id: by.phone.map(|new| new.id),
        }),
        certificates: certificates.map(Certificate::from).collect(),
    })
}

/// What a phone is to be called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PhoneName {
    /// The name, until the phone is enrolled again.
    name: String,
}

/// Call a phone something else
#[utoipa::path(put, path = "/api/v1/phones/{id}/name", tag = "phones", operation_id = "rename_phone",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["edit"])),
    request_body = PhoneName,
    responses((status = 200, description = "The phone as it is now", body = WholePhone)))]
pub async fn rename(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<PhoneName>,
) -> Result<Json<WholePhone>, Failure> {
    phone_name::rename(&app, &id, &says.name, &caller.actor()).await?;
    Ok(Json(whole(&app, &id).await?))
}

/// A code with which the holder of a phone chooses a new PIN.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnblockingCode {
    /// Its eight digits, to be told to the holder, once it is sure that it is they who ask.
    #[schema(pattern = "^[0-9]{8}$")]
    code: String,
    /// Until when it is good.
    #[schema(format = DateTime)]
    expires: String,
}

/// Allow a new PIN
///
/// For a holder who has forgotten the PIN of a phone, or has blocked it: whoever types the code on that phone within an hour
/// chooses a new PIN. A code of before ends.
#[utoipa::path(post, path = "/api/v1/phones/{id}/unblocking", tag = "phones", operation_id = "allow_unblocking",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["unblock"])),
    responses((status = 200, description = "The code", body = UnblockingCode)))]
pub async fn allow_unblocking(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<UnblockingCode>, Failure> {
    let open = unblocking::allow(&app, &id, &caller.actor()).await?;
    Ok(Json(UnblockingCode {
        code: open.code.to_string(),
        expires: open.expires.rfc3339(),
    }))
}

/// Allow no new PIN any more
///
/// The code that was given is good for nothing from now on. Nothing happens where there is none.
#[utoipa::path(post, path = "/api/v1/phones/{id}/unblocking/withdraw", tag = "phones", operation_id = "withdraw_unblocking",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["unblock"])),
    responses((status = 200, description = "The phone as it is now", body = WholePhone)))]
pub async fn withdraw_unblocking(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<WholePhone>, Failure> {
    unblocking::withdraw(&app, &id, &caller.actor()).await?;
    Ok(Json(whole(&app, &id).await?))
}

/// Suspend a phone
///
/// Its certificates are on hold until it is resumed.
#[utoipa::path(post, path = "/api/v1/phones/{id}/suspend", tag = "phones", operation_id = "suspend_phone",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["suspend"])),
    request_body = Suspend,
    responses((status = 200, description = "The phone as it is now", body = WholePhone)))]
pub async fn suspend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Suspend>,
) -> Result<Json<WholePhone>, Failure> {
    service::suspend_phone(&app, &id, says.terms()?, &caller.actor()).await?;
    Ok(Json(whole(&app, &id).await?))
}

/// Resume a phone
///
/// It stays suspended as long as its holder is.
#[utoipa::path(post, path = "/api/v1/phones/{id}/resume", tag = "phones", operation_id = "resume_phone",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["suspend"])),
    responses((status = 200, description = "The phone as it is now", body = WholePhone)))]
pub async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<WholePhone>, Failure> {
    service::resume_phone(&app, &id, &caller.actor()).await?;
    Ok(Json(whole(&app, &id).await?))
}

/// Revoke a phone
///
/// All of its certificates are revoked, for good.
#[utoipa::path(post, path = "/api/v1/phones/{id}/revoke", tag = "phones", operation_id = "revoke_phone",
    params(("id" = String, Path, description = "The phone's id")), security(("token" = ["revoke"])),
    request_body = Revocation,
    responses((status = 200, description = "The phone as it is now", body = WholePhone)))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Revocation>,
) -> Result<Json<WholePhone>, Failure> {
    let ending = says.of(Subject::Phone(id.clone()))?;
    revocation::end(&app, ending, &caller.actor()).await?;
    Ok(Json(whole(&app, &id).await?))
}
