//! Who may pass to a holder's own pages: sessions of holders, and forms that these pages sent.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;

use enroll_server_model::{Actor, AddingPhones, CameBy};
use enroll_server_service::query::Holder;
use enroll_server_service::{App, holder_session};

use crate::auth::cookie;
use crate::auth::form_token::FormToken;
use crate::portal::guard::checked_form;
use crate::portal::problem::Problem;
use crate::source;

/// Most bytes of a form of these pages.
const LARGEST_FORM: usize = 4 * 1024;

/// A holder on their own pages, for handlers of their routes.
#[derive(Clone, Debug)]
pub struct Me {
    /// They.
    pub holder: Holder,
    /// The token for their forms.
    pub form_token: FormToken,
    by_phone: bool,
    source: String,
}

impl Me {
    /// Whether they may invite another phone of theirs: mail alone is not enough for that, since whoever reads their mail could
    /// come to a phone in their name.
    #[must_use]
    pub fn may_add_phones(&self, app: &App) -> bool {
        app.holders_add_phones == AddingPhones::AtOnce && self.by_phone
    }

    /// Whether they may ask for another phone of theirs, by whichever way they came: officers approve it.
    #[must_use]
    pub fn may_ask(&self, app: &App) -> bool {
        app.holders_add_phones.approvals().is_some()
    }

    /// How they came.
    #[must_use]
    pub const fn came_by(&self) -> CameBy {
        if self.by_phone {
            CameBy::Phone
        } else {
            CameBy::Mail
        }
    }

    /// They as the audit trail names them.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor::holder(&self.holder.id, &self.holder.name, &self.source)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Me {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only routes behind the guard have it.
        let me = parts.extensions.get::<Self>().cloned();
        me.ok_or_else(Problem::internal)
    }
}

/// Lets holders pass; everybody else is asked to come by a link, officers too.
pub async fn holders(
    State(app): State<Arc<App>>,
    jar: CookieJar,
    request: Request,
    next: Next,
) -> Response {
    match admit(&app, &jar, request).await {
        Ok(Some(request)) => next.run(request).await,
        Ok(None) => Redirect::to("/me/sign-in").into_response(),
        Err(problem) => problem.into_response(),
    }
}

/// The request with its holder; none if there is no session.
async fn admit(app: &App, jar: &CookieJar, request: Request) -> Result<Option<Request>, Problem> {
    let Some(token) = cookie::holder_session(jar) else {
        return Ok(None);
    };
    let Some(signed_in) = holder_session::find(app, &token).await? else {
        return Ok(None);
    };
    let request = checked_form(app, request, token.reveal(), LARGEST_FORM).await?;
    let (mut parts, body) = request.into_parts();
    let me = Me {
        holder: signed_in.holder,
        by_phone: signed_in.by_phone,
        form_token: FormToken::for_secret(token.reveal()),
        source: source::of(&parts.extensions),
    };
    parts.extensions.insert(me);
    Ok(Some(Request::from_parts(parts, body)))
}
