//! Man pages, one for each command and subcommand.
//!
//! What stands at the end of a command's help is made into sections as man-pages(7) has them: clap knows it as one text.

use std::fs;
use std::io;
use std::path::Path;

use clap::Command;
use clap_mangen::Man;

/// Writes the pages of a command and of all below it.
///
/// # Errors
/// What the system says.
pub fn write(command: Command, folder: &Path) -> io::Result<()> {
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let version = command.get_version().unwrap_or_default();
    let source = format!("{} {version}", command.get_name());
    write_all(&command, &source, folder)
}

fn write_all(command: &Command, source: &str, folder: &Path) -> io::Result<()> {
    let below = command.get_subcommands();
    for command in below.filter(|command| !command.is_hide_set()) {
        write_all(command, source, folder)?;
    }
    let page = Man::new(command.clone())
        .source(source)
        .manual("Tapcard's commands");
    fs::write(folder.join(page.get_filename()), text(&page, command)?)
}

fn text(page: &Man, command: &Command) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    page.render_title(&mut text)?;
    page.render_name_section(&mut text)?;
    page.render_synopsis_section(&mut text)?;
    page.render_description_section(&mut text)?;
    if command
        .get_arguments()
        .any(|argument| !argument.is_hide_set())
    {
        page.render_options_section(&mut text)?;
    }
    if command.has_subcommands() {
        page.render_subcommands_section(&mut text)?;
    }
    if let Some(end) = command.get_after_help() {
        text.extend(sections(&end.to_string()).bytes());
    }
    Ok(text)
}

/// Where a line of the text at the end of a help belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Section {
    Examples,
    ExitStatus,
    Notes,
}

impl Section {
    /// The section's macro; examples keep their lines as they are.
    fn begin(self) -> &'static str {
        match self {
            Self::Examples => ".SH EXAMPLES\n.nf\n",
            Self::ExitStatus => ".SH \"EXIT STATUS\"\n",
            Self::Notes => ".SH NOTES\n",
        }
    }

    fn end(self) -> &'static str {
        match self {
            Self::Examples => ".fi\n",
            Self::ExitStatus | Self::Notes => "",
        }
    }
}

/// The text at the end of a help, as sections of a page.
fn sections(end: &str) -> String {
    let mut text = String::new();
    let mut open: Option<Section> = None;
    for line in end.lines() {
        let (section, words) = match line {
            "Examples:" => (Section::Examples, ""),
            _ => match (line.strip_prefix("Exit status: "), open) {
                (Some(rest), _) => (Section::ExitStatus, rest),
                (None, Some(Section::Examples)) if line.is_empty() || line.starts_with(' ') => {
                    (Section::Examples, line)
                }
                (None, None | Some(Section::Examples)) => (Section::Notes, line),
                (None, Some(section)) => (section, line),
            },
        };
        let is_new = open != Some(section);
        if is_new {
            text.push_str(open.map_or("", Section::end));
            text.push_str(section.begin());
            open = Some(section);
        }
        if words.is_empty() {
            // An empty line is one in an example, and begins a paragraph elsewhere.
            if !is_new {
                text.push_str(if section == Section::Examples {
                    "\n"
                } else {
                    ".PP\n"
                });
            }
        } else {
            text.push_str(&escaped(words));
            text.push('\n');
        }
    }
    text.push_str(open.map_or("", Section::end));
    text
}

/// A line of text, none of which is taken for a macro (roff(7)).
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-");
    if line.starts_with(['.', '\'']) {
        format!("\\&{line}")
    } else {
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_help_becomes_sections() {
        let end = "Examples:\n  a --b 'c'\n\n  .d\\\n\nExit status: 0 well;\n1 not.\n\nSee also e.";
        assert_eq!(
            sections(end),
            ".SH EXAMPLES\n.nf\n  a \\-\\-b 'c'\n\n  .d\\e\n\n.fi\n.SH \"EXIT STATUS\"\n0 well;\n1 not.\n.PP\nSee also e.\n"
        );
        assert_eq!(sections("'Quoted'\n"), ".SH NOTES\n\\&'Quoted'\n");
        assert_eq!(sections(""), "");
    }

    #[test]
    fn every_packaged_command_has_a_page_that_says_how_it_is_used() {
        for command in crate::commands::packaged() {
            let folder = tempfile::tempdir().unwrap();
            let name = command.get_name().to_owned();
            let below = command.get_subcommands().count();
            write(command, folder.path()).unwrap();
            assert!(fs::read_dir(folder.path()).unwrap().count() > below);
            let page = fs::read_to_string(folder.path().join(format!("{name}.1"))).unwrap();
            for section in ["NAME", "SYNOPSIS", "OPTIONS", "SUBCOMMANDS", "EXAMPLES"] {
                assert!(
                    page.contains(&format!(".SH {section}\n")),
                    "{section}: {page}"
                );
            }
        }
    }
}
