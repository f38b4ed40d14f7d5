//! Whose requests and connections are counted together.

use std::fmt;
use std::net::IpAddr;

/// A client as limits know it: an IPv4 address, or an IPv6 /64, which a provider gives to one customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientNetwork(IpAddr);

impl From<IpAddr> for ClientNetwork {
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                [a, b, c, d, 0, 0, 0, 0].into()
            }
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl ClientNetwork {
    /// The larger network that an IPv6 network is in.
    #[must_use]
    pub fn site(self) -> Option<ClientSite> {
        match self.0 {
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                Some(ClientSite([a, b, c]))
            }
            IpAddr::V4(_) => None,
        }
    }
}

/// An IPv6 /48, which a provider gives to one site: its owner has 65,536 [client networks](ClientNetwork).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientSite([u16; 3]);

/// `192.0.2.1`, `2001:db8:1:2::/64`.
impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.0.is_ipv6() { "/64" } else { "" };
        write!(f, "{}{prefix}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> String {
        ClientNetwork::from(text.parse::<IpAddr>().unwrap()).to_string()
    }

    #[test]
    fn neighbours_in_one_ipv6_network_are_one_client() {
        assert_eq!(network("2001:db8:1:2::1"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::9"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::1"), "2001:db8:1:2::/64");
    }

    #[test]
    fn networks_of_one_site_are_in_the_same_ipv6_48() {
        let site = |text: &str| ClientNetwork::from(text.parse::<IpAddr>().unwrap()).site();
        assert_eq!(site("2001:db8:1:2::1"), site("2001:db8:1:ffff::1"));
        assert_ne!(site("2001:db8:1:2::1"), site("2001:db8:2:2::1"));
        assert_eq!(site("192.0.2.1"), None);
    }

    #[test]
    fn an_ipv4_address_is_the_same_in_both_its_forms() {
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
