//! General-purpose functions (5.4).

use std::sync::Arc;

use card_host::KnownCards;
use card_host::user_folder::Environment;
use cryptoki_sys::*;

use super::args;
use super::entry::{CURRENT, entry, run};
use super::process;
use crate::announce::Audience;
use crate::cache::Cache;
use crate::config::{Config, Sources};
use crate::error::{Error, Result};
use crate::log;
use crate::logins::Logins;
use crate::module::{DESCRIPTION, MANUFACTURER, Module};
use crate::pcsc::Readers;
use crate::pcsc::daemon::PcscReaders;
use crate::platform;
use crate::remembered::{OneTap, Remembered};
use crate::settings::Settings;

/// `C_Initialize` (5.4.1). All ways of locking are accepted, since the module locks by itself, but for some functions for mutexes without the others; threads are started whatever the caller
/// says of them, since PC/SC takes no command back; what `pReserved` points to is ignored, since NSS puts its parameters there.
pub unsafe extern "C" fn C_Initialize(init_args: CK_VOID_PTR) -> CK_RV {
    run("C_Initialize", || {
        let args = init_args.cast::<CK_C_INITIALIZE_ARGS>();
        if !args.is_null() {
            // SAFETY: not NULL, so a readable structure by the standard.
            let args = unsafe { args::get(args) }?;
            // Copies: on Windows the structure is packed, and its fields have no addresses.
            let given = [
                { args.CreateMutex }.is_some(),
                { args.DestroyMutex }.is_some(),
                { args.LockMutex }.is_some(),
                { args.UnlockMutex }.is_some(),
            ];
            if given.contains(&true) && given.contains(&false) {
                return Err(Error::Arguments("some functions for mutexes and not all"));
            }
        }
        let environment: Environment<'_> = &|name| std::env::var_os(name);
        let environment = (!process::is_privileged()).then_some(environment);
        let (config, warnings) = Config::load(&Sources {
            system: &platform::system_file(environment),
            environment,
        });
        // What runs as root serves others, and shows nobody's phone.
        let may_show_phones = config.one_tap && !platform::is_of_system();
        let remembered = environment
            .filter(|_| may_show_phones)
            .map(Remembered::of_user);
        let settings = Settings {
            cache: environment.map(Cache::of_user).unwrap_or_default(),
            known_cards: environment
                .map(KnownCards::of_user)
                .unwrap_or_default()
                .noting(|line| log::note(|| line.to_string())),
            logins: environment.map(Logins::of_user).unwrap_or_default(),
            bounds: config.bounds,
            free_pins: config.free_pins,
            one_tap: OneTap {
                remembered: remembered.unwrap_or_default(),
                wait: config.tap,
            },
            audience: Audience::of_program(environment),
        };
        initialize(Arc::new(PcscReaders::default()), settings)?;
        log::open(config.log.as_deref());
        for warning in warnings {
            log::note(|| warning);
        }
        process::keep_loaded();
        process::finalize_at_exit();
        Ok(())
    })
}

/// Puts a new module on these readers where there is none, or in place of one that a parent process left. Takes no lock:
/// this is called in children that were forked while another thread held any of them.
///
/// # Errors
/// [`Error::AlreadyInitialized`].
pub fn initialize(readers: Arc<dyn Readers>, settings: Settings) -> Result<()> {
    let before = CURRENT.load_full();
    if before
        .as_ref()
        .is_some_and(|module| module.is_of_this_process())
    {
        return Err(Error::AlreadyInitialized);
    }
    let module = Arc::new(Module::new(readers, settings));
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
