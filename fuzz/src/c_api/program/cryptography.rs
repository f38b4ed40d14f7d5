//! Signatures, verification, encryption, decryption and digests.

use cryptoki_sys::*;

use super::super::arguments::{self, data, mechanism, room};
use super::super::input::Input;
use super::super::library::call;
use super::super::memory::Memory;
use super::Program;

impl Program {
    /// An operation from its beginning to its end, as programs mean it.
    pub(super) fn sign(
        &mut self,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        let key = self.known.object(input);
        let kind = input.byte();
        let number = input.byte();
        let mechanism = mechanism(&mut Input::new(&[number, 0, kind]), memory);
        let (data, length) = data(input, memory);
        let result = room(input, memory);
        let (pointer, count) = (result.pointer, result.count);
        let rv = match kind % 5 {
            0 => {
                make!(self, C_SignInit(session, mechanism, key));
                make!(self, C_Sign(session, data, length, pointer, count))
            }
            1 => {
                make!(self, C_DecryptInit(session, mechanism, key));
                make!(self, C_Decrypt(session, data, length, pointer, count))
            }
            2 => {
                make!(self, C_EncryptInit(session, mechanism, key));
                make!(self, C_Encrypt(session, data, length, pointer, count))
            }
            3 => {
                make!(self, C_DigestInit(session, mechanism));
                make!(self, C_Digest(session, data, length, pointer, count))
            }
            _ => {
                make!(self, C_VerifyInit(session, mechanism, key));
                let (signature, size) = arguments::data(input, memory);
                make!(self, C_Verify(session, data, length, signature, size));
                return;
            }
        };
        result.check(rv);
    }

    pub(super) fn call_cryptography(
        &mut self,
        function: u8,
        session: CK_SESSION_HANDLE,
        input: &mut Input<'_>,
        memory: &mut Memory,
    ) {
        match function {
            60..68 => {
                let key = self.known.object(input);
                let mechanism = mechanism(input, memory);
                match function {
                    60 => make!(self, C_EncryptInit(session, mechanism, key)),
                    61 => make!(self, C_DecryptInit(session, mechanism, key)),
                    62 => make!(self, C_DigestInit(session, mechanism)),
                    63 | 64 => make!(self, C_SignInit(session, mechanism, key)),
                    65 => make!(self, C_VerifyInit(session, mechanism, key)),
                    66 => make!(self, C_SignRecoverInit(session, mechanism, key)),
                    _ => make!(self, C_VerifyRecoverInit(session, mechanism, key)),
                };
            }
            68..74 => {
                let result = room(input, memory);
                let (pointer, count) = (result.pointer, result.count);
                let rv = match function {
                    68 => make!(self, C_EncryptFinal(session, pointer, count)),
                    69 => make!(self, C_DecryptFinal(session, pointer, count)),
                    70 => make!(self, C_DigestFinal(session, pointer, count)),
                    71 | 72 => make!(self, C_SignFinal(session, pointer, count)),
                    _ => {
                        let key = self.known.object(input);
                        make!(self, C_DigestKey(session, key));
                        return;
                    }
                };
                result.check(rv);
            }
            74..79 => {
                let (data, length) = data(input, memory);
                match function {
                    74 => make!(self, C_DigestUpdate(session, data, length)),
                    75 | 76 => make!(self, C_SignUpdate(session, data, length)),
                    77 => make!(self, C_VerifyUpdate(session, data, length)),
                    _ => make!(self, C_VerifyFinal(session, data, length)),
                };
            }
            _ => {
                let (data, length) = data(input, memory);
                let result = room(input, memory);
                let (pointer, count) = (result.pointer, result.count);
                let rv = match function {
                    79 => make!(self, C_Encrypt(session, data, length, pointer, count)),
                    80 => make!(self, C_EncryptUpdate(session, data, length, pointer, count)),
                    81 => make!(self, C_Decrypt(session, data, length, pointer, count)),
                    82 => make!(self, C_DecryptUpdate(session, data, length, pointer, count)),
                    83 => make!(self, C_Digest(session, data, length, pointer, count)),
                    84 => make!(self, C_Sign(session, data, length, pointer, count)),
                    85 => {
                        let (signature, size) = arguments::data(input, memory);
                        make!(self, C_Verify(session, data, length, signature, size));
                        return;
                    }
                    86 => {
                        make!(self, C_SignRecover(session, data, length, pointer, count));
                        make!(self, C_VerifyRecover(session, data, length, pointer, count))
                    }
                    87 => {
                        make!(
                            self,
                            C_DigestEncryptUpdate(session, data, length, pointer, count)
                        );
                        make!(
                            self,
                            C_DecryptDigestUpdate(session, data, length, pointer, count)
                        )
                    }
                    _ => {
                        make!(
                            self,
                            C_SignEncryptUpdate(session, data, length, pointer, count)
                        );
                        make!(
                            self,
                            C_DecryptVerifyUpdate(session, data, length, pointer, count)
                        )
                    }
                };
                result.check(rv);
            }
        }
    }
}
