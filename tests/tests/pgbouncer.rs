//! A server behind pgbouncer, with the very settings of the documentation.

use rig::folder::Folder;
use rig::openssl::{fetch, key_id, openssl};
use rig::pgbouncer::Pgbouncer;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::postgres::PostgresCluster;
use rig::server::Server;
use rig::{Result, unexpected};

const DOCUMENT: &str = include_str!("../../docs/enroll-server.md");

#[test]
fn a_phone_is_enrolled_and_revoked_through_pgbouncer() -> Result {
    let block = DOCUMENT
        .split_once("**pgbouncer**")
        .and_then(|(_, rest)| rest.split_once("```ini\n"))
        .and_then(|(_, rest)| rest.split_once("```"));
    let (settings, _) = block.ok_or_else(|| unexpected("the documentation has no settings"))?;
    let folder = Folder::for_test()?;
    let database = PostgresCluster::start(&folder)?;
    // The first start of a version is on PostgreSQL itself.
    let first = Server::on_database(&folder, &database.url())?;
    Portal::set_up(&first)?;
    assert!(first.stop()?.success());

    let pgbouncer = Pgbouncer::start(&folder, &database, settings)?;
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
