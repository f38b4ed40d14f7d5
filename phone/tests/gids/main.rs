//! A GIDS card as a host meets it: a file for each chapter, each test a story or a table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

mod access;
mod administrator;
mod common;
mod conformance;
mod files;
mod keys;
mod making;
#[path = "../card/named_tests.rs"]
mod named_tests;
mod pin;
mod provision;
mod replays;
mod select;
mod state;
mod taken_over;
#[path = "../card/torn_link/mod.rs"]
mod torn_link;
mod torn_links;
#[path = "../card/vector.rs"]
mod vector;
