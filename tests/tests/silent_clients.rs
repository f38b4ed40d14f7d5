//! Clients that connect and say nothing, thousands of them from one address: sshd, on another, gets its answers.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rig::folder::Folder;
use rig::postgres::PostgresCluster;
use rig::program::Program;
use rig::server::Server;
use rig::wait::wait_until;
use rig::{Result, unexpected};
use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};

/// Silent connections.
const MANY: usize = 2000;
/// How long a connection is waited for that the server may not take.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer than the longest time that a silent connection has.
const DEADLINES: Duration = Duration::from_secs(60);

/// How many kinds of silence there are.
const KINDS: usize = 8;
/// The preface of HTTP/2 with a client's settings, none (RFC 9113, 3.4): a connection that is idle from then on.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

fn io_error(error: std::io::Error) -> rig::Error {
    unexpected(error.to_string())
}

/// A server that begins with as many descriptors as most systems give.
fn program(folder: &Folder, descriptors: &str) -> Result<Program> {
    Ok(folder
        .program("prlimit")
        .arg(format!("--nofile={descriptors}"))
        .arg("--")
        .args(Server::command_line(folder)?))
}

fn address(url: &str) -> Result<SocketAddr> {
    let port = url.rsplit(':').next().and_then(|port| port.parse().ok());
    let port = port.ok_or_else(|| unexpected(format!("{url} has no port")))?;
    Ok(([127, 0, 0, 1], port).into())
}

/// A handshake, and then nothing.
fn handshake(
    mut stream: TcpStream,
    roots: &rustls::RootCertStore,
    alpn: &[&[u8]],
) -> Result<TcpStream> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unexpected(error.to_string()))?
        .with_root_certificates(roots.clone())
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost").map_err(|error| unexpected(error.to_string()))?;
    let mut tls = rustls::ClientConnection::new(Arc::new(config), name)
        .map_err(|error| unexpected(error.to_string()))?;
    // Beyond the cap the server hangs up: that is what it should do.
    let _ = tls.complete_io(&mut stream);
    Ok(stream)
}

/// One silent connection of a kind.
fn silent(server: &Server, roots: &rustls::RootCertStore, kind: usize) -> Result<TcpStream> {
    let portal = address(server.portal())?;
    let relying = address(server.relying_parties())?;
    let connect = |to: SocketAddr| {
        let stream = TcpStream::connect_timeout(&to, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(stream)
    };
    let to = if kind < 4 { relying } else { portal };
    let mut stream = connect(to).map_err(io_error)?;
    match kind {
        1 => drop(stream.write_all(b"PRI * HTTP/2.0\r\n")),
        2 => drop(stream.write_all(b"GET /health HTTP/1.1\r\nHo")),
        3 => drop(stream.write_all(PREFACE)),
        5 => return handshake(stream, roots, &[b"http/1.1"]),
        6 => return handshake(stream, roots, &[b"h2"]),
        7 => return handshake(stream, roots, &[]),
        _ => {}
    }
    Ok(stream)
}

/// What sshd runs for a login, on another host.
fn question(folder: &Folder, server: &Server) -> Program {
    folder
        .program("curl")
        .args(["-fsS", "--max-time", "5", "--interface", "127.0.0.2"])
        .arg("--cacert")
        .arg(server.root())
        .arg(format!("{}alice", server.authorized_keys()))
}

fn logins_go_on(folder: &Folder, server: &Server) -> Result {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).map_err(|error| io_error(error.into()))?;
    let mut roots = rustls::RootCertStore::empty();
    let root = CertificateDer::from_pem_file(server.root())
        .map_err(|error| unexpected(error.to_string()))?;
    roots
        .add(root)
        .map_err(|error| unexpected(error.to_string()))?;
    // As many as the system lets it have.
    assert_eq!(server.descriptors()?, 8192);
    question(folder, server).succeed()?;
    let mut all = Vec::with_capacity(MANY);
    for number in 0..MANY {
        all.push(silent(server, &roots, number % KINDS)?);
        if number % 250 == 249 {
            question(folder, server).succeed()?;
        }
    }
    for _ in 0..3 {
        question(folder, server).succeed()?;
    }
    let said = "one address has too many";
    let times = server.log().matches(said).count();
    assert!((1..=4).contains(&times), "said {times} times");

    // Each of them is closed by and by, those that were let in too.
    for stream in &all {
        stream.set_read_timeout(Some(DEADLINES)).map_err(io_error)?;
    }
    for mut stream in all {
        let mut buffer = [0; 4096];
        loop {
            match stream.read(&mut buffer) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => return Err(unexpected(format!("a connection stays: {error}"))),
            }
        }
    }
    Ok(())
}

#[test]
fn thousands_of_silent_clients_stop_no_login_on_sqlite() -> Result {
    let folder = Folder::for_test()?;
    let server = Server::start(&folder, program(&folder, "1024:8192")?)?;
    logins_go_on(&folder, &server)
}

#[test]
fn thousands_of_silent_clients_stop_no_login_on_postgresql() -> Result {
    let folder = Folder::for_test()?;
    let cluster = PostgresCluster::start(&folder)?;
    let program = program(&folder, "1024:8192")?.env("TAPCARD_DATABASE", cluster.url());
    let server = Server::start(&folder, program)?;
    logins_go_on(&folder, &server)
}

/// Where the system gives too few descriptors, accepting fails: it neither ends nor spins.
#[test]
fn a_server_without_descriptors_waits_for_some() -> Result {
    let folder = Folder::for_test()?;
    let server = Server::start(&folder, program(&folder, "200:200")?)?;
    let relying = address(server.relying_parties())?;
    let mut all = Vec::new();
    // More than there are descriptors, and no more than fit into the queue of the socket.
    for _ in 0..260 {
        all.push(TcpStream::connect_timeout(&relying, PATIENCE).map_err(io_error)?);
    }
    wait_until("accepting fails", PATIENCE * 4, || {
        Ok(server.log().contains("a connection cannot be accepted"))
    })?;
    let before = server.processor_time()?;
    std::thread::sleep(Duration::from_secs(1));
    let used = server.processor_time()? - before;
    assert!(used < Duration::from_millis(300), "{used:?} of a second");
    drop(all);
    let health = format!("{}/health", server.relying_parties());
    wait_until("it serves again", PATIENCE * 4, || {
        let outcome = folder
            .program("curl")
            .args(["-fsS", "--max-time", "2", &health])
            .run()?;
        Ok(outcome.status.success())
    })
}
