//! What programs do with an operation, and what each step must answer: the text of its function in PKCS#11 3.0, 5.8, 5.10,
//! 5.12, 5.13 and 5.15, and of 5.2 for buffers.

use cryptoki_sys::*;

use Step::*;

/// What a program does.
#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// `C_...Init`
    Init,
    /// `C_...Init` with NULL instead of a mechanism.
    InitWithNull,
    /// `C_SessionCancel`
    Cancel,
    /// `C_...Update`
    Update,
    /// `C_...Update` with a NULL pointer to data that have a length.
    BadUpdate,
    /// The one-shot function, with data and a buffer that is large enough.
    Whole,
    /// The one-shot function with a NULL buffer.
    WholeLength,
    /// The one-shot function with a NULL buffer, and a NULL pointer to data that have a length.
    WholeLengthBefore,
    /// The one-shot function with a buffer that is too small.
    WholeSmall,
    /// The one-shot function with a NULL pointer to data that have a length.
    BadWhole,
    /// `C_...Final`, with a buffer that is large enough.
    Last,
    /// `C_...Final` with a NULL buffer.
    LastLength,
    /// `C_...Final` with a buffer that is too small.
    LastSmall,
    /// `C_...Final` with a NULL pointer to its result's length, or for verification with a NULL pointer to the signature.
    BadLast,
}

pub const OK: CK_RV = CKR_OK;
const NONE: CK_RV = CKR_OPERATION_NOT_INITIALIZED;
pub const SMALL: CK_RV = CKR_BUFFER_TOO_SMALL;
const BAD: CK_RV = CKR_ARGUMENTS_BAD;

/// What programs do, and what each step answers. Every story begins and ends without an operation.
pub const STORIES: &[(&str, &[(Step, CK_RV)])] = &[
    ("one shot", &[(Init, OK), (Whole, OK)]),
    ("in parts", &[(Init, OK), (Update, OK), (Last, OK)]),
    (
        "nothing was begun",
        &[(Whole, NONE), (Update, NONE), (Last, NONE)],
    ),
    (
        "length queries and small buffers without an operation",
        &[
            (WholeLength, NONE),
            (LastLength, NONE),
            (WholeSmall, NONE),
            (LastSmall, NONE),
        ],
    ),
    (
        "begun twice: the first goes on",
        &[(Init, OK), (Init, CKR_OPERATION_ACTIVE), (Whole, OK)],
    ),
    (
        "begun twice in the middle: the first goes on",
        &[
            (Init, OK),
            (Update, OK),
            (Init, CKR_OPERATION_ACTIVE),
            (Last, OK),
        ],
    ),
    ("one shot twice", &[(Init, OK), (Whole, OK), (Whole, NONE)]),
    (
        "ended twice",
        &[(Init, OK), (Update, OK), (Last, OK), (Last, NONE)],
    ),
    (
        "one shot, then in parts",
        &[(Init, OK), (Whole, OK), (Update, NONE), (Last, NONE)],
    ),
    (
        "a one-shot function cannot end what was fed in parts, and ends it as a failure",
        &[
            (Init, OK),
            (Update, OK),
            (Whole, NONE),
            (Update, NONE),
            (Last, NONE),
        ],
    ),
    (
        "nor does it give a length",
        &[(Init, OK), (Update, OK), (WholeLength, NONE), (Last, NONE)],
    ),
    (
        "nor that a buffer is too small",
        &[(Init, OK), (Update, OK), (WholeSmall, NONE), (Last, NONE)],
    ),
    (
        "lengths may be queried any number of times",
        &[
            (Init, OK),
            (WholeLength, OK),
            (WholeLength, OK),
            (Whole, OK),
            (WholeLength, NONE),
        ],
    ),
    (
        "a small buffer may be followed by a larger one",
        &[
            (Init, OK),
            (WholeSmall, SMALL),
            (WholeSmall, SMALL),
            (WholeLength, OK),
            (Whole, OK),
            (Whole, NONE),
        ],
    ),
    (
        "a length may be queried before there are data",
        &[
            (Init, OK),
            (WholeLengthBefore, OK),
            (WholeSmall, SMALL),
            (WholeLengthBefore, OK),
            (Whole, OK),
            (WholeLengthBefore, NONE),
        ],
    ),
    (
        "so in the last step",
        &[
            (Init, OK),
            (Update, OK),
            (LastLength, OK),
            (LastSmall, SMALL),
            (LastLength, OK),
            (LastSmall, SMALL),
            (Last, OK),
            (LastLength, NONE),
        ],
    ),
    (
        "a length query begins nothing: parts may follow it",
        &[(Init, OK), (WholeLength, OK), (Update, OK), (Last, OK)],
    ),
    (
        "a step that fails ends the operation: one shot",
        &[(Init, OK), (BadWhole, BAD), (Whole, NONE)],
    ),
    (
        "a step that fails ends the operation: update",
        &[
            (Init, OK),
            (BadUpdate, BAD),
            (Update, NONE),
            (Whole, NONE),
            (Last, NONE),
        ],
    ),
    (
        "a step that fails ends the operation: last",
        &[(Init, OK), (Update, OK), (BadLast, BAD), (Last, NONE)],
    ),
    (
        "bad arguments without an operation",
        &[(BadWhole, BAD), (BadUpdate, BAD), (BadLast, BAD)],
    ),
    (
        "ended by an initialization without a mechanism",
        &[
            (Init, OK),
            (Update, OK),
            (InitWithNull, OK),
            (Update, NONE),
            (Last, NONE),
        ],
    ),
    ("which may find none", &[(InitWithNull, OK), (Whole, NONE)]),
    (
        "ended by C_SessionCancel",
        &[
            (Init, OK),
            (Update, OK),
            (Cancel, OK),
            (Last, NONE),
            (Cancel, OK),
        ],
    ),
];

/// Whether a story is about results, which verification does not have.
pub fn is_about_output(story: &[(Step, CK_RV)]) -> bool {
    story.iter().any(|(step, _)| {
        matches!(
            step,
            WholeLength | WholeLengthBefore | WholeSmall | LastLength | LastSmall
        )
    })
}
