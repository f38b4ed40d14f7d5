//! Whose a file is on Windows.
#![allow(unsafe_code)]

use core::mem::MaybeUninit;
use core::ptr;
use std::fs::File;
use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, LocalFree};
use windows_sys::Win32::Security::Authorization::{GetSecurityInfo, SE_FILE_OBJECT};
use windows_sys::Win32::Security::{
    EqualSid, GetTokenInformation, IsWellKnownSid, OWNER_SECURITY_INFORMATION,
    PSECURITY_DESCRIPTOR, PSID, SECURITY_MAX_SID_SIZE, TOKEN_QUERY, TOKEN_USER, TokenUser,
    WinBuiltinAdministratorsSid, WinLocalSystemSid,
};
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// The owner of a file.
pub struct Owner {
    /// What the system has said of the file, freed when this is dropped.
    descriptor: PSECURITY_DESCRIPTOR,
    /// The owner, in the descriptor.
    sid: PSID,
}

/// What a token says of its user, with room for the identifier to which it points.
#[repr(C)]
struct User {
    user: TOKEN_USER,
    sid: [u8; SECURITY_MAX_SID_SIZE as usize],
}

impl Owner {
    /// The owner of this file.
    ///
    /// # Errors
    /// The system's.
    pub fn of(file: &File) -> io::Result<Self> {
        let (mut descriptor, mut sid) = (ptr::null_mut(), ptr::null_mut());
        // SAFETY: the handle is open as long as `file` lives; the two pointers that are not NULL lead to room for a pointer.
        let code = unsafe {
            GetSecurityInfo(
                file.as_raw_handle(),
                SE_FILE_OBJECT,
                OWNER_SECURITY_INFORMATION,
                &raw mut sid,
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null_mut(),
                &raw mut descriptor,
            )
        };
        if code != ERROR_SUCCESS {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        let owner = Self { descriptor, sid };
        if sid.is_null() {
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(owner)
    }

    /// Whether it is the group of administrators, or the system.
    #[must_use]
    pub fn is_administrator(&self) -> bool {
        [WinBuiltinAdministratorsSid, WinLocalSystemSid]
            .into_iter()
            // SAFETY: the identifier is valid as long as the descriptor, and so as long as `self`.
            .any(|kind| unsafe { IsWellKnownSid(self.sid, kind) } != 0)
    }

    /// Whether it is the user that this process runs as.
    ///
    /// # Errors
    /// The system's.
    pub fn is_this_user(&self) -> io::Result<bool> {
        let mut token = ptr::null_mut();
        // SAFETY: the process's own handle is always valid; `token` has room for a handle.
        if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the handle was opened above, and nobody else closes it.
        let _token = unsafe { OwnedHandle::from_raw_handle(token) };
        let mut user = MaybeUninit::<User>::uninit();
        let (room, mut length) = (size_of::<User>(), 0);
        let room = u32::try_from(room).map_err(|_| io::ErrorKind::OutOfMemory)?;
        // SAFETY: `user` has room for as many bytes as are said, and is aligned as TOKEN_USER.
        let told = unsafe {
            GetTokenInformation(
                token,
                TokenUser,
                user.as_mut_ptr().cast(),
                room,
                &raw mut length,
            )
        };
        if told == 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: GetTokenInformation has filled TOKEN_USER, whose identifier lies in `user`; the other one is the owner's.
        Ok(unsafe { EqualSid(self.sid, (*user.as_ptr()).user.User.Sid) } != 0)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // SAFETY: GetSecurityInfo has allocated it with LocalAlloc for this value, which does not use it any more.
        unsafe { LocalFree(self.descriptor) };
    }
}
