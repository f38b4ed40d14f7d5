//! Tells the linker that the module is never unmapped, since threads and thread-local destructors of the Rust standard
//! library may outlive an application's dlclose (`src/ffi/process/` says what keeps it on other systems), and its name, which
//! packages of libraries are judged by.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The sanitizer is in the program alone: a test that loads the library hands it over.
    if std::env::var_os("CARGO_CFG_SANITIZE").is_some() {
        println!("cargo:rustc-link-arg-tests=-rdynamic");
    }
    let system = std::env::var("CARGO_CFG_TARGET_OS").unwrap_or_default();
    if matches!(system.as_str(), "linux" | "freebsd" | "android") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libtapcard_pkcs11.so");
    }
}
