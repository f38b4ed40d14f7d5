//! The answer to SELECT (SP 800-73-5 part 2, 3.1.1). Whether PIV is meant, the card has decided before.

use card_edge::apdu::Response;
use card_edge::piv;
use card_edge::piv::property_template::PropertyTemplate;

use super::{PivApplication, malformed};
use crate::key_store::KeyAlgorithm;

const LABEL: &[u8] = b"Tapcard";

impl PivApplication {
    /// The application property template: label and algorithms, and nothing that strict hosts stumble over.
    pub fn select(&mut self) -> Response {
        let answer = self.refresh().and_then(|()| {
            let template = PropertyTemplate {
                label: Some(LABEL.to_vec()),
                url: None,
                algorithms: KeyAlgorithm::ALL
                    .map(|algorithm| piv::KeyAlgorithm::from(algorithm).identifier())
                    .to_vec(),
            };
            template.encode().map_err(malformed)
        });
        answer.map_or_else(Response::from, Response::success)
    }
}
