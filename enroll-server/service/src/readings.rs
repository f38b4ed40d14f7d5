//! Something that is read from the database again and again, by many at a time.

use std::sync::{Arc, Mutex as ShortMutex, OnceLock, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

/// For how long one reading keeps the next one waiting. After that everybody reads alone: another connection may answer.
const PATIENCE: Duration = Duration::from_millis(200);

/// Readings that follow each other. Whoever comes while one is under way waits for the next, and all who wait for it share it:
/// what they get was read after they asked, and a hundred who ask at once cost two readings.
#[derive(Debug)]
pub(crate) struct Readings<T> {
    under_way: Mutex<()>,
    next: ShortMutex<Arc<OnceLock<T>>>,
}

impl<T> Default for Readings<T> {
    fn default() -> Self {
        Self {
            under_way: Mutex::default(),
            next: ShortMutex::default(),
        }
    }
}

impl<T: Copy> Readings<T> {
    /// What is read after now: by `read`, or by somebody else.
    ///
    /// # Errors
    /// That of `read`, which concerns nobody else.
    pub(crate) async fn read<E>(&self, read: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let mine = self.next().clone();
        let Ok(_under_way) = timeout(PATIENCE, self.under_way.lock()).await else {
            return read.await;
        };
        if let Some(found) = mine.get() {
            return Ok(*found);
        }
        {
            // Whoever comes from now on may be told of a change that this reading has not seen.
            let mut next = self.next();
            if Arc::ptr_eq(&next, &mine) {
                *next = Arc::default();
            }
        }
        let found = read.await?;
        // Nobody else can have set it: the lock is held.
        let _ = mine.set(found);
        Ok(found)
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Arc<OnceLock<T>>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Semaphore;
    use tokio::task::JoinSet;

    use super::*;

    /// A database that answers when it may.
    #[derive(Debug)]
    struct Database {
        readings: Readings<u32>,
        asked: AtomicU32,
        answers: Semaphore,
    }

    impl Database {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                readings: Readings::default(),
                asked: AtomicU32::new(0),
                answers: Semaphore::new(0),
            })
        }

        /// Reads how often the database was asked before.
        async fn read(self: Arc<Self>) -> Result<u32, Infallible> {
            let count = async {
                let before = self.asked.fetch_add(1, Ordering::SeqCst);
                if let Ok(permit) = self.answers.acquire().await {
                    permit.forget();
                }
                Ok(before)
            };
            self.readings.read(count).await
        }

        async fn is_asked(&self) {
            while self.asked.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn many_share_the_reading_that_begins_after_they_asked() {
        let database = Database::new();
        let first = tokio::spawn(database.clone().read());
        database.is_asked().await;
        // Those who come later are not answered by the first.
        let mut rest: JoinSet<_> = (0..100).map(|_| database.clone().read()).collect();
        tokio::task::yield_now().await;
        database.answers.add_permits(2);
        assert_eq!(first.await.unwrap(), Ok(0));
        while let Some(found) = rest.join_next().await {
            assert_eq!(found.unwrap(), Ok(1));
        }
    }

    #[tokio::test]
    async fn a_reading_that_hangs_or_is_given_up_keeps_nobody() {
        let database = Database::new();
        let hangs = tokio::spawn(database.clone().read());
        database.is_asked().await;
        let beside = database.readings.read(async { Ok::<_, Infallible>(7) });
        assert_eq!(beside.await, Ok(7));
        hangs.abort();
        hangs.await.unwrap_err();
        let after = database.readings.read(async { Ok::<_, Infallible>(8) });
        assert_eq!(after.await, Ok(8));
    }

    #[tokio::test]
    async fn an_error_is_of_whom_it_befell() {
        let readings = Readings::<u32>::default();
        assert_eq!(readings.read(async { Err("lost") }).await, Err("lost"));
        assert_eq!(readings.read(async { Ok::<_, &str>(1) }).await, Ok(1));
    }
}
