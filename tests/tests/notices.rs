//! Programs without a terminal: their user is told on the desktop that a phone is awaited, and for what.

use std::io::Write;
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

use rig::desktop::{Desktop, Notice};
use rig::firefox::Firefox;
use rig::one_tap::{hold, patient, set_up, take_away, tap, until_waited_for};
use rig::phone::PIN;
use rig::portal::Profile;
use rig::postgres::is_root;
use rig::process::Process;
use rig::program::Program;
use rig::sshd::Sshd;
use rig::stage::Stage;
use rig::tls_site::{Revocation, TlsSite};
use rig::wait::wait_for;
use rig::{Result, unexpected};

const PATIENCE: Duration = Duration::from_secs(60);
/// A terminal for the program that follows; what it shows goes to standard output.
const TERMINAL: &str =
    "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
const HOLD: &str = "Hold the phone of Alice Example to the reader";

fn notice(body: &str) -> Notice {
    Notice {
        summary: "Tapcard".to_owned(),
        body: body.to_owned(),
    }
}

/// A user with one tap whose phone was used here and is away now.
struct User {
    stage: Stage,
    sshd: Sshd,
}

impl User {
    fn new() -> Result<Self> {
        let mut stage = Stage::enrolled(Profile::Compact)?;
        set_up(&stage)?;
        let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
        let ssh = patient(&stage, "ssh");
        sshd.login_through(ssh, &stage.folder, stage.module.path(), PIN)?
            .succeed()?;
        stage.module.was_used()?;
        take_away(&mut stage)?;
        Ok(Self { stage, sshd })
    }

    fn start(&self, ssh: Program) -> Result<Process> {
        let (folder, module) = (&self.stage.folder, self.stage.module.path());
        self.sshd
            .login_through(ssh, folder, module, PIN)?
            .start(folder, "ssh")
    }

    /// Starts ssh until it waits for the phone.
    fn start_until_waiting(&self, ssh: Program) -> Result<Process> {
        let ssh = self.start(ssh)?;
        until_waited_for(&self.stage)?;
        Ok(ssh)
    }

    /// Taps, and ssh is let in; what the module said in its log.
    fn is_let_in(&mut self, mut ssh: Process) -> Result<String> {
        let mark = self.stage.desk.wire.mark();
        tap(&mut self.stage, mark)?;
        let status = wait_for("ssh ends", PATIENCE, || ssh.exit_status())?;
        let log = self.stage.module.log_text();
        let (out, greeting) = (
            ssh.stdout_text(),
            format!("hello from {}", self.sshd.user()),
        );
        if !status.success() || !out.contains(&greeting) {
            return Err(unexpected(format!("{status:?}\n{out}\n{log}")));
        }
        self.stage.module.was_used()?;
        self.stage.desk.wait_for_no_card(&self.stage.folder)?;
        Ok(log)
    }
}

#[test]
fn a_login_without_a_terminal_is_told_on_the_desktop_until_the_phone_has_come() -> Result {
    let mut user = User::new()?;
    let desktop = Desktop::start(&user.stage.folder)?;

    let ssh = desktop.program(patient(&user.stage, "ssh"));
    let ssh = user.start(ssh)?;
    desktop.shows(&user.stage.folder, 1)?;
    user.is_let_in(ssh)?;
    desktop.shows(&user.stage.folder, 0)?;
    assert_eq!(desktop.closed(&user.stage.folder)?, [notice(HOLD)]);

    // Whom the terminal tells is not told twice.
    let ssh = patient(&user.stage, "/usr/bin/python3").args(["-c", TERMINAL, "ssh"]);
    let ssh = user.start_until_waiting(desktop.program(ssh))?;
    desktop.shows(&user.stage.folder, 0)?;
    let log = user.is_let_in(ssh)?;
    assert!(!log.contains("the desktop shows it"), "{log}");
    assert_eq!(desktop.closed(&user.stage.folder)?.len(), 1);

    // The phone does not come.
    let ssh = patient(&user.stage, "ssh").env("TAPCARD_PKCS11_TAP_SECONDS", "2");
    let mut ssh = user.start(desktop.program(ssh))?;
    let status = wait_for("ssh ends", PATIENCE, || ssh.exit_status())?;
    assert!(!status.success());
    desktop.shows(&user.stage.folder, 0)?;
    assert_eq!(
        desktop.closed(&user.stage.folder)?,
        [HOLD, HOLD].map(notice)
    );
    Ok(())
}

#[test]
fn a_browser_is_told_on_the_desktop_until_the_phone_has_come() -> Result {
    let mut user = User::new()?;
    let desktop = Desktop::start(&user.stage.folder)?;
    let site = TlsSite::start(
        &user.stage.folder,
        &user.stage.office.server,
        Revocation::Crl,
    )?;
    let driver = patient(&user.stage, &Firefox::driver()?.to_string_lossy());
    let firefox = Firefox::start_by(
        desktop.program(driver),
        &user.stage.folder,
        &user.stage.module,
        site.certificate(),
    )?;
    firefox.will_answer(&[PIN])?;
    let mark = user.stage.desk.wire.mark();
    let page = std::thread::scope(|scope| {
        let opened = scope.spawn(|| firefox.open_until(&site.address(), "welcome"));
        desktop.shows(&user.stage.folder, 1)?;
        tap(&mut user.stage, mark)?;
        match opened.join() {
            Ok(page) => page,
            Err(_) => Err(unexpected("the browser's thread has panicked")),
        }
    })?;
    assert!(page.contains("CN=Alice Example"), "{page}");
    desktop.shows(&user.stage.folder, 0)?;
    assert_eq!(desktop.closed(&user.stage.folder)?, [notice(HOLD)]);
    Ok(())
}

#[test]
fn the_end_of_the_module_closes_the_notice_and_leaves_nothing() -> Result {
    let user = User::new()?;
    let (stage, folder) = (&user.stage, &user.stage.folder);
    let desktop = Desktop::start(folder)?;
    let program = folder.binaries().built("examples/ended_login")?;
    let (mut tell, stdin) =
        UnixStream::pair().map_err(|error| unexpected(format!("no pair of sockets: {error}")))?;
    let mut program = desktop
        .program(patient(stage, &program.to_string_lossy()))
        .arg(stage.module.path())
        .env("ENDED_LOGIN_PIN", PIN)
        .stdin(OwnedFd::from(stdin))
        .start(folder, "ended_login")?;
    desktop.shows(folder, 1)?;
    tell.write_all(b"end\n")
        .map_err(|error| unexpected(format!("it hears nothing: {error}")))?;
    let status = wait_for("it ends", PATIENCE, || program.exit_status())?;
    let said = program.stdout_text();
    assert!(status.success(), "{said}\n{}", program.stderr_text());
    assert!(said.ends_with("\n1 threads\n"), "{said}");
    desktop.shows(folder, 0)?;
    assert_eq!(desktop.closed(folder)?, [notice(HOLD)]);
    Ok(())
}

#[test]
fn a_pin_that_is_typed_at_the_phone_is_told_on_the_desktop_and_never_by_root() -> Result {
    let mut user = User::new()?;
    let desktop = Desktop::start(&user.stage.folder)?;
    user.stage
        .phone
        .set_pin_entry(&user.stage.folder, "phone")?;
    hold(&mut user.stage)?;
    user.stage.desk.wait_for_card(&user.stage.folder)?;
    let type_pin = |ssh: &mut Process| {
        user.stage.phone.type_pin(&user.stage.folder, PIN)?;
        let status = wait_for("ssh ends", PATIENCE, || ssh.exit_status())?;
        assert!(status.success(), "{}", ssh.stderr_text());
        desktop.shows(&user.stage.folder, 0)
    };
    let mut ssh = user.start(desktop.program(patient(&user.stage, "ssh")))?;
    desktop.shows(&user.stage.folder, 1)?;
    type_pin(&mut ssh)?;
    let told = [notice("Type the PIN at the phone of Alice Example")];
    assert_eq!(desktop.closed(&user.stage.folder)?, told);

    if is_root() {
        let root = user.stage.module.program(&user.stage.folder, "ssh");
        let mut ssh = user.start(desktop.program(root))?;
        type_pin(&mut ssh)?;
        assert_eq!(desktop.closed(&user.stage.folder)?, told);
    }
    Ok(())
}

/// A bus that does this with who connects to it.
fn bus(path: &Path, serve: impl Fn(UnixStream) + Send + 'static) -> Result {
    let listener = UnixListener::bind(path)
        .map_err(|error| unexpected(format!("no bus at {}: {error}", path.display())))?;
    std::thread::spawn(move || listener.incoming().flatten().for_each(serve));
    Ok(())
}

#[test]
fn a_bus_that_is_not_there_or_does_not_answer_costs_nothing() -> Result {
    let mut user = User::new()?;
    let folder = user.stage.folder.path().to_owned();
    // Held open, and never answered.
    bus(&folder.join("silent"), std::mem::forget)?;
    bus(&folder.join("closing"), drop)?;
    for (name, reason) in [
        ("absent", "No such file or directory"),
        ("silent", "the bus does not answer"),
        ("closing", "the bus has closed the connection"),
    ] {
        let address = format!("unix:path={}", folder.join(name).display());
        let ssh = patient(&user.stage, "ssh").env("DBUS_SESSION_BUS_ADDRESS", address);
        let ssh = user.start_until_waiting(ssh)?;
        wait_for(&format!("{name}: the log says why"), PATIENCE, || {
            let log = user.stage.module.log_text();
            Ok(log.contains(reason).then_some(()))
        })?;
        let log = user.is_let_in(ssh)?;
        assert!(log.contains("no notice on the desktop"), "{log}");
    }
    Ok(())
}
