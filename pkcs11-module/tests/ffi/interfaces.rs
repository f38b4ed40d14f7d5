//! How a program finds the functions.

use std::ptr::{null, null_mut};

use cryptoki_sys::*;
use tapcard_pkcs11::ffi::{C_GetFunctionList, C_GetInterface, C_GetInterfaceList};

use super::library::Library;

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
