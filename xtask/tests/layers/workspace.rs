//! The crates of the workspace, as cargo knows them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::rules::Features;
use cargo_metadata::{Metadata, MetadataCommand, Package};

/// The top of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// The crates of this workspace.
pub fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned(), "--locked".to_owned()])
        .exec()
        .unwrap()
}

/// A path as messages and rules have it: from the top of the repository.
pub fn shown(path: &Path) -> String {
    let clean: PathBuf = path.components().collect();
    let clean = clean.strip_prefix(root()).unwrap_or(&clean);
    clean.to_string_lossy().into_owned()
}

/// The line of a crate's manifest that names a dependency, from 1.
pub fn manifest_line(package: &Package, dependency: &str) -> usize {
    let text = std::fs::read_to_string(&package.manifest_path).unwrap();
    let names = |line: &str| {
        line.split(['.', ' ', '='])
            .next()
            .is_some_and(|name| name == dependency)
    };
    text.lines().position(names).map_or(1, |index| index + 1)
}

/// What a crate brings along when it is built by itself, each with the way to it: the crate, its dependency, ...
pub fn brought_along(name: &str, features: Features) -> Vec<Vec<String>> {
    let features: &[&str] = match features {
        Features::Default => &[],
        Features::Core => &["--no-default-features"],
    };
    let output = Command::new(env!("CARGO"))
        .current_dir(root())
        .args(["tree", "--offline", "--locked", "--package", name])
        .args(features)
        .args([
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "depth",
            "--format",
            " {p}",
        ])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let mut way: Vec<String> = Vec::new();
    let mut ways = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(dependency)) = (words.next(), words.next()) else {
            continue;
        };
        way.truncate(depth.parse().unwrap());
        way.push(dependency.to_owned());
        ways.push(way.clone());
    }
    ways
}
