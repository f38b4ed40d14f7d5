//! Work that computes or waits for a disk: off the threads that serve everybody.

use crate::error::{Error, Result};

/// Does work that blocks (a signature, a key check, a key file) on a thread for such work.
///
/// # Errors
/// What the work returns; [`Error::Task`] if it ended before it returned.
pub(crate) async fn blocking<T, E>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T>
where
    T: Send + 'static,
    E: Send + 'static,
    Error: From<E>,
{
    Ok(tokio::task::spawn_blocking(work).await??)
}
