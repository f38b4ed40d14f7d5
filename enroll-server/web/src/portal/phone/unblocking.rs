//! Allowing a phone's holder a new PIN.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect};
use zeroize::Zeroizing;

use enroll_server_service::unblocking::{self, MOST_WRONG};
use enroll_server_service::{App, query};

use crate::portal::guard::SignedIn;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell};
use crate::words::Words;

/// A code that is to be told.
struct Told {
    /// Its digits, in two groups.
    digits: Zeroizing<String>,
    until: Moment,
    allowed_by: String,
}

#[derive(Template)]
#[template(path = "phones/unblocking.html")]
struct UnblockingPage<'a> {
    words: Words,
    shell: Shell,
    id: &'a str,
    name: &'a str,
    holder: &'a str,
    most_wrong: i64,
    told: Option<Told>,
}

/// `GET /phones/{id}/unblocking`: the question, or the code that is to be told.
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let found = query::phone(&app, &id).await?.phone;
    unblocking::check(&app, &id).await?;
    let open = unblocking::of_phone(&app, &id).await?;
    page(&UnblockingPage {
        words,
        shell: signed_in.shell(&app, words, Section::Phones),
        id: &id,
        name: &found.phone.name,
        holder: &found.holder_name,
        most_wrong: MOST_WRONG,
        told: open.map(|open| {
            let (first, last) = open.code.split_at(open.code.len() / 2);
            Told {
                digits: Zeroizing::new(format!("{first} {last}")),
                until: Moment::new(words, open.expires, now),
                allowed_by: open.allowed_by,
            }
        }),
    })
}

/// `POST /phones/{id}/unblocking`
pub async fn allow(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    unblocking::allow(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::PinUnblockingAllowed);
    Ok(Redirect::to(&format!("/phones/{id}/unblocking")).into_response())
}

/// `POST /phones/{id}/unblocking/withdraw`
pub async fn withdraw(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    unblocking::withdraw(&app, &id, &signed_in.actor()).await?;
    signed_in.show_next(&Notice::PinUnblockingWithdrawn);
    Ok(Redirect::to(&format!("/phones/{id}")).into_response())
}
