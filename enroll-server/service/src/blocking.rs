//! Work that computes or waits for a disk: off the threads that serve everybody.

use tokio::sync::oneshot;

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
    Ok(apart(work).await??)
}

/// Begins work on a thread for work that blocks, and tells where its answer will come: none comes if it ended before it returned.
pub(crate) fn apart<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> oneshot::Receiver<T> {
    let (tell, answer) = oneshot::channel();
    begin(Box::new(move || {
        // Whoever asked may have gone away.
        let _ = tell.send(work());
    }));
    answer
}

/// Boxed, so that tokio's task is compiled once and not for each work.
fn begin(work: Box<dyn FnOnce() + Send>) {
    tokio::task::spawn_blocking(work);
}
