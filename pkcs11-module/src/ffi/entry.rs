//! What all entry points share: the module of this process, the log, panics, and the macros that make them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use cryptoki_sys::{CK_FLAGS, CK_RV, CK_SESSION_HANDLE, CKR_OK};

use crate::error::{Error, Result};
use crate::log;
use crate::module::Module;

/// The module of this process, if it is initialized. No lock: in a forked child any lock may never be released.
pub static CURRENT: ArcSwapOption<Module> = ArcSwapOption::const_empty();

/// The module, if it was initialized in this very process.
pub fn current() -> Result<Arc<Module>> {
    CURRENT
        .load_full()
        .filter(|module| module.is_of_this_process())
        .ok_or(Error::NotInitialized)
}

/// Runs the body of an entry point: logs it, catches panics, and gives the value for the caller.
pub fn run(name: &'static str, body: impl FnOnce() -> Result<()>) -> CK_RV {
    let begun = Instant::now();
    let exchanges = log::exchanges();
    let result = catch_unwind(AssertUnwindSafe(body))
        .unwrap_or(Err(Error::General("a panic inside the module")));
    let exchanges = log::exchanges().wrapping_sub(exchanges);
    log::call(name, &result, begun.elapsed(), exchanges);
    match result {
        Ok(()) => CKR_OK,
        Err(error) => error.rv(),
    }
}

/// Makes the entry points of a chapter: the body is a block that gives `Result<()>` and has the initialized
/// module under the name that stands between the bars.
macro_rules! entry {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($($argument:ident: $kind:ty),* $(,)?) |$module:ident| $body:block
    )*) => {$(
        $(#[$doc])*
        pub unsafe extern "C" fn $name($($argument: $kind),*) -> ::cryptoki_sys::CK_RV {
            $crate::ffi::entry::run(stringify!($name), || {
                let $module = $crate::ffi::entry::current()?;
                $body
            })
        }
    )*};
}

/// Runs a step of the operation that the flag (`CKF_SIGN` and so on) names. Any failure but a buffer that is too small
/// ends the operation, also where only the arguments were wrong (5.8 to 5.15: "always terminates").
pub fn ending(
    module: &Module,
    session: CK_SESSION_HANDLE,
    operation: CK_FLAGS,
    step: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let result = step();
    match result {
        Ok(()) | Err(Error::BufferTooSmall) => {}
        Err(_) => {
            if let Ok(session) = module.session(session) {
                session.cancel(operation);
            }
        }
    }
    result
}

/// Makes the entry points that feed or end an operation of the session, which is their first argument: the body has
/// the initialized module under the name between the bars, beside it stands the flag of the operation.
macro_rules! step {
    ($(
        $(#[$doc:meta])*
        fn $name:ident($session:ident: CK_SESSION_HANDLE $(, $argument:ident: $kind:ty)* $(,)?)
            |$module:ident, $operation:ident| $body:block
    )*) => {$(
        $(#[$doc])*
        pub unsafe extern "C" fn $name(
            $session: ::cryptoki_sys::CK_SESSION_HANDLE,
            $($argument: $kind),*
        ) -> ::cryptoki_sys::CK_RV {
            $crate::ffi::entry::run(stringify!($name), || {
                let $module = $crate::ffi::entry::current()?;
                $crate::ffi::entry::ending(&$module, $session, ::cryptoki_sys::$operation, || $body)
            })
        }
    )*};
}

/// Makes entry points for functions that this module does not have.
macro_rules! not_supported {
    ($(fn $name:ident($($kind:ty),* $(,)?);)*) => {$(
        #[doc = concat!("`", stringify!($name), "`: not supported.")]
        pub unsafe extern "C" fn $name($(_: $kind),*) -> ::cryptoki_sys::CK_RV {
            $crate::ffi::entry::run(stringify!($name), || {
                $crate::ffi::entry::current()?;
                Err($crate::error::Error::FunctionNotSupported)
            })
        }
    )*};
}

pub(super) use {entry, not_supported, step};
