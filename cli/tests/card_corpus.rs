//! Replays the corpora of the fuzz targets `card` and `gids_card`, so that what it once found stays fixed. Here, since this crate tests
//! with our own phone in one process.

#[path = "../../fuzz/src/card.rs"]
#[allow(clippy::expect_used, reason = "the body of a fuzz target asserts")]
mod target;

#[path = "../../fuzz/src/corpus.rs"]
#[allow(clippy::expect_used, reason = "a tree without its corpus is not whole")]
mod corpus;

#[test]
fn the_corpus_is_replayed() {
    for (body, data) in corpus::seeds(&[("card", target::card), ("gids_card", target::gids_card)]) {
        body(&data);
    }
}
