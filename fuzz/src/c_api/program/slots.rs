//! Slots and tokens.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::super::arguments::{mechanism_of, pin};
use super::super::card::PivCard;
use super::super::input::Input;
use super::super::library::call;
use super::super::memory::{Memory, long, read};
use super::Program;

impl Program {
    pub(super) fn slot(input: &mut Input<'_>) -> CK_SLOT_ID {
        match input.byte() {
            0xFF => CK_SLOT_ID::MAX,
            0xFE => input.long(),
            choice @ 0xF0.. => CK_SLOT_ID::from(choice) % 4,
            _ => 0,
        }
    }

    pub(super) fn call_slots(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let slot = Self::slot(input);
        let is_null = input.byte() >= 0xF0;
        match function {
            12 | 13 => {
                let length = usize::from(input.byte()) % 5;
                let list = memory.values(&vec![0; length]);
                let list = if input.byte() < 0x80 {
                    list
                } else {
                    null_mut()
                };
                let count = memory.value(long(length));
                let count = if is_null { null_mut() } else { count };
                let present = input.byte();
                make!(self, C_GetSlotList(present, list, count));
            }
            14 => {
                let info = memory.value(CK_SLOT_INFO::default());
                let info = if is_null { null_mut() } else { info };
                make!(self, C_GetSlotInfo(slot, info));
            }
            15 => {
                let info = memory.value(CK_TOKEN_INFO::default());
                let info = if is_null { null_mut() } else { info };
                make!(self, C_GetTokenInfo(slot, info));
            }
            16 => {
                let length = usize::from(input.byte());
                let list = memory.values(&vec![0; length]);
                let list = if input.byte() < 0x80 {
                    list
                } else {
                    null_mut()
                };
                let count = memory.value(long(length));
                let count = if is_null { null_mut() } else { count };
                make!(self, C_GetMechanismList(slot, list, count));
            }
            17 => {
                // SAFETY: it is in the memory of this call.
                let mechanism = unsafe { read(mechanism_of(CKM_RSA_PKCS, input, memory)) };
                let info = memory.value(CK_MECHANISM_INFO::default());
                let info = if is_null { null_mut() } else { info };
                let number = mechanism.mechanism ^ CK_ULONG::from(input.byte());
                make!(self, C_GetMechanismInfo(slot, number, info));
            }
            18 => {
                let (pin, length) = pin(input, memory);
                let label = memory.bytes(&[b' '; 32]);
                make!(self, C_InitToken(slot, pin, length, label));
            }
            19 => {
                let (pin, length) = pin(input, memory);
                make!(self, C_InitPIN(session, pin, length));
            }
            20 | 21 => {
                let (old, old_length) = pin(input, memory);
                let (new, new_length) = pin(input, memory);
                make!(self, C_SetPIN(session, old, old_length, new, new_length));
            }
            _ => {
                let place = memory.value::<CK_SLOT_ID>(0);
                let place = if is_null { null_mut() } else { place };
                let reserved = match input.byte() {
                    0..0xF0 => null_mut(),
                    _ => memory.bytes(&[0]).cast(),
                };
                // Without a card that comes or goes, a call that waits does so without end.
                let waits = self.is_on_readers && input.byte() < 0x80;
                let flags = if waits { 0 } else { CKF_DONT_BLOCK };
                if waits {
                    self.readers.put(0, Box::new(PivCard::new(self.nature)));
                }
                self.readers.set_restless(waits);
                make!(self, C_WaitForSlotEvent(flags, place, reserved));
                self.readers.set_restless(false);
            }
        }
    }
}
