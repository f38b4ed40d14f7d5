//! No bytes make a decoder panic, and what the fuzz targets once found stays fixed.

#[path = "../../fuzz/src/targets.rs"]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the bodies of fuzz targets assert"
)]
mod targets;

use std::fs;
use std::path::Path;

use proptest::prelude::*;

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(data in prop::collection::vec(any::<u8>(), 0..600)) {
        for (_, target) in targets::TARGETS {
            target(&data);
        }
    }

    /// Bytes that begin as something real does get further than arbitrary ones.
    #[test]
    fn real_bytes_with_some_changed_never_panic(
        seed in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        kept in any::<prop::sample::Index>(),
    ) {
        let corpus = corpus();
        let (name, mut data) = corpus[seed.index(corpus.len())].clone();
        for (position, byte) in changes {
            if !data.is_empty() {
                let position = position.index(data.len());
                data[position] = byte;
            }
        }
        data.truncate(kept.index(data.len() + 1).max(data.len() / 2));
        for (target, body) in targets::TARGETS {
            if target == name {
                body(&data);
            }
        }
    }
}

/// Every file of the corpus, with the name of its target.
#[allow(clippy::unwrap_used, reason = "a tree without its corpus is not whole")]
fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    let mut seeds = Vec::new();
    for (target, _) in targets::TARGETS {
        for entry in fs::read_dir(folder.join(target)).unwrap() {
            seeds.push((target.to_owned(), fs::read(entry.unwrap().path()).unwrap()));
        }
    }
    seeds
}

#[test]
fn the_corpus_is_replayed() {
    let corpus = corpus();
    for (target, body) in targets::TARGETS {
        let mut seeds = corpus.iter().filter(|(name, _)| name == target).peekable();
        assert!(seeds.peek().is_some(), "{target} has no seeds");
        seeds.for_each(|(_, data)| body(data));
    }
}
