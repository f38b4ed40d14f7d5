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
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::error::Error;
use enroll_server_service::person::MailLanguage;
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::link_cookie;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::person_form::{PersonForm, Questions};
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
    #[serde(flatten)]
    person: PersonForm,
    #[serde(default)]
    profile: String,
    /// Whether the link is sent by mail.
    #[serde(default)]
    by_mail: String,
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
    language: &'a str,
    questions: Questions,
    profile: &'a str,
    profiles: Vec<Choice>,
    sends_mail: bool,
    is_by_mail: bool,
}

impl<'a> NewPage<'a> {
    fn new(
        app: &App,
        words: Words,
        shell: Shell,
        form: &'a InvitationForm,
        errors: FormErrors,
        questions: Questions,
    ) -> Self {
        Self {
            words,
            shell,
            errors,
            name: &form.person.name,
            email: &form.person.email,
            upn: &form.person.upn,
            language: form.person.language(words).language(),
            questions,
            profile: &form.profile,
            sends_mail: app.sends_mail,
            is_by_mail: !form.by_mail.is_empty(),
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
    let errors = FormErrors::none();
    page(&NewPage::new(
        &app,
        words,
        shell,
        &form,
        errors,
        Questions::default(),
    ))
}

/// The form as it is at first: nobody should type twice what the server knows.
async fn filled_in(app: &App, like: &Like) -> Result<InvitationForm, Problem> {
    let mut form = InvitationForm {
        by_mail: "yes".to_owned(),
        ..InvitationForm::default()
    };
    if let Some(first) = query::enrollment_policies(app).first() {
        form.profile = first.name.to_string();
    }
    let (earlier, holder) = query::invited_before(app, &like.again, &like.holder).await?;
    if let Some(earlier) = earlier {
        form.profile = earlier.policy.to_string();
    }
    if let Some(holder) = holder {
        form.person.name = holder.name;
        form.person.email = holder.email;
        form.person.upn = holder.upn;
        form.person.language = holder.language;
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
    let mut errors = form.person.mistakes(words);
    let mut questions = form.person.questions(None);
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
            name: form.person.name.clone(),
            email: form.person.email.clone(),
            upn: form.person.upn.clone(),
            language: MailLanguage::Chosen(form.person.language(words).language().to_owned()),
            system_account: form.person.accepted(),
            shared_mail: form.person.accepted_mail(),
            policy: policy.clone(),
            by_mail: if form.by_mail.is_empty() {
                ByMail::No
            } else {
                ByMail::Yes
            },
            replaces: None,
        };
        match service::invite(&app, new, &signed_in.actor()).await {
            Ok(invited) => {
                let path = format!("/invitations/{}", invited.invitation.id);
                let jar = link_cookie::add(jar, &path, &invited.token);
                return Ok((jar, Redirect::to(&path)).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => {
                questions = form.person.questions(Some(&refused));
                errors.add_refused(words, Some(refused));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let shell = signed_in.shell(&app, words, Section::Invitations);
    page_with(
        StatusCode::UNPROCESSABLE_ENTITY,
        &NewPage::new(&app, words, shell, &form, errors, questions),
    )
}
