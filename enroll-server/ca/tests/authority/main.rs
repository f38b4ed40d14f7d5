//! The authority as its callers see it: hierarchies of every algorithm, profiles as data, and what openssl makes of it.

// What is not as a test expects ends the test.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod algorithms;
mod fixture;
mod key_files;
mod profiles;
mod several;
mod weak_keys;
