//! The unit's command line as the unit's user, with the unit's folders; what it asks the kernel for is what the unit lets it.
//! The sandbox itself needs systemd as the first process, and is not in force here.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::Command;

use crate::machine::{Machine, all_beneath};
use crate::packaging::{self, SERVICE};
use crate::program::{send, wait_for};
use crate::unit_file::UnitFile;

#[test]
fn the_units_command_serves_as_the_units_user_in_the_units_folders() {
    let machine = Machine::new();
    machine.give_credential("tapcard.ca-passphrase", "of this test's keys\n");
    for is_first in [true, false] {
        let mut server = machine.start(&[]);
        assert_eq!(server.says("Portal: "), "https://localhost:8443/");
        let setup = server.says("Set up the first administrator: ");
        let health = machine.curl(server.id(), &["http://localhost:8080/health"]);
        assert!(health.stdout.starts_with(b"ok\n"), "{health:?}");
        let root = machine.path("var/lib/tapcard/authority/root.pem");
        let root = root.to_str().unwrap();
        let page = machine.curl(server.id(), &["--cacert", root, &setup]);
        assert!(page.status.success(), "{page:?}");
        let made = server.log().contains("an issuing authority are made");
        assert_eq!(made, is_first, "{}", server.log());
        server.stop();
    }
    assert!(!machine.path("var/lib/tapcard/secrets").exists());
    // Nothing of it is anybody else's, and nobody else can read it.
    let owner = machine.user();
    for path in all_beneath(&machine.path("var/lib/tapcard")) {
        let found = path.symlink_metadata().unwrap();
        if crate::machine::is_root() {
            assert_eq!(
                format!("{}:{}", found.uid(), found.gid()),
                owner,
                "{path:?}"
            );
        }
        let is_certificate = path.extension().is_some_and(|ending| ending == "pem");
        assert!(is_certificate || found.mode() & 0o077 == 0, "{path:?}");
    }
}

/// The calls of a group of `systemd-analyze syscall-filter`, with those of the groups in it.
fn calls(group: &str) -> BTreeSet<String> {
    let output = Command::new("systemd-analyze")
        .args(["syscall-filter", "--no-pager", group])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let words = text.lines().skip(1).map(str::trim);
    let words = words.filter(|word| !word.is_empty() && !word.starts_with('#'));
    let mut found = BTreeSet::new();
    for word in words {
        if word.starts_with('@') {
            found.extend(calls(word));
        } else {
            found.insert(word.to_owned());
        }
    }
    assert!(!found.is_empty(), "{group}");
    found
}

/// What the unit's `SystemCallFilter=` lines let through.
fn allowed() -> BTreeSet<String> {
    let unit = UnitFile::read(&packaging::text(SERVICE));
    let mut allowed = BTreeSet::new();
    for line in unit.all("SystemCallFilter") {
        let (groups, is_denied) = match line.strip_prefix('~') {
            Some(groups) => (groups, true),
            None => (line, false),
        };
        for group in groups.split_whitespace() {
            let calls = calls(group);
            if is_denied {
                allowed.retain(|call| !calls.contains(call));
            } else {
                allowed.extend(calls);
            }
        }
    }
    allowed
}

#[test]
fn the_server_asks_for_no_system_call_that_the_unit_forbids() {
    let machine = Machine::new();
    let trace = tempfile::NamedTempFile::new().unwrap();
    let file = trace.path().to_str().unwrap();
    let mut server = machine.start(&["/usr/bin/strace", "-f", "-qq", "-o", file]);
    let trace = || fs::read_to_string(file).unwrap();
    server.says("Set up the first administrator: ");
    let health = machine.curl(server.id(), &["http://localhost:8080/health"]);
    assert!(health.status.success(), "{health:?}");
    let begin = "execve(\"/usr/bin/enroll-server\"";
    let process = trace()
        .lines()
        .find(|line| line.contains(begin))
        .map(|line| {
            let (process, _) = line.split_once(' ').unwrap();
            process.parse().unwrap()
        });
    send("TERM", process.unwrap());
    assert!(server.end().success(), "{}", server.log());
    let trace = wait_for("the trace", || Some(trace()));
    let (_, after) = trace.split_once(begin).unwrap();
    let called: BTreeSet<String> = after
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(' ')?.1.trim_start().split_once('('))
        .map(|(call, _)| call.to_owned())
        .filter(|call| call.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
        .collect();
    assert!(called.contains("accept4"), "{called:?}");
    let allowed = allowed();
    let forbidden: Vec<_> = called.difference(&allowed).collect();
    assert!(forbidden.is_empty(), "{forbidden:?}");
}
