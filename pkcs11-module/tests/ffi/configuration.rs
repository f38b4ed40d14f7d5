//! The configuration that `C_Initialize` reads, and the log that it names.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::library::{Library, call, set_variable};

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
    assert_eq!(
        call!(library, C_GetInfo(null_mut())),
        CKR_CRYPTOKI_NOT_INITIALIZED
    );
    assert!(
        !file("log").exists(),
        "no configuration was read, so there is no log"
    );
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
