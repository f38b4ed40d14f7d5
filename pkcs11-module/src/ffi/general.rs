//! General-purpose functions (5.4).

use std::path::Path;
use std::sync::Arc;

use cryptoki_sys::*;

use super::args;
use super::entry::{CURRENT, current, entry, run};
use crate::cache::Cache;
use crate::config::{Config, Environment, SYSTEM_FILE, Sources};
use crate::error::{Error, Result};
use crate::log;
use crate::module::{DESCRIPTION, MANUFACTURER, Module};
use crate::pcsc::{PcscReaders, Readers};
use crate::pin::Threads;

/// `C_Initialize`. All ways of locking are accepted, since the module locks by itself; what `pReserved`
/// points to is ignored, since NSS puts its parameters there.
pub unsafe extern "C" fn C_Initialize(init_args: CK_VOID_PTR) -> CK_RV {
    run("C_Initialize", || {
        let args = init_args.cast::<CK_C_INITIALIZE_ARGS>();
        let flags = if args.is_null() {
            0
        } else {
            // SAFETY: not NULL, so a readable structure by the standard.
            unsafe { args::get(args) }?.flags
        };
        let threads = if flags & CKF_LIBRARY_CANT_CREATE_OS_THREADS == 0 {
            Threads::Allowed
        } else {
            Threads::Forbidden
        };
        let environment: Environment<'_> = &|name| std::env::var_os(name);
        let environment = (!is_privileged()).then_some(environment);
        let cache = environment.map(Cache::of_user).unwrap_or_default();
        initialize(Arc::new(PcscReaders::default()), threads, cache)?;
        configure(environment);
        Ok(())
    })
}

/// Reads the configuration.
fn configure(environment: Option<Environment<'_>>) {
    let (config, warnings) = Config::load(&Sources {
        system: Path::new(SYSTEM_FILE),
        environment,
    });
    log::open(config.log.as_deref());
    if let Ok(module) = current() {
        module.allow_free_pins(config.free_pins);
    }
    for warning in warnings {
        log::note(|| warning);
    }
}

/// Whether the program has more rights than its caller: it is set-user-ID, or has capabilities.
fn is_privileged() -> bool {
    // SAFETY: reads a value that the kernel gave the process when it was started.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let by_kernel = unsafe { libc::getauxval(libc::AT_SECURE) } != 0;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let by_kernel = false;
    by_kernel
        || rustix::process::geteuid() != rustix::process::getuid()
        || rustix::process::getegid() != rustix::process::getgid()
}

/// Puts a new module on these readers where there is none, or in place of one that a parent process left. Takes no lock:
/// this is called in children that were forked while another thread held any of them.
///
/// # Errors
/// [`Error::AlreadyInitialized`].
pub fn initialize(readers: Arc<dyn Readers>, threads: Threads, cache: Cache) -> Result<()> {
    let before = CURRENT.load_full();
    if before
        .as_ref()
        .is_some_and(|module| module.is_of_this_process())
    {
        return Err(Error::AlreadyInitialized);
    }
    let module = Arc::new(Module::new(readers, threads, cache));
    let replaced = CURRENT.compare_and_swap(&before, Some(module));
    let ours = match (&*replaced, &before) {
        (None, None) => true,
        (Some(replaced), Some(before)) => Arc::ptr_eq(replaced, before),
        _ => false,
    };
    drop(replaced);
    // What a parent process left is never dropped: its connections are the parent's.
    std::mem::forget(before);
    if ours {
        Ok(())
    } else {
        Err(Error::AlreadyInitialized)
    }
}

entry! {
    /// `C_Finalize`
    fn C_Finalize(reserved: CK_VOID_PTR) |module| {
        if !reserved.is_null() {
            return Err(Error::Arguments("pReserved is not NULL"));
        }
        let replaced = CURRENT.compare_and_swap(&module, None::<Arc<Module>>);
        if !replaced.as_ref().is_some_and(|replaced| Arc::ptr_eq(replaced, &module)) {
            return Err(Error::NotInitialized);
        }
        module.finalize();
        Ok(())
    }

    /// `C_GetInfo`
    fn C_GetInfo(info: CK_INFO_PTR) |_module| {
        let version = CK_VERSION {
            major: env!("CARGO_PKG_VERSION_MAJOR").parse().unwrap_or_default(),
            minor: env!("CARGO_PKG_VERSION_MINOR").parse().unwrap_or_default(),
        };
        // SAFETY: `info` points to a CK_INFO by the standard.
        unsafe {
            args::put(info, CK_INFO {
                cryptokiVersion: CK_VERSION { major: 3, minor: 0 },
                manufacturerID: args::padded(MANUFACTURER),
                flags: 0,
                libraryDescription: args::padded(DESCRIPTION),
                libraryVersion: version,
            })
        }
    }

    /// `C_GetFunctionStatus`: there are no parallel functions.
    fn C_GetFunctionStatus(_session: CK_SESSION_HANDLE) |_module| {
        Err(Error::FunctionNotParallel)
    }

    /// `C_CancelFunction`: there are no parallel functions.
    fn C_CancelFunction(_session: CK_SESSION_HANDLE) |_module| {
        Err(Error::FunctionNotParallel)
    }
}
