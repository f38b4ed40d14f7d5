//! The list of all phones' certificates.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State};

use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::error::Result;
use enroll_server_service::query::{
    self, CertificateFilter, CertificateSort, CertificateSummary, Page, Sorting, Wanted,
};

use super::row::CertificateRow;
use crate::portal::export::{Export, Form, Lines, all_after};
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::list::{List, ListAddress};
use crate::portal::page::{Answer, page};
use crate::portal::view::{ListView, Section, Shell};
use crate::serial;
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
struct ListPage {
    words: Words,
    shell: Shell,
    title: Text,
    list: ListView,
    certificates: Vec<CertificateRow>,
}

/// A column, with whether the last usually comes first: what ends soon is listed from the next to end on.
const fn column(
    filter: CertificateFilter,
    sort: CertificateSort,
) -> (&'static str, CertificateSort, bool) {
    match sort {
        CertificateSort::Recorded => ("issued", sort, true),
        CertificateSort::End => (
            "end",
            sort,
            !matches!(filter, CertificateFilter::EndingBefore(_)),
        ),
    }
}

fn row(words: Words, summary: CertificateSummary, now: Timestamp) -> CertificateRow {
    let certificate = summary.certificate;
    let detail = words.certificates_on_phone(certificate.algorithm.as_str(), &summary.phone_name);
    CertificateRow::new(words, certificate, summary.holder_name, detail, now)
}

/// What the list's address asks for.
struct Asked {
    list: List,
    filter: CertificateFilter,
    sorting: Sorting<CertificateSort>,
}

impl Asked {
    fn new(words: Words, address: &ListAddress, now: Timestamp) -> Self {
        let filters = filters(words);
        let chosen = filters
            .iter()
            .map(|(word, _)| *word)
            .find(|word| *word == address.state)
            .unwrap_or_default();
        let filter = query::certificate_filter(chosen, now).unwrap_or(CertificateFilter::All);
        let list = List::new("/certificates", address).filtered("state", chosen, filters);
        let columns: Vec<_> = filter
            .sorts()
            .iter()
            .map(|sort| column(filter, *sort))
            .collect();
        let (list, sorting) = list.sorted(address, &columns);
        Self {
            list,
            filter,
            sorting: sorting.unwrap_or(Sorting::falling(CertificateSort::Recorded)),
        }
    }

    async fn read(&self, app: &App, wanted: Wanted<'_>) -> Result<Page<CertificateSummary>> {
        let search = self.list.query();
        let numbers = serial::meant(search);
        query::certificates(app, self.filter, search, &numbers, self.sorting, wanted).await
    }
}

/// `GET /certificates`
pub async fn show(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Asked::new(words, &address, now);
    let found = asked.read(&app, asked.list.wanted()).await?;
    page(&ListPage {
        words,
        shell: signed_in.shell(&app, words, Section::Certificates),
        title: words.certificates_title(),
        list: asked.list.around(words, &found),
        certificates: found
            .rows
            .into_iter()
            .map(|summary| row(words, summary, now))
            .collect(),
    })
}

/// `GET /certificates.csv`
pub async fn file(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Query(address): Query<ListAddress>,
) -> Answer {
    let now = app.clock.now();
    let asked = Arc::new(Asked::new(words, &address, now));
    let export = Export {
        name: "certificates",
        narrowing: asked.list.narrowing(),
        columns: vec![
            words.certificate_serial(),
            words.certificates_use(),
            words.label_holder(),
            words.label_phone(),
            words.label_state(),
            words.label_valid_from(),
            words.label_valid_until(),
            words.certificate_fingerprint(),
        ],
    };
    export.start(app, signed_in.actor(), Form::Csv, move |app, from| {
        let asked = asked.clone();
        async move {
            let page = asked.read(&app, all_after(from.as_ref())).await?;
            Ok(Lines::of(&page, |row| {
                let certificate = &row.certificate;
                vec![
                    certificate.serial.clone(),
                    label::purpose(words, certificate.slot).into_owned(),
                    row.holder_name.clone(),
                    row.phone_name.clone(),
                    label::certificate_tag(words, certificate, now)
                        .text
                        .into_owned(),
                    certificate.not_before.rfc3339(),
                    certificate.not_after.rfc3339(),
                    certificate.fingerprint.clone().unwrap_or_default(),
                ]
            }))
        }
    })
}
