//! The shared library as programs load and unload it: while a thread is inside, and twice under two names.

use std::ffi::{CString, c_void};
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr::null_mut;
use std::sync::mpsc::channel;

use cryptoki_sys::*;

/// The folder with the libraries of a program that this test starts.
const FOLDER: &str = "TAPCARD_TEST_LIBRARIES";

/// The shared library that was built with this test.
fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.with_file_name("libtapcard_pkcs11.so")
}

/// A library that was loaded.
struct Loaded {
    handle: *mut c_void,
    list: CK_FUNCTION_LIST,
}

// SAFETY: any thread may use a library and its functions.
unsafe impl Send for Loaded {}

impl Loaded {
    fn at(path: &Path) -> Self {
        let name = CString::new(path.as_os_str().as_bytes()).unwrap();
        // SAFETY: the names end in NUL, and the library's function is the standard's.
        unsafe {
            let handle = libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL);
            assert!(!handle.is_null(), "{}", path.display());
            let symbol = libc::dlsym(handle, c"C_GetFunctionList".as_ptr());
            assert!(!symbol.is_null());
            let get: unsafe extern "C" fn(*mut *mut CK_FUNCTION_LIST) -> CK_RV =
                std::mem::transmute(symbol);
            let mut list = null_mut();
            assert_eq!(get(&raw mut list), CKR_OK);
            Self {
                handle,
                list: *list,
            }
        }
    }

    fn initialize(&self) -> CK_RV {
        // SAFETY: NULL is allowed.
        unsafe { self.list.C_Initialize.unwrap()(null_mut()) }
    }

    fn finalize(&self) -> CK_RV {
        // SAFETY: NULL is what the standard wants.
        unsafe { self.list.C_Finalize.unwrap()(null_mut()) }
    }

    fn slots(&self) -> (CK_RV, CK_ULONG) {
        let mut count = 0;
        // SAFETY: NULL asks for the number.
        let rv = unsafe { self.list.C_GetSlotList.unwrap()(CK_FALSE, null_mut(), &raw mut count) };
        (rv, count)
    }

    fn unload(&self) {
        // SAFETY: it was loaded once by `at`.
        assert_eq!(unsafe { libc::dlclose(self.handle) }, 0);
    }
}

/// Whether a file of this name is mapped.
fn is_mapped(name: &str) -> bool {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines().any(|line| line.ends_with(name))
}

/// The program: uses two copies at a time, and unloads one while a thread waits in it.
#[test]
fn program() {
    let Some(folder) = std::env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let [one, two] = ["one.so", "two.so"].map(|name| Loaded::at(&folder.join(name)));
    for library in [&one, &two] {
        assert_eq!(library.initialize(), CKR_OK);
        assert_eq!(library.initialize(), CKR_CRYPTOKI_ALREADY_INITIALIZED);
        assert_eq!(library.slots(), (CKR_OK, 1));
    }
    let wait = one.list.C_WaitForSlotEvent.unwrap();
    let (tell, told) = channel();
    let waiting = std::thread::spawn(move || {
        let mut slot = 0;
        tell.send(()).unwrap();
        // SAFETY: `slot` is a variable for a number.
        unsafe { wait(0, &raw mut slot, null_mut()) }
    });
    told.recv().unwrap();
    one.unload();
    // The thread is in its code, and so is whoever ends it.
    assert_eq!(one.slots(), (CKR_OK, 1));
    assert!(!waiting.is_finished());
    assert_eq!(one.finalize(), CKR_OK);
    assert_eq!(waiting.join().unwrap(), CKR_CRYPTOKI_NOT_INITIALIZED);
    assert_eq!(one.slots().0, CKR_CRYPTOKI_NOT_INITIALIZED);
    // The end of one is not that of the other.
    assert_eq!(two.slots(), (CKR_OK, 1));
    // It is loaded once more, and used.
    let again = Loaded::at(&folder.join("one.so"));
    assert_eq!(again.initialize(), CKR_OK);
    again.unload();
    // Nobody calls C_Finalize: the end of the program does.
    two.unload();
    // A library that no thread uses stays too: a program may still have its functions.
    let path = folder.join("three.so");
    let used = std::thread::spawn(move || {
        let three = Loaded::at(&path);
        assert_eq!(three.slots().0, CKR_CRYPTOKI_NOT_INITIALIZED);
        three
    });
    // The thread has ended, and nothing of it keeps the library.
    used.join().unwrap().unload();
    assert!(is_mapped("/three.so"));
}

#[test]
fn a_library_that_is_unloaded_in_use_or_loaded_twice_crashes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["one.so", "two.so", "three.so"] {
        fs::copy(built(), folder.path().join(name)).unwrap();
    }
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "loaded::program"])
        .env(FOLDER, folder.path())
        .env("PCSCLITE_CSOCK_NAME", "/nonexistent/pcscd.comm")
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}: {text}", output.status);
    assert!(text.contains("1 passed"), "{text}");
}
