//! What a connection is doing: which requests are under way, since when there is none, and whether all that was
//! answered has left.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What a connection is doing.
#[derive(Debug)]
pub(super) struct Activity {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Clone, Copy, Debug)]
struct State {
    under_way: usize,
    had_request: bool,
    is_unsent: bool,
    idle_since: Instant,
}

/// A connection without a request under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Idle {
    /// Since when.
    pub(super) since: Instant,
    /// Whether there was a request before.
    pub(super) had_request: bool,
    /// Whether a part of an answer has not left yet.
    pub(super) is_unsent: bool,
}

impl Activity {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                under_way: 0,
                had_request: false,
                is_unsent: false,
                idle_since: Instant::now(),
            }),
            changed: Notify::new(),
        })
    }

    /// A request begins; it is under way until what is returned is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> UnderWay {
        let mut state = self.state();
        state.under_way += 1;
        state.had_request = true;
        UnderWay(self.clone())
    }

    /// What there is to say of a connection without a request under way.
    pub(super) fn idle(&self) -> Option<Idle> {
        let state = *self.state();
        (state.under_way == 0).then_some(Idle {
            since: state.idle_since,
            had_request: state.had_request,
            is_unsent: state.is_unsent,
        })
    }

    /// Waits until the last request under way ends, or all that was answered has left.
    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    fn is_unsent(&self, is_unsent: bool) {
        let mut state = self.state();
        if state.is_unsent == is_unsent {
            return;
        }
        state.is_unsent = is_unsent;
        if !is_unsent {
            drop(state);
            self.changed.notify_one();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request under way, until its answer was handed over or given up.
#[derive(Debug)]
pub(super) struct UnderWay(Arc<Activity>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way = state.under_way.saturating_sub(1);
        if state.under_way == 0 {
            state.idle_since = Instant::now();
            drop(state);
            self.0.changed.notify_one();
        }
    }
}

/// A stream that tells its connection's activity whether all that was written has left.
#[derive(Debug)]
pub(super) struct Observed<S> {
    stream: S,
    activity: Arc<Activity>,
}

impl<S> Observed<S> {
    pub(super) fn new(stream: S, activity: Arc<Activity>) -> Self {
        Self { stream, activity }
    }

    fn wrote(&self, result: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if matches!(result, Poll::Ready(Ok(written)) if written > 0) {
            self.activity.is_unsent(true);
        }
        result
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Observed<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Observed<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.wrote(result)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.wrote(result)
    }

    // Without it, what is shared would be copied together before it is written.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(result, Poll::Ready(Ok(()))) {
            self.activity.is_unsent(false);
        }
        result
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
