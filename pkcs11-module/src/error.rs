//! Why a call failed, and the one place where that becomes a `CKR_` value.

use cryptoki_sys::*;
use thiserror::Error;

/// Why a call failed, by what its caller can do about it (PKCS#11 3.0, 5.1).
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Error {
    /// `C_Initialize` was not called in this process (a fork is a new process), or `C_Finalize` came.
    #[error("the module is not initialized in this process")]
    NotInitialized,
    /// `C_Initialize` was called twice.
    #[error("the module is initialized already")]
    AlreadyInitialized,
    /// A pointer, length or value that the standard does not allow.
    #[error("an argument is not valid: {0}")]
    Arguments(&'static str),
    /// The function, or this use of it, is not supported.
    #[error("not supported")]
    FunctionNotSupported,
    /// A function of older versions, which every library answers in this way.
    #[error("functions are not executed in parallel")]
    FunctionNotParallel,
    /// The object may not be changed, copied or destroyed.
    #[error("the object cannot be changed")]
    ActionProhibited,
    /// No slot has this number.
    #[error("no slot has this number")]
    SlotId,
    /// There is no card in the reader.
    #[error("there is no card in the reader")]
    TokenNotPresent,
    /// The card in the reader is not a PIV card, or does not answer.
    #[error("the card in the reader is not a PIV card")]
    TokenNotRecognized,
    /// The card that the session belongs to is gone and did not come back in time.
    #[error("the card has been removed")]
    DeviceRemoved,
    /// Card or reader failed.
    #[error("card or reader failed: {0}")]
    Device(String),
    /// The card's holder has not agreed to this use of the key: was asked and refused, did not answer in time, or lets no
    /// host use it. The card does not tell which.
    #[error("the card's holder has not agreed")]
    Rejected,
    /// `C_SessionCancel` came while the call waited, or the card's holder did not type the PIN there: refused, or did not answer in
    /// time.
    #[error("the call was canceled")]
    Canceled,
    /// No session has this handle, or it belonged to a card that another one has replaced.
    #[error("no session has this handle")]
    SessionHandle,
    /// `CKF_SERIAL_SESSION` is missing.
    #[error("CKF_SERIAL_SESSION is missing")]
    SessionParallel,
    /// The call needs a read/write session.
    #[error("the session is read-only")]
    SessionReadOnly,
    /// The security officer cannot log in while a session may only read.
    #[error("a read-only session is open")]
    SessionReadOnlyExists,
    /// No session may only read while the security officer is logged in.
    #[error("the security officer is logged in")]
    SessionReadWriteSoExists,
    /// No object has this handle in this session.
    #[error("no object has this handle")]
    ObjectHandle,
    /// No key has this handle in this session.
    #[error("no key has this handle")]
    KeyHandle,
    /// The key may not be used for this.
    #[error("the key may not be used for this")]
    KeyFunction,
    /// The mechanism does not fit the type of the key.
    #[error("the mechanism does not fit the key")]
    KeyType,
    /// The token does not have this mechanism, or not for this function.
    #[error("the mechanism is not supported for this")]
    Mechanism,
    /// The mechanism's parameter is not valid.
    #[error("the mechanism's parameter is not valid")]
    MechanismParameter,
    /// Another operation of this kind is active in the session.
    #[error("an operation is active already")]
    OperationActive,
    /// No operation of this kind is active in the session.
    #[error("no operation is active")]
    OperationNotInitialized,
    /// The length of the input does not fit.
    #[error("the input has a wrong length")]
    DataLength,
    /// The length of the ciphertext does not fit.
    #[error("the ciphertext has a wrong length")]
    EncryptedDataLength,
    /// The ciphertext is not valid under this key.
    #[error("the ciphertext is not valid")]
    EncryptedData,
    /// The signature is not valid.
    #[error("the signature is not valid")]
    Signature,
    /// The length of the signature does not fit.
    #[error("the signature has a wrong length")]
    SignatureLength,
    /// The caller's buffer is too small.
    #[error("the buffer is too small")]
    BufferTooSmall,
    /// The object does not have this attribute.
    #[error("the object does not have this attribute")]
    AttributeType,
    /// The attribute is a secret.
    #[error("the attribute cannot be revealed")]
    AttributeSensitive,
    /// An attribute in a template has a value that is not allowed.
    #[error("an attribute in the template is not valid")]
    AttributeValue,
    /// The template does not fit what is to be made.
    #[error("the template does not fit")]
    TemplateInconsistent,
    /// The template lacks something that is needed.
    #[error("the template is incomplete")]
    TemplateIncomplete,
    /// An attribute in a template is not the caller's to give.
    #[error("an attribute in the template is not the caller's to give")]
    AttributeReadOnly,
    /// The card has no keys of this length.
    #[error("the card has no keys of this length")]
    KeySizeRange,
    /// The card has no keys on this curve.
    #[error("the card has no keys on this curve")]
    Curve,
    /// The PIN is wrong.
    #[error("the PIN is wrong")]
    PinIncorrect,
    /// The PIN has fewer or more characters than the card's can have.
    #[error("the PIN has a wrong length")]
    PinLength,
    /// The PIN has characters that are not allowed: it was not sent to the card.
    #[error("the PIN has characters that are not allowed")]
    PinInvalid,
    /// The PIN is blocked.
    #[error("the PIN is blocked")]
    PinLocked,
    /// The user is logged in already.
    #[error("the user is logged in already")]
    UserAlreadyLoggedIn,
    /// The other one of user and security officer is logged in.
    #[error("the other one of user and security officer is logged in")]
    UserAnotherLoggedIn,
    /// The card lets nobody write in this way, or has refused to be written to.
    #[error("the card cannot be written to")]
    TokenWriteProtected,
    /// It is too long for the card, or the card is full.
    #[error("the card has no room for it")]
    DeviceMemory,
    /// The system gave no memory that a secret may lie in.
    #[error("the system gave no memory for a secret")]
    HostMemory,
    /// The user is not logged in, or the card asks for the PIN again.
    #[error("the user is not logged in")]
    UserNotLoggedIn,
    /// The token does not know this kind of user.
    #[error("this kind of user is not supported")]
    UserType,
    /// No event has happened.
    #[error("no slot event")]
    NoEvent,
    /// The operating system gave no randomness, or something broke inside.
    #[error("internal failure: {0}")]
    General(&'static str),
}

/// The result of a call.
pub type Result<T> = core::result::Result<T, Error>;

impl Error {
    /// The value that the caller of the C function gets.
    #[must_use]
    pub fn rv(&self) -> CK_RV {
        match self {
            Self::NotInitialized => CKR_CRYPTOKI_NOT_INITIALIZED,
            Self::AlreadyInitialized => CKR_CRYPTOKI_ALREADY_INITIALIZED,
            Self::Arguments(_) => CKR_ARGUMENTS_BAD,
            Self::FunctionNotSupported => CKR_FUNCTION_NOT_SUPPORTED,
            Self::FunctionNotParallel => CKR_FUNCTION_NOT_PARALLEL,
            Self::ActionProhibited => CKR_ACTION_PROHIBITED,
            Self::SlotId => CKR_SLOT_ID_INVALID,
            Self::TokenNotPresent => CKR_TOKEN_NOT_PRESENT,
            Self::TokenNotRecognized => CKR_TOKEN_NOT_RECOGNIZED,
            Self::DeviceRemoved => CKR_DEVICE_REMOVED,
            Self::Device(_) => CKR_DEVICE_ERROR,
            Self::Rejected => CKR_FUNCTION_REJECTED,
            Self::Canceled => CKR_FUNCTION_CANCELED,
            Self::SessionHandle => CKR_SESSION_HANDLE_INVALID,
            Self::SessionParallel => CKR_SESSION_PARALLEL_NOT_SUPPORTED,
            Self::SessionReadOnly => CKR_SESSION_READ_ONLY,
            Self::SessionReadOnlyExists => CKR_SESSION_READ_ONLY_EXISTS,
            Self::SessionReadWriteSoExists => CKR_SESSION_READ_WRITE_SO_EXISTS,
            Self::ObjectHandle => CKR_OBJECT_HANDLE_INVALID,
            Self::KeyHandle => CKR_KEY_HANDLE_INVALID,
            Self::KeyFunction => CKR_KEY_FUNCTION_NOT_PERMITTED,
            Self::KeyType => CKR_KEY_TYPE_INCONSISTENT,
            Self::Mechanism => CKR_MECHANISM_INVALID,
            Self::MechanismParameter => CKR_MECHANISM_PARAM_INVALID,
            Self::OperationActive => CKR_OPERATION_ACTIVE,
            Self::OperationNotInitialized => CKR_OPERATION_NOT_INITIALIZED,
            Self::DataLength => CKR_DATA_LEN_RANGE,
            Self::EncryptedDataLength => CKR_ENCRYPTED_DATA_LEN_RANGE,
            Self::EncryptedData => CKR_ENCRYPTED_DATA_INVALID,
            Self::Signature => CKR_SIGNATURE_INVALID,
            Self::SignatureLength => CKR_SIGNATURE_LEN_RANGE,
            Self::BufferTooSmall => CKR_BUFFER_TOO_SMALL,
            Self::AttributeType => CKR_ATTRIBUTE_TYPE_INVALID,
            Self::AttributeSensitive => CKR_ATTRIBUTE_SENSITIVE,
            Self::AttributeValue => CKR_ATTRIBUTE_VALUE_INVALID,
            Self::TemplateInconsistent => CKR_TEMPLATE_INCONSISTENT,
            Self::TemplateIncomplete => CKR_TEMPLATE_INCOMPLETE,
            Self::AttributeReadOnly => CKR_ATTRIBUTE_READ_ONLY,
            Self::KeySizeRange => CKR_KEY_SIZE_RANGE,
            Self::Curve => CKR_CURVE_NOT_SUPPORTED,
            Self::PinIncorrect => CKR_PIN_INCORRECT,
            Self::PinLength => CKR_PIN_LEN_RANGE,
            Self::PinInvalid => CKR_PIN_INVALID,
            Self::PinLocked => CKR_PIN_LOCKED,
            Self::UserAlreadyLoggedIn => CKR_USER_ALREADY_LOGGED_IN,
            Self::UserAnotherLoggedIn => CKR_USER_ANOTHER_ALREADY_LOGGED_IN,
            Self::TokenWriteProtected => CKR_TOKEN_WRITE_PROTECTED,
            Self::DeviceMemory => CKR_DEVICE_MEMORY,
            Self::HostMemory => CKR_HOST_MEMORY,
            Self::UserNotLoggedIn => CKR_USER_NOT_LOGGED_IN,
            Self::UserType => CKR_USER_TYPE_INVALID,
            Self::NoEvent => CKR_NO_EVENT,
            Self::General(_) => CKR_GENERAL_ERROR,
        }
    }
}

impl From<getrandom::Error> for Error {
    fn from(_: getrandom::Error) -> Self {
        Self::General(
            "the operating system's random number generator failed: a sandbox around the program may forbid getrandom(2)",
        )
    }
}
