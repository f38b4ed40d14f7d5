//! Slot and token management functions (5.5).

use cryptoki_sys::*;

use super::args;
use super::entry::{entry, not_supported};
use crate::error::Error;
use crate::module::{MANUFACTURER, MODEL, Which};
use crate::slot::event::Blocking;

const NO_VERSION: CK_VERSION = CK_VERSION { major: 0, minor: 0 };

entry! {
    /// `C_GetSlotList`
    fn C_GetSlotList(token_present: CK_BBOOL, list: CK_SLOT_ID_PTR, count: CK_ULONG_PTR) |module| {
        args::not_null(count)?;
        let which = if token_present == CK_FALSE {
            Which::All
        } else {
            Which::WithToken
        };
        let slots = module.slot_list(which);
        // SAFETY: `count` and `list` are as the standard says.
        unsafe { args::put_list(&slots, list, count) }
    }

    /// `C_GetSlotInfo`
    fn C_GetSlotInfo(slot: CK_SLOT_ID, info: CK_SLOT_INFO_PTR) |module| {
        args::not_null(info)?;
        let slot = module.slot_info(slot)?;
        // SAFETY: `info` points to a CK_SLOT_INFO by the standard.
        unsafe {
            args::put(info, CK_SLOT_INFO {
                slotDescription: args::padded(&slot.description),
                manufacturerID: args::padded(MANUFACTURER),
                flags: slot.flags,
                hardwareVersion: NO_VERSION,
                firmwareVersion: NO_VERSION,
            })
        }
    }

    /// `C_GetTokenInfo`
    fn C_GetTokenInfo(slot: CK_SLOT_ID, info: CK_TOKEN_INFO_PTR) |module| {
        args::not_null(info)?;
        let token = module.token_info(slot)?;
        let count = |count: usize| CK_ULONG::try_from(count).unwrap_or(CK_UNAVAILABLE_INFORMATION);
        // SAFETY: `info` points to a CK_TOKEN_INFO by the standard.
        unsafe {
            args::put(info, CK_TOKEN_INFO {
                label: args::padded(&token.label),
                manufacturerID: args::padded(MANUFACTURER),
                model: args::padded(MODEL),
                serialNumber: args::padded(&token.serial),
                flags: token.flags,
                ulMaxSessionCount: CK_EFFECTIVELY_INFINITE,
                ulSessionCount: count(token.sessions),
                ulMaxRwSessionCount: CK_EFFECTIVELY_INFINITE,
                ulRwSessionCount: count(token.read_write_sessions),
                ulMaxPinLen: count(card_edge::piv::pin::PIN_MAX),
                ulMinPinLen: count(token.pin_min),
                ulTotalPublicMemory: CK_UNAVAILABLE_INFORMATION,
                ulFreePublicMemory: CK_UNAVAILABLE_INFORMATION,
                ulTotalPrivateMemory: CK_UNAVAILABLE_INFORMATION,
                ulFreePrivateMemory: CK_UNAVAILABLE_INFORMATION,
                hardwareVersion: NO_VERSION,
                firmwareVersion: NO_VERSION,
                utcTime: args::padded(""),
            })
        }
    }

    /// `C_WaitForSlotEvent`
    fn C_WaitForSlotEvent(flags: CK_FLAGS, slot: CK_SLOT_ID_PTR, reserved: CK_VOID_PTR) |module| {
        args::not_null(slot)?;
        if !reserved.is_null() {
            return Err(Error::Arguments("pReserved is not NULL"));
        }
        let blocking = if flags & CKF_DONT_BLOCK == 0 {
            Blocking::Wait
        } else {
            Blocking::DontBlock
        };
        let event = module.wait_for_slot_event(blocking)?;
        // SAFETY: `slot` points to a slot number by the standard.
        unsafe { args::put(slot, event) }
    }

    /// `C_GetMechanismList`
    fn C_GetMechanismList(
        slot: CK_SLOT_ID,
        list: *mut CK_MECHANISM_TYPE,
        count: CK_ULONG_PTR,
    ) |module| {
        args::not_null(count)?;
        let mechanisms = module.mechanism_list(slot)?;
        // SAFETY: `count` and `list` are as the standard says.
        unsafe { args::put_list(&mechanisms, list, count) }
    }

    /// `C_GetMechanismInfo`
    fn C_GetMechanismInfo(
        slot: CK_SLOT_ID,
        mechanism: CK_MECHANISM_TYPE,
        info: CK_MECHANISM_INFO_PTR,
    ) |module| {
        args::not_null(info)?;
        // SAFETY: `info` points to a CK_MECHANISM_INFO by the standard.
        unsafe { args::put(info, module.mechanism_info(slot, mechanism)?) }
    }

    /// `C_SetPIN`
    fn C_SetPIN(
        session: CK_SESSION_HANDLE,
        old: CK_UTF8CHAR_PTR,
        old_length: CK_ULONG,
        new: CK_UTF8CHAR_PTR,
        new_length: CK_ULONG,
    ) |module| {
        let gives_new = !new.is_null();
        // SAFETY: both PINs are as long as the caller says, by the standard.
        let (old, new) = unsafe { (args::bytes(old, old_length)?, args::bytes(new, new_length)?) };
        let session = module.session(session)?;
        if !gives_new && session.has_pin_typed() {
            // Its holder types a PIN there, and no new one.
            return Err(Error::FunctionNotSupported);
        }
        session.set_pin(old, new)
    }
}

not_supported! {
    fn C_InitToken(CK_SLOT_ID, CK_UTF8CHAR_PTR, CK_ULONG, CK_UTF8CHAR_PTR);
    fn C_InitPIN(CK_SESSION_HANDLE, CK_UTF8CHAR_PTR, CK_ULONG);
}
