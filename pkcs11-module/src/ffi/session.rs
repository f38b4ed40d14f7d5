//! Session management functions (5.6).

use cryptoki_sys::*;

use super::args;
use super::entry::{entry, not_supported};
use crate::error::Error;
use crate::session::Access;

entry! {
    /// `C_OpenSession`; the notification callback is never called.
    fn C_OpenSession(
        slot: CK_SLOT_ID,
        flags: CK_FLAGS,
        _application: CK_VOID_PTR,
        _notify: CK_NOTIFY,
        session: CK_SESSION_HANDLE_PTR,
    ) |module| {
        args::not_null(session)?;
        if flags & CKF_SERIAL_SESSION == 0 {
            return Err(Error::SessionParallel);
        }
        let access = if flags & CKF_RW_SESSION == 0 {
            Access::ReadOnly
        } else {
            Access::ReadWrite
        };
        let handle = module.open_session(slot, access)?;
        // SAFETY: `session` points to a handle by the standard.
        unsafe { args::put(session, handle) }
    }

    /// `C_CloseSession`
    fn C_CloseSession(session: CK_SESSION_HANDLE) |module| {
        module.close_session(session)
    }

    /// `C_CloseAllSessions`
    fn C_CloseAllSessions(slot: CK_SLOT_ID) |module| {
        module.close_all_sessions(slot)
    }

    /// `C_GetSessionInfo`
    fn C_GetSessionInfo(session: CK_SESSION_HANDLE, info: CK_SESSION_INFO_PTR) |module| {
        args::not_null(info)?;
        // SAFETY: `info` points to a CK_SESSION_INFO by the standard.
        unsafe { args::put(info, module.session(session)?.info()) }
    }

    /// `C_SessionCancel`
    fn C_SessionCancel(session: CK_SESSION_HANDLE, flags: CK_FLAGS) |module| {
        module.session(session)?.cancel(flags);
        Ok(())
    }

    /// `C_Login`
    fn C_Login(
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: CK_UTF8CHAR_PTR,
        length: CK_ULONG,
    ) |module| {
        // SAFETY: the PIN is as long as the caller says, by the standard.
        let pin = unsafe { args::optional_bytes(pin, length) }?;
        module.session(session)?.login(user, pin)
    }

    /// `C_LoginUser`: the token has no named users.
    fn C_LoginUser(
        session: CK_SESSION_HANDLE,
        user: CK_USER_TYPE,
        pin: CK_UTF8CHAR_PTR,
        length: CK_ULONG,
        _name: CK_UTF8CHAR_PTR,
        name_length: CK_ULONG,
    ) |module| {
        if name_length != 0 {
            return Err(Error::Arguments("the token has no named users"));
        }
        // SAFETY: the PIN is as long as the caller says, by the standard.
        let pin = unsafe { args::optional_bytes(pin, length) }?;
        module.session(session)?.login(user, pin)
    }

    /// `C_Logout`
    fn C_Logout(session: CK_SESSION_HANDLE) |module| {
        module.session(session)?.logout()
    }
}

not_supported! {
    fn C_GetOperationState(CK_SESSION_HANDLE, CK_BYTE_PTR, CK_ULONG_PTR);
    fn C_SetOperationState(
        CK_SESSION_HANDLE,
        CK_BYTE_PTR,
        CK_ULONG,
        CK_OBJECT_HANDLE,
        CK_OBJECT_HANDLE,
    );
}
