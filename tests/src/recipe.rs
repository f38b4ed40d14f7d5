//! The recipes of a document: what an operator types, from the very text.
//!
//! A recipe is a section (`## Title`). Its steps are the blocks fenced by ```` ```console ````: a line that begins with
//! `$ ` is typed, with the lines after it as long as each ends with a backslash, and every other line is what is then
//! shown. The text of a document names what differs from machine to machine by environment variables (`$TAPCARD_DATA`).

use std::fs;
use std::path::Path;

use crate::error::Doing;
use crate::program::Outcome;
use crate::{Result, unexpected};

/// One block: commands, and what they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The commands as a script for `sh`.
    pub script: String,
    /// The lines that are shown, each somewhere after the one before; `...` stands for anything, within a line and between
    /// lines.
    shown: Vec<String>,
}

/// A section's blocks, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The section's title.
    pub title: String,
    /// Its blocks.
    pub steps: Vec<Step>,
}

impl Recipe {
    /// The section with this title of `docs/operations.md`.
    ///
    /// # Errors
    /// As [`Recipe::of`].
    pub fn of_operations(title: &str) -> Result<Self> {
        Self::of("docs/operations.md", title)
    }

    /// The section with this title of a document, named as from the project's folder.
    ///
    /// # Errors
    /// When there is no such section, or no block in it.
    pub fn of(document: &str, title: &str) -> Result<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(document);
        let text = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
        Self::read(&text, title)
    }

    fn read(document: &str, title: &str) -> Result<Self> {
        let heading = format!("## {title}");
        let mut steps = Vec::new();
        let mut block: Option<Vec<&str>> = None;
        let mut lines = document.lines().skip_while(|line| *line != heading);
        if lines.next().is_none() {
            return Err(unexpected(format!("no section \"{title}\"")));
        }
        for line in lines {
            // In a numbered list the fences are indented.
            let line = line.trim_start();
            match &mut block {
                None if line.starts_with("## ") => break,
                None if line == "```console" => block = Some(Vec::new()),
                None => {}
                Some(inside) if line == "```" => {
                    steps.push(Step::read(inside));
                    block = None;
                }
                Some(inside) => inside.push(line),
            }
        }
        if steps.is_empty() {
            return Err(unexpected(format!("no commands in \"{title}\"")));
        }
        Ok(Self {
            title: title.to_owned(),
            steps,
        })
    }

    /// The first block in which this is typed.
    ///
    /// # Errors
    /// When there is none.
    pub fn step(&self, typed: &str) -> Result<&Step> {
        let found = self.steps.iter().find(|step| step.script.contains(typed));
        found.ok_or_else(|| unexpected(format!("nobody types \"{typed}\" in \"{}\"", self.title)))
    }
}

impl Step {
    fn read(block: &[&str]) -> Self {
        let mut script = String::new();
        let mut shown = Vec::new();
        let mut goes_on = false;
        for line in block {
            let typed = line.strip_prefix("$ ").or(goes_on.then_some(line));
            goes_on = typed.is_some_and(|typed| typed.ends_with('\\'));
            match typed {
                Some(typed) => {
                    script.push_str(typed);
                    script.push('\n');
                }
                None => shown.push((*line).to_owned()),
            }
        }
        Self { script, shown }
    }

    /// Takes an outcome as an error unless it shows what the text shows.
    ///
    /// # Errors
    /// What is not shown.
    pub fn check(&self, outcome: Outcome) -> Result<Outcome> {
        match self.missing_in(&outcome.all_text()) {
            None => Ok(outcome),
            Some(line) => Err(outcome.error(&format!("did not show \"{line}\""))),
        }
    }

    /// Whether this shows what the text shows.
    #[must_use]
    pub fn is_shown(&self, text: &str) -> bool {
        self.missing_in(text).is_none()
    }

    /// The first line that the text shows and this does not.
    fn missing_in(&self, text: &str) -> Option<&str> {
        let mut lines = text.lines();
        let mut expected = self.shown.iter().filter(|line| line.trim() != "...");
        let missing =
            expected.find(|expected| !lines.any(|line| is_like(line.trim(), expected.trim())))?;
        Some(missing)
    }
}

/// Whether a line is as a pattern has it, where `...` stands for anything.
fn is_like(line: &str, pattern: &str) -> bool {
    let mut parts = pattern.split("...");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let mut last = None;
    for part in parts {
        if let Some((_, after)) = rest.split_once(part) {
            rest = after;
            last = Some(part);
        } else {
            return false;
        }
    }
    rest.is_empty() || last == Some("")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &str = "# Title\n\n## One\n\n1. First:\n\n    ```console\n    $ echo a \\\n        b\n    a b\n    ```\n\n\
                            ```console\n$ date\n...\n```\n\n## Two\n\n```sh\nnot typed\n```\n";

    #[test]
    fn a_section_is_its_blocks_of_commands() {
        let recipe = Recipe::read(DOCUMENT, "One").unwrap();
        assert_eq!(recipe.steps.len(), 2);
        assert_eq!(recipe.steps[0].script, "echo a \\\nb\n");
        assert_eq!(recipe.steps[0].shown, ["a b"]);
        assert_eq!(recipe.step("date").unwrap(), &recipe.steps[1]);
        assert!(Recipe::read(DOCUMENT, "Two").is_err());
        assert!(Recipe::read(DOCUMENT, "Three").is_err());
    }

    #[test]
    fn what_differs_from_machine_to_machine_is_left_out() {
        assert!(is_like("12 of 300 MB", "... of ... MB"));
        assert!(is_like("ok", "ok"));
        assert!(is_like("whole: 12 events.", "whole: ... events."));
        assert!(is_like("a b c", "a ..."));
        assert!(!is_like("ok 1", "ok"));
        assert!(!is_like("x", "... of ... MB"));
    }
}
