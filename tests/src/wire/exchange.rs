//! One command and its answer, as they crossed the wire.

use std::fmt;

/// Instructions whose data is a secret: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, and the vendor's
/// "import key" and "set management key".
const SECRET_INSTRUCTIONS: [u8; 5] = [0x20, 0x24, 0x2C, 0xFE, 0xFF];

/// Length of CLA INS P1 P2.
const HEADER: usize = 4;

/// One command APDU and its answer. The data of commands that carry a secret is not kept, only its length.
#[derive(Clone, PartialEq, Eq)]
pub struct Exchange {
    header: Vec<u8>,
    body: Body,
    command_length: usize,
    answer: Option<Vec<u8>>,
}

#[derive(Clone, PartialEq, Eq)]
enum Body {
    Shown(Vec<u8>),
    Secret,
}

impl Exchange {
    pub(super) fn of_command(command: &[u8]) -> Self {
        let (header, body) = command.split_at(command.len().min(HEADER));
        // Under secure messaging the data is encrypted.
        let is_secret = matches!(header, [class, instruction, ..]
            if class & 0x0C == 0 && SECRET_INSTRUCTIONS.contains(instruction));
        Self {
            header: header.to_vec(),
            body: if is_secret && !body.is_empty() {
                Body::Secret
            } else {
                Body::Shown(body.to_vec())
            },
            command_length: command.len(),
            answer: None,
        }
    }

    pub(super) fn answer_with(&mut self, answer: &[u8]) {
        self.answer = Some(answer.to_vec());
    }

    /// The instruction byte, INS.
    #[must_use]
    pub fn instruction(&self) -> Option<u8> {
        self.header.get(1).copied()
    }

    /// Whether the command has data, or an Le: more than its header.
    #[must_use]
    pub fn has_body(&self) -> bool {
        self.command_length > self.header.len()
    }

    /// What follows the header; empty where it is a secret.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        match &self.body {
            Body::Shown(body) => body,
            Body::Secret => &[],
        }
    }

    /// Whether the command came under secure messaging (CLA 0C or 1C).
    #[must_use]
    pub fn is_protected(&self) -> bool {
        matches!(self.header.first(), Some(0x0C | 0x1C))
    }

    /// CLA INS P1 P2, or as many of them as were sent.
    #[must_use]
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// The status word, if an answer came.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        let answer = self.answer.as_deref()?;
        let [.., sw1, sw2] = answer else { return None };
        Some(u16::from_be_bytes([*sw1, *sw2]))
    }

    /// The answer's data without the status word; empty if there is none.
    #[must_use]
    pub fn answer_data(&self) -> &[u8] {
        let answer = self.answer.as_deref().unwrap_or_default();
        answer
            .get(..answer.len().saturating_sub(2))
            .unwrap_or_default()
    }

    /// Bytes of command and answer together, without vpcd's lengths.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.command_length + self.answer.as_ref().map_or(0, Vec::len)
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(formatter, &self.header)?;
        match &self.body {
            Body::Shown(body) => write_hex(formatter, body)?,
            Body::Secret => write!(
                formatter,
                " [{} bytes]",
                self.command_length - self.header.len()
            )?,
        }
        match &self.answer {
            Some(answer) => {
                formatter.write_str(" >")?;
                write_hex(formatter, answer)
            }
            None => formatter.write_str(" > (no answer)"),
        }
    }
}

fn write_hex(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes
        .iter()
        .try_for_each(|byte| write!(formatter, " {byte:02X}"))
}

/// What a task has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// Commands, each with its answer: round trips.
    pub apdus: usize,
    /// Bytes of commands and answers.
    pub bytes: usize,
}

impl<'a> FromIterator<&'a Exchange> for Total {
    fn from_iter<I: IntoIterator<Item = &'a Exchange>>(exchanges: I) -> Self {
        exchanges
            .into_iter()
            .fold(Self::default(), |total, exchange| Self {
                apdus: total.apdus + 1,
                bytes: total.bytes + exchange.bytes(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_does_not_reach_the_trace() {
        let command = b"\x00\x20\x00\x80\x08123456\xFF\xFF";
        let mut exchange = Exchange::of_command(command);
        exchange.answer_with(&[0x63, 0xC2]);
        assert_eq!(format!("{exchange:?}"), " 00 20 00 80 [9 bytes] > 63 C2");
        assert_eq!(exchange.status(), Some(0x63C2));
        assert_eq!(exchange.bytes(), command.len() + 2);
    }
}
