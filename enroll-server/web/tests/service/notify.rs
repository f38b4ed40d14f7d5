//! What a service manager hears from the server, over a real socket, and what it hears when something is wrong.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::program::{PATIENCE, Program};

/// A service manager's end of the conversation.
struct Manager {
    folder: tempfile::TempDir,
    socket: UnixDatagram,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = UnixDatagram::bind(folder.path().join("notify")).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { folder, socket }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Starts a server; the script sets what it needs and becomes the command that follows.
    fn start(&self, script: &str) -> Program {
        let mut command = Command::new("sh");
        command
            .args(["-euc", &format!("{script}\nexec \"$@\""), "begin"])
            .arg(env!("CARGO_BIN_EXE_enroll-server"))
            .args(["serve", "--listen=127.0.0.1:0", "--listen-http=127.0.0.1:0"])
            .arg("--data")
            .arg(self.data())
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("NOTIFY_SOCKET", self.folder.path().join("notify"));
        Program::start(command)
    }

    /// The next message, as lines.
    fn hears(&self) -> Vec<String> {
        self.hears_within(PATIENCE).expect("a message")
    }

    fn hears_within(&self, limit: Duration) -> Option<Vec<String>> {
        self.socket.set_read_timeout(Some(limit)).unwrap();
        let mut bytes = [0; 4096];
        match self.socket.recv(&mut bytes) {
            Ok(length) => {
                let text = std::str::from_utf8(&bytes[..length]).unwrap();
                Some(text.lines().map(str::to_owned).collect())
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Has a server reload; returns the status that it then has.
    fn reload(&self, server: &Program) -> String {
        server.signal("HUP");
        let begun = self.hears();
        assert_eq!(begun[0], "RELOADING=1");
        let at: u64 = begun[1]
            .strip_prefix("MONOTONIC_USEC=")
            .unwrap()
            .parse()
            .unwrap();
        let uptime = fs::read_to_string("/proc/uptime").unwrap();
        let now: f64 = uptime.split(' ').next().unwrap().parse().unwrap();
        let age = now - Duration::from_micros(at).as_secs_f64();
        assert!((-1.0..PATIENCE.as_secs_f64()).contains(&age), "{at} {now}");
        let done = self.hears();
        assert_eq!(done[0], "READY=1");
        done[1].clone()
    }
}

/// The certificate that a server shows, PEM.
fn shown(portal: &str) -> String {
    let place = portal
        .strip_prefix("https://")
        .unwrap()
        .trim_end_matches('/');
    let script =
        format!("openssl s_client -connect {place} < /dev/null 2> /dev/null | openssl x509");
    let output = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for name in ["server.pem", "server.key"] {
        fs::copy(from.join(name), to.join(name)).unwrap();
    }
}

#[test]
fn a_service_manager_hears_that_it_serves_and_that_it_ends() {
    let manager = Manager::new();
    let mut server = manager.start("");
    let ready = manager.hears();
    assert_eq!(ready[0], "READY=1");
    let portal = server.says("Portal: ");
    let relying = server.says("Relying parties: ");
    // Both answer at that moment.
    shown(&portal);
    let health = format!("{relying}health");
    let health = Command::new("curl")
        .args(["-sSf", &health])
        .output()
        .unwrap();
    assert!(health.stdout.starts_with(b"ok\n"), "{health:?}");
    assert!(
        ready[1].starts_with("STATUS=Serving HTTPS on 127.0.0.1:"),
        "{ready:?}"
    );
    // Nobody wants to hear that it lives.
    assert_eq!(manager.hears_within(Duration::from_secs(1)), None);
    server.signal("TERM");
    let ending = manager.hears();
    assert_eq!(ending[0], "STOPPING=1");
    assert!(server.end().success(), "{}", server.log());
}

#[test]
fn a_reload_takes_the_pair_of_the_folder_and_keeps_the_old_one_where_that_is_faulty() {
    let manager = Manager::new();
    let folder = manager.data().join("tls");
    let first = manager.folder.path().join("first");
    let mut server = manager.start("");
    manager.hears();
    let of_first = shown(&server.says("Portal: "));
    server.stop();
    manager.hears();
    copy(&folder, &first);
    fs::remove_dir_all(&folder).unwrap();
    let mut server = manager.start("");
    manager.hears();
    let portal = server.says("Portal: ");
    let of_second = shown(&portal);
    assert_ne!(of_first, of_second);
    let second = manager.folder.path().join("second");
    copy(&folder, &second);
    // Nothing new.
    let status = manager.reload(&server);
    assert!(status.starts_with("STATUS=Serving "), "{status}");
    assert_eq!(shown(&portal), of_second);
    // Another pair.
    copy(&first, &folder);
    let status = manager.reload(&server);
    assert!(status.starts_with("STATUS=Serving "), "{status}");
    assert_eq!(shown(&portal), of_first);
    // No certificate, then no key, then one of another pair, and none at all.
    fs::write(folder.join("server.pem"), "no certificate").unwrap();
    let refused = |what: &str| {
        let status = manager.reload(&server);
        assert!(
            status.contains("the certificate of before stays in use"),
            "{what}: {status}"
        );
        assert_eq!(shown(&portal), of_first, "{what}");
    };
    refused("no certificate");
    copy(&first, &folder);
    fs::write(folder.join("server.key"), "no key").unwrap();
    refused("no key");
    fs::copy(second.join("server.key"), folder.join("server.key")).unwrap();
    refused("another key");
    fs::remove_dir_all(&folder).unwrap();
    refused("nothing");
    server.logs("the certificate of before stays in use");
    copy(&second, &folder);
    let status = manager.reload(&server);
    assert!(status.starts_with("STATUS=Serving "), "{status}");
    assert_eq!(shown(&portal), of_second);
    server.stop();
}

#[test]
fn a_service_manager_that_wants_to_hears_that_it_lives_for_as_long_as_it_does() {
    let manager = Manager::new();
    // Of this process, and not of another one.
    let ours = "export WATCHDOG_USEC=2000000 WATCHDOG_PID=$$";
    let server = manager.start(ours);
    assert_eq!(manager.hears()[0], "READY=1");
    for _ in 0..3 {
        assert_eq!(manager.hears(), ["WATCHDOG=1"]);
    }
    server.signal("STOP");
    // What it said before that is still to be heard.
    let begun = Instant::now();
    while manager.hears_within(Duration::from_secs(2)).is_some() {
        assert!(begun.elapsed() < PATIENCE);
    }
    server.signal("CONT");
    assert_eq!(manager.hears(), ["WATCHDOG=1"]);
    drop(server);
    let manager = Manager::new();
    let _server = manager.start("export WATCHDOG_USEC=1000000 WATCHDOG_PID=1");
    assert_eq!(manager.hears()[0], "READY=1");
    assert_eq!(manager.hears_within(Duration::from_secs(2)), None);
}
