//! How the statement of a list is put together: what is read, what narrows it, its order, and which part of it is wanted.

use std::fmt::Write as _;

use sqlx::any::AnyRow;
use sqlx::query::QueryAs;
use sqlx::{Any, AssertSqlSafe, FromRow, any::AnyArguments};

use enroll_server_model::Timestamp;

use crate::error::Result;
use crate::search::{FOUND, Patterns, Source};
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
    /// Whether what is searched for is [common](is_common): the list is then read in its order, and each row is looked at.
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

impl Order {
    /// What rows of these conditions are ordered by. Where they are few, no index is to be walked for their order.
    fn key_of(self, conditions: &Conditions) -> String {
        match (conditions.finds_few, self.is_text) {
            (true, false) => format!("{} + 0", self.key),
            _ => self.key.to_owned(),
        }
    }
}

/// A list's tables.
#[derive(Clone, Copy, Debug)]
pub(super) struct Table {
    /// The columns of a row.
    pub(super) columns: &'static str,
    /// The tables that they are of.
    pub(super) from: &'static str,
    /// The table whose rows are counted, which alone conditions are about.
    pub(super) counted: &'static str,
    /// The column of the id.
    pub(super) id: &'static str,
}

/// What is searched in a list.
#[derive(Clone, Debug)]
pub(super) struct Search {
    /// The column of the ids.
    pub(super) column: &'static str,
    /// The text of a row, of the tables that the list is read from, in which all words are to be.
    pub(super) text: &'static str,
    /// What is looked for, and where; a row is found by one of them.
    pub(super) searches: Vec<(Patterns, &'static [Source])>,
    /// What else a row is found by.
    pub(super) also: Option<Also>,
}

/// What a row is found by that has none of the words.
#[derive(Clone, Debug)]
pub(super) struct Also {
    /// Selects no more than [`FOUND`] ids.
    pub(super) select: &'static str,
    /// The same as a condition of a row.
    pub(super) condition: &'static str,
    /// The values for the question marks of either.
    pub(super) values: Vec<Key>,
}

/// What the rows of a list have in common, each condition with the values that it compares with.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    parts: Vec<String>,
    values: Vec<Key>,
    /// That a row is what is looked for, where each row of the others is looked at.
    looked_at: Option<(String, Vec<Key>)>,
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

    /// Adds that a row is found by a search. Everything else that the rows have in common must be there already.
    pub(super) fn search(&mut self, search: Option<Search>, is_common: bool) {
        let Some(search) = search else {
            return;
        };
        let mut ways = Vec::new();
        let mut values = Vec::new();
        if is_common {
            for (patterns, _) in &search.searches {
                let (condition, own) = patterns.all_in(search.text);
                ways.push(condition);
                values.extend(own.into_iter().map(Key::Text));
            }
            if let Some(also) = search.also {
                ways.push(also.condition.to_owned());
                values.extend(also.values);
            }
            self.look_at(format!("({})", ways.join(" OR ")), values);
            return;
        }
        let narrowing = self.parts.join(" AND ");
        for (patterns, sources) in &search.searches {
            for source in *sources {
                for (select, own) in patterns.selects(*source, (&narrowing, &self.values)) {
                    ways.push(select);
                    values.extend(own);
                }
            }
        }
        if let Some(also) = search.also {
            ways.push(also.select.to_owned());
            values.extend(also.values);
        }
        self.found(search.column, &ways.join(" UNION "), values);
    }

    /// Adds that each row is looked at, whether this is true of it.
    pub(super) fn look_at(&mut self, condition: String, values: Vec<Key>) {
        self.is_searched = true;
        self.looked_at = Some((condition, values));
    }

    /// Adds that a row is one that a statement selects, which finds few.
    pub(super) fn found(&mut self, column: &str, select: &str, values: Vec<Key>) {
        self.is_searched = true;
        self.finds_few = true;
        self.add(&format!("{column} IN ({select})"), values);
    }

    /// All of them, from `WHERE` on; nothing where there are none.
    fn text(&self) -> String {
        if self.parts.is_empty() {
            return String::new();
        }
        format!(" WHERE {}", self.parts.join(" AND "))
    }
}

/// A statement with a number for each value.
fn numbered(statement: &str) -> String {
    let mut text = String::new();
    let mut number = 0;
    for piece in statement.split_inclusive('?') {
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
    if let Some((condition, values)) = conditions.looked_at.take() {
        conditions.add(&condition, values);
    }
    // A place of another list, which somebody wrote into an address: the list begins at its start.
    let from = span.from.filter(|place| {
        matches!(place.key, Key::Text(_)) == order.is_text
            && matches!(place.id, Key::Text(_)) == table.id.ends_with(".id")
    });
    let key = order.key_of(&conditions);
    if let Some(place) = from {
        let compare = if falls { '<' } else { '>' };
        conditions.add(
            &format!("({key}, {}) {compare} (?, ?)", table.id),
            [place.key.clone(), place.id.clone()],
        );
    }
    let direction = if falls { "DESC" } else { "ASC" };
    let statement = format!(
        "SELECT {} FROM {}{} ORDER BY {key} {direction}, {} {direction} LIMIT {}",
        table.columns,
        table.from,
        conditions.text(),
        table.id,
        span.limit,
    );
    let mut rows: Vec<T> = bound(&statement, conditions).fetch_all(on).await?;
    if span.backwards {
        rows.reverse();
    }
    Ok(rows)
}

/// How many rows a list has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// This many.
    All(i64),
    /// More than that, as far as which they were counted.
    MoreThan(i64),
    /// This many among those that were looked at; there may be others.
    AtLeast(i64),
}

/// How many rows are looked at to count those that a search for something common finds.
const LOOKED_AT: i64 = 5000;

/// How many rows a list has, as far as `most`, or as they are found among the first rows of its order.
pub(super) async fn count<'e>(
    on: impl Reader<'e>,
    table: Table,
    mut conditions: Conditions,
    order: Order,
    most: i64,
) -> Result<Counted> {
    let Some((condition, mut values)) = conditions.looked_at.take() else {
        let statement = format!(
            "SELECT COUNT(*) FROM (SELECT 1 FROM {}{} LIMIT {}) AS counted",
            table.counted,
            conditions.text(),
            most + 1,
        );
        let (rows,): (i64,) = bound(&statement, conditions).fetch_one(on).await?;
        return Ok(if rows <= most {
            Counted::All(rows)
        } else {
            Counted::MoreThan(most)
        });
    };
    let direction = if order.descending { "DESC" } else { "ASC" };
    let statement = format!(
        "SELECT COUNT(*), COUNT(fits) FROM (SELECT CASE WHEN {condition} THEN 1 END AS fits FROM {}{} \
         ORDER BY {key} {direction}, {} {direction} LIMIT {}) AS looked_at",
        table.from,
        conditions.text(),
        table.id,
        LOOKED_AT + 1,
        key = order.key_of(&conditions),
    );
    values.append(&mut conditions.values);
    conditions.values = values;
    let (looked_at, rows): (i64, i64) = bound(&statement, conditions).fetch_one(on).await?;
    Ok(if rows > most {
        Counted::MoreThan(most)
    } else if looked_at <= LOOKED_AT {
        Counted::All(rows)
    } else {
        Counted::AtLeast(rows)
    })
}

/// Whether a search finds more by its words than can be looked at one by one.
pub(super) async fn is_common<'e>(on: impl Reader<'e>, search: Option<Search>) -> Result<bool> {
    let mut lookups: Vec<String> = Vec::new();
    let mut conditions = Conditions::default();
    for (patterns, sources) in search.iter().flat_map(|search| &search.searches) {
        for (lookup, values) in sources.iter().flat_map(|source| patterns.lookups(*source)) {
            lookups.push(lookup);
            conditions.values.extend(values.into_iter().map(Key::Text));
        }
    }
    if let Some(also) = search.and_then(|search| search.also) {
        lookups.push(also.select.to_owned());
        conditions.values.extend(also.values);
    }
    if lookups.is_empty() {
        return Ok(false);
    }
    conditions.is_searched = true;
    let counts: Vec<String> = lookups
        .iter()
        .map(|lookup| format!("SELECT COUNT(*) AS rows FROM ({lookup}) AS found"))
        .collect();
    let statement = format!(
        "SELECT MAX(counted.rows) FROM ({}) AS counted",
        counts.join(" UNION ALL ")
    );
    let (most,): (i64,) = bound(&statement, conditions).fetch_one(on).await?;
    Ok(most >= FOUND)
}

fn bound<T>(statement: &str, conditions: Conditions) -> QueryAs<'static, Any, T, AnyArguments>
where
    T: for<'r> FromRow<'r, AnyRow>,
{
    // The texts of searches are many: none of them is kept ready.
    let mut query = sqlx::query_as(AssertSqlSafe(numbered(statement)));
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
            numbered(&conditions.text()),
            " WHERE a = $1 AND b IS NULL AND (c, d) > ($2, $3)"
        );
        assert_eq!(conditions.values.len(), 3);
    }
}
