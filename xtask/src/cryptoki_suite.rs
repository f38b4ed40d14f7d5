//! Building the `cryptoki` crate's own tests of a PKCS#11 module, from the source that cargo has for our tests anyway.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rig::cryptoki_suite::{PROGRAMS, VERSION, folder, program};
use rig::phone::{DEFAULT_MANAGEMENT_KEY, DEFAULT_PIN};

use crate::error::{Error, Result, doing};
use crate::workspace::{cargo, line_of, succeed};

/// What stands before and after that by which each test begins: a token and a PIN of its own, which nobody makes on a PIV
/// card. It is left out.
const TOKEN: [&str; 2] = [
    "    let so_pin = AuthPin::new(SO_PIN.into());\n",
    "    (pkcs11, slot)\n",
];

/// The tests' own PINs, and those that a new card has.
const PINS: [[&str; 2]; 2] = [
    ["\"fedcba123456\"", DEFAULT_PIN],
    ["\"abcdef654321\"", DEFAULT_MANAGEMENT_KEY],
];

/// Puts them into the build folder unless they are there.
pub fn ensure() -> Result {
    if PROGRAMS.iter().all(|name| program(name).is_ok()) {
        return Ok(());
    }
    println!("Building the tests of cryptoki {VERSION}.");
    let folder = folder()?;
    let work = folder.join("build");
    // What an interrupted build has left.
    let _ = fs::remove_dir_all(&work);
    fs::create_dir_all(&folder).map_err(doing(format!("make {}", folder.display())))?;
    succeed(Command::new("cp").arg("-r").arg(source()?).arg(&work))?;
    change(&work.join("Cargo.toml"), |manifest| {
        // The folder lies beneath another workspace.
        Some(format!("{manifest}\n[workspace]\n"))
    })?;
    change(&work.join("tests/common/mod.rs"), with_cards_pins)?;
    for built in build(&work)? {
        let name = name_of(&built).unwrap_or_default();
        if PROGRAMS.contains(&name) {
            let place = folder.join(name);
            fs::copy(&built, &place).map_err(doing(format!("write {}", place.display())))?;
        }
    }
    fs::remove_dir_all(&work).map_err(doing(format!("remove {}", work.display())))?;
    PROGRAMS
        .iter()
        .try_for_each(|name| program(name).map(drop).map_err(Error::from))
}

/// Where cargo has the crate.
fn source() -> Result<PathBuf> {
    let text = output(cargo().args(["metadata", "--format-version=1", "--locked"]))?;
    let end = format!("/cryptoki-{VERSION}/Cargo.toml");
    let manifest = text.split('"').find(|part| part.ends_with(&end));
    let source = manifest.and_then(|manifest| Path::new(manifest).parent());
    source
        .map(Path::to_owned)
        .ok_or_else(|| Error::Machine(format!("cargo knows no cryptoki {VERSION}")))
}

/// Builds the tests; returns the programs.
fn build(work: &Path) -> Result<Vec<PathBuf>> {
    let text = output(
        cargo()
            .args(["test", "--no-run", "--locked", "--tests", "--quiet"])
            .args(["--message-format=json", "--manifest-path"])
            .arg(work.join("Cargo.toml"))
            .arg("--target-dir")
            .arg(work.join("target"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0"),
    )?;
    let found = text.split("\"executable\":\"").skip(1);
    Ok(found
        .filter_map(|rest| rest.split('"').next())
        .map(PathBuf::from)
        .collect())
}

/// A test program's name without cargo's number.
fn name_of(program: &Path) -> Option<&str> {
    let (name, _) = program.file_name()?.to_str()?.rsplit_once('-')?;
    Some(name)
}

fn output(command: &mut Command) -> Result<String> {
    let line = line_of(command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(doing(format!("start `{line}`")))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Error::Command {
            command: line,
            outcome: output.status.to_string(),
            hint: String::new(),
        })
    }
}

fn change(file: &Path, edit: impl Fn(&str) -> Option<String>) -> Result {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(doing(format!("read {name}")))?;
    let changed =
        edit(&text).ok_or_else(|| Error::Machine(format!("{name} is not as it was expected")))?;
    fs::write(file, changed).map_err(doing(format!("write {name}")))
}

fn with_cards_pins(source: &str) -> Option<String> {
    let [from, to] = TOKEN;
    let (before, rest) = source.split_once(from)?;
    let (_, after) = rest.split_once(to)?;
    let mut changed = format!("{before}{to}{after}");
    for [theirs, cards] in PINS {
        if !changed.contains(theirs) {
            return None;
        }
        changed = changed.replace(theirs, &format!("\"{cards}\""));
    }
    Some(changed)
}

#[cfg(test)]
mod tests {
    use super::with_cards_pins;

    #[test]
    fn a_test_takes_the_token_as_it_is() {
        let source = "pub static USER_PIN: &str = \"fedcba123456\";\n\
                      pub static SO_PIN: &str = \"abcdef654321\";\n\
                      fn init_pins() {\n    find();\n    let so_pin = AuthPin::new(SO_PIN.into());\n    make();\n\n    (pkcs11, slot)\n}\n";
        let changed = with_cards_pins(source).unwrap_or_default();
        assert!(changed.contains("= \"123456\";"));
        assert!(changed.contains("find();\n    (pkcs11, slot)\n}"));
        assert!(!changed.contains("make()"));
        assert_eq!(with_cards_pins("fn init_pins() {}"), None);
    }
}
