//! A database that is down: who asks is told so at once, and all goes on when it is back.

use std::panic::resume_unwind;
use std::thread;
use std::time::{Duration, Instant};

use rig::folder::Folder;
use rig::portal::{Page, Portal};
use rig::postgres::PostgresCluster;
use rig::server::Server;
use rig::wait::wait_until;
use rig::{Result, unexpected};

const LIMIT: Duration = Duration::from_secs(30);
/// Two seconds, and what a busy machine adds.
const AT_ONCE: Duration = Duration::from_secs(4);

/// What somebody asks for while the database stands still.
type Request<'r> = &'r (dyn Fn() -> Result<Page> + Sync);

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
    let requests: [Request<'_>; 3] = [
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

/// Ends the session that holds the lock.
const LET_GO: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE '%(60)'";

/// A lock that somebody holds, and how the statement begins that waits for it.
type Held<'h> = (&'h str, &'h str);

/// Does something to the database when a request waits in a statement for a lock, and returns what that returns, the answer,
/// and after how long it came. None where the request was over before: nobody waits long for a lock.
fn while_waiting<T>(
    folder: &Folder,
    database: &PostgresCluster,
    (lock, statement): Held<'_>,
    name: &str,
    request: Request<'_>,
    act: impl FnOnce(u32) -> Result<T>,
) -> Result<Option<(T, Page, Duration)>> {
    let hold = ["BEGIN", lock, "SELECT 'held'", "SELECT pg_sleep(60)"];
    let mut holder = database
        .psql(folder, &hold)
        .start(folder, &format!("holder-{name}"))?;
    holder.wait_for("holds the lock", LIMIT, |holder| {
        Ok(holder.stdout_text().contains("held").then_some(()))
    })?;
    let waits = format!(
        "FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '{statement}%'"
    );
    let until = format!(
        "DO $$ BEGIN FOR i IN 1..2000 LOOP PERFORM pg_stat_clear_snapshot(); \
         EXIT WHEN EXISTS (SELECT {waits}); PERFORM pg_sleep(0.01); END LOOP; END $$"
    );
    let mut waiting = database
        .psql(folder, &[&until, &format!("SELECT pid {waits} LIMIT 1")])
        .start(folder, &format!("waiting-{name}"))?;
    thread::scope(|scope| {
        let running = scope.spawn(|| {
            let begun = Instant::now();
            request().map(|page| (page, begun.elapsed()))
        });
        let id = waiting.wait_for("a request waits", LIMIT, |waiting| {
            Ok(waiting.stdout_text().trim().parse().ok())
        });
        let done = id.and_then(act);
        let outcome = running.join().unwrap_or_else(|panic| resume_unwind(panic));
        let (page, took) = outcome?;
        Ok(done.ok().map(|done| (done, page, took)))
    })
}

/// Stops the database's process that a request waits in. Returns the answer, and after how long it came; none where the
/// request was over before.
fn stopped(
    folder: &Folder,
    database: &PostgresCluster,
    held: Held<'_>,
    name: &str,
    request: Request<'_>,
) -> Result<Option<(Page, Duration)>> {
    let stop = |id| {
        let stopped = database.backend_stand_still(id, true);
        database.psql(folder, &[LET_GO]).succeed()?;
        stopped.map(|()| id)
    };
    let Some((id, page, took)) = while_waiting(folder, database, held, name, request, stop)? else {
        database.psql(folder, &[LET_GO]).succeed()?;
        return Ok(None);
    };
    database.backend_stand_still(id, false)?;
    Ok((took > Duration::from_secs(4)).then_some((page, took)))
}

#[test]
fn a_request_that_waits_when_the_database_begins_to_hang_is_given_up() -> Result {
    let folder = Folder::for_test()?;
    let database = PostgresCluster::start(&folder)?;
    let server = Server::on_database(&folder, &database.url())?;
    let portal = Portal::set_up(&server)?;
    let held = (
        "LOCK TABLE holders",
        "SELECT COUNT(*) FROM (SELECT 1 FROM holders",
    );
    let attempt = |number: usize| {
        let name = format!("hangs-{number}");
        let outcome = while_waiting(
            &folder,
            &database,
            held,
            &name,
            &|| portal.get("/holders"),
            |_| database.stand_still(true),
        );
        database.stand_still(false)?;
        database.psql(&folder, &[LET_GO]).succeed()?;
        // One that ended because of the lock says nothing of what becomes of the others.
        Ok::<_, rig::Error>(outcome?.filter(|(.., took)| *took > Duration::from_millis(1600)))
    };
    let (_, page, took) = (0..5)
        .find_map(|number| attempt(number).transpose())
        .ok_or_else(|| unexpected("no request waited for long enough"))??;
    assert_eq!(page.status, 503, "{}", page.body);
    assert!(page.header("retry-after").is_some());
    assert!(took < AT_ONCE, "{took:?}");
    wait_until("all goes on", LIMIT, || {
        Ok(portal.get("/holders")?.status == 200)
    })
}

#[test]
fn a_connection_that_stands_still_alone_does_not_keep_its_request() -> Result {
    let folder = Folder::for_test()?;
    let database = PostgresCluster::start(&folder)?;
    let server = Server::on_database(&folder, &database.url())?;
    let portal = Portal::set_up(&server)?;
    let question = portal.get_ok("/invitations/new")?;
    let form = question.form_with(&["name", "email", "upn", "profile"])?;
    let address = "alice@example.org";
    let values = [
        ("name", "Alice"),
        ("email", address),
        ("upn", address),
        ("profile", "compact"),
    ];
    // What the request waits for when its process is stopped, and what becomes of it: who reads gets the answer over
    // another connection, who writes is told to look.
    let invite = || portal.submit(&question, form.clone(), &values);
    let cases: [(&str, &str, Request<'_>, u16); 2] = [
        (
            "LOCK TABLE holders",
            "SELECT COUNT(*) FROM (SELECT 1 FROM holders",
            &|| portal.get("/holders"),
            200,
        ),
        (
            "LOCK TABLE invitations IN SHARE MODE",
            "INSERT INTO invitations",
            &invite,
            503,
        ),
    ];
    for (lock, statement, request, status) in cases {
        let attempt = |number: usize| {
            let name = format!("{status}-{number}");
            stopped(&folder, &database, (lock, statement), &name, request).transpose()
        };
        let (page, took) = (0..5)
            .find_map(attempt)
            .ok_or_else(|| unexpected("no request waited for long enough to be stopped"))??;
        assert_eq!(page.status, status, "{}", page.body);
        assert_eq!(page.header("retry-after").is_some(), status == 503);
        assert!(took < Duration::from_secs(14), "{took:?}");
    }
    wait_until("all goes on", LIMIT, || {
        Ok(portal
            .submit(&question, form.clone(), &values)?
            .document()
            .by_id("invitation-link")
            .is_some())
    })
}
