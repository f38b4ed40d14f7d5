//! What a process has sent to the card and got from it.

use rig::wire::{Exchange, Total};

/// VERIFY that takes the verification of the card's PIN back (P1 is FF: SP 800-73-4 part 2, section 3.2.1).
const LOG_OUT: [u8; 4] = [0x00, 0x20, 0xFF, 0x80];

/// Exact counts, the log-out apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Round trips without the log-out.
    pub apdus: usize,
    /// Bytes of commands and answers, without the log-out.
    pub bytes: usize,
    /// Commands that take the PIN's verification back.
    pub log_outs: usize,
}

impl Cost {
    /// Counts.
    pub fn of(exchanges: &[Exchange]) -> Self {
        let (out, others): (Vec<&Exchange>, Vec<_>) = exchanges
            .iter()
            .partition(|exchange| exchange.header() == LOG_OUT);
        let total: Total = others.into_iter().collect();
        Self {
            apdus: total.apdus,
            bytes: total.bytes,
            log_outs: out.len(),
        }
    }
}
