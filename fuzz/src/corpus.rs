//! The seeds of `fuzz/corpus`, for the tests that replay them with the stable toolchain.

use std::fs;
use std::path::Path;

/// A seed, with the body of its target.
pub type Seed = (fn(&[u8]), Vec<u8>);

/// All seeds of these targets; each has some, or its folder has another name.
pub fn seeds(targets: &[(&str, fn(&[u8]))]) -> Vec<Seed> {
    let mut top = Path::new(env!("CARGO_MANIFEST_DIR"));
    while !top.join("fuzz/corpus").is_dir() {
        top = top.parent().expect("a checkout has a corpus");
    }
    let mut seeds = Vec::new();
    for (target, body) in targets {
        let before = seeds.len();
        let folder = top.join("fuzz/corpus").join(target);
        for entry in fs::read_dir(&folder).expect("a target has a folder") {
            let file = entry.expect("a folder can be read").path();
            seeds.push((*body, fs::read(file).expect("a seed can be read")));
        }
        assert!(seeds.len() > before, "{} is empty", folder.display());
    }
    seeds
}
