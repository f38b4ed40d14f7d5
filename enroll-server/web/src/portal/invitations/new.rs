//! Inviting somebody.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::admission::invitation::{self as service, NewInvitation};
use enroll_server_service::error::Error;
use enroll_server_service::person::{self, Person};
use enroll_server_service::{App, query};

use super::link_cookie;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::problem::Problem;
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::Words;

/// Whose details the form begins with.
#[derive(Debug, Default, Deserialize)]
pub struct Like {
    /// Those of a holder.
    #[serde(default)]
    holder: String,
    /// Those of an earlier invitation.
    #[serde(default)]
    again: String,
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub struct InvitationForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    upn: String,
    #[serde(default)]
    profile: String,
}

#[derive(Template)]
#[template(path = "invitations/new.html")]
struct NewPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    email: &'a str,
    upn: &'a str,
    profile: &'a str,
    profiles: Vec<Choice>,
}

impl<'a> NewPage<'a> {
    fn new(
        app: &App,
        words: Words,
        shell: Shell,
        form: &'a InvitationForm,
        errors: FormErrors,
    ) -> Self {
        Self {
            words,
            shell,
            errors,
            name: &form.name,
            email: &form.email,
            upn: &form.upn,
            profile: &form.profile,
            profiles: query::enrollment_policies(app)
                .iter()
                .map(|policy| label::policy(words, policy))
                .collect(),
        }
    }
}

/// `GET /invitations/new`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(like): Query<Like>,
) -> Answer {
    let form = filled_in(&app, &like).await?;
    let shell = signed_in.shell(&app, words, Section::Invitations);
    page(&NewPage::new(&app, words, shell, &form, FormErrors::none()))
}

/// The form as it is at first: nobody should type twice what the server knows.
async fn filled_in(app: &App, like: &Like) -> Result<InvitationForm, Problem> {
    let mut form = InvitationForm::default();
    if let Some(first) = query::enrollment_policies(app).first() {
        form.profile = first.name.to_string();
    }
    let (earlier, holder) = query::invited_before(app, &like.again, &like.holder).await?;
    if let Some(earlier) = earlier {
        form.profile = earlier.policy.to_string();
    }
    if let Some(holder) = holder {
        form.name = holder.name;
        form.email = holder.email;
        form.upn = holder.upn;
    }
    Ok(form)
}

/// `POST /invitations/new`: makes the invitation and shows it.
pub async fn create(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(form): Form<InvitationForm>,
) -> Answer {
    let mut errors = mistakes(words, &form);
    let policy = query::enrollment_policy(&app, &form.profile);
    if policy.is_none() {
        let choices = query::enrollment_policies(&app);
        let first = choices
            .first()
            .map(|first| format!("profile-{}", first.name));
        let message = words.new_invitation_no_policy();
        errors.add_in_group("profile", first.unwrap_or_default(), message);
    }
    if let (true, Some(policy)) = (errors.is_empty(), policy) {
        let new = NewInvitation {
            name: form.name.clone(),
            email: form.email.clone(),
            upn: form.upn.clone(),
            policy: policy.clone(),
        };
        match service::invite(&app, new, &signed_in.actor()).await {
            Ok(invited) => {
                let path = format!("/invitations/{}", invited.invitation.id);
                let cookie = link_cookie::new(&path, &invited.token);
                return Ok((jar.add(cookie), Redirect::to(&path)).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => errors.add_refused(words, Some(refused)),
            Err(error) => return Err(error.into()),
        }
    }
    let shell = signed_in.shell(&app, words, Section::Invitations);
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &NewPage::new(&app, words, shell, &form, errors),
    )
}

/// Everything that is wrong with the person at once, so that nobody sends the form three times.
fn mistakes(words: Words, form: &InvitationForm) -> FormErrors {
    // A name and a mail address that are good, so that the first complaint is about the account name.
    const OTHERS: (&str, &str) = ("anybody", "anybody@example.org");
    let mut errors = FormErrors::none();
    errors.add_refused(words, person::person_name(&form.name).err());
    errors.add_refused(words, person::email_address(&form.email).err());
    errors.add_refused(words, Person::parse(OTHERS.0, OTHERS.1, &form.upn).err());
    errors
}
