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
    fn an_ipv4_address_is_the_same_in_both_its_forms() {
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
    }
}
