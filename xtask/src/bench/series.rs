//! One quantity, measured several times on either side in turns, as a line of the table.

/// Width of the column that names the quantity.
const NAME_WIDTH: usize = 34;

/// Pairs of values: before, after.
#[derive(Debug, Default)]
pub struct Series {
    pairs: Vec<(f64, f64)>,
}

impl Series {
    /// The heading over all lines.
    pub fn heading(before: &str, after: &str) -> String {
        format!(
            "{:NAME_WIDTH$} {before:>12} {after:>12}   {after}/{before}",
            ""
        )
    }

    /// What is measured once, since it is always the same.
    pub fn of(before: f64, after: f64) -> Self {
        Self {
            pairs: vec![(before, after)],
        }
    }

    /// Adds what one turn has measured.
    pub fn add(&mut self, before: f64, after: f64) {
        self.pairs.push((before, after));
    }

    /// The medians, the median of the turns' ratios, and between what these lie.
    pub fn line(&self, name: &str) -> String {
        let ratios = sorted(self.pairs.iter().map(|(before, after)| after / before));
        let before = sorted(self.pairs.iter().map(|(before, _)| *before));
        let after = sorted(self.pairs.iter().map(|(_, after)| *after));
        let mut line = format!(
            "{name:NAME_WIDTH$} {:>12.0} {:>12.0}   {:.2}",
            median(&before),
            median(&after),
            median(&ratios)
        );
        if let [least, .., most] = ratios.as_slice() {
            line.push_str(&format!(" ({least:.2} to {most:.2})"));
        }
        line
    }
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The middle one; of none, not a number.
fn median(sorted: &[f64]) -> f64 {
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::Series;

    #[test]
    fn the_ratio_is_that_of_the_turns() {
        // The machine is twice as slow in the second turn: both sides are, and the ratio stays.
        let mut series = Series::default();
        for (before, after) in [(100.0, 110.0), (50.0, 55.0), (100.0, 120.0)] {
            series.add(before, after);
        }
        let line = series.line("answers");
        assert!(line.contains(" 100 "), "{line}");
        assert!(line.contains(" 110 "), "{line}");
        assert!(line.ends_with("1.10 (1.10 to 1.20)"), "{line}");
    }

    #[test]
    fn what_is_measured_once_has_no_spread() {
        let line = Series::of(1000.0, 1200.0).line("kB");
        assert!(line.ends_with(" 1.20"), "{line}");
    }
}
