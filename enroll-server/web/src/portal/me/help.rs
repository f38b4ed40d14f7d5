//! What holders ask: about PIN and PUK, renewal, and another phone.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_model::AddingPhones;
use enroll_server_service::App;

use super::guard::Me;
use crate::auth::form_token::FormToken;
use crate::portal::page::{Answer, page};
use crate::words::{Text, Words};

#[derive(Template)]
#[template(path = "me/help.html")]
struct HelpPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    another: Text,
    can_add: bool,
    can_ask: bool,
}

/// `GET /me/help`
pub async fn show(State(app): State<Arc<App>>, words: Words, me: Me) -> Answer {
    let organisation = &app.organisation;
    let can_add = me.may_add_phones(&app);
    let can_ask = me.may_ask(&app);
    page(&HelpPage {
        words,
        organisation,
        another: if can_add {
            words.me_help_another_offer(organisation)
        } else if can_ask {
            words.me_help_another_ask(organisation)
        } else if app.holders_add_phones == AddingPhones::AtOnce && app.addresses.phones.is_some() {
            words.me_help_another_with_phone(organisation)
        } else {
            words.me_help_another_what(organisation)
        },
        can_add,
        can_ask,
        csrf: me.form_token,
    })
}
