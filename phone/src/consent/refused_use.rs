//! The use that the holder did not agree to a moment ago: OpenSC repeats whatever fails, and nobody is asked again for that.

use std::time::{Duration, Instant};

use card_edge::apdu::{Command, Instruction};

/// How long it is remembered: hosts repeat a command at once, and whoever tries again later has the holder asked.
const MEMORY: Duration = Duration::from_secs(2);

/// The last use, where its holder did not agree to it.
#[derive(Debug)]
pub struct RefusedUse {
    memory: Duration,
    /// Whether the holder was asked for the command at hand and did not agree.
    just_now: bool,
    last: Option<Refused>,
}

#[derive(Debug)]
struct Refused {
    command: Command,
    is_protected: bool,
    revision: u64,
    at: Instant,
}

/// In a chain, short or extended, it is the same command.
fn is_same(one: &Command, other: &Command) -> bool {
    let header = |command: &Command| {
        let Command { class, p1, p2, .. } = command;
        (*class, command.instruction, *p1, *p2)
    };
    header(one) == header(other) && one.data == other.data
}

impl Default for RefusedUse {
    fn default() -> Self {
        Self::remembered_for(MEMORY)
    }
}

impl RefusedUse {
    /// Nothing yet; what comes is remembered for this long.
    #[must_use]
    pub fn remembered_for(memory: Duration) -> Self {
        Self {
            memory,
            just_now: false,
            last: None,
        }
    }

    /// The holder was asked for the command at hand, and did not agree.
    pub(crate) fn refuse(&mut self) {
        self.just_now = true;
    }

    /// Nothing was refused.
    pub(crate) fn forget(&mut self) {
        self.just_now = false;
        self.last = None;
    }

    /// Whether this is the command that was refused, of a card of the same revision.
    pub(crate) fn is(&self, command: &Command, is_protected: bool, revision: u64) -> bool {
        self.last.as_ref().is_some_and(|last| {
            last.at.elapsed() < self.memory
                && (last.is_protected, last.revision) == (is_protected, revision)
                && is_same(&last.command, command)
        })
    }

    /// The command has been answered. Reading leaves the one before in memory: OpenSC looks whether the card is still the
    /// same.
    pub(crate) fn answered(&mut self, command: &Command, is_protected: bool, revision: u64) {
        if std::mem::take(&mut self.just_now) {
            self.last = Some(Refused {
                command: command.clone(),
                is_protected,
                revision,
                at: Instant::now(),
            });
        } else if command.instruction != Instruction::GetData {
            self.last = None;
        }
    }
}
