//! Who asks for a passkey.

use url::{Host, Url};

use crate::app::App;

/// Who asks for a passkey: the portal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RelyingParty {
    /// The relying party's identifier: the host name of the portal.
    pub(crate) id: String,
    /// The origin of its pages.
    pub(crate) origin: String,
}

impl RelyingParty {
    /// The portal at this address; none where it is reached by an IP address, for which browsers have no passkeys.
    fn at(portal: &str) -> Option<Self> {
        let url = Url::parse(portal).ok()?;
        let Some(Host::Domain(id)) = url.host() else {
            return None;
        };
        Some(Self {
            id: id.to_owned(),
            origin: url.origin().ascii_serialization(),
        })
    }

    /// The portal.
    pub(crate) fn of(app: &App) -> Option<Self> {
        Self::at(&app.addresses.portal)
    }
}

/// Whether browsers have passkeys for the portal's address.
#[must_use]
pub fn is_possible(app: &App) -> bool {
    RelyingParty::of(app).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_relying_party_is_the_host_of_the_portal_and_its_origin_is_exact() {
        let at = |portal| RelyingParty::at(portal).map(|found| (found.id, found.origin));
        let found = |id: &str, origin: &str| Some((id.to_owned(), origin.to_owned()));
        assert_eq!(
            at("https://cards.example.org:8443"),
            found("cards.example.org", "https://cards.example.org:8443")
        );
        assert_eq!(
            at("https://cards.example.org"),
            found("cards.example.org", "https://cards.example.org")
        );
        assert_eq!(at("https://192.0.2.1:8443"), None);
        assert_eq!(at("https://[2001:db8::1]"), None);
    }
}
