//! The tables of counts and times, and what they say of our module.

use std::fmt::Write;
use std::time::Duration;

use super::contender::Contender;
use super::cost::Cost;
use super::task::Task;

/// What all contenders need on one card with one system's programs.
#[derive(Debug)]
pub struct Counts {
    /// What was measured.
    pub title: String,
    /// A line for each contender, with a cost for each task.
    pub lines: Vec<(Contender, Vec<Option<Cost>>)>,
}

impl Counts {
    /// As Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!("### {}\n\n|", self.title);
        for task in Task::ALL {
            let _ = write!(text, " | {}", task.name());
        }
        text.push_str(" | log-out | retired keys |\n|---");
        text.push_str(&"|---".repeat(Task::ALL.len() + 2));
        text.push_str("|\n");
        for (contender, costs) in &self.lines {
            let _ = write!(text, "| {}", contender.name);
            for cost in costs {
                let _ = write!(text, " | {}", cell(*cost));
            }
            let most = |apart: fn(&Cost) -> usize| costs.iter().flatten().map(apart).max();
            let log_outs = most(|cost| cost.log_outs).unwrap_or_default();
            let retired = most(|cost| cost.retired).unwrap_or_default();
            let _ = writeln!(text, " | {log_outs} | {retired} |");
        }
        text
    }

    /// Where a peer needs fewer commands than our module, a sentence each.
    pub fn defeats(&self) -> Vec<String> {
        let mut defeats = Vec::new();
        for (ours, costs) in self.lines.iter().filter(|(it, _)| it.is_ours()) {
            for (at, task) in Task::ALL.into_iter().enumerate() {
                let Some(cost) = costs.get(at).copied().flatten() else {
                    continue;
                };
                let peers = self.lines.iter().filter(|(it, _)| it.is_peer_of(*ours));
                for (peer, theirs) in peers {
                    let Some(less) = theirs.get(at).copied().flatten() else {
                        continue;
                    };
                    if less.apdus < cost.apdus {
                        defeats.push(format!(
                            "{}, {}: {} needs {} APDUs, {} only {}",
                            self.title,
                            task.name(),
                            ours.name,
                            cost.apdus,
                            peer.name,
                            less.apdus
                        ));
                    }
                }
            }
        }
        defeats
    }

    /// The APDUs of a task by each contender that can do it.
    pub fn apdus_of(&self, task: Task) -> Vec<(Contender, usize)> {
        let at = Task::ALL.iter().position(|it| *it == task);
        self.lines
            .iter()
            .filter_map(|(contender, costs)| {
                let cost = costs.get(at?).copied().flatten()?;
                Some((*contender, cost.apdus))
            })
            .collect()
    }
}

/// APDUs and bytes, or that it cannot be done.
pub fn cell(cost: Option<Cost>) -> String {
    cost.map_or_else(
        || "fails".to_owned(),
        |cost| format!("**{}** {} B", cost.apdus, cost.bytes),
    )
}

/// A time in seconds.
pub fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::{Contender, Cost, Counts, Task};

    fn counts(ours: usize, peers: Option<usize>) -> Counts {
        let lines = Contender::ALL.into_iter().map(|contender| {
            let apdus = if contender.is_ours() {
                Some(ours)
            } else {
                peers
            };
            let cost = apdus.map(|apdus| Cost {
                apdus,
                bytes: 100,
                log_outs: 1,
                retired: 0,
            });
            (contender, vec![cost; Task::ALL.len()])
        });
        Counts {
            title: "A card".to_owned(),
            lines: lines.collect(),
        }
    }

    #[test]
    fn as_good_as_the_best_is_no_defeat_and_nor_is_what_a_peer_cannot_do() {
        assert!(counts(5, Some(5)).defeats().is_empty());
        assert!(counts(5, None).defeats().is_empty());
    }

    #[test]
    fn one_more_is_a_defeat() {
        let defeats = counts(5, Some(4)).defeats();
        let wanted = "A card, ssh login: Tapcard on its phone, cold needs 5 APDUs, OpenSC only 4";
        assert!(defeats.iter().any(|it| it == wanted), "{defeats:#?}");
        // What is cold is not held to what a peer keeps.
        let unfair = "cold needs 5 APDUs, OpenSC with its file cache, warm only 4";
        assert!(
            !defeats.iter().any(|it| it.ends_with(unfair)),
            "{defeats:#?}"
        );
    }

    #[test]
    fn a_table_has_as_many_cells_in_each_line() {
        let table = counts(5, None).markdown();
        let lines: Vec<_> = table.lines().filter(|line| line.starts_with('|')).collect();
        for line in &lines {
            assert_eq!(line.matches('|').count(), Task::ALL.len() + 4, "{line}");
        }
        assert_eq!(lines.len(), 2 + Contender::ALL.len());
    }
}
