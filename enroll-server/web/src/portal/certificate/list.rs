//! The list of all phones' certificates.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::query::{self, CertificateFilter, CertificateSummary};

use super::row::CertificateRow;
use super::serial;
use crate::portal::guard::SignedIn;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{Filter, Pager, Section, Shell};
use crate::words::{Text, Words};

/// Filters by their word in the address.
fn filters(words: Words) -> [(&'static str, Text); 6] {
    [
        ("", words.filter_all()),
        ("valid", words.state_valid()),
        ("ending", words.state_expires_soon()),
        ("expired", words.state_expired()),
        ("suspended", words.state_suspended()),
        ("revoked", words.state_revoked()),
    ]
}

#[derive(Template)]
#[template(path = "certificates/list.html")]
struct ListPage<'a> {
    words: Words,
    shell: Shell,
    title: Text,
    empty: bool,
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
        "ending" => CertificateFilter::EndingBefore(query::soon(now)),
        "expired" => CertificateFilter::Expired,
        "suspended" => CertificateFilter::Suspended,
        "revoked" => CertificateFilter::Revoked,
        _ => CertificateFilter::All,
    }
}

fn row(words: Words, summary: CertificateSummary, now: Timestamp) -> CertificateRow {
    let certificate = summary.certificate;
    let detail = words.certificates_on_phone(certificate.algorithm.as_str(), &summary.phone_name);
    CertificateRow::new(words, certificate, summary.holder_name, detail, now)
}

/// `GET /certificates`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let filters = filters(words);
    let chosen = filters
        .iter()
        .map(|(word, _)| *word)
        .find(|word| *word == address.state)
        .unwrap_or_default();
    let list = List::new("/certificates", &address).filtered("state", chosen);
    let query = list.query();
    let found = query::certificates(
        &app,
        filter(chosen, now),
        query,
        &serial::meant(query),
        list.after().as_ref(),
    )
    .await?;
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Certificates),
        query,
        filters: list.filters(filters),
        title: words.certificates_title(),
        empty: found.rows.is_empty(),
        filtered: list.is_narrowed(),
        pager: list.pager(&found),
        certificates: found
            .rows
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
        with_holder: true,
    })
}
