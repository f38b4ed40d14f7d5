//! The commands of the documents, from their very text, for tests that run them.
//!
//! What is typed stands in fenced blocks. In ```` ```console ```` a line that begins with `$ ` is typed, with the lines after
//! it as long as each ends with a backslash, and every other line is what is then shown; ```` ```sh ```` is typed as it is.
//! A recipe is all such blocks between one heading and the next. `tests/tests/documents.rs` finds the calls of
//! [`Recipe::of`] and [`Step::of`] in the tests: their document and title are written out there.

use std::fs;
use std::path::Path;

use crate::error::Doing;
use crate::program::Outcome;
use crate::{Result, unexpected};

/// A fenced block of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The heading that it stands under.
    pub title: String,
    /// What it is, as its fence says.
    pub language: String,
    /// What is in it.
    pub lines: Vec<String>,
}

/// Commands, and what they show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The commands as a script for a shell.
    pub script: String,
    /// The lines that are shown, each somewhere after the one before; `...` stands for anything, within a line and between
    /// lines.
    shown: Vec<String>,
}

/// The commands under a heading, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipe {
    /// The heading.
    pub title: String,
    /// Its blocks.
    pub steps: Vec<Step>,
}

/// The blocks of a document's text, in order.
#[must_use]
pub fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut title = "";
    // In a numbered list the fences are indented, and what is between them with them.
    let mut indented = None;
    for line in document.lines() {
        match (indented, line.trim_start().strip_prefix("```")) {
            (None, Some(language)) => {
                indented = Some(line.len() - line.trim_start().len());
                blocks.push(Block {
                    title: title.to_owned(),
                    language: language.to_owned(),
                    lines: Vec::new(),
                });
            }
            (None, None) => {
                let heading = line.trim_start_matches('#').strip_prefix(' ');
                title = heading.filter(|_| line.starts_with('#')).unwrap_or(title);
            }
            (Some(_), Some(_)) => indented = None,
            (Some(depth), None) => {
                let line = line.get(depth..).unwrap_or_default().to_owned();
                blocks
                    .last_mut()
                    .into_iter()
                    .for_each(|block| block.lines.push(line.clone()));
            }
        }
    }
    blocks
}

impl Block {
    /// The commands in it; none in a block of anything else, or for a shell that is not one of ours.
    #[must_use]
    pub fn step(&self) -> Option<Step> {
        match self.language.as_str() {
            "console" => Some(Step::typed_and_shown(&self.lines)),
            "sh" => Some(Step {
                script: self.lines.join("\n") + "\n",
                shown: Vec::new(),
            }),
            _ => None,
        }
    }
}

impl Recipe {
    /// The commands under this heading of a document, named as from the project's folder.
    ///
    /// # Errors
    /// When there is no such heading with commands.
    pub fn of(document: &str, title: &str) -> Result<Self> {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("..")
            .join(document);
        let text = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
        Self::read(&text, title)
    }

    fn read(document: &str, title: &str) -> Result<Self> {
        let blocks = blocks(document);
        let under_it = blocks.iter().filter(|block| block.title == title);
        let steps: Vec<Step> = under_it.filter_map(Block::step).collect();
        if steps.is_empty() {
            return Err(unexpected(format!("no commands under \"{title}\"")));
        }
        Ok(Self {
            title: title.to_owned(),
            steps,
        })
    }

    /// Its blocks, for who takes one after the other and leaves out none.
    ///
    /// # Errors
    /// When there are more or less of them.
    pub fn blocks<const N: usize>(self) -> Result<[Step; N]> {
        self.steps.try_into().map_err(|steps: Vec<Step>| {
            let count = steps.len();
            unexpected(format!("\"{}\" has {count} blocks, not {N}", self.title))
        })
    }
}

impl Step {
    /// The one block under this heading of a document in which this is typed.
    ///
    /// # Errors
    /// When there is none, or more than one.
    pub fn of(document: &str, title: &str, typed: &str) -> Result<Self> {
        let mut steps = Recipe::of(document, title)?.steps;
        steps.retain(|step| step.script.contains(typed));
        match <[Self; 1]>::try_from(steps) {
            Ok([step]) => Ok(step),
            Err(steps) => Err(unexpected(format!(
                "\"{typed}\" is typed in {} blocks under \"{title}\" of {document}",
                steps.len()
            ))),
        }
    }

    fn typed_and_shown(lines: &[String]) -> Self {
        let mut script = String::new();
        let mut shown = Vec::new();
        let mut goes_on = false;
        for line in lines {
            let typed = line.strip_prefix("$ ").or(goes_on.then_some(line));
            goes_on = typed.is_some_and(|typed| typed.ends_with('\\'));
            match typed {
                Some(typed) => {
                    script.push_str(typed);
                    script.push('\n');
                }
                None => shown.push(line.clone()),
            }
        }
        Self { script, shown }
    }

    /// The same where others stand for the names of the text, in what is typed and in what is shown.
    #[must_use]
    pub fn with(mut self, names: &[(&str, &str)]) -> Self {
        for (name, here) in names {
            self.script = self.script.replace(name, here);
            for line in &mut self.shown {
                *line = line.replace(name, here);
            }
        }
        self
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
                            ```console\n$ date\n...\n```\n\n### Part\n\n```sh\n# no heading\ntrue\n```\n\n\
                            ## Two\n\n```json\n{}\n```\n";

    #[test]
    fn a_recipe_is_the_blocks_of_commands_under_a_heading() {
        let recipe = Recipe::read(DOCUMENT, "One").unwrap();
        assert!(recipe.clone().blocks::<1>().is_err());
        let [first, second] = recipe.blocks().unwrap();
        assert_eq!(first.script, "echo a \\\n    b\n");
        assert_eq!(first.shown, ["a b"]);
        assert_eq!(second.script, "date\n");
        let [part] = Recipe::read(DOCUMENT, "Part").unwrap().blocks().unwrap();
        assert_eq!(part.script, "# no heading\ntrue\n");
        assert!(Recipe::read(DOCUMENT, "Two").is_err());
        assert!(Recipe::read(DOCUMENT, "Three").is_err());
        assert_eq!(blocks(DOCUMENT)[3].language, "json");
    }

    #[test]
    fn a_name_of_the_text_stands_for_another() {
        let recipe = Recipe::read(DOCUMENT, "One").unwrap();
        let [first, _] = recipe.blocks().unwrap();
        let other = first.with(&[("a", "c")]);
        assert_eq!(
            (&other.script[..8], &other.shown[0][..]),
            ("echo c \\", "c b")
        );
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
