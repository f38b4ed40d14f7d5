//! Who may use whom, held against every source file and every manifest of the workspace.
#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a source that cannot be read fails the test"
)]

mod circles;
mod imports;
mod modules;
mod rules;
mod workspace;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Package, TargetKind};
use imports::{Import, imports, paths};
use modules::Tree;
use rules::{CIRCLES, CRATES, CrateRule, FILES, STANDARD, UNSAFE};
use workspace::{brought_along, manifest_line, metadata, root, shown};

/// Fails with all that was found.
fn none(found: &[String], what: &str) {
    assert!(found.is_empty(), "{what}:\n{}\n", found.join("\n"));
}

/// Every target of the workspace: its crate, its root file, its modules.
fn targets() -> Vec<(Package, PathBuf, Tree)> {
    let mut targets = Vec::new();
    for package in metadata().packages {
        for target in &package.targets {
            let root = target.src_path.clone().into_std_path_buf();
            targets.push((package.clone(), root.clone(), Tree::read(&root)));
        }
    }
    targets
}

#[test]
fn no_files_of_a_crate_import_each_other_in_a_circle() {
    let mut found = Vec::new();
    let mut excused = BTreeSet::new();
    for (_, _, tree) in targets() {
        let imports: Vec<Import> = imports(&tree)
            .into_iter()
            .filter(|import| {
                let (from, to) = (shown(&import.from), shown(&import.to));
                let exception = CIRCLES.iter().find(|one| one.from == from && one.to == to);
                if let Some(exception) = exception {
                    excused.insert(exception.from);
                }
                exception.is_none()
            })
            .collect();
        for circle in circles::circles(&imports) {
            let mut text = String::new();
            for import in circle {
                let (from, to) = (shown(&import.from), shown(&import.to));
                writeln!(
                    text,
                    "  {from}:{}: `{}` is in {to}",
                    import.line, import.path
                )
                .unwrap();
            }
            found.push(text);
        }
    }
    let architecture = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    for one in CIRCLES {
        if !excused.contains(one.from) {
            found.push(format!("  {}: an exception that is not needed", one.from));
        }
        for word in [one.from, one.to, one.reason] {
            if !architecture.contains(word) {
                found.push(format!(
                    "  ARCHITECTURE.md does not say of a circle: {word}"
                ));
            }
        }
    }
    none(
        &found,
        "files import each other in a circle (move what both need to a file that imports neither)",
    );
}

#[test]
fn no_file_uses_what_its_folder_must_not() {
    let mut found = Vec::new();
    for (_, _, tree) in targets() {
        for import in imports(&tree) {
            let (from, to) = (shown(&import.from), shown(&import.to));
            for rule in FILES {
                if from.starts_with(rule.from) && to.starts_with(rule.never) {
                    found.push(format!(
                        "  {from}:{}: `{}`: {} must not use {}: {}",
                        import.line, import.path, rule.from, rule.never, rule.reason
                    ));
                }
            }
        }
    }
    none(&found, "imports against the layers");
}

#[test]
fn codecs_do_not_reach_outside() {
    let mut found = Vec::new();
    for (_, _, tree) in targets() {
        for (file, line, path) in paths(&tree) {
            let file = shown(&file);
            for rule in STANDARD.iter().filter(|rule| file.starts_with(rule.from)) {
                let is_in =
                    |module: &&&str| path == **module || path.starts_with(&format!("{module}::"));
                if let Some(module) = rule.never.iter().find(is_in) {
                    found.push(format!("  {file}:{line}: {module}: {}", rule.reason));
                }
            }
        }
    }
    none(&found, "codecs that reach outside");
}

/// A rule about what has moved holds nothing and says nothing.
#[test]
fn what_the_rules_name_is_there() {
    let mut files = BTreeSet::new();
    for (_, _, tree) in targets() {
        files.extend(tree.modules.iter().map(|module| shown(&module.file)));
    }
    let of_arrows = FILES.iter().flat_map(|rule| [rule.from, rule.never]);
    let of_library = STANDARD.iter().map(|rule| rule.from);
    let missing: Vec<String> = of_arrows
        .chain(of_library)
        .chain(UNSAFE.iter().copied())
        .filter(|path| {
            !files
                .iter()
                .any(|file| file == path || path.ends_with('/') && file.starts_with(path))
        })
        .map(|path| format!("  {path}"))
        .collect();
    none(&missing, "rules about files that are not there");
}

#[test]
fn crates_stand_on_what_they_may() {
    let mut found = Vec::new();
    let packages = metadata().packages;
    for package in &packages {
        let rules: Vec<&CrateRule> = CRATES
            .iter()
            .filter(|rule| rule.name == package.name.as_str())
            .collect();
        if rules.is_empty() {
            found.push(format!(
                "  {}: this crate has no rule",
                package.manifest_path
            ));
        }
        let ours: Vec<&str> = packages.iter().map(|one| one.name.as_str()).collect();
        for rule in rules {
            check(package, rule, &ours, &mut found);
        }
    }
    none(&found, "dependencies against the layers");
}

fn check(package: &Package, rule: &CrateRule, ours: &[&str], found: &mut Vec<String>) {
    let manifest = shown(package.manifest_path.as_std_path());
    let direct = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Normal);
    for dependency in direct {
        let name = dependency.name.as_str();
        let foreign = ours.contains(&name) && !rule.ours.contains(&name);
        if foreign || rule.not_direct.contains(&name) {
            let line = manifest_line(package, name);
            found.push(format!(
                "  {manifest}:{line}: {} must not depend on {name}: {}",
                rule.name, rule.reason
            ));
        }
    }
    for way in brought_along(rule.name, rule.features) {
        let (Some(direct), Some(last)) = (way.get(1), way.last()) else {
            continue;
        };
        if rule.never.iter().any(|list| list.contains(&last.as_str())) {
            let line = manifest_line(package, direct);
            found.push(format!(
                "  {manifest}:{line}: {} must not bring {last} along ({}): {}",
                rule.name,
                way.join(" -> "),
                rule.reason
            ));
        }
    }
}

#[test]
fn every_source_file_belongs_to_a_target() {
    let known: BTreeSet<String> = targets()
        .iter()
        .flat_map(|(_, _, tree)| tree.modules.iter().map(|module| shown(&module.file)))
        .collect();
    let mut found = Vec::new();
    for package in metadata().packages {
        let folder = package.manifest_path.parent().unwrap().as_std_path();
        for part in ["src", "tests", "examples", "benches"] {
            sources(&folder.join(part), &mut |file| {
                let file = shown(file);
                if !known.contains(&file) {
                    found.push(format!("  {file}"));
                }
            });
        }
    }
    none(&found, "files that no target has");
}

fn sources(folder: &Path, see: &mut impl FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, see);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            see(&path);
        }
    }
}

#[test]
fn unsafe_code_is_where_c_is() {
    let mut found = Vec::new();
    for (package, root, tree) in targets() {
        let text = |attributes: &[syn::Attribute], level: &str| {
            attributes.iter().any(|attribute| match &attribute.meta {
                syn::Meta::List(list) => {
                    list.path.is_ident(level) && list.tokens.to_string().contains("unsafe_code")
                }
                _ => false,
            })
        };
        let is_program = package.targets.iter().any(|target| {
            target.src_path.as_std_path() == root
                && target.kind.iter().any(|kind| {
                    !matches!(
                        kind,
                        TargetKind::Test | TargetKind::CustomBuild | TargetKind::Bench
                    )
                })
        });
        // The workspace's lint denies it in every crate; `forbid` cannot be taken back further down either.
        if is_program
            && package.name.as_str() != "pkcs11-module"
            && !text(&tree.root_attributes, "forbid")
        {
            found.push(format!(
                "  {}:1: the root of a crate has #![forbid(unsafe_code)]",
                shown(&root)
            ));
        }
        for file in tree.modules.iter().map(|module| &module.file) {
            let name = shown(file);
            if UNSAFE.iter().any(|allowed| name.starts_with(allowed)) {
                continue;
            }
            let source = std::fs::read_to_string(file).unwrap();
            for (index, line) in source.lines().enumerate() {
                let allowed = line.contains("allow(") || line.contains("expect(");
                if allowed && line.contains("unsafe_code") && !line.contains('"') {
                    found.push(format!(
                        "  {name}:{}: unsafe code is allowed here",
                        index + 1
                    ));
                }
            }
        }
    }
    found.sort();
    found.dedup();
    none(&found, "unsafe code outside the module's FFI");
}
