//! How many connections there are, in all and of each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use enroll_server_model::ClientNetwork;

use super::once_per::OncePer;

/// The caps of a listener, and what there is.
#[derive(Debug)]
pub(super) struct Caps {
    per_address: usize,
    in_all: usize,
    open: Mutex<Open>,
    refused: OncePer,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_client: HashMap<ClientNetwork, usize>,
}

/// A connection that counts, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    caps: Arc<Caps>,
    client: Option<ClientNetwork>,
}

impl Caps {
    pub(super) fn new(per_address: usize, in_all: usize) -> Arc<Self> {
        Arc::new(Self {
            per_address,
            in_all,
            open: Mutex::default(),
            refused: OncePer::minute(),
        })
    }

    /// Lets a connection in, if there is room. Whose it is can be said later.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        let mut open = self.open();
        if open.all >= self.in_all {
            drop(open);
            if let Some(refused) = self.refused.due() {
                tracing::warn!(
                    refused,
                    most = self.in_all,
                    "connections are refused: there are too many"
                );
            }
            return None;
        }
        open.all += 1;
        drop(open);
        Some(Permit {
            caps: self.clone(),
            client: None,
        })
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Counts the connection as one of this address. Returns whether the address may have it.
    pub(super) fn count_for(&mut self, address: IpAddr) -> bool {
        let client = ClientNetwork::from(address);
        let mut open = self.caps.open();
        let count = open.by_client.entry(client).or_default();
        if *count >= self.caps.per_address {
            drop(open);
            if let Some(refused) = self.caps.refused.due() {
                tracing::warn!(
                    refused,
                    most = self.caps.per_address,
                    client = %address,
                    "connections are refused: one address has too many"
                );
            }
            return false;
        }
        *count += 1;
        drop(open);
        self.client = Some(client);
        true
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.caps.open();
        open.all = open.all.saturating_sub(1);
        if let Some(client) = self.client
            && let Some(count) = open.by_client.get_mut(&client)
        {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.by_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv6_customer_is_counted_as_one() {
        let caps = Caps::new(1, 10);
        let same = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"];
        let mut first = caps.admit().unwrap();
        assert!(first.count_for(address(same[0])));
        for other in same {
            assert!(!caps.admit().unwrap().count_for(address(other)), "{other}");
        }
        let mut neighbour = caps.admit().unwrap();
        assert!(neighbour.count_for(address("2001:db8:0:1::1")));
    }

    #[test]
    fn an_ipv4_address_is_the_same_in_both_its_forms() {
        let caps = Caps::new(1, 10);
        let mut first = caps.admit().unwrap();
        assert!(first.count_for(address("192.0.2.1")));
        assert!(!caps.admit().unwrap().count_for(address("::ffff:192.0.2.1")));
    }

    #[test]
    fn what_ends_makes_room() {
        let caps = Caps::new(1, 1);
        for _ in 0..3 {
            let mut permit = caps.admit().unwrap();
            assert!(permit.count_for(address("192.0.2.1")));
            assert!(caps.admit().is_none());
        }
        assert!(caps.open().by_client.is_empty());
    }
}
