//! Invitations.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use enroll_server_model::{InvitationState, Scope, Timestamp};
use enroll_server_service::App;
use enroll_server_service::admission::invitation::{self as service, NewInvitation};
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::admission::once;
use enroll_server_service::admission::replaced::{Departure, Replacing};
use enroll_server_service::error::{Error, Result as ServiceResult};
use enroll_server_service::person::MailLanguage;
use enroll_server_service::query::{self, Holder, InvitationSummary};
use enroll_server_service::refusal::{Conflict, Field, FieldFlaw};

use super::names::{language, shared_mail, system_account};
use super::reason::reason;
use crate::api::body::{Asked, Body};
use crate::api::denied::Denied;
use crate::api::failure::{Failure, Unreadable};
use crate::api::guard::Caller;
use crate::api::page::{Listed, Paging};
use crate::api::schema;
use crate::words::Words;

/// The header with the key of a request that is made once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// An invitation to enroll a phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// The id.
    id: String,
    /// Who is invited: their id.
    person_id: String,
    /// Their name.
    person_name: String,
    /// What has become of it.
    #[schema(schema_with = schema::invitation_state)]
    state: &'static str,
    /// The enrollment policy: which keys the phone makes.
    policy: String,
    /// When it was made.
    #[schema(format = DateTime)]
    created: String,
    /// The name of who invited.
    created_by: String,
    /// Until when it can be used.
    #[schema(format = DateTime)]
    expires: String,
    /// The phone that was enrolled with it.
    phone_id: Option<String>,
    /// The phone whose place that one takes: its id.
    replaces: Option<String>,
}

impl Invitation {
    fn new(row: query::Invitation, person_name: String, now: Timestamp) -> Self {
        Self {
            state: row.state_at(now).as_str(),
            id: row.id,
            person_id: row.holder_id,
            person_name,
            policy: row.policy.to_string(),
            created: row.created.rfc3339(),
            created_by: row.created_by,
            expires: row.expires.rfc3339(),
            phone_id: row.phone_id,
            replaces: row.replaces,
        }
    }

    /// An invitation of this person.
    #[must_use]
    pub fn of(row: query::Invitation, person: &Holder, now: Timestamp) -> Self {
        Self::new(row, person.name.clone(), now)
    }

    fn of_summary(summary: InvitationSummary, now: Timestamp) -> Self {
        Self::new(summary.invitation, summary.holder_name, now)
    }
}

/// Which invitations are listed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WhichInvitations {
    /// Words that are all found in the names of who is invited.
    #[serde(default)]
    q: String,
    /// Those of this state; all without it.
    #[param(schema_with = schema::invitation_state)]
    state: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// How many, 50 without it.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u16>,
}

/// Invitations, newest first
#[utoipa::path(get, path = "/api/v1/invitations", tag = "invitations", operation_id = "list_invitations",
    params(WhichInvitations), security(("token" = ["read"])),
    responses((status = 200, description = "A page of the list", body = Listed<Invitation>)))]
pub async fn list(
    State(app): State<Arc<App>>,
    Asked(which): Asked<WhichInvitations>,
) -> Result<Json<Listed<Invitation>>, Response> {
    let state = which.state.as_deref().map(str::parse::<InvitationState>);
    let state = state
        .transpose()
        .map_err(|_| Unreadable::Word("state").into_response())?;
    let paging = Paging::read(
        "invitations",
        which.state.as_deref(),
        which.after.as_deref(),
        which.limit,
    )
    .map_err(IntoResponse::into_response)?;
    let now = app.clock.now();
    let found = query::invitations(&app, state, &which.q, true, paging.wanted(&which.q)).await;
    let found = found.map_err(Failure::response)?;
    Ok(Json(
        paging.listed(found, |row| Invitation::of_summary(row, now)),
    ))
}

async fn invitation(app: &App, id: &str) -> Result<Invitation, Failure> {
    let found = query::invitation(app, id).await?;
    Ok(Invitation::of_summary(found.summary, app.clock.now()))
}

/// An invitation
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "invitations", operation_id = "show_invitation",
    params(("id" = String, Path, description = "The invitation's id")), security(("token" = ["read"])),
    responses((status = 200, description = "The invitation", body = Invitation)))]
pub async fn show(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<Json<Invitation>, Failure> {
    Ok(Json(invitation(&app, &id).await?))
}

/// Who is invited, and to what.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inviting {
    /// The name, as certificates will have it.
    #[schema(example = "Alice Example")]
    name: String,
    /// The mail address.
    #[schema(example = "alice@example.org")]
    email: String,
    /// The user principal name; what stands before its `@` is the account that hosts know.
    #[schema(example = "alice@example.org")]
    upn: String,
    /// The tag of the language in which they are written to. Without it, who is known keeps theirs.
    language: Option<String>,
    /// Whether it is meant that the account is one that systems have for themselves, such as root.
    #[serde(default)]
    system_account: bool,
    /// Whether it is meant that another person has the same mail address.
    #[serde(default)]
    shared_mail: bool,
    /// The enrollment policy; the first of the list without it.
    policy: Option<String>,
    /// Whether the server sends the link to the mail address.
    #[serde(default)]
    by_mail: bool,
    /// The phone of the same person that the new one takes the place of. It takes a token that may revoke too.
    replaces: Option<Replaced>,
}

/// A phone that another takes the place of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Replaced {
    /// Its id.
    phone_id: String,
    /// The reason for which it is revoked at once. Without one it stays in use until the new phone is enrolled, and is
    /// revoked as superseded then.
    #[schema(schema_with = schema::optional_reason)]
    reason: Option<String>,
}

impl Replaced {
    fn read(self) -> ServiceResult<Replacing> {
        let departure = match &self.reason {
            Some(word) => Departure::AtOnce(reason(word)?),
            None => Departure::OnceReplaced,
        };
        Ok(Replacing {
            phone: self.phone_id,
            departure,
        })
    }
}

impl Inviting {
    fn read(self, app: &App, words: Words) -> ServiceResult<NewInvitation> {
        let policy = match &self.policy {
            Some(name) => query::enrollment_policy(app, name),
            None => query::enrollment_policies(app).first(),
        };
        if self.by_mail && !app.sends_mail {
            return Err(Conflict::NoMail.into());
        }
        let language = match &self.language {
            // Whoever is on record is corrected under another scope.
            Some(tag) => MailLanguage::IfNew(language(tag)?),
            None => MailLanguage::IfNew(words.language().to_owned()),
        };
        Ok(NewInvitation {
            language,
            name: self.name,
            email: self.email,
            upn: self.upn,
            system_account: system_account(self.system_account),
            shared_mail: shared_mail(self.shared_mail),
            policy: policy.cloned().ok_or(Error::InvalidField {
                field: Field::Policy,
                flaw: FieldFlaw::NoPolicy,
            })?,
            by_mail: if self.by_mail {
                ByMail::Yes
            } else {
                ByMail::No
            },
            replaces: self.replaces.map(Replaced::read).transpose()?,
        })
    }
}

/// An invitation that was just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invited {
    /// The id of the invitation.
    id: String,
    /// Who is invited: their id.
    person_id: String,
    /// The link, which goes to the person invited and to nobody else. It is told now and never again.
    link: String,
    /// Until when it can be used.
    #[schema(format = DateTime)]
    expires: String,
}

/// Invite a person
///
/// Who is not known yet is added. With an Idempotency-Key, the same request sent again within a day has the answer of the
/// first time, and invites nobody twice. To replace a phone the token needs the scope `revoke` as well.
#[utoipa::path(post, path = "/api/v1/invitations", tag = "invitations", operation_id = "invite",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "A key that the program makes up for this request: 1 to 100 visible ASCII characters")),
    security(("token" = ["invite"])), request_body = Inviting,
    responses((status = 201, description = "The person is invited", body = Invited,
        headers(("Location" = String, description = "Where the invitation is")))))]
pub async fn invite(
    State(app): State<Arc<App>>,
    caller: Caller,
    words: Words,
    headers: HeaderMap,
    Body { says, bytes }: Body<Inviting>,
) -> Result<Response, Failure> {
    if says.replaces.is_some() && !caller.may(Scope::Revoke) {
        return Ok(Denied::NoScope(Scope::Revoke).into_response());
    }
    let new = says.read(&app, words)?;
    let actor = caller.actor();
    let invited = match headers.get(IDEMPOTENCY_KEY) {
        None => service::invite(&app, new, &actor).await?,
        Some(key) => {
            let request = once::Request {
                token_id: caller.token_id().to_owned(),
                key: String::from_utf8_lossy(key.as_bytes()).into_owned(),
                asked: bytes.to_vec(),
            };
            once::invite(&app, new, request, &actor).await?
        }
    };
    let location = format!("/api/v1/invitations/{}", invited.invitation.id);
    let body = Invited {
        link: app.invitation_link(&invited.token),
        id: invited.invitation.id,
        person_id: invited.holder.id,
        expires: invited.invitation.expires.rfc3339(),
    };
    let location = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, location, Json(body)).into_response())
}

/// Cancel an invitation
#[utoipa::path(post, path = "/api/v1/invitations/{id}/cancel", tag = "invitations", operation_id = "cancel_invitation",
    params(("id" = String, Path, description = "The invitation's id")), security(("token" = ["invite"])),
    responses((status = 200, description = "The invitation as it is now", body = Invitation)))]
pub async fn cancel(
    State(app): State<Arc<App>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Json<Invitation>, Failure> {
    service::cancel(&app, &id, &caller.actor()).await?;
    Ok(Json(invitation(&app, &id).await?))
}
