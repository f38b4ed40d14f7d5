//! What a process has sent to the card and got from it.

use rig::wire::{Exchange, Total};

/// VERIFY that takes the verification of the card's PIN back (P1 is FF: SP 800-73-4 part 2, section 3.2.1).
const LOG_OUT: [u8; 4] = [0x00, 0x20, 0xFF, 0x80];

/// How a question for the certificate of a retired key begins: GET DATA, 9 or 10 bytes.
const GET_DATA: [u8; 4] = [0x00, 0xCB, 0x3F, 0xFF];
const NOT_FOUND: u16 = 0x6A82;

/// Exact counts; apart the log-out, and the search for retired keys on a card that does not say how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Round trips without those apart.
    pub apdus: usize,
    /// Bytes of commands and answers, without those apart.
    pub bytes: usize,
    /// Commands that take the PIN's verification back.
    pub log_outs: usize,
    /// Questions for certificates of retired keys that are not there.
    pub retired: usize,
}

impl Cost {
    /// Counts.
    pub fn of(exchanges: &[Exchange]) -> Self {
        let (out, others): (Vec<&Exchange>, Vec<_>) = exchanges
            .iter()
            .partition(|exchange| exchange.header() == LOG_OUT);
        let (retired, others): (Vec<_>, Vec<_>) =
            others.into_iter().partition(|it| is_retired_in_vain(it));
        let total: Total = others.into_iter().collect();
        Self {
            apdus: total.apdus,
            bytes: total.bytes,
            log_outs: out.len(),
            retired: retired.len(),
        }
    }
}

/// Whether the certificate of a retired key is asked for (5FC10D to 5FC120) and is not there.
fn is_retired_in_vain(exchange: &Exchange) -> bool {
    exchange.header() == GET_DATA
        && exchange.status() == Some(NOT_FOUND)
        && matches!(exchange.body(), [_, 0x5C, 3, 0x5F, 0xC1, 0x0D..=0x20, ..])
}
