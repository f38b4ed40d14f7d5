//! What the form round a list sends.

use enroll_server_model::BulkAct;

use crate::portal::list::ListAddress;

/// What was chosen, and what is to be done with it.
#[derive(Debug)]
pub struct Sent {
    /// What is to be done; none if the form does not say it.
    pub act: Option<BulkAct>,
    /// The ids of the chosen rows.
    pub ids: Vec<String>,
    /// Whether all rows of the list are meant, on this page and on the others.
    pub all: bool,
    /// The list.
    pub address: ListAddress,
}

impl Sent {
    /// Reads the fields of the form.
    #[must_use]
    pub fn read(fields: Vec<(String, String)>) -> Self {
        let value = |name: &str| {
            let found = fields.iter().find(|(field, _)| field == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        Self {
            act: value("act").parse().ok(),
            all: value("all") == "yes",
            address: ListAddress::narrowed(value("q"), value("state"), value("sort")),
            ids: fields
                .iter()
                .filter(|(name, _)| name == "id")
                .map(|(_, id)| id.clone())
                .collect(),
        }
    }
}
