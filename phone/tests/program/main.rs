//! The program `tapcard-phone`: its exit statuses, its words, and what a kill does to it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod card_edge;
mod command_line;
mod consent;
mod folder;
mod foreign_text;
mod kill;
mod pin_entry;
mod rerun;
mod running;
