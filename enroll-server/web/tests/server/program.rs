//! The program itself, as an operator starts it by mistake.

use std::process::{Command, Output};

fn run(arguments: &[&str], folder: &std::path::Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_enroll-server"))
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
