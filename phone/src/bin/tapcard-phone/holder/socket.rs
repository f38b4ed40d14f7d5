//! The socket in the card's folder, `consent.sock`: whoever may use the folder sees the requests that wait and answers them.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use plain_text::Plain;
use rustix::net::sockopt::socket_peercred;
use tapcard_phone::consent::{Desk, RequestId};
use zeroize::Zeroizing;

use super::protocol::{LINE_MAX, Line, Said, VERSION, write_line};

const NAME: &str = "consent.sock";

/// The most connections at a time: a user interface, a command, and some to spare.
const CONNECTIONS_MAX: usize = 8;

/// How long one that reads nothing is waited for.
const WRITE_LIMIT: Duration = Duration::from_secs(2);

/// How often it is looked whether a connection is still there.
const GLANCE: Duration = Duration::from_secs(1);

/// Where the socket of the card in this folder is.
pub fn path(folder: &Path) -> PathBuf {
    folder.join(NAME)
}

/// The socket is there until this is dropped.
#[derive(Debug)]
pub struct Served(PathBuf);

impl Drop for Served {
    fn drop(&mut self) {
        // One that stays behind leads nowhere, and makes way for the next.
        let _ = fs::remove_file(&self.0);
    }
}

/// Makes the socket and serves it. Without it the card is served all the same; it is said why there is none.
pub fn serve(desk: &Desk, folder: &Path) -> Option<Served> {
    let path = path(folder);
    let listener = match bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(
                "requests cannot be answered through {}: {error}",
                Plain(path.display())
            );
            return None;
        }
    };
    let desk = desk.clone();
    let connections = Arc::new(AtomicUsize::new(0));
    thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(connection) = connection else {
                // Out of descriptors, for one: asking again at once would only turn in circles.
                thread::sleep(GLANCE);
                continue;
            };
            if !is_owners(&connection) {
                continue;
            }
            let (desk, connections) = (desk.clone(), connections.clone());
            if connections.fetch_add(1, Ordering::SeqCst) >= CONNECTIONS_MAX {
                connections.fetch_sub(1, Ordering::SeqCst);
                continue;
            }
            thread::spawn(move || {
                // One that is gone has been told enough.
                let _ = converse(&desk, &connection);
                connections.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    Some(Served(path))
}

/// Whether who connected is the user whose phone this is. The socket's mode says the same, but a moment after the socket is
/// there, and the folder's may be another than it should.
fn is_owners(connection: &UnixStream) -> bool {
    let is_owners =
        socket_peercred(connection).is_ok_and(|peer| peer.uid == rustix::process::geteuid());
    if !is_owners {
        tracing::warn!("another user than the card's asked for its requests, and was not answered");
    }
    is_owners
}

/// The socket gets its name when its owner alone may use it.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let new = path.with_extension("new");
    match fs::remove_file(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&new)?;
    fs::set_permissions(&new, Permissions::from_mode(0o600))?;
    fs::rename(&new, path)?;
    Ok(listener)
}

/// Tells one connection of every change, and takes its answers.
fn converse(desk: &Desk, connection: &UnixStream) -> io::Result<()> {
    connection.set_write_timeout(Some(WRITE_LIMIT))?;
    let out = Arc::new(Mutex::new(connection.try_clone()?));
    let gone = Arc::new(AtomicBool::new(false));
    let (reader, answers, heard, left) = (
        connection.try_clone()?,
        desk.clone(),
        out.clone(),
        gone.clone(),
    );
    thread::spawn(move || {
        let _ = take_answers(&answers, reader, &heard);
        left.store(true, Ordering::SeqCst);
    });
    let result = tell(desk, &out, &gone);
    connection.shutdown(std::net::Shutdown::Both)?;
    result
}

fn say(out: &Mutex<UnixStream>, said: &Said) -> io::Result<()> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    write_line(&mut *out, said)
}

fn tell(desk: &Desk, out: &Mutex<UnixStream>, gone: &AtomicBool) -> io::Result<()> {
    let mut now = desk.now();
    let waiting = now.request.is_some();
    let hello = Said::Hello {
        protocol: VERSION,
        waiting,
    };
    say(out, &hello)?;
    let mut shown: Option<RequestId> = None;
    while !gone.load(Ordering::SeqCst) {
        let request = now.request.as_ref();
        if let Some(id) = shown
            && request.is_none_or(|request| request.id != id)
        {
            let end = now.ended.iter().find(|(ended, _)| *ended == id);
            if let Some((id, answer)) = end {
                let ended = Said::Ended {
                    id: id.to_string(),
                    answer: (*answer).into(),
                };
                say(out, &ended)?;
            }
            shown = None;
        }
        if let Some(request) = request
            && shown.is_none()
        {
            say(out, &Said::from(request))?;
            shown = Some(request.id);
        }
        now = desk.wait_for_change(now.revision, GLANCE);
    }
    Ok(())
}

fn take_answers(
    desk: &Desk,
    mut connection: UnixStream,
    out: &Mutex<UnixStream>,
) -> io::Result<()> {
    while let Some(line) = read_line(&mut connection)? {
        let said = match serde_json::from_slice::<Line>(&line).map(Line::reply) {
            Ok(Some((id, reply))) => {
                let taken = desk.answer(&id, reply);
                Said::Answered { id, taken }
            }
            Ok(None) => Said::Malformed {
                reason: "a PIN comes with the answer `pin`, and with no other".to_owned(),
            },
            Err(error) => Said::Malformed {
                // Its own words repeat what was sent, a PIN maybe.
                reason: format!("this is not an answer, from column {} on", error.column()),
            },
        };
        say(out, &said)?;
    }
    Ok(())
}

/// The next line; `None` at the end, and where there is none within [`LINE_MAX`] bytes. A PIN may be in it: nothing is read
/// ahead, and what is read is wiped.
fn read_line(connection: &mut UnixStream) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    let mut line = Zeroizing::new(Vec::with_capacity(LINE_MAX));
    let mut byte = Zeroizing::new([0]);
    while line.len() < LINE_MAX {
        if connection.read(&mut *byte)? == 0 {
            return Ok(None);
        }
        line.extend_from_slice(&*byte);
        if line.last() == Some(&b'\n') {
            return Ok(Some(line));
        }
    }
    Ok(None)
}
