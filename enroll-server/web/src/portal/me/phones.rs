//! The phones of a holder, as they see them.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use enroll_server_model::{PhoneState, RequestState, Timestamp};
use enroll_server_service::App;
use enroll_server_service::query::{self, OwnPhone};

use super::guard::Me;
use crate::auth::form_token::FormToken;
use crate::portal::label;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Tag};
use crate::words::{Text, Words};

/// What a phone can do.
struct Use {
    purpose: Text,
    note: Text,
}

struct PhoneCard {
    id: String,
    name: String,
    tag: Tag,
    sentence: Text,
    uses: Vec<Use>,
    until: Option<Moment>,
    seen: Option<Moment>,
    can_be_lost: bool,
}

impl PhoneCard {
    fn new(words: Words, own: OwnPhone, organisation: &str, now: Timestamp) -> Self {
        let phone = own.phone;
        let uses = own.uses.into_iter().map(|slot| Use {
            purpose: label::purpose(words, Some(slot)),
            note: label::purpose_note(words, slot),
        });
        Self {
            tag: label::phone_tag(words, phone.state),
            sentence: match phone.state {
                PhoneState::Active if own.next_end.is_none() => words.me_phone_nothing(),
                PhoneState::Active => words.me_phone_active(),
                PhoneState::Suspended => match own.suspended_until {
                    Some(until) => {
                        let until = words.time_utc(words.date_time(until.date_time()));
                        words.me_phone_suspended_until(organisation, until)
                    }
                    None => words.me_phone_suspended(organisation),
                },
                PhoneState::Revoked => words.me_phone_revoked(organisation),
            },
            uses: uses.collect(),
            until: own.next_end.map(|end| Moment::new(words, end, now)),
            seen: phone
                .check_in
                .last_seen
                .map(|at| Moment::new(words, at, now)),
            can_be_lost: phone.state == PhoneState::Active || own.suspended_until.is_some(),
            id: phone.id,
            name: phone.name,
        }
    }
}

#[derive(Template)]
#[template(path = "me/phones.html")]
struct PhonesPage<'a> {
    words: Words,
    organisation: &'a str,
    csrf: FormToken,
    name: &'a str,
    reported: Option<Text>,
    phones: Vec<PhoneCard>,
    requests: Vec<RequestLine>,
    can_ask: bool,
}

/// Most requests that the page shows.
const REQUESTS: usize = 5;

/// What they asked for.
struct RequestLine {
    id: String,
    what: Text,
    at: Moment,
    tag: Tag,
}

/// What the page before did.
#[derive(Debug, Deserialize)]
pub struct Done {
    /// The phone that was reported lost.
    #[serde(default)]
    lost: String,
}

/// `GET /me`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    me: Me,
    Query(done): Query<Done>,
) -> Answer {
    let now = app.clock.now();
    let own = query::own_phones(&app, &me.holder).await?;
    // An address can say anything: what is said is what is so.
    let reported = own
        .iter()
        .map(|own| &own.phone)
        .find(|phone| phone.id == done.lost && phone.state == PhoneState::Suspended)
        .map(|phone| words.me_lost_done(&phone.name, &app.organisation));
    let requests = query::own_requests(&app, &me.holder).await?;
    let waits = requests
        .iter()
        .any(|request| request.state_at(now) == RequestState::Waiting);
    let lines = requests.into_iter().take(REQUESTS).map(|request| {
        let policy = query::enrollment_policy(&app, request.policy.as_str());
        let policy = policy.map_or_else(
            || request.policy.to_string().into(),
            |policy| words.policy_title(policy),
        );
        RequestLine {
            what: words.me_request_for(policy),
            at: Moment::new(words, request.created, now),
            tag: label::request_tag(words, request.state_at(now)),
            id: request.id,
        }
    });
    let can_ask = me.may_ask(&app) && !waits;
    let phones = own
        .into_iter()
        .map(|own| PhoneCard::new(words, own, &app.organisation, now));
    page(&PhonesPage {
        words,
        organisation: &app.organisation,
        csrf: me.form_token,
        name: &me.holder.name,
        reported,
        phones: phones.collect(),
        requests: lines.collect(),
        can_ask,
    })
}
