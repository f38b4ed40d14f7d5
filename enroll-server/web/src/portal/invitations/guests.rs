//! People from a file of comma-separated values.

use enroll_server_service::admission::bulk::Guest;

use enroll_server_service::person::MailLanguage;

use crate::words::{Text, Words};

/// A person of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The number of the line, from 1.
    pub number: u64,
    /// Who.
    pub guest: Guest,
}

/// Why a file cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It has no person.
    Empty,
    /// The first line names columns, and none is called so.
    NoColumn(&'static str),
    /// A line has too few cells, or a quotation mark is missing.
    Line(u64),
    /// A line names a language that nobody can be written to in.
    Language(u64),
}

/// Which column has what.
#[derive(Clone, Copy)]
struct Columns {
    name: usize,
    email: usize,
    /// Where there is none, the account is the mail address.
    upn: Option<usize>,
    /// Where there is none, or nothing in it, the language is that of whoever invites.
    language: Option<usize>,
}

/// Reads a file: cells between commas, semicolons or tabs; the first line may name its columns, which otherwise are name, mail
/// address and account name.
///
/// # Errors
/// Why it cannot be read.
pub fn read(words: Words, text: &str) -> Result<Vec<Line>, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text
        .lines()
        .find(|line| !line.trim().is_empty())
        .ok_or(Unreadable::Empty)?;
    let count = |separator: char| first.matches(separator).count();
    let separator = [b',', b';', b'\t']
        .into_iter()
        .max_by_key(|separator| (count(char::from(*separator)), *separator == b','))
        .unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut columns: Option<Columns> = None;
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Unreadable::Line(line_of(text, error.position())))?;
        let number = line_of(text, record.position());
        if record.iter().all(str::is_empty) {
            continue;
        }
        let columns = match columns {
            Some(columns) => columns,
            None => match named(words, &record)? {
                Some(found) => {
                    columns = Some(found);
                    continue;
                }
                None => *columns.insert(Columns {
                    name: 0,
                    email: 1,
                    upn: (record.len() > 2).then_some(2),
                    language: None,
                }),
            },
        };
        let cell = |at: usize| {
            record
                .get(at)
                .map(str::to_owned)
                .ok_or(Unreadable::Line(number))
        };
        let email = cell(columns.email)?;
        let upn = match columns.upn {
            Some(at) => record.get(at).unwrap_or_default().to_owned(),
            None => String::new(),
        };
        let language = match columns.language.and_then(|at| record.get(at)) {
            None | Some("") => MailLanguage::IfNew(words.language().to_owned()),
            Some(named) => Words::named(named)
                .map(|named| MailLanguage::Chosen(named.language().to_owned()))
                .ok_or(Unreadable::Language(number))?,
        };
        lines.push(Line {
            number,
            guest: Guest {
                name: cell(columns.name)?,
                upn: if upn.is_empty() { email.clone() } else { upn },
                email,
                language,
            },
        });
    }
    if lines.is_empty() {
        return Err(Unreadable::Empty);
    }
    Ok(lines)
}

/// The number of the line at which a record begins. Empty lines before it are part of it to the reader of the file.
fn line_of(text: &str, position: Option<&csv::Position>) -> u64 {
    let start = position.map_or(0, |position| {
        usize::try_from(position.byte()).unwrap_or_default()
    });
    let rest = text.get(start..).unwrap_or_default();
    let empty = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
    let before = text.get(..start + empty).unwrap_or_default();
    before.matches('\n').count() as u64 + 1
}

/// The columns that a line names; none if it is a person's. Only a line of several cells without an
/// address can name columns.
fn named(words: Words, record: &csv::StringRecord) -> Result<Option<Columns>, Unreadable> {
    if record.len() < 2 || record.iter().any(|cell| cell.contains('@')) {
        return Ok(None);
    }
    let find = |names: Text| {
        record.iter().position(|cell| {
            let cell = cell.to_lowercase();
            names.split(',').any(|name| name.trim() == cell)
        })
    };
    Ok(Some(Columns {
        name: find(words.import_columns_name()).ok_or(Unreadable::NoColumn("name"))?,
        email: find(words.import_columns_email()).ok_or(Unreadable::NoColumn("email"))?,
        upn: find(words.import_columns_upn()),
        language: find(words.import_columns_language()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guests(text: &str) -> Vec<(u64, String, String, String)> {
        let lines = read(Words::english(), text).unwrap();
        lines
            .into_iter()
            .map(|line| {
                (
                    line.number,
                    line.guest.name,
                    line.guest.email,
                    line.guest.upn,
                )
            })
            .collect()
    }

    fn guest(number: u64, name: &str, email: &str, upn: &str) -> (u64, String, String, String) {
        (number, name.to_owned(), email.to_owned(), upn.to_owned())
    }

    #[test]
    fn a_file_is_read_as_spreadsheets_write_it() {
        let expected = [
            guest(2, "Alice, Dr.", "alice@example.org", "a@corp.example"),
            guest(4, "Bob", "bob@example.org", "bob@example.org"),
        ];
        for text in [
            "\u{feff}Name,Email,UPN\r\n\"Alice, Dr.\",alice@example.org,a@corp.example\r\n\r\nBob,bob@example.org,\r\n",
            "upn;MAIL;name\na@corp.example;alice@example.org;Alice, Dr.\n;;\n;bob@example.org;Bob",
            "State\tName\tMail address\tAccount name\nx\tAlice, Dr.\talice@example.org\ta@corp.example\n\n \tBob \t bob@example.org\n",
        ] {
            assert_eq!(guests(text), expected, "{text}");
        }
    }

    #[test]
    fn a_file_without_headings_is_name_address_and_account() {
        assert_eq!(
            guests("Alice,alice@example.org\nBob,bob@example.org"),
            [
                guest(1, "Alice", "alice@example.org", "alice@example.org"),
                guest(2, "Bob", "bob@example.org", "bob@example.org"),
            ]
        );
    }

    #[test]
    fn a_file_may_say_in_which_language_somebody_is_written_to() {
        let languages = |words: Words, text: &str| -> Vec<String> {
            let lines = read(words, text).unwrap();
            lines
                .into_iter()
                .map(|line| line.guest.language.tag().to_owned())
                .collect()
        };
        let german = Words::of("de").unwrap();
        let text = "Name,Email,Language\nA,a@b.example,de\nB,b@b.example,English\nC,c@b.example,\nD,d@b.example,DEUTSCH";
        assert_eq!(languages(Words::english(), text), ["de", "en", "en", "de"]);
        let text = "Name;E-Mail;Sprache\nA;a@b.example;en\nB;b@b.example;";
        assert_eq!(languages(german, text), ["en", "de"]);
        assert_eq!(languages(german, "A,a@b.example"), ["de"]);
        assert_eq!(
            read(
                Words::english(),
                "Name,Email,Language\nA,a@b.example,Klingon"
            ),
            Err(Unreadable::Language(2))
        );
    }

    #[test]
    fn what_cannot_be_read_is_said_with_its_line() {
        assert_eq!(read(Words::english(), " \n \n"), Err(Unreadable::Empty));
        assert_eq!(
            read(Words::english(), "Name,Email\n"),
            Err(Unreadable::Empty)
        );
        assert_eq!(
            read(Words::english(), "Surname,Email\nA,a@b.example"),
            Err(Unreadable::NoColumn("name"))
        );
        assert_eq!(
            read(Words::english(), "Name,Phone\nA,1"),
            Err(Unreadable::NoColumn("email"))
        );
        assert_eq!(
            read(Words::english(), "Name,Email\nAlice,a@b.example\nBob"),
            Err(Unreadable::Line(3))
        );
    }
}
