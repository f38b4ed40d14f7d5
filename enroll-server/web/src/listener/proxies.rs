//! The proxies that are believed when they say whose connection or request they pass on.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// A proxy's address, or a network of proxies: `192.0.2.1`, `10.0.0.0/8`, `2001:db8::/64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(IpNet);

/// A text that is not a network.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("give an IP address or a network such as 10.0.0.0/8")]
pub struct NotANetwork;

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        let network = match text.parse::<IpAddr>() {
            Ok(address) => IpNet::from(address),
            Err(_) => text.parse().map_err(|_| NotANetwork)?,
        };
        Ok(Self(network.trunc()))
    }
}

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }
}

/// The trusted proxies.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Vec<Network>);

impl Proxies {
    /// Proxies in these networks.
    #[must_use]
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether this is the address of a trusted proxy.
    #[must_use]
    pub fn has(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(address))
    }

    /// Whose request it is that came from `peer`: the right-most hop that is not a trusted proxy. What is left of it
    /// anybody can have written. A hop that is not an address ends the search: the proxy counts that named it.
    pub(super) fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> SocketAddr {
        let mut client = peer.ip();
        if !self.has(client) {
            return peer;
        }
        for hop in hops(headers).into_iter().rev() {
            let Some(hop) = hop else { break };
            client = hop;
            if !self.has(client) {
                break;
            }
        }
        // Nobody says which port the client had.
        SocketAddr::new(client, if client == peer.ip() { peer.port() } else { 0 })
    }
}

/// The hops that the headers name, the nearest last. `X-Forwarded-For` goes before `Forwarded` (RFC 7239): nearly every
/// proxy writes the first, and passes the second on as the client sent it.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let values = |name| {
        let lines = headers.get_all(name).into_iter();
        lines
            // What a client wrote may be any bytes, and must not hide what the proxy added to it.
            .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
            .map(|element| str::from_utf8(element).unwrap_or_default().trim())
            .collect::<Vec<_>>()
    };
    let listed = values("x-forwarded-for");
    if !listed.is_empty() {
        return listed.into_iter().map(address).collect();
    }
    values("forwarded").into_iter().map(forwarded_for).collect()
}

/// The `for` of an element of `Forwarded` (RFC 7239, section 4).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    element.split(';').find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.trim().trim_matches('"');
        name.eq_ignore_ascii_case("for").then(|| address(value))?
    })
}

/// An address with or without a port; an IPv6 address in brackets or, without a port, bare.
fn address(text: &str) -> Option<IpAddr> {
    let address = match text.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => match text.split_once(':') {
            Some((address, port)) if !port.contains(':') => address,
            _ => text,
        },
    };
    Some(address.parse::<IpAddr>().ok()?.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn client(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8", "2001:db8:1::1"];
        let proxies = Proxies::new(trusted.iter().map(|one| one.parse().unwrap()).collect());
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            // One character, one byte: a header may have any but those that end it.
            let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(c).unwrap()).collect();
            map.append(*name, HeaderValue::from_bytes(&bytes).unwrap());
        }
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        let client = proxies.client(peer, &map).ip();
        client.to_canonical().to_string()
    }

    #[test]
    fn the_right_most_hop_that_is_not_trusted_is_the_client() {
        const XFF: &str = "x-forwarded-for";
        const FORWARDED: &str = "forwarded";
        type Headers = [(&'static str, &'static str)];
        let cases: &[(&str, &Headers, &str)] = &[
            // Who is not trusted can say what he likes.
            ("192.0.2.1", &[(XFF, "192.0.2.9")], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &[(XFF, "192.0.2.9")], "192.0.2.9"),
            ("::ffff:10.0.0.1", &[(XFF, "192.0.2.9")], "192.0.2.9"),
            // The client itself wrote what is left of its own address.
            ("10.0.0.1", &[(XFF, "127.0.0.1, 192.0.2.9")], "192.0.2.9"),
            (
                "10.0.0.1",
                &[(XFF, "1.1.1.1"), (XFF, "192.0.2.9,10.2.2.2")],
                "192.0.2.9",
            ),
            ("10.0.0.1", &[(XFF, "10.3.3.3, 10.2.2.2")], "10.3.3.3"),
            ("10.0.0.1", &[(XFF, "192.0.2.9:4711")], "192.0.2.9"),
            ("10.0.0.1", &[(XFF, "2001:db8::9")], "2001:db8::9"),
            ("10.0.0.1", &[(XFF, "[2001:db8::9]:443")], "2001:db8::9"),
            ("2001:db8:1::1", &[(XFF, "::ffff:192.0.2.9")], "192.0.2.9"),
            ("10.0.0.1", &[(XFF, "\u{ff}, 192.0.2.9")], "192.0.2.9"),
            (
                "10.0.0.1",
                &[(XFF, "\u{ff}"), (XFF, "192.0.2.9")],
                "192.0.2.9",
            ),
            (
                "10.0.0.1",
                &[(FORWARDED, "for=\"\u{e9}\", for=192.0.2.9")],
                "192.0.2.9",
            ),
            // What cannot be read ends the search.
            ("10.0.0.1", &[(XFF, "192.0.2.9, \u{ff}")], "10.0.0.1"),
            ("10.0.0.1", &[(XFF, "192.0.2.9, unknown")], "10.0.0.1"),
            (
                "10.0.0.1",
                &[(XFF, "192.0.2.9, unknown, 10.4.4.4")],
                "10.4.4.4",
            ),
            ("10.0.0.1", &[(XFF, "")], "10.0.0.1"),
            ("10.0.0.1", &[(FORWARDED, "for=192.0.2.9")], "192.0.2.9"),
            (
                "10.0.0.1",
                &[(
                    FORWARDED,
                    "for=1.1.1.1, By=10.0.0.1;For=\"[2001:db8::9]:4711\";proto=https",
                )],
                "2001:db8::9",
            ),
            ("10.0.0.1", &[(FORWARDED, "for=_hidden")], "10.0.0.1"),
            // The proxy wrote one of the two, and the client the other.
            (
                "10.0.0.1",
                &[(FORWARDED, "for=1.1.1.1"), (XFF, "192.0.2.9")],
                "192.0.2.9",
            ),
        ];
        for (peer, headers, expected) in cases {
            assert_eq!(client(peer, headers), *expected, "{peer} {headers:?}");
        }
    }

    #[test]
    fn a_network_is_an_address_or_a_prefix() {
        for good in [
            "192.0.2.1",
            "10.1.2.3/8",
            "::1",
            "2001:db8::/32",
            "0.0.0.0/0",
        ] {
            assert!(good.parse::<Network>().is_ok(), "{good}");
        }
        for bad in ["", "10.0.0.0/33", "nginx", "10.0.0/8", "10.0.0.0/8 "] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
        let every = Proxies::new(vec!["0.0.0.0/0".parse().unwrap()]);
        assert!(every.has("192.0.2.1".parse().unwrap()));
        assert!(every.has("::ffff:192.0.2.1".parse().unwrap()));
        assert!(!every.has("2001:db8::1".parse().unwrap()));
    }
}
