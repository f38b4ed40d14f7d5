//! The program itself, as an operator starts it by mistake.

use std::fs::{self, Permissions};
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use enroll_server_store::Kind;

use crate::fixture::{PASSPHRASE, run as run_server};

fn run(arguments: &[&str], folder: &std::path::Path) -> Output {
    output_of(
        Command::new(env!("CARGO_BIN_EXE_enroll-server")),
        arguments,
        folder,
    )
}

/// A program that should have ended is ended after a minute, with a status of its own: 124.
fn output_of(program: Command, arguments: &[&str], folder: &Path) -> Output {
    Command::new("/usr/bin/timeout")
        .arg("60")
        .arg(program.get_program())
        .args(program.get_args())
        .env_clear()
        .env("TAPCARD_LOG", "trace")
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap()
}

fn all_text(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    format!(
        "{}{}",
        String::from_utf8_lossy(out),
        String::from_utf8_lossy(error)
    )
}

#[test]
fn without_a_home_no_keys_are_made_where_it_was_started() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [&["serve"][..], &["audit", "verify"]] {
        let output = run(arguments, folder.path());
        assert_eq!(output.status.code(), Some(2));
        let text = all_text(&output);
        assert!(text.contains("HOME names none"), "{text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_name_that_is_not_one_of_a_host_is_refused_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "a b", "https://enroll.example.org", "a:443"] {
        let serve = ["serve", "--data", "data", "--listen", "127.0.0.1:0"];
        let serve = [
            &serve,
            &["--listen-http", "127.0.0.1:0", "--name", name][..],
        ]
        .concat();
        let output = run(&serve, folder.path());
        assert_eq!(output.status.code(), Some(2), "{name}");
        let text = all_text(&output);
        assert!(text.contains("--name"), "{text}");
        assert!(text.contains("give a host name"), "{text}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_database_url_is_never_printed() {
    let folder = tempfile::tempdir().unwrap();
    for url in [
        "postgres://tapcard:hunter2@127.0.0.1:1/x",
        "postgres://tapcard:hunter2@127.0.0.1:99999/x",
        "postgres://tapcard:hunter2@[::1/x",
        "postgres://tapcard@127.0.0.1:1/x?passwort=hunter2",
        "postgres://tapcard@127.0.0.1:1/x?password=hunter2",
        "postgres//tapcard:hunter2@127.0.0.1/x",
        "mysql://tapcard:hunter2@127.0.0.1/x",
        "hunter2",
    ] {
        let output = run(
            &["audit", "verify", "--data", "x", "--database", url],
            folder.path(),
        );
        assert_eq!(output.status.code(), Some(1));
        let text = all_text(&output);
        assert!(!text.contains("hunter2"), "{url}: {text}");
        assert!(
            text.starts_with("enroll-server: ") || text.contains("\nenroll-server: "),
            "{text}"
        );
    }
}

/// Another user than the one that runs the tests.
const OTHER: u32 = 4711;

/// Runs the program as another user, where root runs the tests: what root runs on somebody's folder is done as them.
fn run_without_privileges(arguments: &[&str], folder: &Path, is_root: bool) -> Output {
    let program = env!("CARGO_BIN_EXE_enroll-server");
    let program = if is_root {
        // The other user may not enter the folders above it.
        let copy = folder.join("enroll-server");
        if !copy.exists() {
            fs::copy(program, &copy).unwrap();
        }
        let mut command = Command::new("/usr/bin/setpriv");
        let (user, group) = (format!("--reuid={OTHER}"), format!("--regid={OTHER}"));
        command.args([&user, &group, "--clear-groups"]).arg(copy);
        command
    } else {
        Command::new(program)
    };
    output_of(program, arguments, folder)
}

#[test]
fn what_cannot_be_read_is_not_taken_for_what_is_not_there() {
    run_server(Kind::Sqlite, async |mut fixture| {
        fixture.stop();
        fixture.store.close().await;
        let data = fixture.options.storage.data.clone();
        let place = tempfile::tempdir().unwrap();
        let path = data.to_str().unwrap();
        let is_root = data.metadata().unwrap().uid() == 0;
        if is_root {
            let around = data.parent().unwrap();
            for folder in [around, place.path()] {
                let other = format!("{OTHER}:{OTHER}");
                let chown = Command::new("chown")
                    .args(["-R", &other])
                    .arg(folder)
                    .status();
                assert!(chown.unwrap().success());
            }
        }
        // Root keeps it from the other user, anybody else takes their own rights away.
        let forbid = |path: &Path| {
            if is_root {
                chown(path, Some(0), Some(0)).unwrap();
            } else {
                fs::set_permissions(path, Permissions::from_mode(0o000)).unwrap();
            }
        };
        let check = |arguments: &[&str], named: &Path| {
            let arguments = [arguments, &["--data", path]].concat();
            let output = run_without_privileges(&arguments, place.path(), is_root);
            let text = all_text(&output);
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {text}");
            let whose = format!("{} belongs to ", named.display());
            assert!(text.contains("Permission denied"), "{arguments:?}: {text}");
            assert!(text.contains(&whose), "{arguments:?}: {text}");
            for wrong in [
                "there is no database",
                "right?",
                "is not a backup",
                "no authority",
            ] {
                assert!(!text.contains(wrong), "{arguments:?}: {text}");
            }
        };
        let database = data.join("enroll-server.db");
        forbid(&database);
        check(&["audit", "verify"], &database);
        check(&["administrator", "list"], &database);
        check(
            &["serve", "--listen=127.0.0.1:0", "--listen-http=127.0.0.1:0"],
            &database,
        );
        forbid(&data);
        for arguments in [
            &["audit", "verify"][..],
            &["administrator", "list"],
            &["reconcile"],
            &["serve", "--listen=127.0.0.1:0", "--listen-http=127.0.0.1:0"],
            &["backup", "copy"],
            &["restore", path],
        ] {
            check(arguments, &data);
        }
        fs::set_permissions(&data, Permissions::from_mode(0o700)).unwrap();
    });
}

#[test]
fn a_connection_that_fails_names_the_place_and_what_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let verify = ["audit", "verify", "--data", "x", "--database"];
    for (url, words) in [
        (
            "postgres://tapcard:hunter2@127.0.0.1:1/x",
            &["database x at 127.0.0.1, port 1", "does it listen"][..],
        ),
        (
            "postgres://tapcard:hunter2@no-such-host.invalid/y",
            &[
                "database y at no-such-host.invalid, port 5432",
                "Is the host right",
            ],
        ),
    ] {
        let output = run(&[&verify[..], &[url]].concat(), folder.path());
        let text = all_text(&output);
        assert!(words.iter().all(|words| text.contains(words)), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    // A server that answers and has no such database.
    run_server(Kind::Postgres, async |fixture| {
        let url = fixture.options.storage.database_url();
        let (server, _) = url.split_once("/postgres?").unwrap();
        let output = run(
            &[&verify[..], &[&format!("{server}/none")]].concat(),
            folder.path(),
        );
        let text = all_text(&output);
        assert!(
            text.contains("no connection to database none at "),
            "{text}"
        );
        assert!(text.contains("Make it with createdb"), "{text}");
    });
}

/// In a network of its own, so that nobody can reach it.
#[test]
fn a_listener_for_others_under_the_name_of_this_machine_alone_is_warned_of() {
    for (name, is_warned_of) in [("localhost", true), ("enroll.example.org", false)] {
        let folder = tempfile::tempdir().unwrap();
        let mut server = Command::new("unshare")
            .args(["--user", "--map-root-user", "--net"])
            .arg(env!("CARGO_BIN_EXE_enroll-server"))
            .env("TAPCARD_CA_PASSPHRASE", PASSPHRASE)
            .args(["serve", "--listen=0.0.0.0:0", "--listen-http=0.0.0.0:0"])
            .args(["--name", name, "--data"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = BufReader::new(server.stderr.take().unwrap()).lines();
        let mut start = Vec::new();
        for line in log.map_while(Result::ok) {
            start.push(line);
            if start.last().unwrap().contains("the server listens") {
                break;
            }
        }
        server.kill().unwrap();
        server.wait().unwrap();
        let warnings = start.iter().filter(|line| {
            line.contains("others can reach this listener") && line.contains("--name")
        });
        assert_eq!(
            warnings.count(),
            if is_warned_of { 2 } else { 0 },
            "{start:?}"
        );
    }
}

#[test]
fn a_start_says_what_it_made_and_where_it_listens_and_the_end_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    for is_first in [true, false] {
        let mut server = Command::new(env!("CARGO_BIN_EXE_enroll-server"))
            .env_clear()
            .env("TAPCARD_CA_PASSPHRASE", PASSPHRASE)
            .args([
                "serve",
                "--listen=127.0.0.1:0",
                "--listen-http=127.0.0.1:0",
                "--data",
            ])
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(server.stdout.take().unwrap()).lines();
        let last = said
            .map_while(Result::ok)
            .find(|line| line.starts_with("Set up"));
        assert!(last.is_some());
        let mut log = BufReader::new(server.stderr.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let start: Vec<String> = {
            let mut lines = Vec::new();
            for line in log.by_ref() {
                let is_last = line.contains("the server listens");
                lines.push(line);
                if is_last {
                    break;
                }
            }
            lines
        };
        let moved = start
            .iter()
            .any(|line| line.contains("name another address"));
        assert_eq!(
            moved, !is_first,
            "port 0 is another port each time: {start:?}"
        );
        let made = start
            .iter()
            .any(|line| line.contains("an issuing authority are made"));
        assert_eq!(made, is_first, "{start:?}");
        let listens = start.last().unwrap();
        for words in ["https=127.0.0.1:", "http=127.0.0.1:", "database=SQLite"] {
            assert!(listens.contains(words), "{listens}");
        }
        let id = server.id().to_string();
        Command::new("kill").arg(&id).status().unwrap();
        let end: Vec<String> = log.collect();
        assert!(server.wait().unwrap().success());
        let of_end = |line: &&String| line.contains("the server has ended");
        assert_eq!(end.iter().filter(of_end).count(), 1, "{end:?}");
        assert!(end.last().unwrap().contains("SIGTERM"), "{end:?}");
    }
}

#[test]
fn every_command_has_examples_and_says_what_its_status_means() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        &["serve"][..],
        &["reconcile"],
        &["audit", "verify"],
        &["administrator", "remove"],
        &["backup"],
        &["restore"],
    ] {
        let output = run(&[command, &["--help"]].concat(), folder.path());
        let text = all_text(&output);
        assert!(text.contains("Examples:\n  enroll-server"), "{command:?}");
        assert!(text.contains("Exit status: 0"), "{command:?}: {text}");
    }
}
