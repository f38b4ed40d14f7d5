//! Small models of what the standards say of the security status, the retry counters and the access rules, and the card
//! beside them: under any sequence of commands, cuts and changes from elsewhere they give the same answers. One is of PIV
//! (SP 800-73-5), the other of GIDS.
//!
//! The models know none of the card's code. `cargo xtask model` lets card and models walk a million steps.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that cannot go on has failed"
)]

mod apdu;
mod gids;
mod holder;
mod phone;
mod piv;
mod walk;
mod word;

#[test]
fn piv_card_and_model_agree() {
    walk::walk("PIV", 60, piv::script(), piv::play);
}

#[test]
fn gids_card_and_model_agree() {
    walk::walk("GIDS", 40, gids::script(), gids::play);
}
