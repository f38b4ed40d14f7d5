//! How long an ssh login takes over NFC, with each module in turn.

use std::fmt::Write;
use std::time::Duration;

use rig::portal::Profile;
use rig::system::System;

use crate::error::Result;

use super::contender::{Contender, Software};
use super::scene::Scene;
use super::table::seconds;

/// How often a login is timed; the median counts.
const LOGINS: usize = 5;

/// NFC links: as `tapcard-phone run --nfc` takes them, and in words.
const MODELS: [(&str, &str); 2] = [
    ("106k,20ms", "106 kbit/s, 20 ms"),
    ("424k,10ms", "424 kbit/s, 10 ms"),
];

/// A contender's name and its time; none for a peer that cannot log in over this link.
type Line = (&'static str, Option<Duration>);

/// The times of logins with each card: a column for each link.
#[derive(Debug, Default)]
pub struct Times {
    columns: Vec<(String, Vec<Line>)>,
}

impl Times {
    /// Times logins with this card, in turns: what else the machine does then disturbs all.
    ///
    /// # Errors
    /// When a login fails with our module.
    pub fn take(&mut self, profile: Profile, scene: &mut Scene, system: &System) -> Result {
        let key = match profile {
            Profile::Standard => "RSA-2048",
            Profile::Compact => "P-256",
        };
        let timed = Contender::ALL.map(|it| (it, Vec::new(), Vec::new()));
        let mut timed: Vec<_> = timed
            .into_iter()
            .filter(|(it, ..)| it.software != Software::Ykcs11)
            .collect();
        for _ in 0..LOGINS {
            for (contender, slow, fast) in &mut timed {
                for ((model, _), times) in MODELS.into_iter().zip([slow, fast]) {
                    match scene.login_time(system, *contender, model) {
                        Err(error) if contender.is_ours() => return Err(error),
                        outcome => times.push(outcome.ok()),
                    }
                }
            }
        }
        let (mut of_slow, mut of_fast) = (Vec::new(), Vec::new());
        for (contender, mut slow, mut fast) in timed {
            of_slow.push((contender.name, median(&mut slow)));
            of_fast.push((contender.name, median(&mut fast)));
        }
        for ((_, words), column) in MODELS.into_iter().zip([of_slow, of_fast]) {
            self.columns.push((format!("{key}, {words}"), column));
        }
        Ok(())
    }

    /// As a table.
    pub fn markdown(&self) -> String {
        let mut text = String::from("|");
        for (title, _) in &self.columns {
            let _ = write!(text, " | {title}");
        }
        let _ = writeln!(text, " |\n|---{}|", "|---".repeat(self.columns.len()));
        let names = self.columns.first().map(|(_, column)| column.iter());
        for (row, (name, _)) in names.into_iter().flatten().enumerate() {
            let _ = write!(text, "| {name}");
            for (_, time) in self
                .columns
                .iter()
                .filter_map(|(_, column)| column.get(row))
            {
                let shown = time.map_or_else(|| "fails".to_owned(), seconds);
                let _ = write!(text, " | {shown}");
            }
            text.push_str(" |\n");
        }
        text
    }
}

/// The median, unless one of them failed.
fn median(times: &mut [Option<Duration>]) -> Option<Duration> {
    times.sort_unstable();
    times.first().copied().flatten()?;
    times.get(times.len() / 2).copied().flatten()
}
