//! The lists that people browse: filtered, searched, sorted and paged. Each page goes on where the one before it ended
//! (keyset), so that a list stays quick and no row is shown twice however long it is.
//!
//! Every statement here finds its rows by an index, whatever it is asked: a list can be sorted only as an index is, and a
//! search finds people and phones by their trigrams first.

mod certificates;
mod events;
mod holders;
mod invitations;
mod phones;
mod requests;
mod statement;

pub use certificates::{
    CertificateFilter, CertificateSort, Numbers, certificates, count_certificates,
    is_common_among_certificates,
};
pub use events::{
    EventFilter, EventSummary, Refusals, count_events, events, events_but_refused,
    events_of_holder, refused_sign_ins,
};
pub use holders::{
    HolderFilter, HolderSort, HolderSummary, count_holders, holders, holders_with,
    is_common_among_holders,
};
pub use invitations::{
    count_invitations, invitations, invitations_with, is_common_among_invitations,
    place_of_invitation,
};
pub use phones::{PhoneSort, count_phones, is_common_among_phones, phones, phones_with};
pub use requests::{count_requests, is_common_among_requests, place_of_request, requests};
pub use statement::{Counted, Key, Place, Sorting, Span};
