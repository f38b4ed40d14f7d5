//! Making a token.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::Scope;
use enroll_server_service::api_token::{self as service, MOST_DAYS, NewApiToken, USUAL_DAYS};
use enroll_server_service::error::Error;
use enroll_server_service::{App, person};

use super::state::{scope_name, scope_note};
use crate::portal::guard::SignedIn;
use crate::portal::link_cookie;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::words::Words;

const SCOPES: &str = "scopes";

/// What was typed and chosen.
struct TokenForm {
    name: String,
    days: String,
    scopes: Vec<Scope>,
}

impl TokenForm {
    fn read(fields: Vec<(String, String)>) -> Self {
        let mut form = Self {
            name: String::new(),
            days: String::new(),
            scopes: Vec::new(),
        };
        for (name, value) in fields {
            match name.as_str() {
                "name" => form.name = value,
                "days" => form.days = value,
                SCOPES => form.scopes.extend(value.parse::<Scope>().ok()),
                _ => {}
            }
        }
        form
    }

    fn days(&self) -> Option<u16> {
        let days = self.days.trim().parse().ok();
        days.filter(|days| (1..=MOST_DAYS).contains(days))
    }

    fn mistakes(&self, words: Words) -> FormErrors {
        let mut errors = FormErrors::none();
        errors.add_refused(words, person::person_name(&self.name).err());
        if self.scopes.is_empty() {
            let first = Scope::ALL.first().map_or("", |scope| scope.as_str());
            let first = format!("{SCOPES}-{first}");
            errors.add_in_group(SCOPES, first, words.field_no_scope());
        }
        if self.days().is_none() {
            errors.add("days", words.field_days(usize::from(MOST_DAYS)));
        }
        errors
    }
}

/// Something that a token may do, and whether it is chosen.
struct ChosenScope {
    choice: Choice,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "api_tokens/new.html")]
struct NewPage<'a> {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    name: &'a str,
    days: &'a str,
    scopes: Vec<ChosenScope>,
}

impl<'a> NewPage<'a> {
    fn new(words: Words, shell: Shell, form: &'a TokenForm, errors: FormErrors) -> Self {
        let scope = |scope: &Scope| ChosenScope {
            choice: Choice {
                value: scope.as_str().into(),
                name: scope_name(words, *scope),
                note: scope_note(words, *scope),
            },
            is_chosen: form.scopes.contains(scope),
        };
        Self {
            words,
            shell,
            errors,
            name: &form.name,
            days: &form.days,
            scopes: Scope::ALL.iter().map(scope).collect(),
        }
    }
}

/// `GET /api-tokens/new`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let form = TokenForm {
        name: String::new(),
        days: USUAL_DAYS.to_string(),
        scopes: vec![Scope::Read],
    };
    let shell = signed_in.shell(&app, words, Section::ApiTokens);
    page(&NewPage::new(words, shell, &form, FormErrors::none()))
}

/// `POST /api-tokens/new`: makes it and shows it.
pub async fn make(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    jar: CookieJar,
    Form(fields): Form<Vec<(String, String)>>,
) -> Answer {
    let form = TokenForm::read(fields);
    let mut errors = form.mistakes(words);
    if let (true, Some(days)) = (errors.is_empty(), form.days()) {
        let wanted = NewApiToken {
            name: form.name.clone(),
            scopes: form.scopes.clone(),
            days,
        };
        match service::make(&app, wanted, &signed_in.actor()).await {
            Ok(made) => {
                signed_in.show_next(&Notice::ApiTokenMade);
                let path = format!("/api-tokens/{}", made.row.id);
                let jar = link_cookie::add(jar, &path, made.token());
                return Ok((jar, Redirect::to(&path)).into_response());
            }
            Err(refused @ Error::InvalidField { .. }) => errors.add_refused(words, Some(refused)),
            Err(error) => return Err(error.into()),
        }
    }
    let shell = signed_in.shell(&app, words, Section::ApiTokens);
    let again = NewPage::new(words, shell, &form, errors);
    page_with(StatusCode::UNPROCESSABLE_ENTITY, &again)
}
