//! Objects and their attributes.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::super::arguments::{blank_template, template};
use super::super::input::Input;
use super::super::library::call;
use super::super::memory::{Memory, long};
use super::Program;

impl Program {
    pub(super) fn call_objects(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let object = self.known.object(input);
        let new = memory.value::<CK_OBJECT_HANDLE>(0);
        let new = if input.byte() == 0xFF {
            null_mut()
        } else {
            new
        };
        match function {
            36..40 => {
                let (template, count) = template(input, memory);
                if make!(self, C_CreateObject(session, template, count, new)) == CKR_OK {
                    self.learn_objects(new, memory.value::<CK_ULONG>(1));
                }
            }
            40 => {
                let (template, count) = template(input, memory);
                make!(self, C_CopyObject(session, object, template, count, new));
            }
            41 => {
                make!(self, C_DestroyObject(session, object));
            }
            42 => {
                make!(self, C_GetObjectSize(session, object, new));
            }
            43..48 => {
                let (template, count) = blank_template(input, memory);
                make!(self, C_GetAttributeValue(session, object, template, count));
            }
            48..50 => {
                let (template, count) = template(input, memory);
                make!(self, C_SetAttributeValue(session, object, template, count));
            }
            50..55 => {
                let (template, count) = template(input, memory);
                make!(self, C_FindObjectsInit(session, template, count));
            }
            55..58 => {
                let most = usize::from(input.byte());
                let list = memory.values(&vec![0; most]);
                let list = if input.byte() == 0xFF {
                    null_mut()
                } else {
                    list
                };
                let count = memory.value::<CK_ULONG>(0);
                let count = if input.byte() == 0xFF {
                    null_mut()
                } else {
                    count
                };
                if make!(self, C_FindObjects(session, list, long(most), count)) == CKR_OK {
                    self.learn_objects(list, count);
                }
            }
            _ => {
                make!(self, C_FindObjectsFinal(session));
            }
        }
    }
}
