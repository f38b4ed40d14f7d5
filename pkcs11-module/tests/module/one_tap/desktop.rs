//! A user without a terminal, whose session bus is of no use: the login is as before, and nothing is left of it.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::mpsc::channel;

use rustix::net::{
    AddressFamily, SocketAddrUnix, SocketFlags, SocketType, bind, listen, socket_with,
};
use tapcard_pkcs11::announce::Audience;
use tapcard_pkcs11::announce::address::SessionBus;

use super::*;

/// What a bus does with who has connected to it.
type Serves = fn(&mut UnixStream);

fn says(stream: &mut UnixStream, words: &[u8]) {
    // Who has gone hears nothing.
    drop(stream.write_all(words));
}

/// A message without a body, whose fields say that they have this length.
fn message(fields: u32) -> Vec<u8> {
    let mut message = b"DATA\r\nOK 00\r\nl\x02\x00\x01".to_vec();
    for number in [0, 1, fields] {
        message.extend(number.to_le_bytes());
    }
    message.resize(message.len() + 64, 0xFF);
    message
}

const BUSES: [(&str, Serves); 7] = [
    ("silent", |_| {}),
    ("closing", |stream| {
        stream.shutdown(std::net::Shutdown::Both).unwrap();
    }),
    ("refusing", |stream| says(stream, b"REJECTED EXTERNAL\r\n")),
    ("nonsense", |stream| says(stream, &[0xFF; 5000])),
    ("silent once it has let the program in", |stream| {
        says(stream, b"DATA\r\nOK 00\r\n");
    }),
    ("a message of 4 GB", |stream| {
        says(stream, &message(u32::MAX))
    }),
    ("a message of nonsense", |stream| says(stream, &message(64))),
];

/// The threads that show notices.
fn notices() -> usize {
    let tasks = fs::read_dir("/proc/self/task").unwrap().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("comm")).ok())
        .filter(|name| name == "tapcard-notice\n")
        .count()
}

/// The kernel lists a thread for a moment after its end.
fn none_is_left() {
    wait_for("no thread is left", || notices() == 0);
}

fn audience(socket: &Path) -> Audience {
    let address = format!("unix:path={}", socket.display());
    let desktop = SessionBus::of_user(&|name| {
        (name == "DBUS_SESSION_BUS_ADDRESS").then(|| address.clone().into())
    });
    Audience {
        terminal: None,
        desktop: Some(desktop.unwrap()),
    }
}

/// The phone comes once the bus has been asked, and the login succeeds.
fn logs_in(socket: &Path, is_asked: impl FnOnce()) {
    let mut desk = Desk::contactless();
    let settings = Settings {
        audience: audience(socket),
        ..allowing(desk.kept.path(), LONG)
    };
    let rig = program_with(readers_of(&desk.reader), &desk.reader, settings);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_until_waiting(&rig, session);
        is_asked();
        desk.tap();
        assert_eq!(login.join().unwrap(), Ok(()));
    });
    assert_eq!(rig.reader.sent(), [SELECT, ESTABLISH, VERIFY]);
    rig.module.finalize();
    none_is_left();
}

#[test]
fn a_bus_of_no_use_costs_no_login_and_nothing_is_left_of_it() {
    let folder = tempdir().unwrap();
    logs_in(&folder.path().join("absent"), || {});
    for (place, (name, serve)) in BUSES.into_iter().enumerate() {
        let socket = folder.path().join(place.to_string());
        let listener = UnixListener::bind(&socket).unwrap();
        let (tell, told) = channel();
        let bus = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            tell.send(()).unwrap();
            serve(&mut stream);
            // Until the program closes it.
            stream.set_read_timeout(Some(SOON)).unwrap();
            drop(stream.read_to_end(&mut Vec::new()));
        });
        logs_in(&socket, || told.recv_timeout(SOON).expect(name));
        wait_for("the connection is closed", || bus.is_finished());
        bus.join().unwrap();
    }
    ends_at_once(&folder.path().join("full"));
}

/// The module ends while others who wait to be let in by the bus leave no room for one more.
fn ends_at_once(socket: &Path) {
    let flags = SocketFlags::CLOEXEC;
    let bus = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).unwrap();
    bind(&bus, &SocketAddrUnix::new(socket).unwrap()).unwrap();
    listen(&bus, 0).unwrap();
    let _first = UnixStream::connect(socket).unwrap();
    let desk = Desk::contactless();
    let settings = Settings {
        audience: audience(socket),
        ..allowing(desk.kept.path(), LONG)
    };
    let rig = program_with(readers_of(&desk.reader), &desk.reader, settings);
    let session = rig.session();
    std::thread::scope(|scope| {
        let login = scope.spawn(|| rig.at(session).login(CKU_USER, Some(PIN)));
        wait_for("a notice is to be shown", || notices() == 1);
        let begun = Instant::now();
        rig.module.finalize();
        assert!(begun.elapsed() < SOON);
        none_is_left();
        assert_eq!(login.join().unwrap(), Err(Error::NotInitialized));
    });
}
