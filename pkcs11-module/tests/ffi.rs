//! The C functions as a careless or hostile program calls them, on a machine without a reader: every pointer
//! NULL, every handle wrong, every state out of order. Nothing may crash, and each answer is the standard's.

#![allow(
    unsafe_code,
    reason = "the tests are the C program that calls the module"
)]

use std::ptr::{null, null_mut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki_sys::*;
use tapcard_pkcs11::ffi::{C_GetFunctionList, C_GetInterface, C_GetInterfaceList};

/// The module has one state for the process: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

struct Library {
    list: CK_FUNCTION_LIST_3_0,
    _turn: MutexGuard<'static, ()>,
}

fn set_variable(name: &str, value: &str) {
    // SAFETY: no thread of this process reads the environment at this moment: tests take turns.
    unsafe { std::env::set_var(name, value) };
}

macro_rules! call {
    ($library:expr, $name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: the arguments are what the test is about; none is a dangling pointer.
        unsafe { $library.list.$name.unwrap()($($argument),*) }
    };
}

impl Library {
    fn load() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        set_variable("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm");
        set_variable("XDG_CONFIG_HOME", "/nonexistent");
        let mut interface = null_mut();
        // SAFETY: `interface` is a variable for a pointer; NULL asks for the default.
        let rv = unsafe { C_GetInterface(null_mut(), null_mut(), &raw mut interface, 0) };
        assert_eq!(rv, CKR_OK);
        // SAFETY: the default interface is version 3.0's, and static.
        let list = unsafe { *(*interface).pFunctionList.cast::<CK_FUNCTION_LIST_3_0>() };
        assert_eq!((list.version.major, list.version.minor), (3, 0));
        Self { list, _turn: turn }
    }

    fn initialized() -> Self {
        let library = Self::load();
        assert_eq!(call!(library, C_Initialize(null_mut())), CKR_OK);
        library
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        call!(self, C_Finalize(null_mut()));
    }
}

#[test]
fn interfaces_are_found_by_name_and_version() {
    let library = Library::load();
    let mut count = 0;
    // SAFETY: NULL asks for the number of interfaces.
    let rv = unsafe { C_GetInterfaceList(null_mut(), &raw mut count) };
    assert_eq!(rv, CKR_OK);
    assert_eq!(count, 2);
    let get = |name: *const u8, version: Option<(u8, u8)>, flags| {
        let mut version = version.map(|(major, minor)| CK_VERSION { major, minor });
        let version = version
            .as_mut()
            .map_or(null_mut(), |version| &raw mut *version);
        let mut interface = null_mut();
        // SAFETY: all pointers are to values of this function, or NULL.
        let rv = unsafe { C_GetInterface(name.cast_mut(), version, &raw mut interface, flags) };
        // SAFETY: a successful call gives a static interface whose list begins with a version.
        (rv == CKR_OK).then(|| unsafe { *(*interface).pFunctionList.cast::<CK_VERSION>() })
    };
    let version = |major, minor| Some(CK_VERSION { major, minor });
    let is = |found: Option<CK_VERSION>, wanted: Option<CK_VERSION>| {
        assert_eq!(
            found.map(|version| (version.major, version.minor)),
            wanted.map(|version| (version.major, version.minor))
        );
    };
    is(get(null(), None, 0), version(3, 0));
    is(get(c"PKCS 11".as_ptr().cast(), None, 0), version(3, 0));
    is(
        get(c"PKCS 11".as_ptr().cast(), Some((2, 40)), 0),
        version(2, 40),
    );
    is(get(c"PKCS 11".as_ptr().cast(), Some((3, 2)), 0), None);
    is(get(c"PKCS 1".as_ptr().cast(), None, 0), None);
    is(get(c"PKCS 11 and more".as_ptr().cast(), None, 0), None);
    is(
        get(c"Vendor NSS FIPS Interface".as_ptr().cast(), None, 0),
        None,
    );
    is(get(null(), None, CKF_INTERFACE_FORK_SAFE), None);
    // SAFETY: NULL is what is tested.
    unsafe {
        assert_eq!(
            C_GetInterface(null_mut(), null_mut(), null_mut(), 0),
            CKR_ARGUMENTS_BAD
        );
        assert_eq!(
            C_GetInterfaceList(null_mut(), null_mut()),
            CKR_ARGUMENTS_BAD
        );
        assert_eq!(C_GetFunctionList(null_mut()), CKR_ARGUMENTS_BAD);
    }
    drop(library);
}

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

#[test]
fn the_configuration_names_the_log_and_its_mistakes_are_in_it() {
    let library = Library::load();
    let folder = tempfile::tempdir().unwrap();
    let file = |name| folder.path().join(name);
    let log = |name| std::fs::read_to_string(file(name)).unwrap_or_default();
    std::fs::create_dir(file("tapcard")).unwrap();
    let text = format!("colour = 1\nlog = '{}'\n", file("log").display());
    std::fs::write(file("tapcard/pkcs11.toml"), text).unwrap();
    set_variable("XDG_CONFIG_HOME", folder.path().to_str().unwrap());
    assert_eq!(call!(library, C_Initialize(null_mut())), CKR_OK);
    assert_eq!(call!(library, C_GetInfo(null_mut())), CKR_ARGUMENTS_BAD);
    assert_eq!(call!(library, C_Finalize(null_mut())), CKR_OK);
    let text = log("log");
    let lines: Vec<_> = text.lines().collect();
    assert!(lines[0].contains("pkcs11.toml: line 1: `colour` is not an option"));
    assert!(lines[1].contains("C_Initialize: CKR_OK"));
    assert!(lines[2].contains("C_GetInfo: 0x00000007 an argument is not valid"));

    set_variable("TAPCARD_PKCS11_LOG", file("other").to_str().unwrap());
    assert_eq!(call!(library, C_Initialize(null_mut())), CKR_OK);
    set_variable("TAPCARD_PKCS11_LOG", "");
    assert_eq!(log("log"), text);
    assert!(log("other").contains("C_Initialize: CKR_OK"));
}

#[test]
fn a_machine_without_pcsc_has_one_empty_slot_and_no_error() {
    let library = Library::initialized();
    let mut count = 77;
    assert_eq!(
        call!(library, C_GetSlotList(CK_TRUE, null_mut(), &raw mut count)),
        CKR_OK
    );
    assert_eq!(count, 0);
    let mut slots = [77; 4];
    let mut count = 4;
    assert_eq!(
        call!(
            library,
            C_GetSlotList(CK_FALSE, slots.as_mut_ptr(), &raw mut count)
        ),
        CKR_OK
    );
    assert_eq!((count, slots[0]), (1, 0));
    let mut none = 0;
    assert_eq!(
        call!(
            library,
            C_GetSlotList(CK_FALSE, slots.as_mut_ptr(), &raw mut none)
        ),
        CKR_BUFFER_TOO_SMALL
    );
    assert_eq!(none, 1);
    let mut info = CK_SLOT_INFO::default();
    assert_eq!(call!(library, C_GetSlotInfo(0, &raw mut info)), CKR_OK);
    assert_eq!(info.flags, CKF_HW_SLOT | CKF_REMOVABLE_DEVICE);
    let mut token = CK_TOKEN_INFO::default();
    assert_eq!(
        call!(library, C_GetTokenInfo(0, &raw mut token)),
        CKR_TOKEN_NOT_PRESENT
    );
    assert_eq!(
        call!(library, C_GetTokenInfo(CK_SLOT_ID::MAX, &raw mut token)),
        CKR_SLOT_ID_INVALID
    );
    let mut slot = 0;
    assert_eq!(
        call!(
            library,
            C_WaitForSlotEvent(CKF_DONT_BLOCK, &raw mut slot, null_mut())
        ),
        CKR_NO_EVENT
    );
    let mut session = 0;
    let open = |flags, session| call!(library, C_OpenSession(0, flags, null_mut(), None, session));
    assert_eq!(
        open(CKF_SERIAL_SESSION, &raw mut session),
        CKR_TOKEN_NOT_PRESENT
    );
    assert_eq!(
        open(0, &raw mut session),
        CKR_SESSION_PARALLEL_NOT_SUPPORTED
    );
    assert_eq!(open(CKF_SERIAL_SESSION, null_mut()), CKR_ARGUMENTS_BAD);
}

#[test]
fn null_pointers_are_bad_arguments() {
    let library = Library::initialized();
    let results = [
        call!(library, C_GetInfo(null_mut())),
        call!(library, C_GetSlotList(CK_FALSE, null_mut(), null_mut())),
        call!(library, C_GetSlotInfo(0, null_mut())),
        call!(library, C_GetTokenInfo(0, null_mut())),
        call!(library, C_GetMechanismList(0, null_mut(), null_mut())),
        call!(library, C_GetMechanismInfo(0, CKM_RSA_PKCS, null_mut())),
        call!(
            library,
            C_WaitForSlotEvent(CKF_DONT_BLOCK, null_mut(), null_mut())
        ),
        call!(library, C_GetSessionInfo(1, null_mut())),
        call!(library, C_SetPIN(1, null_mut(), 6, null_mut(), 6)),
        call!(library, C_GetAttributeValue(1, 1, null_mut(), 1)),
        call!(library, C_FindObjectsInit(1, null_mut(), 1)),
        call!(library, C_FindObjects(1, null_mut(), 1, null_mut())),
        call!(library, C_GetObjectSize(1, 1, null_mut())),
        call!(library, C_Digest(1, null_mut(), 1, null_mut(), null_mut())),
        call!(library, C_Digest(1, null_mut(), 0, null_mut(), null_mut())),
        call!(library, C_DigestUpdate(1, null_mut(), 1)),
        call!(library, C_DigestFinal(1, null_mut(), null_mut())),
        call!(library, C_Sign(1, null_mut(), 1, null_mut(), null_mut())),
        call!(library, C_SignUpdate(1, null_mut(), CK_ULONG::MAX)),
        call!(library, C_SignFinal(1, null_mut(), null_mut())),
        call!(library, C_Verify(1, null_mut(), 1, null_mut(), 1)),
        call!(library, C_VerifyFinal(1, null_mut(), 1)),
        call!(library, C_Encrypt(1, null_mut(), 1, null_mut(), null_mut())),
        call!(
            library,
            C_DecryptUpdate(1, null_mut(), 1, null_mut(), null_mut())
        ),
        call!(library, C_DecryptFinal(1, null_mut(), null_mut())),
        call!(
            library,
            C_DeriveKey(1, null_mut(), 1, null_mut(), 0, null_mut())
        ),
    ];
    for (index, result) in results.into_iter().enumerate() {
        assert_eq!(result, CKR_ARGUMENTS_BAD, "call {index}");
    }
    let random = call!(library, C_GenerateRandom(1, null_mut(), 1));
    assert_eq!(random, CKR_SESSION_HANDLE_INVALID);
}

#[test]
fn wrong_sessions_are_told_whatever_is_asked_of_them() {
    let library = Library::initialized();
    let mut bytes = [0; 32];
    let mut length = 32;
    let mut handle = 0;
    let buffer = bytes.as_mut_ptr();
    let mut mechanism = CK_MECHANISM {
        mechanism: CKM_SHA256,
        pParameter: null_mut(),
        ulParameterLen: 0,
    };
    let digest = &raw mut mechanism;
    let mut info = CK_SESSION_INFO::default();
    for session in [0, 1, CK_SESSION_HANDLE::MAX] {
        let results = [
            call!(library, C_CloseSession(session)),
            call!(library, C_GetSessionInfo(session, &raw mut info)),
            call!(library, C_Login(session, CKU_USER, buffer, 6)),
            call!(
                library,
                C_LoginUser(session, CKU_USER, buffer, 6, null_mut(), 0)
            ),
            call!(library, C_Logout(session)),
            call!(library, C_SessionCancel(session, CKF_SIGN)),
            call!(library, C_FindObjectsInit(session, null_mut(), 0)),
            call!(
                library,
                C_FindObjects(session, &raw mut handle, 1, &raw mut length)
            ),
            call!(library, C_FindObjectsFinal(session)),
            call!(library, C_DestroyObject(session, 1)),
            call!(library, C_DigestInit(session, digest)),
            call!(
                library,
                C_Digest(session, buffer, 1, buffer, &raw mut length)
            ),
            call!(library, C_SignInit(session, digest, 1)),
            call!(library, C_Sign(session, buffer, 1, buffer, &raw mut length)),
            call!(library, C_VerifyInit(session, digest, 1)),
            call!(library, C_EncryptInit(session, digest, 1)),
            call!(library, C_DecryptInit(session, digest, 1)),
            call!(library, C_GenerateRandom(session, buffer, 32)),
            call!(library, C_SeedRandom(session, buffer, 32)),
        ];
        for (index, result) in results.into_iter().enumerate() {
            assert_eq!(result, CKR_SESSION_HANDLE_INVALID, "call {index}");
        }
    }
    assert_eq!(call!(library, C_CloseAllSessions(9)), CKR_SLOT_ID_INVALID);
}

#[test]
fn mechanisms_with_odd_parameters_are_refused() {
    let library = Library::initialized();
    let init = |mechanism, parameter: *mut CK_RSA_PKCS_PSS_PARAMS, length| {
        let mut mechanism = CK_MECHANISM {
            mechanism,
            pParameter: parameter.cast(),
            ulParameterLen: length,
        };
        call!(library, C_SignInit(1, &raw mut mechanism, 1))
    };
    let mut pss = CK_RSA_PKCS_PSS_PARAMS {
        hashAlg: CKM_SHA256,
        mgf: CKG_MGF1_SHA256,
        sLen: 32,
    };
    let length = size_of::<CK_RSA_PKCS_PSS_PARAMS>() as CK_ULONG;
    assert_eq!(
        init(CKM_RSA_PKCS_PSS, &raw mut pss, length),
        CKR_SESSION_HANDLE_INVALID
    );
    for (pointer, length) in [
        (null_mut(), 0),
        (null_mut(), length),
        (&raw mut pss, length - 1),
        (&raw mut pss, CK_ULONG::MAX),
    ] {
        assert_eq!(
            init(CKM_RSA_PKCS_PSS, pointer, length),
            CKR_MECHANISM_PARAM_INVALID
        );
    }
    assert_eq!(init(CKM_AES_CBC, null_mut(), 0), CKR_MECHANISM_INVALID);
    pss.hashAlg = CKM_SHA_1;
    assert_eq!(
        init(CKM_SHA256_RSA_PKCS_PSS, &raw mut pss, length),
        CKR_MECHANISM_PARAM_INVALID
    );
}

#[test]
fn what_is_not_offered_says_so() {
    let library = Library::initialized();
    assert_eq!(
        call!(library, C_CreateObject(1, null_mut(), 0, null_mut())),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_InitPIN(1, null_mut(), 0)),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_MessageSignInit(1, null_mut(), 1)),
        CKR_FUNCTION_NOT_SUPPORTED
    );
    assert_eq!(
        call!(library, C_GetFunctionStatus(1)),
        CKR_FUNCTION_NOT_PARALLEL
    );
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
