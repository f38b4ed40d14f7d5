//! The module as a C program finds it, on readers in memory.

use std::fs;
use std::path::Path;
use std::ptr::null_mut;
use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use cryptoki_sys::*;
use tapcard_pkcs11::cache::Cache;
use tapcard_pkcs11::ffi::{C_GetFunctionList, C_GetInterface, initialize};
use tapcard_pkcs11::pcsc::bounded::Bounds;
use tapcard_pkcs11::settings::Settings;

use super::reader::Readers;

/// The function lists.
#[derive(Clone, Copy)]
pub struct Library {
    /// That of version 2.40.
    pub old: CK_FUNCTION_LIST,
    /// That of version 3.0.
    pub new: CK_FUNCTION_LIST_3_0,
    /// Whether functions that are in both are called by the older one.
    pub is_old: bool,
    /// The threads of the process before there were any of the module.
    threads: usize,
}

/// Calls a function that is in both lists.
macro_rules! call {
    ($library:expr, $name:ident($($argument:expr),* $(,)?)) => {{
        let function = if $library.is_old { $library.old.$name } else { $library.new.$name };
        // SAFETY: every pointer is NULL or to memory that is as long as the call says, and there until it returns.
        let rv = unsafe { function.expect("it is in the list")($($argument),*) };
        super::library::ended(stringify!($name), rv)
    }};
}

/// Calls a function that is in the list of version 3.0 alone.
macro_rules! call_3_0 {
    ($library:expr, $name:ident($($argument:expr),* $(,)?)) => {{
        // SAFETY: as for functions of both lists.
        let rv = unsafe { $library.new.$name.expect("it is in the list")($($argument),*) };
        super::library::ended(stringify!($name), rv)
    }};
}

pub(super) use {call, call_3_0};

/// How long a card that has left is waited for, where it is: no input may take long.
const GRACE: Duration = Duration::from_millis(1);

/// How long a thread of the module may take to end, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a call has returned. A panic inside the module ends as a general error, and nothing else does.
pub fn ended(name: &str, rv: CK_RV) -> CK_RV {
    assert_ne!(rv, CKR_GENERAL_ERROR, "{name}");
    rv
}

impl Library {
    /// The module, on which nobody has called `C_Initialize`. What it finds of its environment is nothing.
    pub fn load() -> Self {
        static NOTHING: Once = Once::new();
        NOTHING.call_once(|| {
            for name in [
                "PCSCLITE_CSOCK_NAME",
                "XDG_CONFIG_HOME",
                "XDG_CACHE_HOME",
                "XDG_RUNTIME_DIR",
            ] {
                // SAFETY: the threads of the module read no variable.
                unsafe { std::env::set_var(name, "/nonexistent") };
            }
        });
        let (mut old, mut interface) = (null_mut(), null_mut());
        // SAFETY: both are variables for a pointer; NULL asks for the default.
        let (rv, other) = unsafe {
            (
                C_GetFunctionList(&raw mut old),
                C_GetInterface(null_mut(), null_mut(), &raw mut interface, 0),
            )
        };
        assert_eq!((rv, other), (CKR_OK, CKR_OK));
        // SAFETY: both lists are static, and the default interface is that of version 3.0.
        let (old, new) = unsafe {
            (
                *old,
                *(*interface).pFunctionList.cast::<CK_FUNCTION_LIST_3_0>(),
            )
        };
        assert_eq!((new.version.major, new.version.minor), (3, 0));
        Self {
            old,
            new,
            is_old: false,
            threads: threads(),
        }
    }

    /// Puts the module on these readers; `false` where it is initialized. What it keeps of cards goes to this folder.
    pub fn initialize_on(&self, readers: &Readers, waits: bool, cache: Option<&Path>) -> bool {
        let grace = if waits { GRACE } else { Duration::ZERO };
        let settings = Settings {
            bounds: Bounds {
                grace,
                ..Bounds::default()
            },
            cache: cache.map_or_else(Cache::default, |folder| Cache::at(folder.to_owned())),
            ..Settings::default()
        };
        initialize(Arc::new(readers.clone()), settings).is_ok()
    }

    /// Ends the module, if it was initialized. Nothing of it stays: its threads end too, which AddressSanitizer would otherwise see
    /// half ended and take for leaks.
    pub fn finalize(&self) {
        let rv = call!(self, C_Finalize(null_mut()));
        assert!(
            matches!(rv, CKR_OK | CKR_CRYPTOKI_NOT_INITIALIZED),
            "{rv:#x}"
        );
        let patience = Instant::now() + PATIENCE;
        while threads() > self.threads {
            assert!(Instant::now() < patience, "a thread of the module stays");
            std::thread::yield_now();
        }
    }
}

/// How many threads this process has, as far as the system tells.
fn threads() -> usize {
    fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}
