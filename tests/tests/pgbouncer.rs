//! A server behind pgbouncer, with the very settings of the documentation.

use std::time::Duration;

use rig::folder::Folder;
use rig::openssl::{fetch, key_id, openssl};
use rig::pgbouncer::Pgbouncer;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::postgres::PostgresCluster;
use rig::server::Server;
use rig::{Result, unexpected};

/// How long a start that is refused may take.
const REFUSED_WITHIN: Duration = Duration::from_secs(30);

const DOCUMENT: &str = include_str!("../../docs/enroll-server.md");

/// The block of the documentation.
fn settings() -> Result<&'static str> {
    let block = DOCUMENT
        .split_once("**pgbouncer**")
        .and_then(|(_, rest)| rest.split_once("```ini\n"))
        .and_then(|(_, rest)| rest.split_once("```"));
    let (settings, _) = block.ok_or_else(|| unexpected("the documentation has no settings"))?;
    Ok(settings)
}

/// A database that a server has set up: the first start of a version is on PostgreSQL itself.
fn set_up(folder: &Folder) -> Result<PostgresCluster> {
    let database = PostgresCluster::start(folder)?;
    let first = Server::on_database(folder, &database.url())?;
    Portal::set_up(&first)?;
    assert!(first.stop()?.success());
    Ok(database)
}

#[test]
fn a_server_that_cannot_work_behind_a_pooler_says_why_and_does_not_start() -> Result {
    for mode in ["transaction", "statement"] {
        let folder = Folder::for_test()?;
        let database = set_up(&folder)?;
        let mode = format!("pool_mode = {mode}");
        let settings = settings()?.replace("pool_mode = session", &mode);
        assert!(settings.contains(&mode));
        let pgbouncer = Pgbouncer::start(&folder, &database, &settings)?;
        let separator = if pgbouncer.url().contains('?') {
            '&'
        } else {
            '?'
        };
        let without_cache = format!("{}{separator}statement-cache-capacity=0", pgbouncer.url());
        // Whatever was before, and however often it is tried.
        for url in [&pgbouncer.url(), &without_cache, &pgbouncer.url()] {
            folder
                .program(folder.binaries().enroll_server()?)
                .args([
                    "serve",
                    "--listen=127.0.0.1:0",
                    "--listen-http=127.0.0.1:0",
                    "--data",
                ])
                .arg(Server::data(&folder))
                .env("TAPCARD_DATABASE", url)
                .time_limit(REFUSED_WITHIN)
                .fail()?
                .saying(&["set pool_mode = session"])?;
        }
    }
    Ok(())
}

#[test]
fn a_phone_is_enrolled_and_revoked_through_pgbouncer() -> Result {
    let folder = Folder::for_test()?;
    let database = set_up(&folder)?;
    let pgbouncer = Pgbouncer::start(&folder, &database, settings()?)?;
    let server = Server::on_database(&folder, &pgbouncer.url())?;
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let alice = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let link = portal.invite(alice, Profile::Compact)?;
    Phone::at(folder.join("phone")).enroll(&folder, &link, PIN)?;
    for page in [
        "/",
        "/holders",
        "/phones",
        "/certificates",
        "/invitations",
        "/audit",
    ] {
        portal.get_ok(page)?;
    }
    let keys = "/api/v1/ssh/authorized-keys/alice";
    assert!(portal.get_ok(keys)?.body.starts_with("ecdsa-"));
    let phone = portal.phones()?.remove(0);
    portal.revoke(&phone, "key-compromise")?;
    assert_eq!(portal.get_ok(keys)?.body, "");
    let list = folder.join("issuing.crl");
    let id = key_id(&folder, &server.issuing())?;
    fetch(
        &folder,
        &format!("{}/crl/{id}/0.crl", server.relying_parties()),
        &list,
    )?;
    let text = openssl(&folder)?
        .args(["crl", "-inform", "DER", "-noout", "-text", "-in"])
        .arg(&list)
        .succeed()?
        .text();
    assert_eq!(text.matches("Serial Number: ").count(), 4, "{text}");
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    Ok(())
}
