//! What pages and the API read of the database, once for both. Nothing here changes anything.

mod api_token;
mod certificate;
mod colleague;
mod history;
mod holder;
mod invitation;
mod list;
mod overview;
mod own;
mod page;
mod phone;
mod policy;
mod request;
mod webhook;

pub use api_token::{api_token, api_tokens};
pub use certificate::{
    CertificateFile, CertificateRecord, CertificateToRevoke, CertificateView, certificate,
    certificate_file, certificate_record, certificate_to_revoke,
};
pub use colleague::{ColleagueView, account, colleague, colleagues};
pub use history::Deed;
pub use holder::{HolderView, OutdatedCertificate, holder, holder_name};
pub use invitation::{
    EnrolledPhone, InvitationStatus, InvitationView, invitation, invitation_status, invited_before,
    latest_mails,
};
pub use list::{
    CERTIFICATE_FILTERS, HOLDER_FILTERS, certificate_filter, certificates, deeds, ending_soon,
    events, holder_filter, holders, holders_with, invitations, invitations_with, phones,
    phones_with, requests,
};
pub use overview::{
    LATELY_DAYS, OverviewView, REFUSALS_HOURS, REFUSALS_WORTH_A_LOOK, SOON_DAYS, overview, soon,
};
pub use own::{OwnPhone, own_phone, own_phones};
pub use page::{COUNTED, Count, MANY_ROWS, Page, ROWS, Wanted};
pub use phone::{
    PhoneToReplace, PhoneToRevoke, PhoneView, ReplacedBy, Rest, phone, phone_to_replace,
    phone_to_revoke,
};
pub use policy::{enrollment_policies, enrollment_policy};
pub use request::{RequestView, invitation_of, own_request, own_requests, request};
pub use webhook::{WebhookSummary, WebhookView, webhook, webhook_view, webhooks};

pub use crate::ending::Ending;
pub use crate::request_difference::{Change, Difference, KeyDifference};
pub use enroll_server_ca::ca_certificate::CaCertificate;
pub use enroll_server_ca::decoded::{
    Decoded, Name, NameKind, Operation, Purpose, RawExtension, SignedWith,
};
pub use enroll_server_ca::profile::enrollment::{EnrollmentPolicy, PolicyTitle};
pub use enroll_server_store::administrator::{Administrator, AdministratorSummary};
pub use enroll_server_store::api_token::ApiToken;
pub use enroll_server_store::audit::RecordedEvent;
pub use enroll_server_store::certificate::{Certificate, CertificateSummary};
pub use enroll_server_store::holder::Holder;
pub use enroll_server_store::holder_request::{Approval, HolderRequest, RequestSummary};
pub use enroll_server_store::invitation::{Invitation, InvitationSummary};
pub use enroll_server_store::listing::{
    CertificateFilter, CertificateSort, EventFilter, EventSummary, HolderFilter, HolderSort,
    HolderSummary, Key, Numbers, PhoneSort, Place, Refusals, Sorting,
};
pub use enroll_server_store::outbox::Delivery;
pub use enroll_server_store::overview::Counts;
pub use enroll_server_store::password_link::PasswordLink;
pub use enroll_server_store::phone::{Phone, PhoneSummary};
pub use enroll_server_store::revocation::Revocation;
pub use enroll_server_store::session::{Session, SignedIn};
pub use enroll_server_store::suspension::Suspension;
pub use enroll_server_store::webhook::Webhook;
