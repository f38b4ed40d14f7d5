//! What every noun's statements share.

use std::error::Error;
use std::str::FromStr;

use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};

/// Where a statement that only reads can run: a pool or the connection of a transaction.
pub trait Reader<'e>: Executor<'e, Database = Any> {}
impl<'e, E: Executor<'e, Database = Any>> Reader<'e> for E {}

/// A typed row, field by field: from the column of its name, or as it says: from another column, from a text that is parsed
/// ([`text`], [`optional_text`]), or `whole` from the columns of another row. The derive of sqlx would compile sqlx a second
/// time, for the compiler.
macro_rules! from_row {
    ($row:ident { $($field:ident $(: $how:tt)?),+ $(,)? }) => {
        impl sqlx::FromRow<'_, sqlx::any::AnyRow> for $row {
            fn from_row(row: &sqlx::any::AnyRow) -> sqlx::Result<Self> {
                Ok(Self { $($field: crate::sql::from_row!(row, $field $(, $how)?)),+ })
            }
        }
    };
    ($row:ident, $field:ident) => {
        sqlx::Row::try_get($row, stringify!($field))?
    };
    ($row:ident, $field:ident, whole) => {
        sqlx::FromRow::from_row($row)?
    };
    ($row:ident, $field:ident, text) => {
        crate::sql::text($row, stringify!($field))?
    };
    ($row:ident, $field:ident, optional_text) => {
        crate::sql::optional_text($row, stringify!($field))?
    };
    ($row:ident, $field:ident, $column:literal) => {
        sqlx::Row::try_get($row, $column)?
    };
}
pub(crate) use from_row;

/// What a statement changed: exactly one row, or not.
pub(crate) fn changed_one(result: &sqlx::any::AnyQueryResult) -> bool {
    result.rows_affected() == 1
}

/// A column whose text is read into a type that knows no database.
///
/// # Errors
/// If the column cannot be read, or its text is not one of the type.
pub(crate) fn text<T>(row: &AnyRow, column: &str) -> sqlx::Result<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    parsed(column, &row.try_get::<String, _>(column)?)
}

/// The same of a column that may be null.
///
/// # Errors
/// As [`text`].
pub(crate) fn optional_text<T>(row: &AnyRow, column: &str) -> sqlx::Result<Option<T>>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    row.try_get::<Option<String>, _>(column)?
        .map(|text| parsed(column, &text))
        .transpose()
}

fn parsed<T>(column: &str, text: &str) -> sqlx::Result<T>
where
    T: FromStr<Err: Error + Send + Sync + 'static>,
{
    text.parse().map_err(|source| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: Box::new(source),
    })
}

/// What a search looks at: the given texts in lower case, a line each. Scripts without spaces between words have a line for
/// each character with what follows it, so that a word of one or two characters is found too.
pub(crate) fn searched(texts: &[&str]) -> String {
    let mut lines: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
    for text in texts {
        let text = text.to_lowercase();
        for run in text.split(|character| !is_without_spaces(character)) {
            let later = run.char_indices().skip(1);
            lines.extend(later.filter_map(|(at, _)| run.get(at..).map(str::to_owned)));
        }
    }
    lines.join("\n")
}

/// Whether a character is of a script that is written without spaces: Chinese, Japanese, Korean, Thai.
fn is_without_spaces(character: char) -> bool {
    matches!(character,
        '\u{0e00}'..='\u{0e7f}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7af}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    fn files_of(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                files_of(&path, files);
            } else {
                files.push(path);
            }
        }
    }

    #[test]
    fn words_of_scripts_without_spaces_are_lines() {
        assert_eq!(
            super::searched(&["Wang 王小明", "A"]),
            "wang 王小明\na\n小明\n明"
        );
    }

    /// A statement that asks for all columns breaks servers that still run when a newer one adds a column.
    #[test]
    fn every_statement_names_its_columns() {
        let mut files = Vec::new();
        files_of(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
            &mut files,
        );
        let mut found = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            for line in code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"))
            {
                let plain = line.replace("COUNT(*)", "");
                let asks = ["SELECT *", "RETURNING *", ", *"]
                    .iter()
                    .any(|all| plain.contains(all));
                let of_one = plain
                    .match_indices(".*")
                    .any(|(at, _)| plain[..at].ends_with(|last: char| last.is_ascii_lowercase()));
                if asks || of_one {
                    found.push(format!("{}: {line}", path.display()));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
