//! The composition's database: PostgreSQL of this machine with what the composition gives to its image.

use std::time::Duration;

use rig::folder::Folder;
use rig::network::{Network, Place};
use rig::postgres::programs;
use rig::process::Process;

use super::composition::{Composition, Secret};
use crate::error::{Error, Result};

/// The service.
const SERVICE: &str = "postgres";
/// The user of its image, who has to read the secret.
const IMAGES_USER: &str = "999";
const START_LIMIT: Duration = Duration::from_secs(60);

/// Does what the image's entry point does with its settings, as far as they matter here.
const SERVE: &str = r#"
folder=$1 programs=$2 secret=$3 reader=$4
as_postgres() { setpriv --reuid=postgres --regid=postgres --clear-groups --pdeathsig=KILL "$@"; }
touch "$folder/secret"
mount --bind "$secret" "$folder/secret"
setpriv --reuid="$reader" --regid="$reader" --clear-groups cat "$folder/secret" >"$folder/password"
chown -R postgres "$folder/password" "$folder"
as_postgres "$programs/initdb" --username="$POSTGRES_USER" --auth=scram-sha-256 --encoding=UTF8 --locale=C --no-sync \
    --pwfile="$folder/password" --pgdata="$folder/cluster"
echo "host all all all scram-sha-256" >>"$folder/cluster/pg_hba.conf"
exec setpriv --reuid=postgres --regid=postgres --clear-groups --pdeathsig=KILL "$programs/postgres" -D "$folder/cluster" \
    -c listen_addresses='*' -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB
"#;

/// Makes the database that its image makes at the first start.
const CREATE: &str = r#"PGPASSWORD=$(cat "$1") exec createdb --host=127.0.0.1 --username="$POSTGRES_USER" "$POSTGRES_DB""#;

/// Starts it where the services are, and waits until its health check is content.
///
/// # Errors
/// Where it does not start, or its image's user cannot read its secret.
pub fn start(folder: &Folder, network: &Network, composition: &Composition) -> Result<Process> {
    let secrets = composition.secrets(SERVICE)?;
    let [Secret { file, .. }] = secrets.as_slice() else {
        return Err(Error::Machine(format!("{SERVICE} needs one secret")));
    };
    let settings = composition.environment(SERVICE)?;
    let shell = |script: &str| {
        let shell = network
            .program(folder, Place::Office, "sh")
            .args(["-eu", "-c", script, "sh"]);
        settings
            .iter()
            .fold(shell, |shell, (name, value)| shell.env(name, value))
    };
    folder.let_others_pass()?;
    let place = folder.subfolder(SERVICE)?;
    let mut process = network
        .program(folder, Place::Office, "unshare")
        .args(["--mount", "sh", "-eu", "-c", SERVE, "sh"])
        .arg(&place)
        .arg(programs()?)
        .arg(file)
        .arg(IMAGES_USER);
    for (name, value) in &settings {
        process = process.env(name, value);
    }
    let mut process = process.start(folder, SERVICE)?;
    let check = composition.health_check(SERVICE)?;
    process.wait_for("is well", START_LIMIT, |_| {
        let (program, words) = check.split_first().ok_or_else(no_check)?;
        let outcome = network
            .program(folder, Place::Office, program)
            .args(words)
            .run()?;
        Ok(outcome.status.success().then_some(()))
    })?;
    shell(CREATE).arg(file).succeed()?;
    Ok(process)
}

fn no_check() -> rig::Error {
    rig::unexpected(format!("{SERVICE} has no health check"))
}
