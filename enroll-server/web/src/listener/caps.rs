//! How many connections there are, in all and of each address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use enroll_server_model::{ClientNetwork, ClientSite};

use super::limits::Limits;
use super::once_per::OncePer;

/// The caps of a listener, and what there is.
#[derive(Debug)]
pub(super) struct Caps {
    per_address: usize,
    per_site: usize,
    in_all: usize,
    open: Mutex<Open>,
    // Each is said by itself: one of them hides no other.
    refused_in_all: OncePer,
    refused_of_address: OncePer,
    refused_of_site: OncePer,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_client: HashMap<ClientNetwork, usize>,
    by_site: HashMap<ClientSite, usize>,
}

/// Counts one more, unless there are as many as there may be. Returns whether it did.
fn add<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: K, most: usize) -> bool {
    let count = counts.entry(key).or_default();
    let has_room = *count < most;
    *count += usize::from(has_room);
    has_room
}

/// Counts one less.
fn remove<K: Eq + Hash>(counts: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = counts.get_mut(key) {
        *count = count.saturating_sub(1);
        if *count == 0 {
            counts.remove(key);
        }
    }
}

impl Open {
    /// Counts a connection of a client. Returns what it is one too many of, and counts nothing then.
    fn add(&mut self, client: ClientNetwork, caps: &Caps) -> Result<(), TooMany> {
        if !add(&mut self.by_client, client, caps.per_address) {
            return Err(TooMany::OfAddress);
        }
        let Some(site) = client.site() else {
            return Ok(());
        };
        if add(&mut self.by_site, site, caps.per_site) {
            return Ok(());
        }
        remove(&mut self.by_client, &client);
        Err(TooMany::OfSite)
    }

    fn remove(&mut self, client: ClientNetwork) {
        remove(&mut self.by_client, &client);
        if let Some(site) = client.site() {
            remove(&mut self.by_site, &site);
        }
    }
}

/// There are as many connections as there may be.
enum TooMany {
    OfAddress,
    OfSite,
}

/// A connection that counts, until it is dropped.
#[derive(Debug)]
pub(super) struct Permit {
    caps: Arc<Caps>,
    client: Option<ClientNetwork>,
}

impl Caps {
    pub(super) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self {
            per_address: limits.per_address,
            per_site: limits.per_site,
            in_all: limits.in_all,
            open: Mutex::default(),
            refused_in_all: OncePer::minute(),
            refused_of_address: OncePer::minute(),
            refused_of_site: OncePer::minute(),
        })
    }

    /// Lets a connection in, if there is room. Whose it is can be said later.
    pub(super) fn admit(self: &Arc<Self>) -> Option<Permit> {
        let mut open = self.open();
        if open.all >= self.in_all {
            drop(open);
            if let Some(refused) = self.refused_in_all.due() {
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

    /// Says that connections are refused, and how many, unless that was just said.
    fn say(&self, too_many: TooMany, client: IpAddr) {
        match too_many {
            TooMany::OfAddress => {
                if let Some(refused) = self.refused_of_address.due() {
                    tracing::warn!(
                        refused,
                        most = self.per_address,
                        %client,
                        "connections are refused: one address has too many"
                    );
                }
            }
            TooMany::OfSite => {
                if let Some(refused) = self.refused_of_site.due() {
                    tracing::warn!(
                        refused,
                        most = self.per_site,
                        %client,
                        "connections are refused: one IPv6 /48 has too many"
                    );
                }
            }
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// Counts the connection as one of this address, and of the network around it. Returns whether they may have it.
    pub(super) fn count_for(&mut self, address: IpAddr) -> bool {
        let client = ClientNetwork::from(address);
        let counted = self.caps.open().add(client, &self.caps);
        match counted {
            Ok(()) => {
                self.client = Some(client);
                true
            }
            Err(too_many) => {
                self.caps.say(too_many, address);
                false
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.caps.open();
        open.all = open.all.saturating_sub(1);
        if let Some(client) = self.client {
            open.remove(client);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caps(per_address: usize, per_site: usize, in_all: usize) -> Arc<Caps> {
        Caps::new(&Limits {
            per_address,
            per_site,
            in_all,
            ..Limits::http()
        })
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv6_customer_is_counted_as_one() {
        let caps = caps(1, 10, 10);
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
        let caps = caps(1, 10, 10);
        let mut first = caps.admit().unwrap();
        assert!(first.count_for(address("192.0.2.1")));
        assert!(!caps.admit().unwrap().count_for(address("::ffff:192.0.2.1")));
    }

    #[test]
    fn the_owner_of_many_ipv6_networks_has_not_all_connections() {
        let caps = caps(2, 3, 10);
        let mut open = Vec::new();
        let mut comes = |text: &str| {
            let mut permit = caps.admit().unwrap();
            let may = permit.count_for(address(text));
            if may {
                open.push(permit);
            }
            may
        };
        for inside in ["2001:db8:1:1::1", "2001:db8:1:1::2", "2001:db8:1:2::1"] {
            assert!(comes(inside));
        }
        assert!(!comes("2001:db8:1:3::1"));
        // Nothing is left of what was refused.
        assert!(!comes("2001:db8:1:3::1"));
        assert!(comes("2001:db8:2:1::1"));
        assert!(comes("192.0.2.1"));
        open.clear();
        assert!(caps.open().by_client.is_empty() && caps.open().by_site.is_empty());
    }

    #[test]
    fn what_ends_makes_room() {
        let caps = caps(1, 1, 1);
        for _ in 0..3 {
            let mut permit = caps.admit().unwrap();
            assert!(permit.count_for(address("2001:db8::1")));
            assert!(caps.admit().is_none());
        }
        assert!(caps.open().by_client.is_empty());
        assert!(caps.open().by_site.is_empty());
    }

    #[test]
    fn what_is_said_of_one_address_hides_nothing_else() {
        let caps = caps(1, 10, 2);
        let mut first = caps.admit().unwrap();
        assert!(first.count_for(address("192.0.2.1")));
        let mut second = caps.admit().unwrap();
        assert!(!second.count_for(address("192.0.2.1")));
        assert!(caps.admit().is_none());
        // Each has been said, and is not said again.
        assert_eq!(caps.refused_of_address.due(), None);
        assert_eq!(caps.refused_in_all.due(), None);
        assert_eq!(caps.refused_of_site.due(), Some(1));
    }
}
