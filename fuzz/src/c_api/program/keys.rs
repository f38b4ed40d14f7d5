//! Keys that are made, derived, wrapped; random numbers.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::super::arguments::{data, mechanism, room, template};
use super::super::input::Input;
use super::super::library::call;
use super::super::memory::Memory;
use super::Program;

impl Program {
    pub(super) fn call_keys(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let key = self.known.object(input);
        let mechanism = mechanism(input, memory);
        let (first, first_count) = template(input, memory);
        let place = memory.value::<CK_OBJECT_HANDLE>(0);
        let place = if input.byte() == 0xFF {
            null_mut()
        } else {
            place
        };
        match function {
            90..97 => {
                let (second, second_count) = template(input, memory);
                let other = memory.value::<CK_OBJECT_HANDLE>(0);
                if make!(
                    self,
                    C_GenerateKeyPair(
                        session,
                        mechanism,
                        first,
                        first_count,
                        second,
                        second_count,
                        place,
                        other
                    )
                ) == CKR_OK
                {
                    let one = memory.value::<CK_ULONG>(1);
                    self.learn_objects(place, one);
                    self.learn_objects(other, one);
                }
            }
            97..105 => {
                if make!(
                    self,
                    C_DeriveKey(session, mechanism, key, first, first_count, place)
                ) == CKR_OK
                {
                    self.learn_objects(place, memory.value::<CK_ULONG>(1));
                }
            }
            105 => {
                make!(
                    self,
                    C_GenerateKey(session, mechanism, first, first_count, place)
                );
            }
            106 => {
                let room = room(input, memory);
                let (pointer, count) = (room.pointer, room.count);
                make!(
                    self,
                    C_WrapKey(session, mechanism, key, key, pointer, count)
                );
            }
            _ => {
                let (wrapped, length) = data(input, memory);
                make!(
                    self,
                    C_UnwrapKey(
                        session,
                        mechanism,
                        key,
                        wrapped,
                        length,
                        first,
                        first_count,
                        place
                    )
                );
            }
        }
    }
}
