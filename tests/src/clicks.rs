//! How many clicks the jobs of the portal take, as its document says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::{Result, unexpected};

/// How many clicks each job takes, by the chapter `heading` of docs/portal.md.
///
/// # Errors
/// When the document cannot be read, or has no such chapter.
pub fn clicks_documented(heading: &str) -> Result<BTreeMap<String, u32>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/portal.md");
    let text = fs::read_to_string(&path)
        .map_err(|error| unexpected(format!("{}: {error}", path.display())))?;
    let chapter = text.split("\n## ").find_map(|chapter| {
        let rest = chapter.strip_prefix(heading)?;
        rest.starts_with('\n').then_some(rest)
    });
    let chapter = chapter.ok_or_else(|| unexpected(format!("no chapter {heading}")))?;
    let row = |line: &str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        let (job, clicks) = (cells.next()?, cells.next()?);
        Some((job.to_owned(), clicks.parse().ok()?))
    };
    Ok(chapter.lines().filter_map(row).collect())
}
