//! How the statement of a list is put together: what is read, what narrows it, its order, and which part of it is wanted.

use std::fmt::Write as _;

use sqlx::any::AnyRow;
use sqlx::query::QueryAs;
use sqlx::{Any, AssertSqlSafe, FromRow, any::AnyArguments};

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::search::{Patterns, Source};
use crate::sql::Reader;

/// What a list is ordered by, of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// A time or a number.
    Number(i64),
    /// A text.
    Text(String),
}

impl From<Timestamp> for Key {
    fn from(time: Timestamp) -> Self {
        Self::Number(time.0)
    }
}

/// Where a row is in its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// What the list is ordered by.
    pub key: Key,
    /// The id, which decides between rows that are equal in that; the number of an event.
    pub id: Key,
}

impl Place {
    /// The place of a row with this id.
    pub fn new(key: impl Into<Key>, id: &str) -> Self {
        Self {
            key: key.into(),
            id: Key::Text(id.to_owned()),
        }
    }
}

/// Which rows of a list are wanted: those after a place, or the last ones before it.
#[derive(Clone, Copy, Debug)]
pub struct Span<'p> {
    /// The place; none for the start of the list.
    pub from: Option<&'p Place>,
    /// Whether the rows before the place are wanted, and not those after it.
    pub backwards: bool,
    /// How many at most.
    pub limit: i64,
    /// Whether a search may fit more rows than it [finds](FOUND) by its words: the list is then read in its order, and each row is
    /// looked at.
    pub is_common: bool,
}

impl<'p> Span<'p> {
    /// The first rows.
    #[must_use]
    pub const fn first(limit: i64) -> Self {
        Self::after(None, limit)
    }

    /// The rows after a place.
    #[must_use]
    pub const fn after(from: Option<&'p Place>, limit: i64) -> Self {
        Self {
            from,
            backwards: false,
            limit,
            is_common: false,
        }
    }
}

/// The order that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sorting<S> {
    /// What the list is sorted by.
    pub by: S,
    /// Whether the last comes first.
    pub descending: bool,
}

impl<S> Sorting<S> {
    /// The first comes first.
    pub const fn rising(by: S) -> Self {
        Self {
            by,
            descending: false,
        }
    }

    /// The last comes first.
    pub const fn falling(by: S) -> Self {
        Self {
            by,
            descending: true,
        }
    }

    /// The same by the column of that name, which has a number.
    pub(super) fn column(self, key: &'static str) -> Order {
        Order {
            key,
            is_text: false,
            descending: self.descending,
        }
    }
}

/// What a list is ordered by: a column, then the id.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order {
    pub(super) key: &'static str,
    /// Whether the column has a text, and not a number.
    pub(super) is_text: bool,
    pub(super) descending: bool,
}

/// A list's tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// The columns of a row, with `FROM` and the tables that they are of.
    pub(super) select: &'static str,
    /// The table whose rows are counted, which alone conditions are about.
    pub(super) counted: &'static str,
    /// The column of the id.
    pub(super) id: &'static str,
}

/// What is searched in a list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Searched {
    /// The column of the ids.
    pub(super) column: &'static str,
    /// The text of a row, of the tables that the list is read from, in which all words are to be.
    pub(super) text: &'static str,
}

/// What the rows of a list have in common, each condition with the values that it compares with.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Key>,
    is_searched: bool,
    finds_few: bool,
}

impl Conditions {
    /// Adds a condition, which has a question mark for each value.
    pub(super) fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Key>) {
        self.parts.push(condition.to_owned());
        self.values.extend(values);
    }

    /// Adds that a row is one of those with these ids.
    pub(super) fn among(&mut self, column: &str, ids: &[String]) {
        let marks = vec!["?"; ids.len()].join(", ");
        self.is_searched = true;
        self.finds_few = true;
        self.add(
            &format!("{column} IN ({marks})"),
            ids.iter().cloned().map(Key::Text),
        );
    }

    /// Adds that a row is one that one of these searches finds in its sources, or one that `also` selects. Everything else that the
    /// rows have in common must be there already: what a search finds is cut after that.
    pub(super) fn search(
        &mut self,
        of: Searched,
        searches: &[(Patterns, &[Source])],
        also: Option<(&str, Vec<Key>)>,
        is_common: bool,
    ) {
        let column = of.column;
        let mut ways = Vec::new();
        let mut values = Vec::new();
        if is_common {
            for (patterns, _) in searches {
                let (condition, own) = patterns.all_in(of.text);
                ways.push(condition);
                values.extend(own.into_iter().map(Key::Text));
            }
            if let Some((select, own)) = also {
                ways.push(format!("{column} IN ({select})"));
                values.extend(own);
            }
            self.is_searched = true;
            self.add(&format!("({})", ways.join(" OR ")), values);
            return;
        }
        let narrowing = self.parts.join(" AND ");
        for (patterns, sources) in searches {
            for source in *sources {
                for (select, own) in patterns.selects(*source, (&narrowing, &self.values)) {
                    ways.push(select);
                    values.extend(own);
                }
            }
        }
        if let Some((select, own)) = also {
            ways.push(select.to_owned());
            values.extend(own);
        }
        self.found(column, &ways.join(" UNION "), values);
    }

    /// Adds that a row is one that a statement selects, which finds few.
    pub(super) fn found(&mut self, column: &str, select: &str, values: Vec<Key>) {
        self.is_searched = true;
        self.finds_few = true;
        self.add(&format!("{column} IN ({select})"), values);
    }

    /// All of them, from `WHERE` on, with a number for each value; nothing where there are none.
    fn text(&self) -> String {
        let mut text = String::new();
        if self.parts.is_empty() {
            return text;
        }
        text.push_str(" WHERE ");
        let mut number = 0;
        for piece in self.parts.join(" AND ").split_inclusive('?') {
            match piece.strip_suffix('?') {
                Some(before) => {
                    number += 1;
                    let _ = write!(text, "{before}${number}");
                }
                None => text.push_str(piece),
            }
        }
        text
    }
}

impl From<String> for Key {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// The rows of a span of a list, in the list's order.
pub(super) async fn rows<'e, T>(
    on: impl Reader<'e>,
    table: Table,
    mut conditions: Conditions,
    order: Order,
    span: Span<'_>,
) -> Result<Vec<T>>
where
    T: for<'r> FromRow<'r, AnyRow> + Send + Unpin,
{
    let falls = order.descending != span.backwards;
    // A place of another list, which somebody wrote into an address: the list begins at its start.
    let from = span.from.filter(|place| {
        matches!(place.key, Key::Text(_)) == order.is_text
            && matches!(place.id, Key::Text(_)) == table.id.ends_with(".id")
    });
    // Rows that a search found are few: no index is to be walked for their order.
    let key = match (conditions.finds_few, order.is_text) {
        (true, false) => format!("{} + 0", order.key),
        _ => order.key.to_owned(),
    };
    if let Some(place) = from {
        let compare = if falls { '<' } else { '>' };
        conditions.add(
            &format!("({key}, {}) {compare} (?, ?)", table.id),
            [place.key.clone(), place.id.clone()],
        );
    }
    let direction = if falls { "DESC" } else { "ASC" };
    let statement = format!(
        "SELECT {}{} ORDER BY {key} {direction}, {} {direction} LIMIT {}",
        table.select,
        conditions.text(),
        table.id,
        span.limit,
    );
    let query = sqlx::query_as(AssertSqlSafe(statement));
    let mut rows: Vec<T> = bound(query, conditions).fetch_all(on).await?;
    if span.backwards {
        rows.reverse();
    }
    Ok(rows)
}

/// How many rows a list has, as far as `most`.
pub(super) async fn count<'e>(
    on: impl Reader<'e>,
    table: Table,
    conditions: Conditions,
    most: i64,
) -> Result<i64> {
    let statement = format!(
        "SELECT COUNT(*) FROM (SELECT 1 FROM {}{} LIMIT {most}) AS counted",
        table.counted,
        conditions.text(),
    );
    let query = sqlx::query_as(AssertSqlSafe(statement));
    let (count,) = bound(query, conditions).fetch_one(on).await?;
    Ok(count)
}

fn bound<'q, T>(
    mut query: QueryAs<'q, Any, T, AnyArguments>,
    conditions: Conditions,
) -> QueryAs<'q, Any, T, AnyArguments> {
    // The texts of searches are many: none of them is kept ready.
    query = query.persistent(!conditions.is_searched);
    for value in conditions.values {
        query = match value {
            Key::Number(number) => query.bind(number),
            Key::Text(text) => query.bind(text),
        };
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_number_their_values() {
        let mut conditions = Conditions::default();
        conditions.add("a = ?", [Key::Number(1)]);
        conditions.add("b IS NULL", []);
        conditions.add(
            "(c, d) > (?, ?)",
            [Key::Number(2), Key::Text("x".to_owned())],
        );
        assert_eq!(
            conditions.text(),
            " WHERE a = $1 AND b IS NULL AND (c, d) > ($2, $3)"
        );
        assert_eq!(conditions.values.len(), 3);
    }
}
