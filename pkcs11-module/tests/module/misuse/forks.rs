//! A process that forks while it uses a card: the child has nothing of it, and the parent loses nothing.

use std::ptr::null_mut;
use std::sync::Arc;

use cryptoki_sys::*;
use tapcard_pkcs11::ffi::initialize;
use tapcard_pkcs11::settings::Settings;

use super::super::reader::Reader;
use super::super::rig::PIN;
use super::program::{Kind, Program, call, long};

/// What the child does: the number of the first step that was not answered as expected, from 1; 0 where there is none.
fn child(program: &Program, own: &Reader) -> i32 {
    let session = program.session;
    let connections = program.reader.connections();
    let mut info = CK_SESSION_INFO::default();
    let mut pin = PIN.to_vec();
    let (pin, length) = (pin.as_mut_ptr(), long(pin.len()));
    let mut buffer = [0; 512];
    let buffer = buffer.as_mut_ptr();
    let mut size = 512;
    let mut count = 0;
    let list = |count| call!(program, C_GetSlotList(CK_FALSE, null_mut(), count));
    let no = CKR_CRYPTOKI_NOT_INITIALIZED;
    let steps = [
        (call!(program, C_GetSessionInfo(session, &raw mut info)), no),
        (
            call!(program, C_Sign(session, buffer, 9, buffer, &raw mut size)),
            no,
        ),
        (call!(program, C_Login(session, CKU_USER, pin, length)), no),
        (call!(program, C_Logout(session)), no),
        (call!(program, C_CloseSession(session)), no),
        (call!(program, C_Finalize(null_mut())), no),
        (list(&raw mut count), no),
        // It begins with a reader of its own.
        (
            initialize(Arc::new(own.clone()), Settings::default())
                .map_or(CKR_GENERAL_ERROR, |()| CKR_OK),
            CKR_OK,
        ),
        (list(&raw mut count), CKR_OK),
        // The parent's session reaches nothing here.
        (
            call!(program, C_GetSessionInfo(session, &raw mut info)),
            CKR_SESSION_HANDLE_INVALID,
        ),
        (
            call!(program, C_CloseSession(session)),
            CKR_SESSION_HANDLE_INVALID,
        ),
        (call!(program, C_Finalize(null_mut())), CKR_OK),
    ];
    let wrong = steps.iter().position(|(found, expected)| found != expected);
    if let Some(wrong) = wrong {
        return i32::try_from(wrong).unwrap_or(98) + 1;
    }
    let used = !program.reader.sent().is_empty() || program.reader.connections() != connections;
    if used { 99 } else { 0 }
}

#[test]
fn a_child_uses_nothing_of_its_parents_card_and_the_parent_goes_on() {
    let program = Program::start();
    let own = Reader::empty();
    let connections = program.reader.connections();
    assert_eq!(connections, 1, "the card is in use");
    program.reader.sent();
    // SAFETY: the child calls the module alone, and leaves by _exit.
    match unsafe { libc::fork() } {
        0 => {
            let wrong = child(&program, &own);
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(wrong) }
        }
        child => {
            assert!(child > 0);
            let mut status = 0;
            // SAFETY: waits for the child that was made above.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert!(libc::WIFEXITED(status), "{status:#x}");
            let step = libc::WEXITSTATUS(status);
            assert_eq!(step, 0, "step {step} of the child");
        }
    }
    // The same connection, and no new login.
    assert!(program.result_of(Kind::Sign) == program.signature);
    assert_eq!(program.reader.connections(), connections);
    let sent = program.reader.sent();
    assert!(
        sent.iter()
            .all(|name| name == "GENERAL AUTHENTICATE" || name == "GET RESPONSE"),
        "{sent:?}"
    );
    program.end();
}
