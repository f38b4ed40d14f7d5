//! Turns and rounds, and the rows that are printed.

use std::time::{Duration, Instant};

/// For a command that uses no private key, compares no PIN and syncs no state.
const LIMIT: Duration = Duration::from_millis(1);
/// How long a turn takes at least, and how long the rounds of a row take together.
const TURN: Duration = Duration::from_micros(200);
const ROW: Duration = Duration::from_secs(3);
/// Of what takes longer there are as many rounds.
const ROUNDS_MIN: usize = 400;

/// How often something is done in one turn.
fn count_of_turn(act: &mut dyn FnMut()) -> u32 {
    let mut count = 1;
    while turn(act, count) < TURN {
        count *= 2;
    }
    count
}

/// How long it takes to do it so often.
fn turn(act: &mut dyn FnMut(), count: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..count {
        act();
    }
    start.elapsed()
}

/// Does it for as long as a row takes.
fn rounds<T>(mut round: impl FnMut() -> T) -> Vec<T> {
    let start = Instant::now();
    let mut results = Vec::new();
    while results.len() < ROUNDS_MIN || start.elapsed() < ROW {
        results.push(round());
    }
    results
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    *values.get(values.len() / 2).unwrap()
}

fn fastest(values: Vec<f64>) -> f64 {
    values.into_iter().fold(f64::INFINITY, f64::min)
}

fn microseconds(turn: Duration, count: u32) -> f64 {
    turn.as_secs_f64() * 1e6 / f64::from(count)
}

/// The table that is printed, row by row.
pub struct Table {
    /// What the rows' names have in them; none for all.
    pub wanted: Vec<String>,
}

impl Table {
    pub fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|part| name.contains(part))
    }

    pub fn beside_limit(&self, name: &str, card: &mut dyn FnMut()) {
        if !self.wants(name) {
            return;
        }
        let count = count_of_turn(card);
        let card = median(rounds(|| microseconds(turn(card, count), count)));
        let limit = LIMIT.as_secs_f64() * 1e6;
        let ratio = card / limit;
        println!("| {name} | {card:.1} | limit {limit:.1} | {ratio:.2} |");
    }

    /// Each by its fastest turn, which is the one that nothing disturbed: with many short turns there is one in every run,
    /// and the figures of two runs are the same.
    pub fn beside_library(&self, name: &str, card: &mut dyn FnMut(), library: &mut dyn FnMut()) {
        let (card_count, library_count) = (count_of_turn(card), count_of_turn(library));
        let rounds = rounds(|| {
            (
                microseconds(turn(card, card_count), card_count),
                microseconds(turn(library, library_count), library_count),
            )
        });
        let (card, library): (Vec<_>, Vec<_>) = rounds.into_iter().unzip();
        let (card, library) = (fastest(card), fastest(library));
        let ratio = card / library;
        println!("| {name} | {card:.1} | {library:.1} | {ratio:.2} |");
    }
}
