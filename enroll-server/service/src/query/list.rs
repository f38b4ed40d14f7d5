//! The lists that people browse.

use enroll_server_model::{InvitationState, PhoneState, Timestamp};
use enroll_server_store::StoreError;
use enroll_server_store::certificate::CertificateSummary;
use enroll_server_store::invitation::InvitationSummary;
use enroll_server_store::listing::{
    self, CertificateFilter, CertificateSort, EventFilter, EventSummary, HolderFilter, HolderSort,
    HolderSummary, Numbers, PhoneSort, Sorting,
};
use enroll_server_store::phone::PhoneSummary;

use super::history::{self, Deed};
use super::overview;
use super::page::{COUNTED, Count, Page, Wanted};
use crate::app::App;
use crate::error::Result;

/// How many rows are counted at most: one more than is said.
const MOST: i64 = COUNTED + 1;

/// How many rows a list has, where somebody wants to know.
async fn counted(
    wanted: &Wanted<'_>,
    count: impl Future<Output = Result<i64, StoreError>>,
) -> Result<Count> {
    if wanted.is_counted {
        Ok(Count::of(count.await?))
    } else {
        Ok(Count::NotCounted)
    }
}

/// Holders in whose name, mail address and UPN all words of `search` are found.
pub async fn holders(
    app: &App,
    filter: HolderFilter,
    search: &str,
    sorting: Sorting<HolderSort>,
    wanted: Wanted<'_>,
) -> Result<Page<HolderSummary>> {
    let on = app.store.reader();
    let found = listing::holders(on, filter, search, sorting, wanted.span()).await?;
    let count = counted(&wanted, listing::count_holders(on, filter, search, MOST)).await?;
    Ok(Page::of(found, count, &wanted, |row| row.place(sorting.by)))
}

/// Phones in whose holder's names, or in whose name and GUID, all words of `search` are found.
pub async fn phones(
    app: &App,
    state: Option<PhoneState>,
    search: &str,
    sorting: Sorting<PhoneSort>,
    wanted: Wanted<'_>,
) -> Result<Page<PhoneSummary>> {
    let on = app.store.reader();
    let found = listing::phones(on, state, search, sorting, wanted.span()).await?;
    let count = counted(&wanted, listing::count_phones(on, state, search, MOST)).await?;
    Ok(Page::of(found, count, &wanted, |row| row.place(sorting.by)))
}

/// Invitations for holders in whose names all words of `search` are found, in the order of time.
pub async fn invitations(
    app: &App,
    state: Option<InvitationState>,
    search: &str,
    descending: bool,
    wanted: Wanted<'_>,
) -> Result<Page<InvitationSummary>> {
    let on = app.store.reader();
    let now = app.clock.now();
    let found = listing::invitations(on, state, search, now, descending, wanted.span()).await?;
    let count = counted(
        &wanted,
        listing::count_invitations(on, state, search, now, MOST),
    )
    .await?;
    Ok(Page::of(found, count, &wanted, |row| {
        listing::place_of_invitation(state, row)
    }))
}

/// The phones' certificates in whose holder's names all words of `search` are found, or that have one of these numbers.
pub async fn certificates(
    app: &App,
    filter: CertificateFilter,
    search: &str,
    numbers: &Numbers,
    sorting: Sorting<CertificateSort>,
    wanted: Wanted<'_>,
) -> Result<Page<CertificateSummary>> {
    let on = app.store.reader();
    let now = app.clock.now();
    let span = wanted.span();
    let found = listing::certificates(on, filter, search, numbers, now, sorting, span).await?;
    let count = counted(
        &wanted,
        listing::count_certificates(on, filter, search, numbers, now, MOST),
    )
    .await?;
    Ok(Page::of(found, count, &wanted, |row| row.place(sorting.by)))
}

/// Audit events in the order of time.
pub async fn events(
    app: &App,
    filter: &EventFilter,
    descending: bool,
    wanted: Wanted<'_>,
) -> Result<Page<EventSummary>> {
    let on = app.store.reader();
    let found = listing::events(on, filter, descending, wanted.span()).await?;
    let count = counted(&wanted, listing::count_events(on, filter, MOST)).await?;
    Ok(Page::of(found, count, &wanted, EventSummary::place))
}

/// The same as deeds, each with its steps. No deed is cut in two where a page ends, unless it is longer than a page.
pub async fn deeds(
    app: &App,
    filter: &EventFilter,
    descending: bool,
    wanted: Wanted<'_>,
) -> Result<Page<Deed>> {
    let page = events(app, filter, descending, wanted).await?;
    let page = page.without_cut_group(&wanted, |event| event.event.at, EventSummary::place);
    Ok(Page {
        previous: page.previous,
        next: page.next,
        count: page.count,
        rows: history::deeds(page.rows),
    })
}

/// Those of the holders with these ids that are there, by name.
pub async fn holders_with(app: &App, ids: &[String]) -> Result<Vec<HolderSummary>> {
    Ok(listing::holders_with(app.store.reader(), ids).await?)
}

/// Those of the phones with these ids that are there, newest first.
pub async fn phones_with(app: &App, ids: &[String]) -> Result<Vec<PhoneSummary>> {
    Ok(listing::phones_with(app.store.reader(), ids).await?)
}

/// Those of the invitations with these ids that are there, newest first.
pub async fn invitations_with(app: &App, ids: &[String]) -> Result<Vec<InvitationSummary>> {
    Ok(listing::invitations_with(app.store.reader(), ids).await?)
}

/// Which holders have a phone that ends soon.
#[must_use]
pub fn ending_soon(now: Timestamp) -> HolderFilter {
    HolderFilter::Ending(now, overview::soon(now))
}
