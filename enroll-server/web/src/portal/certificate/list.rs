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
use crate::portal::{address, label, paging};
use crate::words::{Text, Words};

const PATH: &str = "/certificates";

/// Filters by their word in the address.
fn filters(words: Words) -> [(&'static str, Text); 5] {
    [
        ("", words.filter_all()),
        ("valid", words.state_valid()),
        ("ending", words.state_expires_soon()),
        ("expired", words.state_expired()),
        ("revoked", words.state_revoked()),
    ]
}

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
    words: Words,
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
        "ending" => CertificateFilter::EndingBefore(label::soon(now)),
        "expired" => CertificateFilter::Expired,
        "revoked" => CertificateFilter::Revoked,
        _ => CertificateFilter::All,
    }
}

fn row(words: Words, summary: CertificateSummary, now: Timestamp) -> CertificateRow {
    let certificate = summary.certificate;
    let detail = words.certificates_on_phone(&certificate.algorithm, &summary.phone_name);
    CertificateRow::new(words, certificate, summary.holder_name, detail, now)
}

/// `GET /certificates`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(wanted): Query<Wanted>,
) -> Answer {
    let now = app.clock.now();
    let query = wanted.q.trim();
    let word = filters(words)
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
    let filters = filters(words).into_iter().map(|(state, label)| Filter {
        href: address::with_query(PATH, &[("q", query), ("state", state)]),
        label,
        current: state == word,
    });
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Certificates).await?,
        query,
        filters: filters.collect(),
        filtered: !word.is_empty() || !query.is_empty(),
        certificates: found
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
        with_holder: true,
        pager,
    })
}
