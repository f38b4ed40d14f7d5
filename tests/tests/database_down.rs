//! A database that is down: who asks is told so at once, and all goes on when it is back.

use std::time::{Duration, Instant};

use rig::Result;
use rig::folder::Folder;
use rig::portal::{Page, Portal};
use rig::postgres::PostgresCluster;
use rig::server::Server;
use rig::wait::wait_until;

const LIMIT: Duration = Duration::from_secs(30);
/// Two seconds, and what a busy machine adds.
const AT_ONCE: Duration = Duration::from_secs(4);

/// A page that needs the database.
fn ask(portal: &Portal) -> Result<(Page, Duration)> {
    let begun = Instant::now();
    let page = portal.get("/api/v1/ssh/authorized-keys/alice")?;
    Ok((page, begun.elapsed()))
}

#[test]
fn a_server_without_its_database_says_so_and_comes_back() -> Result {
    let folder = Folder::for_test()?;
    let mut database = PostgresCluster::start(&folder)?;
    let server = Server::on_database(&folder, &database.url())?;
    let portal = Portal::set_up(&server)?;
    assert_eq!(ask(&portal)?.0.status, 200);

    database.stop()?;
    for _ in 0..3 {
        let (page, took) = ask(&portal)?;
        assert_eq!(page.status, 503);
        assert!(page.header("retry-after").is_some());
        assert!(took < AT_ONCE, "{took:?}");
    }
    let health = format!("{}/health", server.relying_parties());
    wait_until("health says that the database is away", LIMIT, || {
        let page = portal.get(&health)?;
        let is_away = page.body.contains("unwell") && !page.body.contains("writes: ok");
        Ok(page.status == 503 && is_away)
    })?;
    assert!(!server.log().contains("only%20for"), "{}", server.log());

    database.resume(&folder)?;
    wait_until("health is well again", LIMIT, || {
        Ok(portal.get(&health)?.status == 200)
    })?;
    assert_eq!(ask(&portal)?.0.status, 200);
    Portal::sign_in(&server, rig::portal::ADMINISTRATOR, rig::portal::PASSWORD)?;
    Ok(())
}
