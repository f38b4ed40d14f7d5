//! People.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use enroll_server_service::error::Error;
use enroll_server_service::holder::NewNames;
use enroll_server_service::query::{
    self, HOLDER_FILTERS, HolderFilter, HolderSort, HolderSummary, Sorting,
};
use enroll_server_service::refusal::Object;
use enroll_server_service::{App, holder, suspension};

use super::invitation::Invitation;
use super::names::Names;
use super::phone::Phone;
use super::reason::Leaving;
use super::suspension::{Suspend, Suspension};
use crate::api::body::{Asked, Body};
use crate::api::failure::{Failure, Unreadable};
use crate::api::guard::Caller;
use crate::api::page::{Listed, Paging};
use crate::api::schema;

/// A person whose phones are enrolled.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// The id.
    id: String,
    /// The name, as certificates have it.
    name: String,
    /// The mail address.
    email: String,
    /// The user principal name.
    upn: String,
    /// The account that hosts know.
    username: String,
    /// How they stand to the organisation.
    #[schema(schema_with = schema::person_state)]
    state: &'static str,
    /// The tag of the language in which they are written to.
    language: String,
    /// How many phones they have that are not revoked.
    phones: i64,
    /// When they were added.
    #[schema(format = DateTime)]
    created: String,
    /// When the first of their phones' certificates ends.
    #[schema(format = DateTime)]
    next_end: Option<String>,
    /// When one of their phones checked in last.
    #[schema(format = DateTime)]
    last_check_in: Option<String>,
}

impl From<HolderSummary> for Person {
    fn from(summary: HolderSummary) -> Self {
        let HolderSummary {
            holder,
            next_end,
            last_seen,
        } = summary;
        Self {
            id: holder.id,
            name: holder.name,
            email: holder.email,
            upn: holder.upn,
            username: holder.username,
            state: holder.state.as_str(),
            language: holder.language,
            phones: holder.phones,
            created: holder.created.rfc3339(),
            next_end: next_end.map(|end| end.rfc3339()),
            last_check_in: last_seen.map(|at| at.rfc3339()),
        }
    }
}

/// A person with all that is theirs.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholePerson {
    /// The person.
    person: Person,
    /// Who suspended them, if they are suspended.
    suspension: Option<Suspension>,
    /// Their phones, newest first.
    phones: Vec<Phone>,
    /// Their invitations, newest first.
    invitations: Vec<Invitation>,
}

/// Which people are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichPeople {
    /// Words that are all found in name, mail address and user principal name.
    #[serde(default)]
    q: String,
    /// Those of whom this is true; all without it.
    #[param(schema_with = filters)]
    filter: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

fn filters() -> utoipa::openapi::schema::Object {
    schema::one_of(HOLDER_FILTERS)
}

/// People by name
#[utoipa::path(get, path = "/api/v1/people", tag = "people", operation_id = "list_people",
    params(WhichPeople), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Person>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichPeople>,
) -> Result<Json<Listed<Person>>, Response> {
    let filter = match which.filter.as_deref() {
        None => HolderFilter::All,
        Some(word) => query::holder_filter(word, app.clock.now())
            .ok_or_else(|| Unreadable::Word("filter").into_response())?,
    };
    let paging = Paging::read(
        "people",
        which.filter.as_deref(),
        which.after.as_deref(),
        which.limit,
    )
    .map_err(IntoResponse::into_response)?;
    let by = filter.sorts().first().copied().unwrap_or(HolderSort::Name);
    let wanted = paging.wanted(&which.q);
    let found = query::holders(&app, filter, &which.q, Sorting::rising(by), wanted).await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(paging.listed(found, Person::from)))
}

async fn person(app: &App, id: &str) -> Result<Person, Failure> {
    let found = query::holders_with(app, &[id.to_owned()]).await?;
    let found = found.into_iter().next();
    Ok(found.ok_or(Error::NotFound(Object::Holder))?.into())
}

/// A person with all that is theirs
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "people", operation_id = "show_person",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The person", body = WholePerson)))]
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<WholePerson>, Failure> {
    let person = person(&app, &id).await?;
    let found = query::holder(&app, &id).await?;
    let now = app.clock.now();
    let phones = found.phones.into_iter();
    let invitations = found.invitations.into_iter();
    Ok(Json(WholePerson {
        phones: phones
            .map(|phone| Phone::of(phone, &found.holder.name, None))
            .collect(),
        invitations: invitations
            .map(|one| Invitation::of(one, &found.holder, now))
            .collect(),
        suspension: found.suspension.map(Into::into),
        person,
    }))
}

/// Correct the names of a person
///
/// Certificates that were issued say what they said.
#[utoipa::path(put, path = "/api/v1/people/{id}", tag = "people", operation_id = "edit_person",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["edit"])),
    request_body = Names,
    responses((status = 200, description = "The person as they are now", body = Person)))]
pub async fn edit(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Names>,
) -> Result<Json<Person>, Failure> {
    let language = match says.language()? {
        Some(language) => language,
        None => query::holder(&app, &id).await?.holder.language,
    };
    let new = NewNames {
        language,
        system_account: says.system_account(),
        shared_mail: says.shared_mail(),
        name: says.name,
        email: says.email,
        upn: says.upn,
    };
    holder::edit(&app, &id, new, &caller.actor()).await?;
    Ok(Json(person(&app, &id).await?))
}

/// Suspend a person
///
/// All of their phones are suspended with them, and their invitations do not work meanwhile.
#[utoipa::path(post, path = "/api/v1/people/{id}/suspend", tag = "people", operation_id = "suspend_person",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["suspend"])),
    request_body = Suspend,
    responses((status = 200, description = "The person as they are now", body = Person)))]
pub async fn suspend(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Suspend>,
) -> Result<Json<Person>, Failure> {
    suspension::suspend_holder(&app, &id, says.terms()?, &caller.actor()).await?;
    Ok(Json(person(&app, &id).await?))
}

/// Resume a person
///
/// With the phones that nobody has suspended by themselves.
#[utoipa::path(post, path = "/api/v1/people/{id}/resume", tag = "people", operation_id = "resume_person",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["suspend"])),
    responses((status = 200, description = "The person as they are now", body = Person)))]
pub async fn resume(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Person>, Failure> {
    suspension::resume_holder(&app, &id, &caller.actor()).await?;
    Ok(Json(person(&app, &id).await?))
}

/// Let a person go
///
/// Their phones are revoked, their invitations cancelled.
#[utoipa::path(post, path = "/api/v1/people/{id}/let-go", tag = "people", operation_id = "let_person_go",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["revoke"])),
    request_body = Leaving,
    responses((status = 200, description = "The person as they are now", body = Person)))]
pub async fn let_go(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
    Body { says, .. }: Body<Leaving>,
) -> Result<Json<Person>, Failure> {
    let (reason, note) = says.read()?;
    holder::let_go(&app, &id, reason, note, &caller.actor()).await?;
    Ok(Json(person(&app, &id).await?))
}

/// Take a person back who was let go
///
/// What was revoked stays revoked.
#[utoipa::path(post, path = "/api/v1/people/{id}/take-back", tag = "people", operation_id = "take_person_back",
    params(("id" = String, Path, description = "The person's id")), security(("token" = ["revoke"])),
    responses((status = 200, description = "The person as they are now", body = Person)))]
pub async fn take_back(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Person>, Failure> {
    suspension::take_back(&app, &id, &caller.actor()).await?;
    Ok(Json(person(&app, &id).await?))
}
