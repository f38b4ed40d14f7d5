//! The list of all phones' certificates.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};
use serde::Deserialize;

use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::query::{self, After, CertificateFilter, CertificateSummary};

use super::{CertificateRow, serial};
use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Filter, Pager, Section, Shell};
use crate::portal::{address, paging, words};

const PATH: &str = "/certificates";

/// Filters by their word in the address.
const FILTERS: [(&str, &str); 5] = [
    ("", "All"),
    ("valid", "Valid"),
    ("ending", "Expires soon"),
    ("expired", "Expired"),
    ("revoked", "Revoked"),
];

/// What the address says.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

#[derive(Template)]
#[template(path = "certificates/list.html")]
struct ListPage<'a> {
    shell: Shell,
    query: &'a str,
    filters: Vec<Filter>,
    filtered: bool,
    certificates: Vec<CertificateRow>,
    with_holder: bool,
    pager: Pager,
}

fn filter(word: &str, now: Timestamp) -> CertificateFilter {
    match word {
        "valid" => CertificateFilter::Valid,
        "ending" => CertificateFilter::EndingBefore(words::soon(now)),
        "expired" => CertificateFilter::Expired,
        "revoked" => CertificateFilter::Revoked,
        _ => CertificateFilter::All,
    }
}

fn row(summary: CertificateSummary, now: Timestamp) -> CertificateRow {
    let certificate = summary.certificate;
    let detail = format!("{}, on {}", certificate.algorithm, summary.phone_name);
    CertificateRow::new(certificate, summary.holder_name, detail, now)
}

/// `GET /certificates`
pub async fn show(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let query = wanted.q.trim();
    let word = FILTERS
        .into_iter()
        .map(|(word, _)| word)
        .find(|word| *word == wanted.state)
        .unwrap_or_default();
    let after = paging::read(&wanted.after);
    let mut found = query::certificates(
        &app,
        filter(word, now),
        now,
        query,
        &serial::meant(query),
        after.as_ref(),
        paging::limit(),
    )
    .await?;
    let parameters = [("q", query), ("state", word)];
    let pager = paging::cut(&mut found, PATH, &parameters, after.is_none(), |row| {
        After {
            key: row.certificate.reserved_at,
            id: row.certificate.id.clone(),
        }
    });
    let filters = FILTERS.into_iter().map(|(state, label)| Filter {
        href: address::with_query(PATH, &[("q", query), ("state", state)]),
        label: label.to_owned(),
        current: state == word,
    });
    page(&ListPage {
        shell: signed_in.shell(&app, Section::Certificates).await?,
        query,
        filters: filters.collect(),
        filtered: !word.is_empty() || !query.is_empty(),
        certificates: found.into_iter().map(|summary| row(summary, now)).collect(),
        with_holder: true,
        pager,
    })
}
