//! What was found: the slowest of each group, and what is beyond a limit.

use std::time::Duration;

/// What a page may take.
pub const LIMIT: Duration = Duration::from_millis(100);

/// A group of addresses.
#[derive(Debug)]
struct Group {
    name: &'static str,
    times: Vec<(Duration, String)>,
}

/// What was found on one database.
#[derive(Debug)]
pub struct Report {
    on: &'static str,
    groups: Vec<Group>,
    broken: Vec<String>,
}

impl Report {
    /// Nothing yet.
    pub const fn new(on: &'static str) -> Self {
        Self {
            on,
            groups: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Notes what an address took.
    pub fn took(&mut self, group: &'static str, path: &str, took: Duration) {
        self.holds(took <= LIMIT, || format!("{path}: {} ms", ms(took)));
        let time = (took, path.to_owned());
        match self.groups.iter_mut().find(|one| one.name == group) {
            Some(one) => one.times.push(time),
            None => self.groups.push(Group {
                name: group,
                times: vec![time],
            }),
        }
    }

    /// Notes what is beyond a limit.
    pub fn holds(&mut self, holds: bool, broken: impl FnOnce() -> String) {
        if !holds {
            self.broken.push(format!("{} ({})", broken(), self.on));
        }
    }

    /// Prints a row for each group, and returns what is beyond a limit.
    pub fn finish(self) -> Vec<String> {
        println!(
            "\n| {} | addresses | median, ms | slowest, ms | which |\n|---|---|---|---|---|",
            self.on
        );
        for mut group in self.groups {
            group.times.sort();
            let count = group.times.len();
            let median = group
                .times
                .get(count / 2)
                .map_or(Duration::ZERO, |one| one.0);
            if let Some((slowest, path)) = group.times.last() {
                let (name, median, slowest) = (group.name, ms(median), ms(*slowest));
                println!("| {name} | {count} | {median} | {slowest} | `{path}` |");
            }
        }
        self.broken
    }
}

fn ms(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}
