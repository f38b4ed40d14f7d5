//! The program itself: exit statuses, help, and a service that is missing, deserted or of another version.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use serde_json::Value;

/// Runs `tapcard` with the service's socket here.
#[allow(clippy::unwrap_used, reason = "the program was built for this test")]
fn tapcard(socket: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tapcard"))
        .args(arguments)
        .env("PCSCLITE_CSOCK_NAME", socket)
        .env_remove("TAPCARD_READER")
        .env_remove("TAPCARD_JSON")
        .output()
        .unwrap()
}

/// The finding of the service as JSON, and the exit status.
#[allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "checks of every test that uses it"
)]
fn finding(socket: &Path) -> (Value, Option<i32>) {
    let output = tapcard(socket, &["doctor", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["healthy"], false);
    assert_eq!(report["service"]["reachable"], false);
    (
        report["service"]["findings"][0].clone(),
        output.status.code(),
    )
}

#[test]
fn no_service_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let (finding, status) = finding(&folder.path().join("pcscd.comm"));
    assert_eq!(
        (&finding["code"], status),
        (&"service-not-running".into(), Some(1))
    );
    assert!(
        finding["reason"]
            .as_str()
            .unwrap()
            .contains("there is none")
    );
}

#[test]
fn a_service_that_died_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("pcscd.comm");
    drop(UnixListener::bind(&socket).unwrap());
    let (finding, status) = finding(&socket);
    assert_eq!(
        (&finding["code"], status),
        (&"service-not-running".into(), Some(1))
    );
    assert!(
        finding["reason"]
            .as_str()
            .unwrap()
            .contains("nobody listens")
    );
}

/// A daemon that answers each message with its last number replaced: pcscd's result field. The version message
/// gets a version of 4:99.
fn daemon(socket: &Path, version_result: u32, establish_result: u32) -> io::Result<()> {
    let listener = UnixListener::bind(socket)?;
    thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            // The client goes when it has seen enough.
            let _ = serve(&mut client, version_result, establish_result);
        }
    });
    Ok(())
}

/// pcsc-lite's `winscard_msg.h`: a header of size and command, then a structure of three 32-bit numbers for both the
/// version message (11: major, minor, result) and establish context (01: scope, context, result).
fn serve(client: &mut UnixStream, version_result: u32, establish_result: u32) -> io::Result<()> {
    loop {
        let mut message = [0; 20];
        client.read_exact(&mut message)?;
        let [_, _, _, _, a, b, c, d, ..] = message;
        let answer = match u32::from_ne_bytes([a, b, c, d]) {
            0x11 => [4, 99, version_result],
            _ => [0, 1, establish_result],
        };
        client.write_all(&answer.map(u32::to_ne_bytes).concat())?;
    }
}

const SUCCESS: u32 = 0;
const SCARD_E_SERVICE_STOPPED: u32 = 0x8010_001E;
const SCARD_W_SECURITY_VIOLATION: u32 = 0x8010_006A;

#[test]
fn a_libpcsclite_of_another_protocol_version_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("pcscd.comm");
    daemon(&socket, SCARD_E_SERVICE_STOPPED, SUCCESS).unwrap();
    let (finding, status) = finding(&socket);
    assert_eq!(
        (&finding["code"], status),
        (&"protocol-version-mismatch".into(), Some(1))
    );
    assert!(
        finding["reason"]
            .as_str()
            .unwrap()
            .contains("The daemon speaks 4:99.")
    );
}

#[test]
fn a_service_whose_rules_keep_us_out_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("pcscd.comm");
    daemon(&socket, SUCCESS, SCARD_W_SECURITY_VIOLATION).unwrap();
    let (finding, status) = finding(&socket);
    assert_eq!(
        (&finding["code"], status),
        (&"service-access-denied".into(), Some(1))
    );
    assert!(finding["reason"].as_str().unwrap().contains("polkit"));
}

#[test]
fn wrong_usage_is_status_2_and_help_teaches_by_example() {
    let nowhere = Path::new("/nonexistent/pcscd.comm");
    assert_eq!(
        tapcard(nowhere, &["doctor", "--frobnicate"]).status.code(),
        Some(2)
    );
    assert_eq!(tapcard(nowhere, &[]).status.code(), Some(2));
    let help = tapcard(nowhere, &["doctor", "--help"]);
    assert_eq!(help.status.code(), Some(0));
    let text = String::from_utf8(help.stdout).unwrap();
    assert!(text.contains("tapcard doctor --reader ACR122") && text.contains("Exit status: 0"));
}

#[test]
fn a_list_without_a_service_says_what_to_do() {
    let nowhere = Path::new("/nonexistent/pcscd.comm");
    let output = tapcard(nowhere, &["list"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("pcscd") && text.contains("->"), "{text}");
    let output = tapcard(nowhere, &["list", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["findings"][0]["code"], "service-not-running");
}

#[test]
fn what_cannot_be_a_pin_is_refused_before_any_reader_is_looked_for() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pin");
    std::fs::write(&file, "hunter22").unwrap();
    let nowhere = Path::new("/nonexistent/pcscd.comm");
    let file = file.to_str().unwrap();
    let output = tapcard(nowhere, &["pin", "change", "--pin-file", file]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("digits only. Nothing was sent"), "{text}");
    let output = tapcard(nowhere, &["pin", "unblock"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("pcscd"), "{text}");
}

#[test]
fn completions_are_printed() {
    let output = tapcard(Path::new("/nonexistent"), &["completions", "bash"]);
    assert_eq!(output.status.code(), Some(0));
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("complete -F _tapcard")
    );
}
