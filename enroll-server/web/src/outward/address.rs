//! To which addresses webhooks are sent: those of the internet, and those that the operator allows. Whoever administers the
//! portal does not reach with it what only this machine does.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::net::lookup_host;

use crate::listener::Network;

/// Why there is no address.
#[derive(Debug)]
pub enum NoAddress {
    /// The name leads nowhere.
    Unknown(io::Error),
    /// It leads to addresses that nothing is sent to; one of them.
    NotAllowed(IpAddr),
}

/// The addresses that a name leads to and that may be connected to.
pub async fn allowed(
    host: &str,
    port: u16,
    networks: &[Network],
) -> Result<Vec<SocketAddr>, NoAddress> {
    let found: Vec<SocketAddr> = lookup_host((host, port))
        .await
        .map_err(NoAddress::Unknown)?
        .collect();
    let may = |ip: IpAddr| is_public(ip) || networks.iter().any(|network| network.contains(ip));
    let (allowed, refused): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|address| may(address.ip().to_canonical()));
    match refused.first() {
        Some(refused) if allowed.is_empty() => Err(NoAddress::NotAllowed(refused.ip())),
        _ => Ok(allowed),
    }
}

/// Whether an address is one of the internet (RFC 6890 and IANA's registries of special-purpose addresses).
fn is_public(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    let is_special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || a == 0
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && (b == 18 || b == 19))
        || a >= 224;
    !is_special
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, high, low] = ip.segments();
    let [w, x] = high.to_be_bytes();
    let [y, z] = low.to_be_bytes();
    match (a, b) {
        // An address of IPv4 within (RFC 6052, RFC 3056).
        (0x64, 0xff9b) if (c, d, e, f) == (0, 0, 0, 0) => is_public_v4(Ipv4Addr::new(w, x, y, z)),
        (0x2002, _) => {
            let ([w, x], [y, z]) = (b.to_be_bytes(), c.to_be_bytes());
            is_public_v4(Ipv4Addr::new(w, x, y, z))
        }
        (0x2001, 0x0db8) => false,
        // Protocols, Teredo among them.
        (0x2001, ..=0x01ff) => false,
        _ => (0x2000..0x4000).contains(&a),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_this_machine_or_network_reaches_is_not_of_the_internet() {
        for special in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.0.0.8",
            "192.168.1.1",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "ff02::1",
        ] {
            assert!(!is_public(special.parse().unwrap()), "{special}");
        }
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "100.128.0.1",
            "172.32.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[tokio::test]
    async fn a_name_of_this_machine_is_reached_where_the_operator_allows_it_alone() {
        let refused = allowed("127.0.0.1", 80, &[]).await;
        assert!(matches!(refused, Err(NoAddress::NotAllowed(ip)) if ip.is_loopback()));
        let networks = ["127.0.0.0/8".parse().unwrap()];
        let found = allowed("127.0.0.1", 80, &networks).await.unwrap();
        assert_eq!(found, ["127.0.0.1:80".parse().unwrap()]);
        let mapped = allowed("::ffff:127.0.0.1", 80, &networks).await.unwrap();
        assert_eq!(mapped.len(), 1);
    }
}
