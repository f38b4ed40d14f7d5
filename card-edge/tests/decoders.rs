//! No bytes make a decoder panic, and what the fuzz targets once found stays fixed.

#[path = "../../fuzz/src/targets.rs"]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the bodies of fuzz targets assert"
)]
mod targets;

#[path = "../../fuzz/src/corpus.rs"]
#[allow(clippy::expect_used, reason = "a tree without its corpus is not whole")]
mod corpus;

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
        let seeds = corpus::seeds(&targets::TARGETS);
        let (body, mut data) = seeds[seed.index(seeds.len())].clone();
        for (position, byte) in changes {
            if !data.is_empty() {
                let position = position.index(data.len());
                data[position] = byte;
            }
        }
        data.truncate(kept.index(data.len() + 1).max(data.len() / 2));
        body(&data);
    }
}

#[test]
fn the_corpus_is_replayed() {
    for (body, data) in corpus::seeds(&targets::TARGETS) {
        body(&data);
    }
}
