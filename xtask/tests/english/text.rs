//! A file's words in one line, without what comments begin with, and the line that each byte came from.

/// A file's text as phrases are looked for in it.
pub struct Text {
    /// In lower case; any white space, line ends and the marks of comments are one space.
    pub words: String,
    /// For each byte of `words`, its line in the file, from 1.
    lines: Vec<usize>,
}

/// What the lines of a comment begin with.
const MARKS: [&str; 8] = ["///", "//!", "//", "--", "#", "*", ">", "\\"];

impl Text {
    /// Reads a file's text.
    pub fn new(text: &str) -> Self {
        let mut read = Self {
            words: String::new(),
            lines: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            let line = MARKS
                .iter()
                .find_map(|mark| line.strip_prefix(mark))
                .unwrap_or(line);
            for word in line.trim_end_matches('\\').split_whitespace() {
                read.words.push_str(&word.to_lowercase());
                read.words.push(' ');
                read.lines.resize(read.words.len(), index + 1);
            }
        }
        read
    }

    /// Where a phrase begins, as whole words.
    pub fn places<'a>(&'a self, phrase: &'a str) -> impl Iterator<Item = usize> + 'a {
        let is_word = |byte: Option<&u8>| {
            byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        let bytes = self.words.as_bytes();
        self.words.match_indices(phrase).filter_map(move |(at, _)| {
            let before = at.checked_sub(1).and_then(|before| bytes.get(before));
            let after = bytes.get(at + phrase.len());
            (!is_word(before) && !is_word(after)).then_some(at)
        })
    }

    /// The line of a place.
    pub fn line(&self, place: usize) -> usize {
        self.lines[place]
    }
}
