//! The rig: everything real that an end-to-end test or the demo needs, each in a folder and on ports of its own.
//!
//! Called by `tests/tests/*.rs` and by `xtask`. It starts programs and speaks their wire formats; it never links
//! the other crates of this workspace, so that what it proves is what a user would see, and so that `xtask` builds
//! before any system library is there.
#![forbid(unsafe_code)]

pub mod album;
pub mod authenticator;
pub mod axe;
pub mod bare_reader;
pub mod binary;
pub mod browser;
pub mod card_tasks;
pub mod clicks;
pub mod clock;
pub mod cryptoki_suite;
pub mod database;
pub mod desktop;
pub mod display;
mod error;
pub mod firefox;
pub mod folder;
pub mod foreign_card;
mod frame;
pub mod hook_receiver;
pub mod installed_crate;
pub mod machine;
pub mod machine_postgres;
pub mod mail_sink;
pub mod module;
pub mod network;
pub mod one_tap;
pub mod opensc;
pub mod openssl;
pub mod own_etc;
pub mod pcscd;
pub mod pgbouncer;
pub mod phone;
pub mod port;
pub mod portal;
pub mod postgres;
pub mod process;
pub mod program;
pub mod python_pkcs11;
pub mod recipe;
pub mod schemathesis;
pub mod server;
pub mod shell;
pub mod sshd;
pub mod stage;
pub mod stalling_link;
pub mod system;
pub mod tls_site;
pub mod told_program;
pub mod visitor;
pub mod wait;
mod webdriver;
pub mod wire;
pub mod ykman;

pub use error::{Error, Result, unexpected};
