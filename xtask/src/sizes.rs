//! How large what is published is: a table, as docs/packages.md has it.

use std::fs;
use std::path::Path;

use crate::error::{Result, doing};

/// Prints the head of the table.
pub fn head() {
    println!("\n| file | from the compiler | stripped |\n|---|---|---|");
}

/// Prints the row of a program that is in two folders: as the compiler has made it, and without symbols.
///
/// # Errors
/// Where it is not there.
pub fn program(name: &str, whole: &Path, stripped: &Path) -> Result {
    let (whole, stripped) = (
        megabytes(&whole.join(name))?,
        megabytes(&stripped.join(name))?,
    );
    println!("| `{name}` | {whole} | {stripped} |");
    Ok(())
}

/// Prints the row of a package, whose programs have no symbols.
///
/// # Errors
/// Where it is not there.
pub fn package(path: &Path) -> Result {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    println!("| `{name}` | | {} |", megabytes(path)?);
    Ok(())
}

fn megabytes(path: &Path) -> Result<String> {
    let metadata = fs::metadata(path).map_err(doing(format!("look at {}", path.display())))?;
    let tenths = metadata.len().div_ceil(100_000);
    Ok(format!("{}.{} MB", tenths / 10, tenths % 10))
}
