//! Replays the corpora of the fuzz targets `card` and `gids_card`, so that what it once found stays fixed. Here, since this crate tests
//! with our own phone in one process.

use std::fs;
use std::path::Path;

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

/// The fuzzer would not find its way into a channel by itself: each of these seeds has this many commands answered there.
#[test]
fn seeds_get_inside_channels_of_secure_messaging() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/card");
    for (seed, expected) in [
        ("channel-over-contacts", 7),
        ("channel-cs7-over-contacts", 3),
        ("channel-contact-like", 4),
        ("channel-strict-paired", 5),
        ("channel-strict-paired-cs7", 3),
        ("channel-strict-not-paired", 5),
        ("channel-without-pairing", 3),
        ("channel-without-pairing-cs7", 2),
        ("channel-signature-in-one-command", 2),
        ("channel-long-answer", 2),
        ("channel-chained-command", 3),
        // What is wrong or in between has ended it.
        ("channel-damaged", 1),
        ("channel-repeated", 1),
        ("channel-raw-bytes", 1),
        ("channel-raw-chain", 1),
        ("channel-left-for-another", 1),
        ("channel-and-new-key", 1),
        ("channel-managed", 3),
    ] {
        let data = fs::read(corpus.join(seed)).unwrap();
        assert_eq!(target::answered_inside(&data), expected, "{seed}");
    }
    let in_clear = fs::read(corpus.join("read-objects")).unwrap();
    assert_eq!(target::answered_inside(&in_clear), 0);
}
