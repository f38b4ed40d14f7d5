//! README.md: its two commands. The second one is what runs this test.

use std::time::Duration;

use rig::folder::Folder;
use rig::recipe::{Step, blocks};
use rig::shell::typed;
use rig::sshd::user_name;
use rig::wait::wait_for;
use rig::{Result, unexpected};
use rustix::process::Signal;

const LIMIT: Duration = Duration::from_secs(120);

/// All is built already.
const CARGO: &str = r#"#!/bin/sh
case $1 in
xtask) shift; exec xtask "$@" ;;
build) ;;
*) exit 1 ;;
esac
"#;

/// A line of the story without the time that a step took, and with one sign for each number.
fn plain(line: &str) -> String {
    let line = line.trim();
    let step = line.strip_prefix('✓');
    let told = step.and_then(|step| step.rsplit_once("  "));
    let told = told.map_or(line, |(told, _)| told.trim_end());
    let mut plain = String::new();
    for sign in told.chars() {
        match sign {
            '0'..='9' if plain.ends_with('#') => {}
            '0'..='9' => plain.push('#'),
            _ => plain.push(sign),
        }
    }
    plain
}

#[test]
fn the_demo_tells_the_story_of_the_readme() -> Result {
    let folder = &Folder::for_test()?;
    let user = user_name(folder)?;
    let commands = Step::of("README.md", "Two commands", "cargo xtask demo")?;
    let command = commands.script.lines().next().unwrap_or_default();
    let shell = typed(folder, &format!("exec {command}"))?;
    let cargo = folder.write_script("shell/cargo", CARGO)?;
    let mut demo = shell.env("CARGO", cargo).start(folder, "demo")?;
    demo.wait_for("stays until Ctrl-C", LIMIT, |demo| {
        Ok(demo.stdout_text().contains("Ctrl-C.\n").then_some(()))
    })?;
    let told = demo.stdout_text();
    demo.signal(Signal::INT)?;
    let ended = wait_for("the demo ends", LIMIT, || demo.exit_status())?;
    assert!(ended.success(), "{ended}: {}", demo.stderr_text());

    let mut lines = told.lines().map(plain);
    let readme = blocks(include_str!("../../../README.md"));
    let story = readme.iter().find(|block| block.language == "text");
    let story = story.ok_or_else(|| unexpected("no story in the README"))?;
    assert!(story.lines.len() > 15, "{:?}", story.lines);
    for line in &story.lines {
        // Here no package is missing.
        if line.contains("✓ Debian") {
            continue;
        }
        let expected = plain(&line.replace("from root", &format!("from {user}")));
        assert!(
            lines.any(|line| line == expected),
            "the README tells \"{line}\", and the demo:\n{told}"
        );
    }
    Ok(())
}
