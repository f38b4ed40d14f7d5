//! Replacing a phone: why, what follows from it, and one button. The page of the new invitation comes next, with its link.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_model::RevocationReason;
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::admission::replace as service;
use enroll_server_service::admission::replaced::{Departure, Replacing};
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::link_cookie;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page_with};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::{Text, Words};

const LOST: &str = "lost";
const RETURNED: &str = "returned";
const IN_USE: &str = "in-use";

#[derive(Template)]
#[template(path = "phones/replace.html")]
struct ReplacePage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    id: &'a str,
    name: &'a str,
    holder: &'a str,
    certificates: usize,
    invitations: usize,
    policy: Text,
    causes: [Choice; 3],
    chosen: &'a str,
    email: Option<&'a str>,
    is_by_mail: bool,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct ReplaceForm {
    #[serde(default)]
    why: String,
    /// Whether the link is sent by mail.
    #[serde(default)]
    by_mail: String,
}

impl ReplaceForm {
    /// What becomes of the phone, if that was chosen.
    fn departure(&self) -> Option<Departure> {
        match self.why.as_str() {
            LOST => Some(Departure::AtOnce(RevocationReason::KeyCompromise)),
            RETURNED => Some(Departure::AtOnce(RevocationReason::CessationOfOperation)),
            IN_USE => Some(Departure::OnceReplaced),
            _ => None,
        }
    }
}

/// `GET /phones/{id}/replace`: the question, and what follows from it.
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let form = ReplaceForm {
        by_mail: "yes".to_owned(),
        ..ReplaceForm::default()
    };
    question(&app, words, &signed_in, &id, &form, FormErrors::none()).await
}

/// `POST /phones/{id}/replace`
pub async fn replace(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    jar: CookieJar,
    Form(form): Form<ReplaceForm>,
) -> Answer {
    let Some(departure) = form.departure() else {
        let mut errors = FormErrors::none();
        errors.add_in_group("why", format!("why-{LOST}"), words.replace_no_cause());
        return question(&app, words, &signed_in, &id, &form, errors).await;
    };
    let by_mail = if form.by_mail.is_empty() {
        ByMail::No
    } else {
        ByMail::Yes
    };
    let old = Replacing {
        phone: id,
        departure,
    };
    let invited = service::replace(&app, old, by_mail, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::PhoneReplaced {
        name: invited.holder.name,
        at_once: departure != Departure::OnceReplaced,
    });
    let path = format!("/invitations/{}", invited.invitation.id);
    let jar = link_cookie::add(jar, &path, &invited.token);
    Ok((jar, Redirect::to(&path)).into_response())
}

async fn question(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    id: &str,
    form: &ReplaceForm,
    errors: FormErrors,
) -> Answer {
    let asked = query::phone_to_replace(app, id).await?;
    let phone = &asked.old.phone;
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let cause = |value: &'static str, name: Text, note: Text| Choice {
        value: value.into(),
        name,
        note,
    };
    let earlier = asked.old.rest.invitations.iter();
    page_with(
        status,
        &ReplacePage {
            words,
            shell: signed_in.shell(app, words, Section::Phones),
            errors,
            id,
            name: &phone.phone.name,
            holder: &phone.holder_name,
            certificates: asked.old.unrevoked,
            invitations: earlier
                .filter(|one| one.replaces.as_deref() == Some(id))
                .count(),
            policy: label::policy(words, &asked.policy).name,
            causes: [
                cause(LOST, words.replace_lost(), words.replace_lost_note()),
                cause(
                    RETURNED,
                    words.replace_returned(),
                    words.replace_returned_note(),
                ),
                cause(IN_USE, words.replace_in_use(), words.replace_in_use_note()),
            ],
            chosen: &form.why,
            email: app.sends_mail.then_some(asked.email.as_str()),
            is_by_mail: !form.by_mail.is_empty(),
        },
    )
}
