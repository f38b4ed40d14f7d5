//! Whether the server is well: whether the database takes writes, and how much space there is. A write is tried from time
//! to time and never by a request; the database is read when somebody asks.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use enroll_server_store::probe;

use crate::app::App;
use crate::blocking::blocking;
use crate::condition::Readings;
pub use crate::condition::{Health, Trouble, Volume};
use crate::error::{Error, Result};
pub use crate::space::Space;

/// How often a write is tried while all is well.
const PERIOD: Duration = Duration::from_secs(30);
/// How often it is tried while it fails, and how soon after a request's write has failed.
const PERIOD_OF_TROUBLE: Duration = Duration::from_secs(1);
/// After how long a write that does not return counts as failed.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a question that any database answers at once may take.
pub const ANSWERS: Duration = Duration::from_millis(900);
/// After how long the last outcome says nothing any more.
const STALE: Duration = Duration::from_secs(120);

/// How the server is.
#[derive(Clone, Debug)]
pub struct Report {
    /// Whether the database can be read.
    pub reads: Result<(), Trouble>,
    /// Whether it takes writes.
    pub writes: Result<(), Trouble>,
    /// The space of each disk.
    pub space: Vec<(Volume, Space)>,
}

impl Report {
    /// Whether the server can do its work.
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.reads.is_ok() && self.writes.is_ok()
    }
}

/// A line for each part: `ok` or `unwell` in the first, then what a program can read as well as a person.
/// Space is what is left and what there is in all, in MB.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = |part: &Result<(), Trouble>| part.err().map_or("ok", Trouble::word);
        writeln!(f, "{}", if self.is_well() { "ok" } else { "unwell" })?;
        writeln!(f, "database-reads: {}", word(&self.reads))?;
        writeln!(f, "database-writes: {}", word(&self.writes))?;
        for (volume, space) in &self.space {
            let name = match volume {
                Volume::Data => "data-space",
                Volume::Database => "database-space",
            };
            let word = if space.is_low() { "low" } else { "ok" };
            let (available, total) = (space.available_megabytes(), space.total_megabytes());
            writeln!(f, "{name}: {word} {available}/{total}")?;
        }
        Ok(())
    }
}

/// How the server is now. Writes nothing.
pub async fn report(app: &App) -> Report {
    let found = app.health.found();
    let reads = answers(app).await.map_err(|error| Trouble::of(&error));
    let writes = match found.writes {
        None => Ok(()),
        Some((at, _)) if at.elapsed() > STALE => Err(Trouble::Stale),
        Some((_, outcome)) => outcome,
    };
    Report {
        reads,
        // What cannot be read takes no writes either, whatever the last one said.
        writes: writes.and(reads),
        space: found.space,
    }
}

/// Whether the database answers within [`ANSWERS`].
///
/// # Errors
/// The database's own, or that it is busy.
pub async fn answers(app: &App) -> Result<()> {
    Ok(app.store.ping(ANSWERS).await?)
}

/// Looks from time to time, for as long as the server runs; soon after a request's write has failed.
pub async fn watch(app: &App) {
    loop {
        look(app).await;
        tokio::time::sleep(PERIOD_OF_TROUBLE).await;
        if app.health.writes().is_ok() {
            let pause = PERIOD.saturating_sub(PERIOD_OF_TROUBLE);
            let _ = tokio::time::timeout(pause, app.store.write_failed()).await;
        }
    }
}

/// Looks once, and says in the log what has changed.
async fn look(app: &App) {
    let before = app.health.found();
    let writes = try_write(app).await;
    let space = measure(app).await;
    let was_well = before.writes.is_none_or(|(_, outcome)| outcome.is_ok());
    match &writes {
        Err(error) if was_well => tracing::error!(%error, "the database takes no writes"),
        Ok(()) if !was_well => tracing::info!("the database takes writes again"),
        _ => {}
    }
    for (volume, space) in &space {
        let known = before.space.iter().find(|(other, _)| other == volume);
        let was_low = known.is_some_and(|(_, space)| space.is_low());
        if space.is_low() && !was_low {
            let available = space.available_megabytes();
            tracing::warn!(?volume, available, "disk space is low; available in MB");
        }
    }
    app.health.keep(Readings {
        writes: Some((Instant::now(), writes.map_err(|error| Trouble::of(&error)))),
        space,
    });
}

async fn try_write(app: &App) -> Result<()> {
    let (kind, now) = (app.store.kind(), app.clock.now());
    let write = app.store.write::<_, Error, _>(move |tx| {
        Box::pin(async move { Ok(probe::write(tx, kind, now).await?) })
    });
    match tokio::time::timeout(PATIENCE, write).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Error::Busy {
            retry_after: PERIOD_OF_TROUBLE,
        }),
    }
}

async fn measure(app: &App) -> Vec<(Volume, Space)> {
    let mut folders: Vec<(Volume, PathBuf)> = vec![(Volume::Data, app.data.clone())];
    if let Some(file) = app.store.file() {
        folders.push((Volume::Database, file.to_owned()));
    }
    let measured = blocking(move || {
        let space = |(volume, path): (Volume, PathBuf)| match Space::of(&path) {
            Ok(space) => Some((volume, space)),
            Err(error) => {
                tracing::warn!(path = %path.display(), %error, "disk space cannot be measured");
                None
            }
        };
        Ok::<_, Error>(folders.into_iter().filter_map(space).collect())
    });
    measured.await.unwrap_or_default()
}
