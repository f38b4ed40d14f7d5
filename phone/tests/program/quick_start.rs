//! The quick start of docs/phone.md does what it says.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::running::{PATIENCE, folder, phone};

const DOCUMENT: &str = include_str!("../../../docs/phone.md");

/// The commands of the section, each with the lines that are shown.
fn commands() -> Vec<(&'static str, Vec<&'static str>)> {
    let (_, section) = DOCUMENT.split_once("\n## Quick start\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let blocks = section.split("```").skip(1).step_by(2);
    let mut commands: Vec<(_, Vec<_>)> = Vec::new();
    for line in blocks.filter_map(|block| block.strip_prefix("console\n")) {
        for line in line.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => commands.push((command, Vec::new())),
                None => commands.last_mut().unwrap().1.push(line),
            }
        }
    }
    commands
}

/// Whether the text is what is shown; `...` stands for anything, also for lines.
fn is_shown(text: &str, shown: &[&str]) -> bool {
    let mut rest = text;
    let shown = shown.join("\n");
    let mut parts = shown.split("...");
    let first = parts.next().unwrap_or_default();
    let Some(after) = rest.strip_prefix(first) else {
        return false;
    };
    rest = after;
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else {
            return false;
        };
        rest = after;
    }
    rest.trim_end().is_empty() || shown.ends_with("...")
}

/// A command as it is typed, by somebody with this home.
fn typed(command: &str, home: &Path) -> Command {
    let program = phone().get_program().to_owned();
    let programs = Path::new(&program).parent().unwrap().to_owned();
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&path))).unwrap();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("exec {command}")])
        .env("HOME", home)
        .env("PATH", path)
        .stdin(Stdio::null());
    shell
}

#[test]
fn the_quick_start_is_true() {
    let home = folder();
    let mut commands = commands().into_iter();
    let (run, shown) = commands.next().unwrap();
    let reader = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = reader.local_addr().unwrap().to_string();
    let log = home.path().join("run.log");
    let file = fs::File::create(&log).unwrap();
    let mut running = typed(run, home.path())
        .env("TAPCARD_PHONE_VPCD", address)
        .stdout(file.try_clone().unwrap())
        .stderr(file)
        .spawn()
        .unwrap();
    let connection = reader.accept();
    let text = || fs::read_to_string(&log).unwrap();
    let begun = Instant::now();
    while !text().contains("connected to") && begun.elapsed() < PATIENCE {
        thread::sleep(Duration::from_millis(10));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    connection.unwrap();
    let shown = [&shown[..], &["..."]].concat();
    assert!(is_shown(&text(), &shown), "{}", text());
    let mut count = 0;
    for (command, shown) in commands {
        let output = typed(command, home.path()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{command}: {text}");
        assert!(is_shown(&text, &shown), "{command}: {text}");
        count += 1;
    }
    assert_eq!(count, 4);
}
