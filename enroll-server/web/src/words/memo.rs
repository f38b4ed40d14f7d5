//! Texts that one page after the other says again: the time of an event, "3 days ago". Putting one together costs more
//! than the rest of its row.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, PoisonError, RwLock};

/// Most texts that are kept.
const MOST: usize = 4096;

/// Texts by what they say.
pub(super) struct Memo<K>(RwLock<HashMap<K, Arc<str>>>);

impl<K: Eq + Hash> Memo<K> {
    pub(super) fn new() -> Self {
        Self(RwLock::default())
    }

    /// The text for `key`, made by `say` if it is not known yet.
    pub(super) fn said(&self, key: K, say: impl FnOnce() -> String) -> Arc<str> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = known.get(&key) {
            return text.clone();
        }
        drop(known);
        let text: Arc<str> = say().into();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, text.clone());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_put_together_once_and_memory_has_an_end() {
        let memo = Memo::new();
        assert_eq!(&*memo.said(1, || "one".to_owned()), "one");
        assert_eq!(&*memo.said(1, || unreachable!()), "one");
        for number in 2..2 * MOST {
            assert_eq!(
                *memo.said(number, || number.to_string()),
                *number.to_string()
            );
            assert!(memo.0.read().unwrap().len() <= MOST);
        }
    }
}
