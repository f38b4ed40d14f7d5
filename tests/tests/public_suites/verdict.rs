//! What a suite's tests came to, held against what is written down.

use std::collections::{BTreeMap, BTreeSet};

use rig::{Result, unexpected};

/// What a test came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passed.
    Passed,
    /// It did not run, for the reason that it gave.
    Skipped(String),
    /// It failed, with what it said.
    Failed(String),
}

/// Tests that do not pass, for one reason.
pub struct Group {
    /// Whether they fail or do not run.
    pub end: End,
    /// What each of them says, among other words.
    pub saying: &'static str,
    /// Their names; `*` at the end of one stands for all that begin so.
    pub tests: &'static [&'static str],
}

/// How a test ends that does not pass.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// It fails.
    Fails,
    /// It finds that it cannot run here.
    Skips,
}

/// The document that tells readers of each test by its name.
const DOCUMENT: &str = include_str!("../../../docs/pkcs11-conformance.md");

/// Makes sure that `passing` tests passed, and that each of the others is in a group and ended as it says.
pub fn hold_against(
    verdicts: &BTreeMap<String, Verdict>,
    passing: usize,
    groups: &[Group],
) -> Result {
    let mut differences = Vec::new();
    let mut met = BTreeSet::new();
    let mut passed = 0;
    for (name, verdict) in verdicts {
        let known = groups.iter().find_map(|group| {
            let pattern = group.pattern_of(name)?;
            Some((group, pattern))
        });
        if let Some((group, pattern)) = known {
            met.insert(pattern);
            if !group.says(verdict) {
                differences.push(format!("{name} ended otherwise: {verdict:?}"));
            }
        } else if *verdict == Verdict::Passed {
            passed += 1;
        } else {
            differences.push(format!("{name} is written down nowhere: {verdict:?}"));
        }
    }
    for pattern in groups.iter().flat_map(|group| group.tests) {
        let name = pattern.trim_end_matches(".*");
        let name = name.rsplit(['.', ':']).next().unwrap_or(name);
        if !met.contains(pattern) {
            differences.push(format!("{pattern}: there is no such test"));
        }
        if !DOCUMENT.contains(&format!("`{name}`")) {
            differences.push(format!("{name} is not in docs/pkcs11-conformance.md"));
        }
    }
    if passed != passing {
        differences.push(format!("{passed} passed instead of {passing}"));
    }
    if differences.is_empty() {
        Ok(())
    } else {
        Err(unexpected(differences.join("\n")))
    }
}

impl Group {
    /// The name or pattern by which a test is in the group.
    fn pattern_of(&self, name: &str) -> Option<&'static str> {
        let is_it = |pattern: &&&str| {
            pattern
                .strip_suffix('*')
                .map_or(**pattern == name, |start| name.starts_with(start))
        };
        self.tests.iter().find(is_it).copied()
    }

    fn says(&self, verdict: &Verdict) -> bool {
        match (self.end, verdict) {
            (End::Fails, Verdict::Failed(words)) | (End::Skips, Verdict::Skipped(words)) => {
                words.contains(self.saying)
            }
            _ => false,
        }
    }
}
