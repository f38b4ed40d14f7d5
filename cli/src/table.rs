//! Tables for people: columns as wide as their widest cell, two spaces between them.

use std::fmt::Write as _;

/// A table, each line after `indent` spaces. Cells must hold plain text.
#[must_use]
pub fn table<const N: usize>(
    indent: usize,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let mut lines = vec![header.map(str::to_owned)];
    lines.extend(rows);
    let mut widths = [0; N];
    for cells in &lines {
        for (width, cell) in widths.iter_mut().zip(cells) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for cells in &lines {
        let mut line = " ".repeat(indent);
        for (width, cell) in widths.iter().zip(cells) {
            // Writing to a string does not fail.
            let _ = write!(line, "{cell:<width$}  ");
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["9A", "Zoë"], ["9C", "Alice Example"]];
        assert_eq!(
            table(
                1,
                ["Slot", "Holder"],
                rows.map(|row| row.map(str::to_owned))
            ),
            " Slot  Holder\n 9A    Zoë\n 9C    Alice Example\n"
        );
    }
}
