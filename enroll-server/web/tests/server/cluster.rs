//! A private PostgreSQL cluster for this test program: started by the first test that needs it, ended by a guardian
//! that waits for the program's end, however that comes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running cluster.
struct Cluster {
    /// Where its socket is.
    socket: PathBuf,
    // The guardian reads from it until the program ends.
    _life_line: std::process::ChildStdin,
}

/// A role whose members connect with their password.
pub const WITH_PASSWORD: &str = "with_password";

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static SCHEMAS: AtomicU32 = AtomicU32::new(0);

/// The URL of a new, empty schema: as good as a database of a test's own, and made and removed much faster.
pub async fn new_database() -> String {
    use sqlx::Connection;
    let cluster = CLUSTER.get_or_init(start);
    let schema = format!("t{}", SCHEMAS.fetch_add(1, Ordering::Relaxed));
    let socket = cluster.socket.to_str().unwrap().replace('/', "%2F");
    let url = format!("postgres://postgres@{socket}/postgres");
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    let statement = sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}"));
    sqlx::query(statement)
        .execute(&mut connection)
        .await
        .unwrap();
    connection.close().await.unwrap();
    format!("{url}?options=-csearch_path%3D{schema}")
}

/// Debian keeps the programs by version, out of the search path.
fn programs() -> PathBuf {
    let mut found: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .expect("PostgreSQL is not installed: apt-get install postgresql")
        .map(|entry| entry.unwrap().path().join("bin"))
        .filter(|bin| bin.join("initdb").exists())
        .collect();
    found.sort();
    found
        .pop()
        .expect("PostgreSQL is not installed: apt-get install postgresql")
}

fn start() -> Cluster {
    let folder = tempfile::tempdir().unwrap().keep();
    let is_root = is_root();
    if is_root {
        run(Command::new("chown").arg("postgres").arg(&folder));
    }
    let bin = programs();
    let data = folder.join("data");
    run(as_user(is_root, &bin.join("initdb"))
        .args([
            "--auth=trust",
            "--username=postgres",
            "--no-sync",
            "--encoding=UTF8",
            "-D",
        ])
        .arg(&data));
    // Nobody else has to know a password; who has this role does.
    let rules = data.join("pg_hba.conf");
    let others = fs::read_to_string(&rules).unwrap();
    fs::write(
        &rules,
        format!("local all +{WITH_PASSWORD} scram-sha-256\n{others}"),
    )
    .unwrap();
    let options = format!(
        "-c listen_addresses= -c unix_socket_directories={} -c fsync=off -c max_connections=300",
        folder.display()
    );
    run(as_user(is_root, &bin.join("pg_ctl"))
        .args(["start", "--wait", "--silent", "-o", &options, "-D"])
        .arg(&data)
        .arg("-l")
        .arg(folder.join("log")));
    Cluster {
        _life_line: guardian(is_root, &bin, &folder),
        socket: folder,
    }
}

/// Waits for the end of its input, which is the end of this program, and ends the cluster.
fn guardian(is_root: bool, bin: &Path, folder: &Path) -> std::process::ChildStdin {
    let script =
        r#"trap '' INT TERM; cat; "$1" stop --silent -m immediate -D "$2/data"; rm -rf "$2""#;
    as_user(is_root, Path::new("sh"))
        .args(["-c", script, "guardian"])
        .arg(bin.join("pg_ctl"))
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
        .stdin
        .take()
        .unwrap()
}

/// A command that does not run as root: PostgreSQL refuses that.
fn as_user(is_root: bool, program: &Path) -> Command {
    if !is_root {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=postgres", "--regid=postgres", "--clear-groups"])
        .arg(program)
        .current_dir("/");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
}
