//! The answer to SELECT (SP 800-73-5 part 2, 3.1.1). Whether PIV is meant, the card has decided before.

use card_edge::apdu::Response;
use card_edge::piv::KeyAlgorithm;
use card_edge::piv::extensions::Announcement;
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::secure_messaging::CipherSuite;

use crate::refusal::{Answer, malformed};

const LABEL: &[u8] = b"Tapcard";

/// The application property template: label and algorithms, the suite of secure messaging first (OpenSC looks at no
/// other), as URL what the card announces, and nothing that strict
/// hosts stumble over.
pub(super) fn answer(
    algorithms: &[KeyAlgorithm],
    suite: Option<CipherSuite>,
    announcement: Option<Announcement>,
) -> Answer {
    let template = PropertyTemplate {
        label: Some(LABEL.to_vec()),
        url: announcement.map(|announcement| announcement.encode()),
        algorithms: suite
            .map(CipherSuite::identifier)
            .into_iter()
            .chain(algorithms.iter().map(|algorithm| algorithm.identifier()))
            .collect(),
    };
    template.encode().map(Response::success).map_err(malformed)
}
