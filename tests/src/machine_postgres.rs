//! PostgreSQL as a service of a machine's, with a part of it on the machine's own small disk.

use crate::Result;
use crate::machine::Machine;
use crate::port::Ports;
use crate::postgres::{is_root, programs};

/// PostgreSQL refuses to run as root: where everybody is root of a namespace, it gets one in which it is somebody else.
const AS_ITSELF: &str = "setpriv --reuid postgres --regid postgres --clear-groups";
const AS_ANOTHER: &str = "unshare --user --map-user=1 --map-group=1";

/// The service. Its log of changes has small files, so that a small disk has room for them. What is not on the small disk is
/// in the test's folder: which of the two is full first would be chance if both were on it.
const SERVICE: &str = r#"#!/bin/sh
# postgresql make|start|stop|restart|is-active
set -eu
answers() { psql -qAtc 'SELECT 1' "$POSTGRES_URL/postgres" >/dev/null 2>&1; }
cd /
case "$1" in
make)
    mkdir "$POSTGRES_DATA" "$POSTGRES_LOG"
    if [ "$POSTGRES_USER" = postgres ]; then chown postgres "$POSTGRES_DATA" "$POSTGRES_LOG"; fi
    $AS_POSTGRES "$POSTGRES_PROGRAMS/initdb" --username=tapcard --auth=trust --encoding=UTF8 --locale=C --no-sync \
        --wal-segsize=1 --waldir "$POSTGRES_LOG/wal" --pgdata "$POSTGRES_DATA/cluster" ;;
start)
    setsid $AS_POSTGRES "$POSTGRES_PROGRAMS/postgres" -D "$POSTGRES_DATA/cluster" -p "$POSTGRES_PORT" -c listen_addresses=127.0.0.1 \
        -c unix_socket_directories= -c fsync=off -c shared_buffers=16MB -c min_wal_size=2MB -c max_wal_size=4MB \
        >>"$MACHINE/postgres.log" 2>&1 </dev/null &
    service=$!
    until answers; do kill -0 "$service"; sleep 0.05; done ;;
stop)
    $AS_POSTGRES "$POSTGRES_PROGRAMS/pg_ctl" stop --silent --mode fast -D "$POSTGRES_DATA/cluster" ;;
restart)
    if "$0" is-active; then "$0" stop; fi
    "$0" start ;;
is-active) $AS_POSTGRES "$POSTGRES_PROGRAMS/pg_ctl" status --silent -D "$POSTGRES_DATA/cluster" ;;
*) echo "unknown: $1" >&2; exit 2 ;;
esac
"#;

/// What of PostgreSQL is on the machine's small disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDisk {
    /// Its tables and indexes.
    Data,
    /// Its log of changes, without which it cannot go on.
    Log,
}

/// PostgreSQL on a machine; it ends with the machine.
#[derive(Debug)]
pub struct MachinePostgres {
    _ports: Ports,
}

impl MachinePostgres {
    /// Makes a cluster with this part on the machine's disk and starts it, as the service `postgresql`. From then on the machine's server
    /// works on a database of it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed, or does not start.
    pub fn start(machine: &mut Machine<'_>, on_disk: OnDisk) -> Result<Self> {
        let ports = Ports::claim(1)?;
        let port = ports.first().to_string();
        let url = format!("postgres://tapcard@127.0.0.1:{port}");
        let user = if is_root() { "postgres" } else { "tapcard" };
        let as_postgres = if is_root() { AS_ITSELF } else { AS_ANOTHER };
        let (disk, elsewhere) = (machine.variable("DISK")?, machine.variable("MACHINE")?);
        let (data, log) = match on_disk {
            OnDisk::Data => (disk, elsewhere),
            OnDisk::Log => (elsewhere, disk),
        };
        let (data, log) = (format!("{data}/postgres"), format!("{log}/postgres-log"));
        machine.set("POSTGRES_DATA", &data);
        machine.set("POSTGRES_LOG", &log);
        machine.set("POSTGRES_PROGRAMS", &programs()?.display().to_string());
        machine.set("POSTGRES_PORT", &port);
        machine.set("POSTGRES_URL", &url);
        machine.set("POSTGRES_USER", user);
        machine.set("AS_POSTGRES", as_postgres);
        machine.set("TAPCARD_DATABASE", &format!("{url}/tapcard"));
        machine.add_program("postgresql", SERVICE)?;
        machine
            .shell(
                "postgresql make; systemctl start postgresql\n\
                 psql -qc 'CREATE DATABASE tapcard' \"$POSTGRES_URL/postgres\"",
            )
            .succeed()?;
        Ok(Self { _ports: ports })
    }
}
