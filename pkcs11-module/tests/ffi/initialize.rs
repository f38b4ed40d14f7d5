//! The beginning and the end: `C_Initialize`, forks, `C_Finalize`.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::library::{Library, call};

#[test]
fn every_way_of_initializing_is_accepted_and_only_once() {
    let library = Library::load();
    let mut info = CK_INFO::default();
    assert_eq!(
        call!(library, C_GetInfo(&raw mut info)),
        CKR_CRYPTOKI_NOT_INITIALIZED
    );
    assert_eq!(
        call!(library, C_Finalize(null_mut())),
        CKR_CRYPTOKI_NOT_INITIALIZED
    );
    for flags in [0, CKF_OS_LOCKING_OK, CKF_LIBRARY_CANT_CREATE_OS_THREADS] {
        let mut reserved = *b"parameters\0";
        let mut args = CK_C_INITIALIZE_ARGS {
            flags,
            pReserved: reserved.as_mut_ptr().cast(),
            ..CK_C_INITIALIZE_ARGS::default()
        };
        let args = (&raw mut args).cast();
        assert_eq!(call!(library, C_Initialize(args)), CKR_OK);
        assert_eq!(
            call!(library, C_Initialize(args)),
            CKR_CRYPTOKI_ALREADY_INITIALIZED
        );
        assert_eq!(call!(library, C_GetInfo(&raw mut info)), CKR_OK);
        assert_eq!(
            (info.cryptokiVersion.major, info.cryptokiVersion.minor),
            (3, 0)
        );
        let mut reserved = 0;
        let not_null = (&raw mut reserved).cast();
        assert_eq!(call!(library, C_Finalize(not_null)), CKR_ARGUMENTS_BAD);
        assert_eq!(call!(library, C_Finalize(null_mut())), CKR_OK);
    }
}

unsafe extern "C" fn create(_: *mut CK_VOID_PTR) -> CK_RV {
    CKR_OK
}

unsafe extern "C" fn use_mutex(_: CK_VOID_PTR) -> CK_RV {
    CKR_OK
}

#[test]
fn a_program_brings_all_four_functions_for_mutexes_or_none() {
    let library = Library::load();
    for flags in [0, CKF_OS_LOCKING_OK] {
        for given in 0..16_u8 {
            let used = |place: u8| (given & (1 << place) != 0).then_some(use_mutex as _);
            let mut args = CK_C_INITIALIZE_ARGS {
                CreateMutex: (given & 1 != 0).then_some(create as _),
                DestroyMutex: used(1),
                LockMutex: used(2),
                UnlockMutex: used(3),
                flags,
                ..CK_C_INITIALIZE_ARGS::default()
            };
            let initialized = call!(library, C_Initialize((&raw mut args).cast()));
            if matches!(given, 0 | 15) {
                assert_eq!(initialized, CKR_OK, "{given:04b}, {flags}");
                assert_eq!(call!(library, C_Finalize(null_mut())), CKR_OK);
            } else {
                assert_eq!(initialized, CKR_ARGUMENTS_BAD, "{given:04b}, {flags}");
            }
        }
    }
}

#[test]
fn a_forked_child_must_initialize_afresh_and_can() {
    let library = Library::initialized();
    // SAFETY: the child calls the module alone, and leaves by _exit.
    match unsafe { libc::fork() } {
        0 => {
            let mut count = 0;
            let list = |count| call!(library, C_GetSlotList(CK_FALSE, null_mut(), count));
            let uninitialized = list(&raw mut count);
            let initialized = call!(library, C_Initialize(null_mut()));
            let again = call!(library, C_Initialize(null_mut()));
            let works = list(&raw mut count);
            let ended = call!(library, C_Finalize(null_mut()));
            let expected = [
                (uninitialized, CKR_CRYPTOKI_NOT_INITIALIZED),
                (initialized, CKR_OK),
                (again, CKR_CRYPTOKI_ALREADY_INITIALIZED),
                (works, CKR_OK),
                (ended, CKR_OK),
            ];
            let wrong = expected.iter().position(|(found, wanted)| found != wanted);
            let code = wrong.map_or(0, |wrong| i32::try_from(wrong).unwrap_or(99) + 1);
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(code) }
        }
        child => {
            assert!(child > 0);
            let mut status = 0;
            // SAFETY: waits for the child that was made above.
            assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
            assert_eq!(
                libc::WEXITSTATUS(status),
                0,
                "step {}",
                libc::WEXITSTATUS(status)
            );
            assert!(libc::WIFEXITED(status));
        }
    }
    let mut info = CK_INFO::default();
    assert_eq!(call!(library, C_GetInfo(&raw mut info)), CKR_OK);
}

#[test]
fn threads_may_finalize_while_others_call() {
    let library = Library::initialized();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..200 {
                    let mut count = 0;
                    let rv = call!(library, C_GetSlotList(CK_TRUE, null_mut(), &raw mut count));
                    assert!(matches!(rv, CKR_OK | CKR_CRYPTOKI_NOT_INITIALIZED));
                }
            });
        }
        for _ in 0..20 {
            call!(library, C_Finalize(null_mut()));
            call!(library, C_Initialize(null_mut()));
        }
    });
}
