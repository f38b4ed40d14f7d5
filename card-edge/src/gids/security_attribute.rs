//! Who may do what with a file: the security attribute in compact format (ISO/IEC 7816-4, 7.4.3.2), tag 8C.
//!
//! ```text
//! 8C { access mode byte, a condition for each bit of it that is set, the highest bit's first }
//! ```

use crate::tlv::{Tag, TlvError};

/// 8C: the security attribute.
pub const TAG_SECURITY_ATTRIBUTE: Tag = Tag::new(0x8C);

/// Bit 8 of the access mode byte says how bits 7 to 4 are meant; no condition belongs to it.
const MODES: u8 = 0x7F;

/// What is done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// GET DATA of a data file's objects, or of a key file's public key.
    Get,
    /// PUT DATA of a data file's objects, or PUT KEY.
    Put,
    /// MANAGE SECURITY ENVIRONMENT with a key.
    UseKey,
    /// GENERATE ASYMMETRIC KEY PAIR.
    GenerateKey,
}

impl Operation {
    /// Its bit of the access mode byte.
    fn bit(self) -> u8 {
        match self {
            Self::Get => 0x01,
            Self::Put => 0x02,
            Self::UseKey => 0x04,
            Self::GenerateKey => 0x08,
        }
    }
}

/// A security condition byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Condition(u8);

impl Condition {
    /// 00: nothing must be proved.
    pub const ALWAYS: Self = Self(0x00);
    /// 10: the user's PIN.
    pub const USER: Self = Self(0x10);
    /// 20: the administrator's key.
    pub const ADMINISTRATOR: Self = Self(0x20);
    /// 30: the one or the other.
    pub const USER_OR_ADMINISTRATOR: Self = Self(0x30);
    /// FF: whatever is proved, it is not enough.
    pub const NEVER: Self = Self(0xFF);

    const ALL_OF: u8 = 0x80;
    const SECURE_MESSAGING: u8 = 0x40;
    /// The number of a security environment in which the condition holds: this card edge knows none.
    const ENVIRONMENT: u8 = 0x0F;

    fn decode(byte: u8) -> Option<Self> {
        let condition = Self(byte);
        let is_known = condition == Self::NEVER || byte & Self::ENVIRONMENT == 0;
        is_known.then_some(condition)
    }

    /// Whether it is fulfilled where the user's PIN or the administrator's key were proved.
    #[must_use]
    pub fn is_fulfilled(self, user: bool, administrator: bool) -> bool {
        match self {
            Self::ALWAYS => return true,
            Self::NEVER => return false,
            Self(_) => {}
        }
        let asked = [
            (Self::USER.0, user),
            (Self::ADMINISTRATOR.0, administrator),
            (Self::SECURE_MESSAGING, false),
        ];
        let mut asked = asked.into_iter().filter(|(bit, _)| self.0 & bit != 0);
        if self.0 & Self::ALL_OF == 0 {
            asked.any(|(_, proved)| proved)
        } else {
            let mut asked = asked.peekable();
            asked.peek().is_some() && asked.all(|(_, proved)| proved)
        }
    }
}

/// Who may do what with a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecurityAttribute {
    modes: u8,
    conditions: Vec<Condition>,
}

impl SecurityAttribute {
    /// Of a data file: who may write its objects, and who may read them.
    #[must_use]
    pub fn of_data(put: Condition, get: Condition) -> Self {
        Self {
            modes: 0x03,
            conditions: vec![put, get],
        }
    }

    /// Of a key pair's file: who may make the key and write it, and who may use it. Its public half is everybody's.
    #[must_use]
    pub fn of_key_pair(make: Condition, use_it: Condition) -> Self {
        Self {
            modes: 0x8F,
            conditions: vec![make, use_it, make, Condition::ALWAYS],
        }
    }

    /// Of the administrator's key: only who knows it may replace it, and everybody may try to prove it.
    #[must_use]
    pub fn of_administrator_key() -> Self {
        Self {
            modes: 0x87,
            conditions: vec![
                Condition::ALWAYS,
                Condition::ADMINISTRATOR,
                Condition::NEVER,
            ],
        }
    }

    /// Reads the value of tag 8C.
    ///
    /// # Errors
    /// [`TlvError`] where conditions are missing or left over, or are bound to a security environment.
    pub fn decode(value: &[u8]) -> Result<Self, TlvError> {
        let invalid = TlvError::InvalidValue(TAG_SECURITY_ATTRIBUTE);
        let (modes, conditions) = value.split_first().ok_or(invalid)?;
        if (modes & MODES).count_ones() as usize != conditions.len() {
            return Err(invalid);
        }
        let conditions = conditions.iter().map(|byte| Condition::decode(*byte));
        Ok(Self {
            modes: *modes,
            conditions: conditions.collect::<Option<_>>().ok_or(invalid)?,
        })
    }

    /// The value of tag 8C.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let conditions = self.conditions.iter().map(|condition| condition.0);
        [self.modes].into_iter().chain(conditions).collect()
    }

    /// The condition of an operation; one that it does not name is never allowed.
    #[must_use]
    pub fn condition(&self, operation: Operation) -> Condition {
        let bit = operation.bit();
        if self.modes & bit == 0 {
            return Condition::NEVER;
        }
        let before = self.modes & MODES & !(bit | (bit - 1));
        self.conditions
            .get(before.count_ones() as usize)
            .copied()
            .unwrap_or(Condition::NEVER)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_of_the_files_of_the_minidriver() {
        let write_by_admin = SecurityAttribute::decode(&[0x03, 0x20, 0x00]).unwrap();
        assert_eq!(
            write_by_admin,
            SecurityAttribute::of_data(Condition::ADMINISTRATOR, Condition::ALWAYS)
        );
        assert_eq!(
            write_by_admin.condition(Operation::Put),
            Condition::ADMINISTRATOR
        );
        assert_eq!(write_by_admin.condition(Operation::Get), Condition::ALWAYS);
        assert_eq!(
            write_by_admin.condition(Operation::UseKey),
            Condition::NEVER
        );

        let key = SecurityAttribute::decode(&[0x8F, 0x10, 0xFF, 0x20, 0x00]).unwrap();
        assert_eq!(key.condition(Operation::GenerateKey), Condition::USER);
        assert_eq!(key.condition(Operation::UseKey), Condition::NEVER);
        assert_eq!(key.condition(Operation::Put), Condition::ADMINISTRATOR);
        assert_eq!(key.condition(Operation::Get), Condition::ALWAYS);

        let admin = SecurityAttribute::decode(&[0x87, 0x00, 0x20, 0xFF]).unwrap();
        assert_eq!(admin, SecurityAttribute::of_administrator_key());
        assert_eq!(admin.condition(Operation::UseKey), Condition::ALWAYS);
        assert_eq!(admin.condition(Operation::Get), Condition::NEVER);
    }

    #[test]
    fn what_is_proved_fulfils_what_it_should() {
        let table = [
            (0x00, [true, true, true, true]),
            (0xFF, [false; 4]),
            (0x10, [false, true, false, true]),
            (0x20, [false, false, true, true]),
            (0x30, [false, true, true, true]),
            (0x90, [false, true, false, true]),
            (0xB0, [false, false, false, true]),
            (0x50, [false, true, false, true]),
            (0xD0, [false; 4]),
            (0x40, [false; 4]),
            (0x80, [false; 4]),
        ];
        for (byte, expected) in table {
            let condition = Condition::decode(byte).unwrap();
            let found = [(false, false), (true, false), (false, true), (true, true)]
                .map(|(user, administrator)| condition.is_fulfilled(user, administrator));
            assert_eq!(found, expected, "{byte:02X}");
        }
        assert_eq!(Condition::decode(0x11), None);
    }

    #[test]
    fn conditions_that_are_missing_or_left_over_are_refused() {
        for value in [
            &[][..],
            &[0x03],
            &[0x03, 0x30],
            &[0x03, 0x30, 0, 0],
            &[0x03, 0x31, 0],
        ] {
            assert!(SecurityAttribute::decode(value).is_err(), "{value:02X?}");
        }
    }
}
