//! The card as a host meets it: a file for each chapter, each test a story or a table.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

mod announced_name;
mod attestation;
mod beyond_the_standard;
mod changed_meanwhile;
mod common;
mod conformance;
mod consent;
mod consent_link;
mod contactless;
mod curve_25519;
mod directly_after;
mod extensions;
mod format;
mod global_pin;
mod host_replays;
mod hostile;
mod key_encryption;
mod key_pin_rules;
mod keys;
mod keys_that_cannot_work;
mod management_key;
mod move_key;
mod named_tests;
mod objects;
mod persistence;
mod pin;
mod pin_at_phone;
mod retired_keys;
mod secure_host;
mod secure_messaging;
mod select;
mod signature;
mod state_folder;
mod torn_link;
mod torn_links;
mod use_log;
mod vector;
mod vectors;
mod vpcd;
