//! A machine without PC/SC.

use std::ptr::null_mut;

use cryptoki_sys::*;

use super::library::{Library, call};

#[test]
fn a_machine_without_pcsc_has_one_empty_slot_and_no_error() {
    let library = Library::initialized();
    let mut count = 77;
    assert_eq!(
        call!(library, C_GetSlotList(CK_TRUE, null_mut(), &raw mut count)),
        CKR_OK
    );
    assert_eq!(count, 0);
    let mut slots = [77; 4];
    let mut count = 4;
    assert_eq!(
        call!(
            library,
            C_GetSlotList(CK_FALSE, slots.as_mut_ptr(), &raw mut count)
        ),
        CKR_OK
    );
    assert_eq!((count, slots[0]), (1, 0));
    let mut none = 0;
    assert_eq!(
        call!(
            library,
            C_GetSlotList(CK_FALSE, slots.as_mut_ptr(), &raw mut none)
        ),
        CKR_BUFFER_TOO_SMALL
    );
    assert_eq!(none, 1);
    let mut info = CK_SLOT_INFO::default();
    assert_eq!(call!(library, C_GetSlotInfo(0, &raw mut info)), CKR_OK);
    assert_eq!(info.flags, CKF_HW_SLOT | CKF_REMOVABLE_DEVICE);
    let mut token = CK_TOKEN_INFO::default();
    assert_eq!(
        call!(library, C_GetTokenInfo(0, &raw mut token)),
        CKR_TOKEN_NOT_PRESENT
    );
    assert_eq!(
        call!(library, C_GetTokenInfo(CK_SLOT_ID::MAX, &raw mut token)),
        CKR_SLOT_ID_INVALID
    );
    let mut slot = 0;
    assert_eq!(
        call!(
            library,
            C_WaitForSlotEvent(CKF_DONT_BLOCK, &raw mut slot, null_mut())
        ),
        CKR_NO_EVENT
    );
    let mut session = 0;
    let open = |flags, session| call!(library, C_OpenSession(0, flags, null_mut(), None, session));
    assert_eq!(
        open(CKF_SERIAL_SESSION, &raw mut session),
        CKR_TOKEN_NOT_PRESENT
    );
    assert_eq!(
        open(0, &raw mut session),
        CKR_SESSION_PARALLEL_NOT_SUPPORTED
    );
    assert_eq!(open(CKF_SERIAL_SESSION, null_mut()), CKR_ARGUMENTS_BAD);
}
