//! The ports that systemd opens and hands over, with its own program for that: the server needs no right to them, and nobody
//! is refused while it starts again.

use std::net::TcpListener;
use std::os::fd::AsRawFd as _;
use std::path::Path;
use std::process::Command;

use crate::packaging;
use crate::program::{Program, wait_for};
use crate::unit_file::UnitFile;

/// Starts the server with sockets at these places, which systemd's program hands over.
fn start(data: &Path, places: &[&str]) -> Program {
    let mut command = Command::new("unshare");
    command.args(["--net", "--user", "--map-root-user", "sh", "-euc"]);
    command.args(["ip link set lo up; exec \"$@\"", "begin"]);
    command.arg("systemd-socket-activate");
    for place in places {
        command.arg(format!("--listen={place}"));
    }
    command
        .args(["setpriv", "--bounding-set=-all", "--no-new-privs"])
        .arg(env!("CARGO_BIN_EXE_enroll-server"))
        .args(["serve", "--data"])
        .arg(data);
    Program::start(command)
}

/// Runs a command in the network of a process.
fn beside(process: u32, command: &[&str]) -> std::process::Output {
    let output = Command::new("nsenter")
        .arg(format!("--target={process}"))
        .args(["--net", "--user", "--preserve-credentials"])
        .args(command)
        .output();
    output.unwrap()
}

/// Waits until systemd's program listens.
fn wait_for_sockets(server: &Program, number: usize) {
    wait_for("sockets that listen", || {
        let log = server.log();
        (log.matches("Listening on ").count() >= number).then_some(())
    });
}

#[test]
fn ports_below_1024_are_served_without_a_right_to_open_them() {
    let folder = tempfile::tempdir().unwrap();
    let unit = UnitFile::read(&packaging::text("tapcard-enroll-server.socket"));
    let places = unit.all("ListenStream");
    assert_eq!(places, ["443", "80"]);
    let mut server = start(&folder.path().join("data"), &places);
    wait_for_sockets(&server, 2);
    // The first who comes has it started, and waits for it.
    let health = ["curl", "-sS", "--max-time", "60", "http://127.0.0.1/health"];
    let health = beside(server.id(), &health);
    assert!(
        health.stdout.starts_with(b"ok\n"),
        "{health:?} {}",
        server.log()
    );
    assert_eq!(server.says("Portal: "), "https://localhost/");
    assert_eq!(server.says("Relying parties: "), "http://localhost/");
    let root = folder.path().join("data/authority/root.pem");
    let root = root.to_str().unwrap();
    let setup = server.says("Set up the first administrator: ");
    let page = ["curl", "-sSf", "--cacert", root, &setup];
    let page = beside(server.id(), &page);
    assert!(page.status.success(), "{page:?}");
    server.stop();
}

#[test]
fn nobody_is_refused_while_the_server_starts_again() {
    let folder = tempfile::tempdir().unwrap();
    let sockets = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    for socket in &sockets {
        rustix::io::fcntl_setfd(socket, rustix::io::FdFlags::empty()).unwrap();
    }
    let [https, http] = sockets.each_ref().map(|socket| socket.as_raw_fd());
    let hand_over = format!(
        "exec {{one}}<&{https} {{two}}<&{http}; exec 3<&$one 4<&$two; export LISTEN_FDS=2 LISTEN_PID=$$; exec \"$@\""
    );
    let start = || {
        let mut command = Command::new("bash");
        command
            .args(["-euc", &hand_over, "begin"])
            .args([env!("CARGO_BIN_EXE_enroll-server"), "serve", "--data"])
            .arg(folder.path().join("data"));
        Program::start(command)
    };
    let mut server = start();
    let relying = server.says("Relying parties: ");
    assert!(relying.contains(&sockets[1].local_addr().unwrap().port().to_string()));
    server.stop();
    let mut waiting = Command::new("curl")
        .args(["-sSf", "--max-time", "120", "--output", "/dev/null"])
        .arg(format!("{relying}health"))
        .spawn()
        .unwrap();
    let mut server = start();
    assert!(waiting.wait().unwrap().success(), "{}", server.log());
    server.stop();
}

#[test]
fn other_sockets_than_two_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for places in [&["8443"][..], &["8443", "8080", "8081"]] {
        let mut server = start(&folder.path().join("data"), places);
        wait_for_sockets(&server, places.len());
        // Whoever comes has it started.
        let knock = ["curl", "-s", "--max-time", "60", "http://127.0.0.1:8443/"];
        beside(server.id(), &knock);
        assert_eq!(server.end().code(), Some(1), "{}", server.log());
        let said = format!("hands over {} sockets", places.len());
        assert!(server.log().contains(&said), "{}", server.log());
    }
    assert!(!folder.path().join("data").exists());
}
