//! Where the session bus listens (D-Bus specification, "Server Addresses").

use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use card_host::user_folder::Environment;

/// A socket of this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Socket {
    /// In the file system.
    Path(PathBuf),
    /// A name that only the kernel knows.
    Abstract(Vec<u8>),
}

/// The bus of a user's session: the sockets where it may listen, in the order in which they are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBus {
    /// At least one.
    sockets: Vec<Socket>,
}

impl SessionBus {
    /// The bus that this environment names in `DBUS_SESSION_BUS_ADDRESS`, or else the one in `XDG_RUNTIME_DIR`. What is not a
    /// socket of this machine does not count: nothing is started for a bus, and none is spoken to over a network.
    #[must_use]
    pub fn of_user(environment: Environment<'_>) -> Option<Self> {
        let folder = environment("XDG_RUNTIME_DIR").map(PathBuf::from);
        let folder = folder.filter(|folder| folder.is_absolute());
        let named = environment("DBUS_SESSION_BUS_ADDRESS").filter(|value| !value.is_empty());
        let sockets = match (named, folder) {
            (Some(addresses), folder) => sockets(addresses.as_bytes(), folder.as_deref()),
            (None, Some(folder)) => vec![in_folder(&folder)],
            (None, None) => Vec::new(),
        };
        (!sockets.is_empty()).then_some(Self { sockets })
    }

    /// Where it may listen.
    #[must_use]
    pub fn sockets(&self) -> &[Socket] {
        &self.sockets
    }
}

fn in_folder(folder: &Path) -> Socket {
    Socket::Path(folder.join("bus"))
}

/// The sockets among these addresses, which have semicolons between them.
fn sockets(addresses: &[u8], folder: Option<&Path>) -> Vec<Socket> {
    let addresses = addresses.split(|byte| *byte == b';');
    addresses
        .filter_map(|address| {
            let pairs = address.strip_prefix(b"unix:")?;
            let mut pairs = pairs.split(|byte| *byte == b',').filter_map(pair);
            pairs.find_map(|(key, value)| match key {
                b"path" => Some(Socket::Path(OsString::from_vec(value).into())),
                b"abstract" => Some(Socket::Abstract(value)),
                b"runtime" if value == b"yes" => folder.map(in_folder),
                _ => None,
            })
        })
        .collect()
}

/// A key and its value.
fn pair(text: &[u8]) -> Option<(&[u8], Vec<u8>)> {
    let equals = text.iter().position(|byte| *byte == b'=')?;
    let (key, value) = text.split_at_checked(equals)?;
    Some((key, unescape(value.get(1..)?)?))
}

/// A value without its escapes: `%` and two hexadecimal digits.
fn unescape(mut text: &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::with_capacity(text.len());
    while let Some((first, rest)) = text.split_first() {
        text = rest;
        if *first != b'%' {
            value.push(*first);
            continue;
        }
        let (digits, rest) = rest.split_at_checked(2)?;
        let byte = data_encoding::HEXLOWER_PERMISSIVE.decode(digits).ok()?;
        value.extend(byte);
        text = rest;
    }
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_user(address: &str, folder: &str) -> Vec<Socket> {
        let bus = SessionBus::of_user(&|name| match name {
            "DBUS_SESSION_BUS_ADDRESS" => Some(address.into()),
            "XDG_RUNTIME_DIR" => Some(folder.into()),
            _ => None,
        });
        bus.map_or_else(Vec::new, |bus| bus.sockets)
    }

    fn path(path: &str) -> Socket {
        Socket::Path(path.into())
    }

    #[test]
    fn sockets_of_this_machine_are_read_and_nothing_else() {
        for (address, folder, expected) in [
            ("", "", vec![]),
            ("", "relative", vec![]),
            ("", "/run/user/1000", vec![path("/run/user/1000/bus")]),
            ("unix:path=/bus", "/run/user/1000", vec![path("/bus")]),
            (
                "unix:path=/with%20space%2c,guid=00;unix:guid=1,path=/b",
                "",
                vec![path("/with space,"), path("/b")],
            ),
            (
                "unix:abstract=/tmp/dbus-x",
                "",
                vec![Socket::Abstract(b"/tmp/dbus-x".to_vec())],
            ),
            ("unix:runtime=yes", "/run/me", vec![path("/run/me/bus")]),
            ("unix:runtime=yes", "", vec![]),
            // A program to start, a network, what an address does not say, and escapes without two digits.
            ("unixexec:path=/bin/sh", "/run/me", vec![]),
            ("tcp:host=localhost,port=1", "/run/me", vec![]),
            ("autolaunch:", "/run/me", vec![]),
            ("unix:", "/run/me", vec![]),
            ("unix:path", "/run/me", vec![]),
            ("unix:path=/%zz", "/run/me", vec![]),
            ("unix:path=/%2", "/run/me", vec![]),
        ] {
            assert_eq!(of_user(address, folder), expected, "{address} {folder}");
        }
    }
}
