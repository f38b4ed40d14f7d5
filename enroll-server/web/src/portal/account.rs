//! One's own account: name, language, password, sessions.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use enroll_server_service::password::Password;
use enroll_server_service::proof::{self, Asked, Proof};
use enroll_server_service::sign_in::SignInError;
use enroll_server_service::{App, account as service, authenticator, passkey, person, webauthn};

use super::guard::{SignedIn, Source};
use super::notice::Notice;
use super::page::{Answer, page_with};
use super::problem::Problem;
use super::view::{FormErrors, Moment, Section, Shell};
use crate::auth::cookie;
use crate::words::Words;

struct OpenSession {
    is_this: bool,
    begun: Moment,
    used: Moment,
}

struct OwnPasskey {
    id: String,
    name: String,
    added: Moment,
    used: Option<Moment>,
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    /// When the authenticator app was added.
    authenticator: Option<Moment>,
    passkeys: Vec<OwnPasskey>,
    can_add_passkey: bool,
    /// None where there is no second factor.
    codes_left: Option<u64>,
    asks_for_code: bool,
    language: &'a str,
    sessions: Vec<OpenSession>,
}

/// The form of the name.
#[derive(Debug, Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
}

/// The form of the language: its tag, or nothing where the browser says it.
#[derive(Debug, Deserialize)]
pub struct LanguageForm {
    language: String,
}

/// The form of the password; what was typed is not sent back.
#[derive(Debug, Deserialize)]
pub struct PasswordForm {
    present: Password,
    password: Password,
    /// The second factor, where there is one and it was not shown lately.
    #[serde(default)]
    code: String,
}

async fn account(
    app: &App,
    words: Words,
    signed_in: &SignedIn,
    name: Option<&str>,
    errors: FormErrors,
) -> Answer {
    let now = app.clock.now();
    let this = signed_in.session();
    let open = service::open_sessions(app, this).await?;
    let factor = authenticator::of(app, &this.administrator_id).await?;
    let sessions = open.iter().map(|one| OpenSession {
        is_this: one.token_hash == this.token_hash,
        begun: Moment::new(words, one.created, now),
        used: Moment::new(words, one.last_seen, now),
    });
    let status = if errors.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let shell = signed_in.shell(app, words, Section::Account);
    let own = shell.name.clone();
    page_with(
        status,
        &AccountPage {
            words,
            shell,
            errors,
            name: name.unwrap_or(&own),
            asks_for_code: asks_for_code(app, signed_in).await?,
            codes_left: factor.as_ref().map(|factor| factor.codes_left),
            authenticator: factor
                .as_ref()
                .and_then(|factor| factor.authenticator)
                .map(|at| Moment::new(words, at, now)),
            passkeys: factor
                .map_or_else(Vec::new, |factor| factor.passkeys)
                .into_iter()
                .map(|one| OwnPasskey {
                    added: Moment::new(words, one.added, now),
                    used: one.last_used.map(|at| Moment::new(words, at, now)),
                    id: one.id,
                    name: one.name,
                })
                .collect(),
            can_add_passkey: webauthn::is_possible(app),
            language: signed_in.language().unwrap_or_default(),
            sessions: sessions.collect(),
        },
    )
}

/// Whether a new password takes the second factor too.
async fn asks_for_code(app: &App, signed_in: &SignedIn) -> Result<bool, Problem> {
    let session = signed_in.session();
    let asked = proof::asked(app, session).await?;
    Ok(asked != Asked::Password && !proof::holds(app, session))
}

fn done(signed_in: &SignedIn, notice: &Notice) -> Response {
    signed_in.show_next(notice);
    Redirect::to("/account").into_response()
}

/// `GET /account`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    account(&app, words, &signed_in, None, FormErrors::none()).await
}

/// `POST /account/name`
pub async fn rename(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Form(form): Form<NameForm>,
) -> Answer {
    let mut errors = FormErrors::none();
    errors.add_refused(words, person::person_name(&form.name).err());
    if !errors.is_empty() {
        return account(&app, words, &signed_in, Some(&form.name), errors).await;
    }
    let actor = signed_in.actor();
    let has_changed = service::rename(&app, signed_in.session(), &form.name, &actor).await?;
    let notice = if has_changed {
        Notice::OwnNameChanged
    } else {
        Notice::OwnNameNotChanged
    };
    Ok(done(&signed_in, &notice))
}

/// `POST /account/language`
pub async fn choose_language(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Form(form): Form<LanguageForm>,
) -> Answer {
    let language = match (form.language.as_str(), Words::of(&form.language)) {
        ("", _) => None,
        (tag, Some(_)) => Some(tag),
        (_, None) => return Err(Problem::unreadable()),
    };
    service::set_language(&app, signed_in.session(), language).await?;
    Ok(done(&signed_in, &Notice::OwnLanguageChosen))
}

/// `POST /account/password`
pub async fn change_password(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Source(source): Source,
    jar: CookieJar,
    Form(form): Form<PasswordForm>,
) -> Answer {
    let mut errors = FormErrors::none();
    errors.add_weakness(words, "password", &form.password);
    if !errors.is_empty() {
        return account(&app, words, &signed_in, None, errors).await;
    }
    let (visit, actor) = (cookie::visit(&jar, source), signed_in.actor());
    let (session, present) = (signed_in.session(), form.present);
    if asks_for_code(&app, &signed_in).await? {
        match proof::show(&app, session, Proof::Typed(form.code), &visit, &actor).await {
            Ok(()) => {}
            Err(SignInError::Service(error)) => return Err(error.into()),
            Err(_) => {
                errors.add("code", words.factor_code_wrong());
                return account(&app, words, &signed_in, None, errors).await;
            }
        }
    }
    let changed =
        service::change_password(&app, session, present, form.password, &visit, &actor).await;
    match changed {
        Ok(sessions) => {
            let passkeys = passkey::count(&app, &session.administrator_id).await?;
            let changed = Notice::OwnPasswordChanged { sessions, passkeys };
            Ok(done(&signed_in, &changed))
        }
        Err(SignInError::Refused | SignInError::Copied) => {
            errors.add("present", words.account_password_wrong());
            account(&app, words, &signed_in, None, errors).await
        }
        Err(SignInError::Service(error)) => Err(error.into()),
        Err(SignInError::Password(error)) => {
            tracing::error!(%error, "a password could not be compared");
            Err(Problem::internal())
        }
    }
}

/// `POST /account/sign-out-elsewhere`
pub async fn sign_out_elsewhere(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    let (session, actor) = (signed_in.session(), signed_in.actor());
    let sessions = service::sign_out_elsewhere(&app, session, &actor).await?;
    Ok(done(&signed_in, &Notice::OtherSessionsEnded { sessions }))
}
