//! A bar chart as SVG, for light and dark pages.

use std::fmt::Write;

/// A bar: what it stands for, how long it is, and whether it is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it stands for.
    pub name: String,
    /// Its length and the number beside it.
    pub value: usize,
    /// Whether it is coloured as ours.
    pub is_ours: bool,
}

/// Sizes in pixels.
const WIDTH: usize = 800;
const TOP: usize = 44;
const ROW: usize = 28;
const THICKNESS: usize = 18;
/// Where bars begin, after their names.
const LEFT: usize = 340;
/// How long the longest is; its number stands behind it.
const LONGEST: usize = 400;

const STYLE: &str = "text{font:14px system-ui,sans-serif;fill:#1f2328}.heading{font-weight:600}\
.ours{fill:#1a7f37}.peer{fill:#8c959f}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#3fb950}.peer{fill:#6e7681}}";

/// Draws bars from top to bottom.
pub fn svg(title: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or(1).max(1);
    let height = TOP + ROW * bars.len() + 8;
    let told: Vec<_> = bars
        .iter()
        .map(|bar| format!("{}: {}", bar.name, bar.value))
        .collect();
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-labelledby=\"title desc\">\n\
         <title id=\"title\">{}</title>\n<desc id=\"desc\">{}.</desc>\n<style>{STYLE}</style>\n\
         <text class=\"heading\" x=\"12\" y=\"26\">{}</text>\n",
        escaped(title),
        escaped(&told.join("; ")),
        escaped(title),
    );
    for (row, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * row;
        let length = (bar.value * LONGEST / most).max(1);
        let class = if bar.is_ours { "ours" } else { "peer" };
        let line = y + THICKNESS - 4;
        let _ = writeln!(
            text,
            "<text x=\"{}\" y=\"{line}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"{THICKNESS}\" rx=\"3\"/>\
             <text x=\"{}\" y=\"{line}\">{}</text>",
            LEFT - 10,
            escaped(&bar.name),
            LEFT + length + 8,
            bar.value,
        );
    }
    text.push_str("</svg>\n");
    text
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Bar, svg};

    #[test]
    fn a_chart_tells_its_numbers_without_being_seen() {
        let bar = |name: &str, value, is_ours| Bar {
            name: name.to_owned(),
            value,
            is_ours,
        };
        let chart = svg("A & B", &[bar("ours", 3, true), bar("theirs", 43, false)]);
        assert!(
            chart.contains("<title id=\"title\">A &amp; B</title>"),
            "{chart}"
        );
        assert!(
            chart.contains("<desc id=\"desc\">ours: 3; theirs: 43.</desc>"),
            "{chart}"
        );
        assert!(
            chart.contains("class=\"ours\" x=\"340\" y=\"44\" width=\"27\""),
            "{chart}"
        );
        assert!(chart.contains("width=\"400\""), "{chart}");
    }
}
