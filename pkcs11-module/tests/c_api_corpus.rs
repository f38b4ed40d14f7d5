//! Replays the corpora of the fuzz targets that call the C API, so that what they once found stays fixed. A program of its own:
//! a process has one module.

#[path = "../../fuzz/src/c_api/mod.rs"]
#[allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the bodies of fuzz targets assert"
)]
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
