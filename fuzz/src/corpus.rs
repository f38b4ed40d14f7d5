//! The seeds of `fuzz/corpus`, for the tests that replay them with the stable toolchain.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

/// What a target does with its bytes.
type Body = fn(&[u8]);

/// A seed, with the body of its target.
pub type Seed = (Body, Vec<u8>);

/// Whether a fuzzer found it by itself: the SHA-1 of its bytes is its name, and git ignores it (`fuzz/.gitignore`).
fn is_left_over(file: &Path) -> bool {
    let name = file.file_name().and_then(OsStr::to_str);
    name.is_some_and(|name| name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// All seeds of these targets that are kept, and nothing that a fuzzer has left beside them; each has some, or its folder has another name.
pub fn seeds(targets: &[(&str, Body)]) -> Vec<Seed> {
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
            if !is_left_over(&file) {
                seeds.push((*body, fs::read(file).expect("a seed can be read")));
            }
        }
        assert!(seeds.len() > before, "{} is empty", folder.display());
    }
    seeds
}
