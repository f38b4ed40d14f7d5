//! What the card itself costs for each command: beside a millisecond where no private key is used, no PIN compared and
//! no state synced, and beside the crypto library's own operation where a private key is. It prints ratios and judges
//! nothing by the clock.
//!
//! Card and library are measured in turns of a fraction of a millisecond, in many rounds, so that other work on the machine
//! leaves both of them turns that it does not disturb. Arguments choose rows by a part of their names.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has failed"
)]

mod card;
mod gids;
mod keys;
mod piv;
mod secure_messaging;
mod table;

use table::Table;

fn main() {
    // Cargo gives --bench to every benchmark.
    let wanted = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let table = Table {
        wanted: wanted.collect(),
    };
    println!("| command | card, µs | limit or library, µs | ratio |\n|---|---|---|---|");
    piv::rows(&table);
    secure_messaging::rows(&table);
    keys::rows(&table);
    gids::rows(&table);
}
