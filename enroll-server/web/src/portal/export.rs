//! A list as a file of comma-separated values, for spreadsheets (RFC 4180): all rows, whatever their number, and on record with
//! how many were given out.

use std::future::Future;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::IntoResponse;
use futures_util::{StreamExt as _, stream};
use tokio::sync::mpsc;

use enroll_server_model::event_detail::ExportedList;
use enroll_server_model::{Actor, Event, NewEvent};
use enroll_server_service::query::{MANY_ROWS, Page, Place, Wanted};
use enroll_server_service::{App, audit, error};

use super::page::Answer;
use crate::words::Text;

/// Spreadsheets take a file for UTF-8 that begins so.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// How a file's rows are written.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// Comma-separated values, with a line of headings.
    Csv,
    /// A JSON object a line.
    JsonLines,
}

/// Which list is exported.
#[derive(Debug)]
pub struct Export {
    /// What its file is called, without the ending.
    pub name: &'static str,
    /// What narrows the list, as its address says it.
    pub narrowing: String,
    /// The headings.
    pub columns: Vec<Text>,
}

/// Some lines of a file.
#[derive(Debug)]
pub struct Lines {
    text: Vec<u8>,
    rows: u64,
    /// After which row the file goes on, if it does.
    next: Option<Place>,
}

impl Lines {
    /// The lines of comma-separated values for a page of the list.
    pub fn of<T>(page: &Page<T>, cells: impl Fn(&T) -> Vec<String>) -> Self {
        let mut writer = writer(Vec::new());
        for row in &page.rows {
            // Writing into memory does not fail.
            let _ = writer.write_record(cells(row).iter().map(|cell| harmless(cell)));
        }
        Self {
            text: writer.into_inner().unwrap_or_default(),
            rows: page.rows.len() as u64,
            next: page.next.clone(),
        }
    }

    /// The lines of JSON for a page of the list.
    pub fn of_json<T>(page: &Page<T>, object: impl Fn(&T) -> serde_json::Value) -> Self {
        let mut text = Vec::new();
        for row in &page.rows {
            text.extend(object(row).to_string().into_bytes());
            text.push(b'\n');
        }
        Self {
            text,
            rows: page.rows.len() as u64,
            next: page.next.clone(),
        }
    }
}

/// Many rows of a list after a place.
#[must_use]
pub const fn all_after(from: Option<&Place>) -> Wanted<'_> {
    Wanted {
        from,
        backwards: false,
        rows: MANY_ROWS,
        is_counted: false,
    }
}

impl Export {
    /// Begins the file, whose lines `read` makes from one place to the next.
    pub fn start<R, F>(self, app: Arc<App>, actor: Actor, form: Form, read: R) -> Answer
    where
        R: Fn(Arc<App>, Option<Place>) -> F + Send + Sync + 'static,
        F: Future<Output = error::Result<Lines>> + Send,
    {
        let (kind, ending) = match form {
            Form::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
            Form::JsonLines => ("application/jsonl; charset=utf-8", "jsonl"),
        };
        let disposition = format!("attachment; filename=\"{}.{ending}\"", self.name);
        let (send, receive) = mpsc::channel(1);
        if let Form::Csv = form {
            let mut head = writer(BYTE_ORDER_MARK.as_bytes().to_vec());
            let columns = self.columns.iter().map(|column| column.as_bytes());
            // Writing into memory does not fail, and there is room for one part.
            let _ = head.write_record(columns);
            let _ = send.try_send(Ok(Bytes::from(head.into_inner().unwrap_or_default())));
        }
        tokio::spawn(async move {
            if let Err(error) = self.write(&app, actor, &send, read).await {
                tracing::error!(%error, "a list could not be written to its end");
                // What was begun is not taken for the whole.
                let _ = send.send(Err(error)).await;
            }
        });
        let body = stream::unfold(receive, |mut receive| async move {
            receive.recv().await.map(|part| (part, receive))
        });
        // Whoever compresses it asks once more after its end.
        let body = body.fuse();
        let headers = [
            (CONTENT_TYPE, kind.to_owned()),
            (CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, Body::from_stream(body)).into_response())
    }

    /// Writes all lines, as far as somebody takes them, and then records how many rows were given out, also where it breaks off;
    /// the last part goes out after that.
    async fn write<R, F>(
        self,
        app: &Arc<App>,
        actor: Actor,
        send: &mpsc::Sender<error::Result<Bytes>>,
        read: R,
    ) -> error::Result<()>
    where
        R: Fn(Arc<App>, Option<Place>) -> F + Send + Sync + 'static,
        F: Future<Output = error::Result<Lines>> + Send,
    {
        let mut rows = 0;
        let last = write_but_last(app, send, read, &mut rows).await;
        let exported = ExportedList {
            list: self.name.to_owned(),
            narrowing: self.narrowing,
            rows,
            broken_off: !matches!(last, Ok(Some(_))),
        };
        let event = Event::ListExported(exported);
        let recorded = audit::record(app, NewEvent::new(app.clock.now(), &actor, "", event)).await;
        let last = last?;
        recorded?;
        if let Some(part) = last {
            // Whoever does not take it has gone.
            let _ = send.send(Ok(part)).await;
        }
        Ok(())
    }
}

/// Writes all lines but the last part, and counts the rows. Returns that part; none if nobody takes any more.
async fn write_but_last<R, F>(
    app: &Arc<App>,
    send: &mpsc::Sender<error::Result<Bytes>>,
    read: R,
    rows: &mut u64,
) -> error::Result<Option<Bytes>>
where
    R: Fn(Arc<App>, Option<Place>) -> F,
    F: Future<Output = error::Result<Lines>>,
{
    let mut from = None;
    loop {
        let lines = read(app.clone(), from).await?;
        let part = Bytes::from(lines.text);
        if lines.next.is_none() {
            *rows += lines.rows;
            return Ok(Some(part));
        }
        if send.send(Ok(part)).await.is_err() {
            return Ok(None);
        }
        *rows += lines.rows;
        from = lines.next;
    }
}

fn writer(begun: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(begun)
}

/// A cell that no spreadsheet takes for a formula, nor for several cells of which one is: in some countries a semicolon
/// separates them.
fn harmless(cell: &str) -> String {
    let mut harmless = String::with_capacity(cell.len() + 1);
    let mut begins = true;
    for character in cell.chars() {
        if begins && matches!(character, '=' | '+' | '-' | '@' | '\t' | '\r') {
            harmless.push('\'');
        }
        harmless.push(character);
        begins = matches!(character, ';' | '\t') || (begins && character == ' ');
    }
    harmless
}

#[cfg(test)]
mod tests {
    use enroll_server_service::query::Count;

    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_is_one_cell() {
        let page = Page {
            rows: vec!["=1+1", "@x", "a, \"b\"", "Ünal", "x; =A1"],
            previous: None,
            next: None,
            count: Count::Exactly(5),
        };
        let lines = Lines::of(&page, |cell| vec![(*cell).to_owned(), "1".to_owned()]);
        assert_eq!(
            String::from_utf8(lines.text).unwrap(),
            "'=1+1,1\r\n'@x,1\r\n\"a, \"\"b\"\"\",1\r\nÜnal,1\r\nx; '=A1,1\r\n"
        );
    }
}
