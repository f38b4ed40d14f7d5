//! `enroll-server administrator`: what the operator does on the machine, while the server runs.

use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use sqlx::{AnyConnection, Connection as _, Row as _};

use clap::CommandFactory;
use enroll_server::config::Arguments;
use enroll_server_model::EventKind;
use enroll_server_service::password::Password;
use enroll_server_service::session::Visit;
use enroll_server_service::sign_in;
use enroll_server_store::administrator::Administrator;
use enroll_server_store::{Kind, StoreError};

use crate::browser::sign_in;
use crate::server::{EMAIL, PASSWORD, TestServer};

crate::on_both! {
    a_lost_password_is_set_on_the_machine_and_ends_the_sessions,
    an_administrator_is_added_on_the_machine,
    an_administrator_is_removed_on_the_machine_and_the_last_one_stays,
    whoever_has_to_wait_is_let_in_by_the_operator,
    what_cannot_be_done_is_said_and_changes_nothing,
    a_name_does_nothing_to_the_operators_terminal,
    nobody_signs_in_who_is_removed_at_that_moment,
    nobody_signs_in_whose_password_is_set_at_that_moment,
}

const NEW: &str = "another horse battery staple";

/// Runs the command on the database of a server that is at work, with this on its standard input.
fn run(server: &TestServer, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_enroll-server"));
    command
        .arg("administrator")
        .args(arguments)
        .env("TAPCARD_DATA", &server.storage().data)
        .env("TAPCARD_LOG", "off")
        .env("USER", "operator")
        .env_remove("SUDO_USER")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(url) = &server.storage().database {
        command.env("TAPCARD_DATABASE", url);
    }
    let mut child = command.spawn().unwrap();
    // Some commands end without reading it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn done(server: &TestServer, arguments: &[&str], input: &str) -> String {
    let output = run(server, arguments, input);
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {error}");
    assert_eq!(error, "", "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

async fn a_lost_password_is_set_on_the_machine_and_ends_the_sessions(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    let said = done(&server, &["password", EMAIL], &format!("{NEW}\n"));
    assert_eq!(
        said,
        "Robin Meyer <robin@example.org> has a new password. 1 session was ended.\n"
    );
    assert!(signed_in.get("/").await.location().starts_with("/sign-in"));
    assert!(server.hashes_of_browsers().await.is_empty());
    let mut browser = server.browser();
    let refused = sign_in(&mut browser, EMAIL, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sign_in(&mut browser, EMAIL, NEW).await.location(), "/");
    let audit = browser.get("/audit").await;
    assert!(audit.body.contains("set, sessions ended"));
    assert!(audit.body.contains("operator, on the server’s machine"));
    assert_eq!(server.events(EventKind::AdministratorPasswordSet).await, 1);
}

async fn an_administrator_is_added_on_the_machine(on: Kind) {
    // Where nobody is set up yet, the link that was printed ends with it.
    let server = TestServer::new(on).await;
    let link = server.setup_path().await;
    assert!(done(&server, &["list"], "").contains("no administrator yet"));
    let add = ["add", "Robin@Example.org", "--name", "Robin Meyer"];
    assert_eq!(
        done(&server, &add, PASSWORD),
        "Robin Meyer <robin@example.org> is an administrator.\n"
    );
    assert_eq!(
        server.browser().get(&link).await.status,
        StatusCode::NOT_FOUND
    );
    let mut browser = server.browser();
    assert_eq!(sign_in(&mut browser, EMAIL, PASSWORD).await.location(), "/");
    let list = done(&server, &["list"], "");
    assert!(
        list.starts_with("robin@example.org\tRobin Meyer\tadministrator\tactive\tadded 20"),
        "{list}"
    );
    assert!(list.ends_with("\topen sessions: 1\n"), "{list}");
    assert!(!list.contains("argon2"), "{list}");
    assert_eq!(server.events(EventKind::AdministratorCreated).await, 1);
}

async fn an_administrator_is_removed_on_the_machine_and_the_last_one_stays(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    let kim = "kim@example.org";
    done(&server, &["add", kim, "--name", "Kim Lee"], PASSWORD);
    let mut browser = server.browser();
    assert_eq!(sign_in(&mut browser, kim, PASSWORD).await.location(), "/");
    assert_eq!(
        done(&server, &["remove", EMAIL], ""),
        "Robin Meyer <robin@example.org> is no longer an administrator. 1 session was ended.\n"
    );
    assert!(signed_in.get("/").await.location().starts_with("/sign-in"));
    let refused = sign_in(&mut server.browser(), EMAIL, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let audit = browser.get("/audit").await;
    assert!(audit.body.contains("Robin Meyer removed, sessions ended"));
    let last = run(&server, &["remove", kim], "");
    assert_eq!(last.status.code(), Some(1));
    let error = String::from_utf8_lossy(&last.stderr);
    assert!(error.contains("is the only administrator"), "{error}");
    assert_eq!(browser.get("/").await.status, StatusCode::OK);
    assert_eq!(server.events(EventKind::AdministratorRemoved).await, 1);
}

async fn whoever_has_to_wait_is_let_in_by_the_operator(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let mut browser = server.browser();
    for _ in 0..10 {
        sign_in(&mut browser, EMAIL, "wrong wrong wrong").await;
    }
    let refused = sign_in(&mut browser, EMAIL, PASSWORD).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let said = done(&server, &["unlock", EMAIL], "");
    assert!(said.ends_with("can sign in at once.\n"), "{said}");
    assert_eq!(sign_in(&mut browser, EMAIL, PASSWORD).await.location(), "/");
    assert_eq!(server.events(EventKind::AdministratorUnlocked).await, 1);
}

async fn what_cannot_be_done_is_said_and_changes_nothing(on: Kind) {
    let (server, mut signed_in) = TestServer::set_up(on).await;
    let nobody = "nobody@example.org";
    let robin = ["--name", "Robin Meyer"];
    let cases: [(&[&str], &str, &str); 8] = [
        (&["password", nobody], NEW, "nobody signs in with"),
        (&["unlock", nobody], "", "administrator list"),
        (&["remove", nobody], "", "administrator list"),
        (&["password", EMAIL], "short\n", "5 characters"),
        (&["password", EMAIL], "", "there is no password"),
        (&["password", EMAIL], &"x".repeat(300), "more than 256"),
        (&["add", EMAIL, robin[0], robin[1]], NEW, "already"),
        (&["add", "robin", robin[0], robin[1]], NEW, "without @"),
    ];
    for (arguments, input, words) in cases {
        let output = run(&server, arguments, input);
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
        assert!(error.starts_with("enroll-server: "), "{error}");
    }
    // A password is never an argument.
    let usage = run(&server, &["password", EMAIL, "a password in clear"], "");
    assert_eq!(usage.status.code(), Some(2));
    assert_eq!(signed_in.get("/").await.status, StatusCode::OK);
    assert_eq!(server.events(EventKind::AdministratorPasswordSet).await, 0);

    let elsewhere = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_enroll-server"))
        .args(["administrator", "list", "--data"])
        .arg(elsewhere.path())
        .env_remove("TAPCARD_DATABASE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("are --data and --database right?"),
        "{error}"
    );
    let made = std::fs::read_dir(elsewhere.path()).unwrap().count();
    assert_eq!(made, 0, "a mistyped folder gets no database");
}

async fn a_name_does_nothing_to_the_operators_terminal(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    // No way in takes such a name; whoever can write in the database can.
    let name = "Robin \u{1b}[2J\u{202e}\n\tMeyer";
    let set = server.store.write::<_, StoreError, _>(move |tx| {
        Box::pin(async move {
            let named = sqlx::query("UPDATE administrators SET name = $1").bind(name);
            named.execute(tx.reader()).await?;
            Ok(())
        })
    });
    set.await.unwrap();
    let escaped = "Robin \\u{1b}[2J\\u{202e}\\u{a}\\u{9}Meyer";
    let list = done(&server, &["list"], "");
    assert!(
        list.starts_with(&format!(
            "robin@example.org\t{escaped}\tadministrator\tactive\tadded 20"
        )),
        "{list}"
    );
    for arguments in [["unlock", EMAIL], ["password", EMAIL]] {
        let said = done(&server, &arguments, NEW);
        assert!(said.starts_with(&format!("{escaped} <robin@")), "{said}");
    }
    let json = done(&server, &["list", "--json"], "");
    assert!(!json.contains(['\u{1b}', '\u{202e}', '\t']), "{json}");
    let listed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(listed[0]["name"], name);
    assert_eq!(listed[0]["email"], EMAIL);
    assert_eq!(listed[0]["open_sessions"], 0);
}

#[test]
fn the_help_of_each_subcommand_has_examples_and_the_exit_status() {
    let mut command = <Arguments as CommandFactory>::command();
    command.build();
    let administrator = command.find_subcommand("administrator").unwrap();
    let subcommands = administrator
        .get_subcommands()
        .filter(|one| one.get_name() != "help");
    for one in subcommands.chain([administrator]) {
        let help = one.clone().render_long_help().to_string();
        for part in [
            "Examples:\n",
            "Exit status: 0 when",
            "2 for invalid arguments",
        ] {
            assert!(help.contains(part), "{}: {help}", one.get_name());
        }
    }
}

async fn nobody_signs_in_who_is_removed_at_that_moment(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let add = ["add", "kim@example.org", "--name", "Kim Lee"];
    done(&server, &add, PASSWORD);
    let administration = server.administration().await;
    let robin = administration.find(EMAIL).await.unwrap();
    let remove = async { administration.remove(&robin).await.unwrap() };
    while_signing_in(&server, on, &robin, remove).await;
    administration.find(EMAIL).await.unwrap_err();
}

async fn nobody_signs_in_whose_password_is_set_at_that_moment(on: Kind) {
    let (server, _) = TestServer::set_up(on).await;
    let administration = server.administration().await;
    let robin = administration.find(EMAIL).await.unwrap();
    let password = Password::from(NEW.to_owned());
    // The session of the set-up ends with those of the sign-ins.
    let set = async { administration.set_password(&robin, password).await.unwrap() };
    while_signing_in(&server, on, &robin, set).await;
    let refused = sign_in::enter(&server.app, &robin, &Visit::default()).await;
    assert!(refused.unwrap().is_none());
}

/// Two sign-ins with the right password of an administrator who has one session, and beside them what the operator does: all
/// of them wait for the end of the audit trail, and go on at the same moment. Whoever is signed in then is signed out.
async fn while_signing_in(
    server: &TestServer,
    on: Kind,
    whom: &Administrator,
    what: impl Future<Output = u64>,
) {
    let url = server.storage().database_url();
    let mut held = AnyConnection::connect(&url).await.unwrap();
    let hold = match on {
        Kind::Sqlite => "BEGIN IMMEDIATE",
        Kind::Postgres => "BEGIN; UPDATE audit_head SET sequence = sequence WHERE id = 1",
    };
    sqlx::raw_sql(hold).execute(&mut held).await.unwrap();
    let visit = Visit::default();
    let sign_in = || sign_in::enter(&server.app, whom, &visit);
    let let_go = async {
        if on == Kind::Postgres {
            wait_for_three(&mut held).await;
        }
        sqlx::raw_sql("ROLLBACK").execute(&mut held).await.unwrap();
        held.close().await.unwrap();
    };
    let (one, other, ended, ()) = tokio::join!(sign_in(), sign_in(), what, let_go);
    let begun = [one.unwrap(), other.unwrap()];
    let begun = begun.iter().flatten().count();
    assert_eq!(usize::try_from(ended).unwrap(), begun + 1);
    let sessions = sqlx::query("SELECT token_hash FROM sessions WHERE administrator_id = $1")
        .bind(&whom.id)
        .fetch_all(server.store.reader())
        .await;
    assert_eq!(sessions.unwrap().len(), 0);
}

/// Waits until three others wait for this connection, or for one another because of it; less long than they do.
async fn wait_for_three(held: &mut AnyConnection) {
    const WAITING: &str = "WITH RECURSIVE waiting (pid) AS (\
         SELECT pid FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)) \
         UNION SELECT a.pid FROM pg_stat_activity a, waiting w WHERE w.pid = ANY (pg_blocking_pids(a.pid))) \
         SELECT COUNT(*) FROM waiting";
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(1) {
        let row = sqlx::query(WAITING).fetch_one(&mut *held).await.unwrap();
        if row.get::<i64, _>(0) >= 3 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
