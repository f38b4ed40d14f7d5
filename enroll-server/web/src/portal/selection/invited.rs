//! The sheets for many who were invited: a name, a link and its code for each, to be printed or sent. They are shown once.

use askama::Template;

use enroll_server_service::App;
use enroll_server_service::admission::invitation::Invited;

use crate::portal::page::{self, Answer};
use crate::portal::problem::Problem;
use crate::portal::view::{LinkWithCode, Moment, Shell};
use crate::words::{Text, Words};

struct Sheet {
    /// What the link's element is called.
    id: String,
    name: String,
    email: String,
    href: String,
    link: LinkWithCode,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "selections/invited.html")]
struct InvitedPage {
    words: Words,
    shell: Shell,
    title: Text,
    sheets: Vec<Sheet>,
}

/// The page for those who were invited.
pub fn page(app: &App, words: Words, shell: Shell, all: Vec<Invited>) -> Answer {
    let now = app.clock.now();
    let title = words.bulk_invited(all.len());
    let sheet = |invited: Invited| {
        Ok(Sheet {
            link: LinkWithCode::new(words, app.invitation_link(&invited.token))?,
            href: format!("/invitations/{}", invited.invitation.id),
            expires: Moment::new(words, invited.invitation.expires, now),
            id: format!("link-{}", invited.invitation.id),
            name: invited.holder.name,
            email: invited.holder.email,
        })
    };
    let sheets: Result<Vec<Sheet>, qrcode::types::QrError> = all.into_iter().map(sheet).collect();
    let sheets = sheets.map_err(|error| {
        tracing::error!(%error, "an invitation's code could not be drawn");
        Problem::internal()
    })?;
    page::page(&InvitedPage {
        words,
        shell,
        title,
        sheets,
    })
}
