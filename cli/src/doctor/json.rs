//! The report as JSON (docs/doctor.md describes it).

use std::io;

use plain_text::Json;

use super::report::Report;

/// The report as indented JSON with a line end.
///
/// # Errors
/// Where it has no JSON form, which no report has.
pub fn encode(report: &Report) -> io::Result<String> {
    let text = serde_json::to_string_pretty(report)?;
    Ok(format!("{}\n", Json(&text)))
}
