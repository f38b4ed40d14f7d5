//! The lists that people browse.

use enroll_server_model::{InvitationState, PhoneState, RequestState, Timestamp};
use enroll_server_store::StoreError;
use enroll_server_store::certificate::CertificateSummary;
use enroll_server_store::holder_request::RequestSummary;
use enroll_server_store::invitation::InvitationSummary;
use enroll_server_store::listing::{
    self, CertificateFilter, CertificateSort, Counted, EventFilter, EventSummary, HolderFilter,
    HolderSort, HolderSummary, Numbers, PhoneSort, Sorting, Span,
};
use enroll_server_store::phone::PhoneSummary;

use super::history::{self, Deed};
use super::overview;
use super::page::{COUNTED, Count, Page, Wanted};
use crate::app::App;
use crate::error::Result;

/// How many rows a list has, and what to read of it.
async fn counted<'w>(
    wanted: &Wanted<'w>,
    is_common: bool,
    count: impl Future<Output = Result<Counted, StoreError>>,
) -> Result<(Count, Span<'w>)> {
    let count = if wanted.is_counted {
        Count::of(count.await?)
    } else {
        Count::NotCounted
    };
    let span = Span {
        is_common,
        ..wanted.span()
    };
    Ok((count, span))
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
    let is_common = listing::is_common_among_holders(on, search).await?;
    let count = listing::count_holders(on, filter, search, sorting, is_common, COUNTED);
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::holders(on, filter, search, sorting, span).await?;
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
    let is_common = listing::is_common_among_phones(on, search).await?;
    let count = listing::count_phones(on, state, search, sorting, is_common, COUNTED);
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::phones(on, state, search, sorting, span).await?;
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
    let is_common = listing::is_common_among_invitations(on, search).await?;
    let count = listing::count_invitations(on, state, search, now, descending, is_common, COUNTED);
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::invitations(on, state, search, now, descending, span).await?;
    Ok(Page::of(found, count, &wanted, |row| {
        listing::place_of_invitation(state, row)
    }))
}

/// Requests of holders in whose names all words of `search` are found, in the order of time.
pub async fn requests(
    app: &App,
    state: Option<RequestState>,
    search: &str,
    descending: bool,
    wanted: Wanted<'_>,
) -> Result<Page<RequestSummary>> {
    let on = app.store.reader();
    let sorting = Sorting { by: (), descending };
    let is_common = listing::is_common_among_requests(on, search).await?;
    let count = listing::count_requests(on, state, search, sorting, is_common, COUNTED);
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::requests(on, state, search, sorting, span).await?;
    Ok(Page::of(found, count, &wanted, listing::place_of_request))
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
    let is_common = listing::is_common_among_certificates(on, search, numbers).await?;
    let count = listing::count_certificates(
        on, filter, search, numbers, now, sorting, is_common, COUNTED,
    );
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::certificates(on, filter, search, numbers, now, sorting, span).await?;
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
    // People are found by their words, and then what is theirs.
    let is_common = listing::is_common_among_holders(on, &filter.person).await?;
    let count = listing::count_events(on, filter, descending, is_common, COUNTED);
    let (count, span) = counted(&wanted, is_common, count).await?;
    let found = listing::events(on, filter, descending, span).await?;
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

/// The words of what a list of holders can be narrowed by.
pub const HOLDER_FILTERS: [&str; 6] = [
    "without-phone",
    "several-phones",
    "ending",
    "ended",
    "suspended",
    "gone",
];

/// What a word narrows a list of holders by.
#[must_use]
pub fn holder_filter(word: &str, now: Timestamp) -> Option<HolderFilter> {
    Some(match word {
        "without-phone" => HolderFilter::WithoutPhone,
        "several-phones" => HolderFilter::SeveralPhones,
        "ending" => ending_soon(now),
        "ended" => HolderFilter::Ended(now),
        "suspended" => HolderFilter::Suspended,
        "gone" => HolderFilter::Gone,
        _ => return None,
    })
}

/// The words of what a list of certificates can be narrowed by.
pub const CERTIFICATE_FILTERS: [&str; 5] = ["valid", "ending", "expired", "suspended", "revoked"];

/// What a word narrows a list of certificates by.
#[must_use]
pub fn certificate_filter(word: &str, now: Timestamp) -> Option<CertificateFilter> {
    Some(match word {
        "valid" => CertificateFilter::Valid,
        "ending" => CertificateFilter::EndingBefore(overview::soon(now)),
        "expired" => CertificateFilter::Expired,
        "suspended" => CertificateFilter::Suspended,
        "revoked" => CertificateFilter::Revoked,
        _ => return None,
    })
}

/// Which holders have a phone that ends soon.
#[must_use]
pub fn ending_soon(now: Timestamp) -> HolderFilter {
    HolderFilter::Ending(now, overview::soon(now))
}
