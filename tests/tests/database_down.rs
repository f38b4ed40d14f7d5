//! A database that is down: who asks is told so at once, and all goes on when it is back.

use std::panic::resume_unwind;
use std::thread;
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

#[test]
fn a_server_whose_database_hangs_says_so_and_goes_on() -> Result {
    let folder = Folder::for_test()?;
    let database = PostgresCluster::start(&folder)?;
    let server = Server::on_database(&folder, &database.url())?;
    let portal = Portal::set_up(&server)?;
    assert_eq!(ask(&portal)?.0.status, 200);

    let question = portal.get_ok("/invitations/new")?;
    let form = question.form_with(&["name", "email", "upn", "profile"])?;
    database.stand_still(true)?;
    let values = [("name", "Alice Example"), ("email", "alice@example.org")];
    let requests: [&(dyn Fn() -> Result<Page> + Sync); 3] = [
        &|| portal.get("/"),
        &|| portal.get("/api/v1/ssh/authorized-keys/alice"),
        &|| portal.submit(&question, form.clone(), &values),
    ];
    // More of them at a time than there are connections to the database.
    let refused: Vec<Result<(Page, Duration)>> = thread::scope(|scope| {
        let running: Vec<_> = requests
            .iter()
            .cycle()
            .take(12)
            .map(|request| {
                scope.spawn(move || {
                    let begun = Instant::now();
                    request().map(|page| (page, begun.elapsed()))
                })
            })
            .collect();
        let ended = running.into_iter().map(|running| running.join());
        ended
            .map(|outcome| outcome.unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    });
    let health = format!("{}/health", server.relying_parties());
    let unwell = portal.get(&health);
    database.stand_still(false)?;

    for refused in refused {
        let (page, took) = refused?;
        assert_eq!(page.status, 503, "{}", page.body);
        assert!(page.header("retry-after").is_some());
        assert!(took < AT_ONCE, "{took:?}");
    }
    let unwell = unwell?;
    assert_eq!(unwell.status, 503);
    assert!(
        unwell.body.contains("database-reads: busy"),
        "{}",
        unwell.body
    );
    wait_until("all goes on", LIMIT, || {
        Ok(portal.get("/")?.status == 200 && ask(&portal)?.0.status == 200)
    })?;
    Ok(())
}
