//! A program with more rights than its caller (set-user-ID, file capabilities): the caller's environment must not lead
//! it to a file.
//!
//! The kernel marks such a program by AT_SECURE in the auxiliary vector that it puts on the stack. To make a file
//! set-user-ID takes rights that whoever runs the tests may not have. So the test starts a program under ptrace, which
//! stops it before its first instruction, and sets the mark itself: for the program that is the same.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::ptr::null_mut;

use cryptoki_sys::*;

use super::library::{Library, call};

/// The folder for configuration of a program that this test starts.
const FOLDER: &str = "TAPCARD_TEST_PROGRAM_FOLDER";

/// Who marks the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rights {
    /// It has those of its caller.
    Same,
    /// It has more.
    More,
}

#[test]
fn the_caller_of_a_program_with_more_rights_names_no_log() {
    for (rights, logs) in [(Rights::Same, true), (Rights::More, false)] {
        for by_variable in [true, false] {
            let folder = tempfile::tempdir().unwrap();
            let log = folder.path().join("log");
            fs::create_dir(folder.path().join("tapcard")).unwrap();
            let text = format!("log = '{}'\n", log.display());
            fs::write(folder.path().join("tapcard/pkcs11.toml"), text).unwrap();
            run(folder.path(), by_variable.then_some(&*log), rights);
            assert_eq!(log.exists(), logs, "{rights:?}, variable: {by_variable}");
        }
    }
}

/// The program: begins and ends, as an application that loads the module.
#[test]
fn program() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let library = Library::load();
    super::library::set_variable("XDG_CONFIG_HOME", folder.to_str().unwrap());
    assert_eq!(call!(library, C_Initialize(null_mut())), CKR_OK);
}

/// Runs [`program`] to its end, with the variable for the log where one is given.
fn run(folder: &Path, log: Option<&Path>, rights: Rights) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "privileged::program"])
        .env(FOLDER, folder)
        .envs(log.map(|log| ("TAPCARD_PKCS11_LOG", log)))
        .stdout(Stdio::piped());
    // SAFETY: between fork and exec the child makes this one system call.
    unsafe {
        command.pre_exec(|| {
            match libc::ptrace(libc::PTRACE_TRACEME, 0, null_mut::<u8>(), null_mut::<u8>()) {
                -1 => Err(io::Error::last_os_error()),
                _ => Ok(()),
            }
        });
    }
    let child = command.spawn().unwrap();
    let id = libc::pid_t::try_from(child.id()).unwrap();
    let mut status = 0;
    // SAFETY: waits for the child that was made above, which stops at its exec.
    assert_eq!(unsafe { libc::waitpid(id, &raw mut status, 0) }, id);
    assert!(libc::WIFSTOPPED(status), "{status:#x}");
    if rights == Rights::More {
        mark(&child);
    }
    // SAFETY: lets the child run, which stands still.
    let detached =
        unsafe { libc::ptrace(libc::PTRACE_DETACH, id, null_mut::<u8>(), null_mut::<u8>()) };
    assert_eq!(detached, 0);
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("1 passed"), "{text}");
}

/// Sets AT_SECURE in the auxiliary vector of a program that has not run yet.
fn mark(child: &Child) {
    let process = Path::new("/proc").join(child.id().to_string());
    let vector = fs::read(process.join("auxv")).unwrap();
    let maps = fs::read_to_string(process.join("maps")).unwrap();
    let stack = maps.lines().find(|line| line.ends_with("[stack]")).unwrap();
    let (range, _) = stack.split_once(' ').unwrap();
    let (from, to) = range.split_once('-').unwrap();
    let address = |text| u64::from_str_radix(text, 16).unwrap();
    let (from, to) = (address(from), address(to));

    let memory = File::options()
        .read(true)
        .write(true)
        .open(process.join("mem"))
        .unwrap();
    let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
    memory.read_exact_at(&mut bytes, from).unwrap();
    // The file's copy of the vector is padded behind AT_NULL.
    let entry = 2 * size_of::<libc::c_ulong>();
    let entries: Vec<&[u8]> = vector.chunks_exact(entry).collect();
    let end = entries.iter().position(|entry| is(entry, libc::AT_NULL));
    let written = &vector[..end.unwrap() * entry];
    let position = bytes
        .windows(written.len())
        .position(|part| part == written);
    let secure = entries.iter().position(|entry| is(entry, libc::AT_SECURE));
    let value = position.unwrap() + secure.unwrap() * entry + entry / 2;
    let one: libc::c_ulong = 1;
    memory
        .write_all_at(&one.to_ne_bytes(), from + u64::try_from(value).unwrap())
        .unwrap();
}

/// Whether an entry of the vector is of this type.
fn is(entry: &[u8], kind: libc::c_ulong) -> bool {
    entry.starts_with(&kind.to_ne_bytes())
}
