//! The server as a service: its unit, its settings, and what it says to the service manager.

// What is not as a test expects ends the test.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

#[path = "../server/cluster.rs"]
mod cluster;
mod configuration;
mod machine;
mod notify;
mod packaging;
mod program;
mod sandbox;
mod secrets;
mod sockets;
mod unit;
mod unit_file;
