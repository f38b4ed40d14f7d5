//! PINs and PUK: which there are, what is known of them, and the retry counters (SP 800-73-5 part 2, 3.2.1).

use super::model::{Counted, Model, Proof, name_of};
use crate::holder::{Consent, Operation, Request};
use crate::word::*;

impl Model {
    /// 80, and 00 where the card has a global PIN.
    pub fn pin_reference(&self, reference: u8) -> Result<(), u16> {
        match reference {
            0x80 => Ok(()),
            0x00 if self.global_pin.is_some() => Ok(()),
            _ => Err(NO_REFERENCE),
        }
    }

    pub fn proof(&mut self, reference: u8) -> &mut Proof {
        match reference {
            0x80 => &mut self.session.pin,
            _ => &mut self.session.global_pin,
        }
    }

    pub fn counted(&mut self, reference: u8) -> &mut Counted {
        match (reference, &mut self.global_pin) {
            (0x80, _) => &mut self.pin,
            (0x81, _) | (_, None) => &mut self.puk,
            (_, Some(pin)) => pin,
        }
    }

    /// The holder types the PIV PIN at the phone, in hand: no try is kept back. A mistyped one is asked for again.
    pub fn type_pin(&mut self) -> Result<(), u16> {
        let mut was_wrong = false;
        loop {
            if self.pin.left == 0 {
                return Err(BLOCKED);
            }
            let request = Request {
                key: name_of(0x80),
                operation: Operation::TypePin(self.pin.left, was_wrong),
                contactless: self.contactless,
            };
            match self.holder.ask_for_pin(request, was_wrong)? {
                (Consent::CardChanged, _) => {
                    self.changed_elsewhere = true;
                    return Err(CONDITIONS);
                }
                (Consent::Given, true) => {
                    self.pin.left = self.pin.limit;
                    self.session.pin = Proof::JustNow;
                    return Ok(());
                }
                (Consent::Given, false) => {
                    self.pin.left -= 1;
                    self.session.pin = Proof::None;
                    was_wrong = true;
                }
            }
        }
    }

    pub fn left(&mut self, reference: u8) -> u16 {
        let floor = self.floor();
        match self.counted(reference).left.saturating_sub(floor) {
            0 => BLOCKED,
            left => tries(left),
        }
    }

    pub fn compare(&mut self, reference: u8, presented: [u8; 8]) -> Result<(), u16> {
        let floor = self.floor();
        let counted = self.counted(reference);
        if counted.left <= floor {
            return Err(BLOCKED);
        }
        if counted.value == presented {
            counted.left = counted.limit;
            return Ok(());
        }
        counted.left -= 1;
        let left = counted.left - floor;
        if reference != 0x81 {
            *self.proof(reference) = Proof::None;
        }
        Err(tries(left))
    }
}
