//! Secrets by files and credentials: nothing of them is in the environment or on the command line, and the server works with
//! them as with any other.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sqlx::{AnyConnection, Connection as _};

use crate::cluster::{WITH_PASSWORD, new_database};
use crate::program::Program;

const PASSPHRASE: &str = "of the keys in this test";

/// How the server is told a secret.
#[derive(Clone, Copy, Debug)]
enum Way {
    Option,
    Variable,
    Credential,
}

const WAYS: [Way; 3] = [Way::Option, Way::Variable, Way::Credential];

/// A setting, with its names.
struct Setting {
    option: &'static str,
    variable: &'static str,
    credential: &'static str,
}

const DATABASE: Setting = Setting {
    option: "--database-file",
    variable: "TAPCARD_DATABASE_FILE",
    credential: "tapcard.database",
};
const CA_PASSPHRASE: Setting = Setting {
    option: "--ca-passphrase-file",
    variable: "TAPCARD_CA_PASSPHRASE_FILE",
    credential: "tapcard.ca-passphrase",
};

/// A folder with secrets and data.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// A command of the program that has nothing in its environment.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_enroll-server"));
        command
            .env_clear()
            .env("TAPCARD_LOG", "trace,sqlx=off")
            .args(arguments)
            .arg("--data")
            .arg(self.path("data"));
        command
    }

    fn serve(&self) -> Command {
        let free = ["serve", "--listen=127.0.0.1:0", "--listen-http=127.0.0.1:0"];
        self.command(&free)
    }

    /// Gives a command a secret.
    fn give(&self, command: &mut Command, setting: &Setting, way: Way, secret: &str) {
        let credentials = self.path("credentials");
        fs::create_dir_all(&credentials).unwrap();
        let path = match way {
            Way::Credential => credentials.join(setting.credential),
            Way::Option | Way::Variable => self.path(setting.option),
        };
        write(&path, &format!("{secret}\n"), 0o600);
        match way {
            Way::Option => command.arg(setting.option).arg(path),
            Way::Variable => command.env(setting.variable, path),
            Way::Credential => command.env("CREDENTIALS_DIRECTORY", credentials),
        };
    }
}

fn write(path: &Path, text: &str, mode: u32) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Where others could look for what a process was started with.
fn shown(process: u32) -> String {
    let read = |name| fs::read(format!("/proc/{process}/{name}")).unwrap();
    let all = [read("environ"), read("cmdline")].concat();
    String::from_utf8_lossy(&all).into_owned()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default().to_owned();
    assert!(last.starts_with("enroll-server: "), "{said}");
    last
}

#[test]
fn the_keys_open_with_the_passphrase_of_a_file_whichever_way_it_is_named() {
    let place = Place::new();
    for way in WAYS {
        let mut serve = place.serve();
        place.give(&mut serve, &CA_PASSPHRASE, way, PASSPHRASE);
        let mut server = Program::start(serve);
        server.says("Authority: ");
        assert!(!shown(server.id()).contains(PASSPHRASE), "{way:?}");
        server.stop();
        assert!(!server.log().contains(PASSPHRASE), "{way:?}");
        let _ = fs::remove_dir_all(place.path("credentials"));
    }
    // It is what the keys are under, and none was made in its place.
    assert!(!place.path("data/secrets").exists());
    let mut serve = place.serve();
    place.give(
        &mut serve,
        &CA_PASSPHRASE,
        Way::Option,
        "of other keys altogether",
    );
    let said = refused(&serve.output().unwrap());
    assert!(said.contains("does not open the key"), "{said}");
    let mut server = Program::start({
        let mut serve = place.serve();
        serve.env("TAPCARD_CA_PASSPHRASE", PASSPHRASE);
        serve
    });
    server.says("Authority: ");
}

/// A schema of PostgreSQL's that is reached with a password alone; the URL with it, and the password.
async fn with_password() -> (String, String) {
    let url = new_database().await;
    let (server, schema) = url
        .split_once("/postgres?options=-csearch_path%3D")
        .unwrap();
    let socket = server.strip_prefix("postgres://postgres@").unwrap();
    let password = format!("password-of-{schema}");
    let mut connection = AnyConnection::connect(&url).await.unwrap();
    let statements = format!(
        "SELECT pg_advisory_lock(4711);
         DO $$ BEGIN CREATE ROLE {WITH_PASSWORD}; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
         CREATE ROLE {schema} LOGIN PASSWORD '{password}' IN ROLE {WITH_PASSWORD};
         ALTER SCHEMA {schema} OWNER TO {schema};
         SELECT pg_advisory_unlock(4711)"
    );
    let statements = sqlx::AssertSqlSafe(statements);
    sqlx::raw_sql(statements)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    let rest = format!("@{socket}/postgres?options=-csearch_path%3D{schema}");
    (format!("postgres://{schema}:{password}{rest}"), password)
}

#[test]
fn postgresql_takes_the_password_of_a_file_whichever_way_it_is_named() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (url, password) = runtime.block_on(with_password());
    let place = Place::new();
    for way in WAYS {
        let mut serve = place.serve();
        place.give(&mut serve, &CA_PASSPHRASE, way, PASSPHRASE);
        place.give(&mut serve, &DATABASE, way, &url);
        let mut server = Program::start(serve);
        server.says("Authority: ");
        let shown = shown(server.id());
        for secret in [PASSPHRASE, &password] {
            assert!(!shown.contains(secret), "{way:?}");
        }
        // Commands beside it take it likewise.
        for arguments in [&["administrator", "list"][..], &["audit", "verify"]] {
            let mut command = place.command(arguments);
            place.give(&mut command, &DATABASE, way, &url);
            let output = command.output().unwrap();
            assert!(output.status.success(), "{way:?}: {output:?}");
        }
        server.stop();
        assert!(server.log().contains("PostgreSQL"), "{}", server.log());
        assert!(!server.log().contains(&password), "{way:?}");
        let _ = fs::remove_dir_all(place.path("credentials"));
    }
    assert!(!place.path("data/enroll-server.db").exists());
    let mut verify = place.command(&["audit", "verify"]);
    let wrong = url.replace(&password, "another");
    place.give(&mut verify, &DATABASE, Way::Variable, &wrong);
    let said = refused(&verify.output().unwrap());
    assert!(!said.contains("another"), "{said}");
}

#[test]
fn a_file_that_cannot_be_the_secrets_ends_the_start_before_anything_is_made() {
    let place = Place::new();
    let file = place.path("file");
    for setting in [&DATABASE, &CA_PASSPHRASE] {
        let start = |mode: Option<u32>, text: &str| {
            let _ = fs::remove_file(&file);
            if let Some(mode) = mode {
                write(&file, text, mode);
            }
            let output = place.serve().env(setting.variable, &file).output();
            let said = refused(&output.unwrap());
            assert!(said.contains(file.to_str().unwrap()), "{said}");
            said
        };
        let cases = [
            (start(None, ""), "No such file"),
            (start(Some(0o600), ""), "the file is empty"),
            (start(Some(0o600), "\n"), "the file is empty"),
            (start(Some(0o644), "open to all"), "chmod o="),
        ];
        for (said, words) in cases {
            assert!(said.contains(words), "{said}");
            assert!(!said.contains("open to all"), "{said}");
        }
    }
    write(&file, "postgres://nobody:hunter2@127.0.0.1:1/x", 0o600);
    let mut twice = place.serve();
    twice
        .env(
            "TAPCARD_DATABASE",
            "postgres://nobody:hunter2@127.0.0.1:1/x",
        )
        .env(DATABASE.variable, &file);
    let said = refused(&twice.output().unwrap());
    assert!(said.contains("the database is given twice"), "{said}");
    assert!(said.contains("TAPCARD_DATABASE_FILE"), "{said}");
    let mut twice = place.serve();
    twice.env("TAPCARD_CA_PASSPHRASE", PASSPHRASE);
    place.give(&mut twice, &CA_PASSPHRASE, Way::Credential, PASSPHRASE);
    let said = refused(&twice.output().unwrap());
    assert!(said.contains("given twice"), "{said}");
    for secret in ["hunter2", PASSPHRASE] {
        assert!(!said.contains(secret), "{said}");
    }
    assert!(!place.path("data").exists());
}

#[test]
fn root_reads_the_secrets_before_it_works_as_the_owner_of_the_data() {
    if !crate::machine::is_root() {
        return;
    }
    let place = Place::new();
    let data = place.path("data");
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.0.path(), mode).unwrap();
    fs::create_dir(&data).unwrap();
    std::os::unix::fs::chown(&data, Some(4711), Some(4711)).unwrap();
    let mut serve = place.serve();
    place.give(&mut serve, &CA_PASSPHRASE, Way::Variable, PASSPHRASE);
    let mut server = Program::start(serve);
    server.says("Authority: ");
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    assert!(status.contains("Uid:\t4711\t4711"), "{status}");
    server.stop();
}

#[test]
fn the_help_names_every_way() {
    let output = Place::new().command(&["serve", "--help"]).output().unwrap();
    let help = String::from_utf8(output.stdout).unwrap();
    for setting in [DATABASE, CA_PASSPHRASE] {
        for name in [setting.option, setting.variable, setting.credential] {
            assert!(help.contains(name), "{name}: {help}");
        }
    }
}
