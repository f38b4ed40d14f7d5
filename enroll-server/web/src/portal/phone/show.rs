//! One phone and its certificates.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};

use enroll_server_model::{ObjectKind, PhoneState};
use enroll_server_service::App;
use enroll_server_service::query;

use crate::portal::certificate::CertificateRow;
use crate::portal::guard::SignedIn;
use crate::portal::history::{self, Line};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Moment, Section, Shell, Tag};
use crate::portal::words::{self, count};

#[derive(Template)]
#[template(path = "phones/show.html")]
struct ShowPage<'a> {
    shell: Shell,
    id: &'a str,
    name: &'a str,
    tag: Tag,
    sentence: String,
    can_revoke: bool,
    holder: &'a str,
    holder_id: &'a str,
    enrolled: Moment,
    revoked: Option<Moment>,
    guid: &'a str,
    certificates: Vec<CertificateRow>,
    with_holder: bool,
    query: &'a str,
    events: Vec<Line>,
}

/// `GET /phones/{id}`
pub async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let now = app.clock.now();
    let (phone, holder) = query::phone(&app, &id).await?;
    let certificates = query::certificates_of_phone(&app, &id).await?;
    let valid = certificates
        .iter()
        .filter(|certificate| certificate.is_valid_at(now))
        .count();
    let sentence = match (phone.state, valid) {
        (PhoneState::Revoked, _) => format!(
            "This phone of {} is refused everywhere: all of its certificates are revoked.",
            holder.name
        ),
        (PhoneState::Active, 0) => format!(
            "{} can do nothing with this phone: none of its certificates is valid.",
            holder.name
        ),
        (PhoneState::Active, _) => format!(
            "{} can use this phone as a smart card: it has {}.",
            holder.name,
            count(
                i64::try_from(valid).unwrap_or(i64::MAX),
                "valid certificate"
            )
        ),
    };
    page(&ShowPage {
        shell: signed_in.shell(&app, Section::Phones).await?,
        id: &phone.id,
        name: &phone.name,
        tag: words::phone_tag(phone.state),
        sentence,
        can_revoke: phone.state == PhoneState::Active,
        holder: &holder.name,
        holder_id: &holder.id,
        enrolled: Moment::new(phone.created.date_time(), now.date_time()),
        revoked: phone
            .revoked_at
            .map(|at| Moment::new(at.date_time(), now.date_time())),
        guid: &phone.guid,
        certificates: certificates
            .into_iter()
            .map(|row| CertificateRow::of_phone(row, now))
            .collect(),
        with_holder: false,
        query: "",
        events: history::of(&app, ObjectKind::Phone, &id).await?,
    })
}
