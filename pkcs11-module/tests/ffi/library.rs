//! The module as a program loads it.

use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cryptoki_sys::*;
use tapcard_pkcs11::ffi::C_GetInterface;

/// The module has one state for the process: tests take turns.
static TURN: Mutex<()> = Mutex::new(());

/// The module. Its value is finalized when it is dropped.
pub struct Library {
    /// Its functions.
    pub list: CK_FUNCTION_LIST_3_0,
    _turn: MutexGuard<'static, ()>,
}

/// Sets a variable of the environment.
pub fn set_variable(name: &str, value: &str) {
    // SAFETY: no thread of this process reads the environment at this moment: tests take turns.
    unsafe { std::env::set_var(name, value) };
}

/// Calls a function of the module.
macro_rules! call {
    ($library:expr, $name:ident($($argument:expr),* $(,)?)) => {
        // SAFETY: the arguments are what the test is about; none is a dangling pointer.
        unsafe { $library.list.$name.unwrap()($($argument),*) }
    };
}

pub(crate) use call;

impl Library {
    /// The module as a program finds it, not initialized.
    pub fn load() -> Self {
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

    /// The module, initialized.
    pub fn initialized() -> Self {
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
