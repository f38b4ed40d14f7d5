//! `enroll-server backup` and `enroll-server restore`: what they say to whoever runs them.

use std::path::Path;
use std::process::ExitCode;

use plain_text::Plain;

use enroll_server_model::clock::Clock as _;
use enroll_server_service::backup::{self, DUMP, Installation, Kept, Restored, Secrets, Step, Was};

use crate::clock::ProgramClock;
use crate::config::StorageArguments;
use crate::server::ServeError;

/// Makes a backup in a folder.
///
/// # Errors
/// As [`backup::backup`].
pub async fn backup(
    folder: &Path,
    with_secrets: bool,
    storage: &StorageArguments,
) -> Result<ExitCode, ServeError> {
    let secrets = if with_secrets {
        Secrets::Included
    } else {
        Secrets::Left
    };
    let now = ProgramClock.now();
    let dump = folder.join(DUMP);
    let program = format!(
        "pg_dump --format=custom --file={} DATABASE-URL",
        dump.display()
    );
    let mut is_whole = true;
    backup::backup(&installation(storage), folder, secrets, now, |step| {
        is_whole &= step != Step::DatabaseLeft;
        tell(&step, &program);
    })
    .await?;
    if is_whole {
        println!("The backup is complete: {}", Plain(folder.display()));
    } else {
        println!(
            "The folder is copied: {}. The backup is complete when pg_dump has run.",
            Plain(folder.display())
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Restores the backup in a folder.
///
/// # Errors
/// As [`backup::restore`].
pub async fn restore(
    folder: &Path,
    force: bool,
    storage: &StorageArguments,
) -> Result<ExitCode, ServeError> {
    let dump = folder.join(DUMP);
    let program = format!(
        "psql DATABASE-URL -c 'DROP SCHEMA public CASCADE; CREATE SCHEMA public' && \
         pg_restore --exit-on-error --single-transaction --dbname=DATABASE-URL {}",
        dump.display()
    );
    let mut is_whole = true;
    let restored = backup::restore(folder, &installation(storage), force, |step| {
        is_whole &= step != Step::DatabaseLeft;
        tell(&step, &program);
    })
    .await?;
    if is_whole {
        println!("The backup is restored: {}", Plain(storage.data.display()));
    } else {
        println!(
            "The folder is restored: {}. The backup is restored when pg_restore has run.",
            Plain(storage.data.display())
        );
    }
    warn(&restored);
    Ok(ExitCode::SUCCESS)
}

fn installation(storage: &StorageArguments) -> Installation {
    Installation {
        data: storage.data.clone(),
        database: storage.database_url(),
    }
}

/// Says what was done; `program` is for a database that is left to it.
fn tell(step: &Step, program: &str) {
    match step {
        Step::LeftOverRemoved => println!(
            "an earlier restore was interrupted before it changed anything; what it had copied is removed"
        ),
        Step::InterruptedCompleted => {
            println!(
                "an earlier restore was interrupted while it put its backup in place; that is completed"
            );
        }
        Step::Copied(name) => println!("copied {}", Plain(name)),
        Step::NotThere(path) => println!(
            "not copied: {} is a link that leads nowhere or to what its owner may not read, or not a file",
            Plain(path.display())
        ),
        Step::Damaged(path) => println!(
            "{} is damaged, and was copied as it is",
            Plain(path.display())
        ),
        Step::BroughtBack { name, was } => {
            let was = match was {
                Was::Missing => "missing",
                Was::Damaged => "damaged",
            };
            println!("restored authority/{}, which was {was}", Plain(name));
        }
        Step::Kept { name, why } => println!("kept authority/{}: {}", Plain(name), reason(*why)),
        Step::Database(events) => {
            println!("copied the database; its audit trail is whole: {events} events");
        }
        Step::DatabaseLeft => println!("the database is PostgreSQL's: now run {}", Plain(program)),
        Step::SetAside(path) => println!("moved what was there to {}", Plain(path.display())),
    }
}

fn reason(why: Kept) -> String {
    match why {
        Kept::Newer {
            number,
            in_backup: Some(older),
        } => {
            format!("it is revocation list {number}, the backup has {older}")
        }
        Kept::Newer {
            number,
            in_backup: None,
        } => {
            format!("it is revocation list {number}, the backup has none")
        }
        Kept::NotInBackup => "the backup does not have it".to_owned(),
    }
}

/// Says what a restore undoes, and what to do about it.
fn warn(restored: &Restored) {
    let made = restored.made.as_deref().unwrap_or("an unknown time");
    let lists: Vec<String> = restored
        .lists
        .iter()
        .map(|(authority, number)| format!("{number} of {authority}"))
        .collect();
    let lists = match lists.as_slice() {
        [] => "before any revocation list was kept".to_owned(),
        lists => format!(
            "when the newest revocation lists were {}",
            lists.join(" and ")
        ),
    };
    println!(
        "The backup is of {}, {}. What happened since is undone.",
        Plain(made),
        Plain(lists)
    );
    let kept = if restored.newer_list_kept {
        "A newer list is kept here, and the server does not start before this was run. "
    } else {
        ""
    };
    println!(
        "What was revoked since is good again until `enroll-server reconcile --crl FILE-OR-URL` has taken over the \
         newest lists that were published. {kept}docs/operations.md has the steps (Backup and restore)."
    );
    if let Some(path) = &restored.no_passphrase {
        println!(
            "The passphrase of the keys is not here: bring it to {}, unless it is given at each start (TAPCARD_CA_PASSPHRASE_FILE).",
            Plain(path.display())
        );
    }
}
