//! Replays the corpus of the fuzz targets of the module's parsers, so that what they once found stays fixed.

#[path = "../../fuzz/src/token.rs"]
#[allow(clippy::expect_used, reason = "the bodies of fuzz targets assert")]
mod targets;

#[path = "../../fuzz/src/corpus.rs"]
#[allow(clippy::expect_used, reason = "a tree without its corpus is not whole")]
mod seeds;

#[test]
fn the_corpus_is_replayed() {
    for (body, data) in seeds::seeds(&targets::TARGETS) {
        body(&data);
    }
}
