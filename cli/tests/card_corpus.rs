//! Replays the corpus of the fuzz target `card`, so that what it once found stays fixed. Here, since this crate tests
//! with our own phone in one process.

#[path = "../../fuzz/src/card.rs"]
#[allow(clippy::expect_used, reason = "the body of a fuzz target asserts")]
mod target;

use std::fs;
use std::path::Path;

#[test]
fn the_corpus_is_replayed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/card");
    let seeds: Vec<_> = fs::read_dir(folder).unwrap().collect();
    assert!(!seeds.is_empty());
    for seed in seeds {
        target::card(&fs::read(seed.unwrap().path()).unwrap());
    }
}
