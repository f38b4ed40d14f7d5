//! An answer on its way to the client: in pieces that share its bytes, and given up when the client does not take the
//! next piece in time.
//!
//! hyper asks for a piece when there is room for it, and not before: a client that stops reading, on the socket or by
//! HTTP/2's flow control, is seen by pieces that nobody asks for.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use hyper::rt::Executor;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::activity::UnderWay;

/// Most bytes that are handed over at a time.
pub const PIECE: usize = 16 * 1024;

tokio::task_local! {
    // How the answer that this task writes gets on.
    static PROGRESS: Arc<Progress>;
}

/// When a piece of an answer was last taken.
#[derive(Debug, Default)]
pub(super) struct Progress {
    taken: Mutex<Option<Instant>>,
    begun: Notify,
}

impl Progress {
    /// Runs what writes answers, until that ends. Returns nothing if an answer got stuck for `limit`.
    pub(super) async fn watch<F: Future>(
        self: &Arc<Self>,
        limit: Duration,
        writer: F,
    ) -> Option<F::Output> {
        tokio::select! {
            output = PROGRESS.scope(self.clone(), writer) => Some(output),
            () = self.stuck(limit) => None,
        }
    }

    async fn stuck(&self, limit: Duration) {
        loop {
            let taken = *self.taken();
            match taken {
                None => self.begun.notified().await,
                Some(taken) if taken.elapsed() >= limit => return,
                Some(taken) => sleep_until(taken + limit).await,
            }
        }
    }

    fn is_taken(&self) {
        *self.taken() = Some(Instant::now());
    }

    fn taken(&self) -> MutexGuard<'_, Option<Instant>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs the streams of HTTP/2 connections, each watched for itself: one that is stuck is reset, and the others of its
/// connection, which may be other people's behind a proxy, go on.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    pub(super) limit: Duration,
}

impl<F> Executor<F> for Streams
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn execute(&self, stream: F) {
        let limit = self.limit;
        tokio::spawn(async move { Arc::new(Progress::default()).watch(limit, stream).await });
    }
}

/// An answer's body.
#[derive(Debug)]
pub(super) struct Answer {
    body: Body,
    rest: Bytes,
    progress: Arc<Progress>,
    _under_way: UnderWay,
}

impl Answer {
    /// The body of the answer to a request, to be written by the task that calls this.
    pub(super) fn new(body: Body, under_way: UnderWay) -> Self {
        let progress = PROGRESS.try_with(Arc::clone).unwrap_or_default();
        progress.is_taken();
        progress.begun.notify_one();
        Self {
            body,
            rest: Bytes::new(),
            progress,
            _under_way: under_way,
        }
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.progress.is_taken();
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).transpose()? {
                None => return Poll::Ready(None),
                Some(frame) => match frame.into_data() {
                    Ok(data) => self.rest = data,
                    Err(trailers) => return Poll::Ready(Some(Ok(trailers))),
                },
            }
        }
        let length = self.rest.len().min(PIECE);
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = u64::try_from(self.rest.len()).unwrap_or(u64::MAX);
        let of_body = self.body.size_hint();
        let mut hint = SizeHint::new();
        hint.set_lower(of_body.lower().saturating_add(rest));
        if let Some(upper) = of_body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        *self.progress.taken() = None;
    }
}
