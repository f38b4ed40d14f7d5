//! `tapcard setup` as a program, in a home of the test's own.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which fail by it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A home, and something that looks like a module.
struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        let module = b"\x7fELF and so on, with the name C_GetFunctionList\0";
        fs::write(home.module(), module).unwrap();
        home
    }

    fn module(&self) -> PathBuf {
        self.0.path().join("libtapcard_pkcs11.so")
    }

    fn setup(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_tapcard"))
            .arg("setup")
            .args(arguments)
            .env("HOME", self.0.path())
            .env("TAPCARD_MODULE", self.module())
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_DATA_HOME")
            .output()
            .unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_apply_nothing_is_changed() {
    let home = Home::new();
    let before = fs::read_dir(home.0.path()).unwrap().count();
    for arguments in [&["ssh"] as &[&str], &["ssh", "--undo"], &["java"], &[]] {
        let output = home.setup(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
    }
    assert_eq!(fs::read_dir(home.0.path()).unwrap().count(), before);
    let shown = text(&home.setup(&["ssh"]).stdout);
    let line = format!("PKCS11Provider {}", home.module().display());
    assert!(shown.contains(&line), "{shown}");
    let listed = text(&home.setup(&[]).stdout);
    for program in [
        "firefox", "chromium", "ssh", "p11-kit", "openssl", "java", "pam", "krb5", "one-tap",
    ] {
        assert!(listed.contains(&format!("\n{program} ")), "{listed}");
    }
}

#[test]
fn ssh_is_set_up_for_some_hosts_and_taken_back() {
    let home = Home::new();
    let output = home.setup(&["ssh", "--host", "*.example.org", "--apply"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let configuration = home.0.path().join(".ssh/config");
    let applied = fs::read_to_string(&configuration).unwrap();
    assert!(applied.contains("Host *.example.org\n"), "{applied}");
    fs::write(
        &configuration,
        applied.replace("example.org", "example.com"),
    )
    .unwrap();
    for action in ["--apply", "--undo"] {
        let output = home.setup(&["ssh", action]);
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(
            text(&output.stderr).contains("was changed since"),
            "{output:?}"
        );
    }
    fs::write(&configuration, applied).unwrap();
    assert_eq!(home.setup(&["ssh", "--undo"]).status.code(), Some(0));
    assert!(!configuration.exists());
}

#[test]
fn where_ssh_looks_in_another_home_that_is_said() {
    let home = Home::new();
    let says = |home_of_user: &Path| {
        let mut setup = Command::new(env!("CARGO_BIN_EXE_tapcard"));
        setup.args(["setup", "ssh"]).env("HOME", home_of_user);
        let output = setup.env("TAPCARD_MODULE", home.module()).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let words = text(&output.stdout);
        let words: Vec<_> = words.split_whitespace().collect();
        words
            .join(" ")
            .contains("ssh itself looks in the home folder of your account")
    };
    assert!(says(home.0.path()));
    let user = rustix::process::geteuid().as_raw().to_string();
    let account = Command::new("getent").args(["passwd", &user]).output();
    let account = text(&account.unwrap().stdout);
    // Nothing is changed there without --apply.
    assert!(!says(Path::new(account.split(':').nth(5).unwrap())));
}

#[test]
fn what_is_not_a_module_is_refused() {
    let home = Home::new();
    for (module, words) in [
        ("/nonexistent/libtapcard_pkcs11.so", "cannot find"),
        ("/etc/passwd", "is not a PKCS#11 module"),
    ] {
        let output = home.setup(&["ssh", "--module", module, "--apply"]);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(words), "{output:?}");
    }
    assert!(!home.0.path().join(".ssh").exists());
}

#[test]
fn wrong_usage_is_status_2() {
    let home = Home::new();
    for arguments in [
        &["emacs"] as &[&str],
        &["--apply"],
        &["ssh", "--apply", "--undo"],
        &["ssh", "--host", "a\nProxyCommand b"],
    ] {
        assert_eq!(
            home.setup(arguments).status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
}
