//! What this program says of itself to a phone that shows it to its holder: "ssh on laptop". Nothing proves it.

use std::path::Path;
use std::sync::OnceLock;

use card_edge::piv::extensions::{NOTE_MAX, Note};

use crate::platform;

static NOTE: OnceLock<Option<Note>> = OnceLock::new();

/// Program and host, as far as they are known.
pub fn note() -> Option<Note> {
    NOTE.get_or_init(|| {
        let program = std::env::current_exe().ok();
        let program = program
            .as_deref()
            .and_then(Path::file_name)?
            .to_string_lossy();
        // What Linux adds where the file was replaced since the program was started.
        let program = program.strip_suffix(" (deleted)").unwrap_or(&program);
        compose(program, &platform::host_name()?)
    })
    .clone()
}

fn compose(program: &str, host: &str) -> Option<Note> {
    let mut text = format!("{program} on {host}");
    let end = (0..=NOTE_MAX).rev().find(|end| text.is_char_boundary(*end));
    text.truncate(end?);
    Note::new(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_program_and_host_and_is_cut_at_its_length() {
        assert_eq!(compose("ssh", "laptop").unwrap().as_str(), "ssh on laptop");
        let long = compose(&"ä".repeat(40), "laptop").unwrap();
        assert_eq!(long.as_str(), "ä".repeat(32));
        assert!(note().is_some());
    }
}
