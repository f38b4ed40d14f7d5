//! Arguments from C: pointers and lengths checked and turned into what safe code takes.

use core::mem::MaybeUninit;
use core::ptr;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::hash::Hash;
use crate::mechanism::{EcdhParameters, Entry, Kind, Mechanism, Parameter};
use crate::object::attribute::Wanted;
use crate::operation::{Outcome, Room};
use crate::padding::{oaep, pss};

/// Most entries of a template.
const TEMPLATE_MAX: usize = 1024;
/// Most bytes of a mechanism's parts.
const PARAMETER_MAX: usize = 65_536;

const NULL: Error = Error::Arguments("a pointer is NULL that must not be");
const LENGTH: Error = Error::Arguments("a length is too large");

/// A length as C gives it.
fn length(value: CK_ULONG) -> Result<usize> {
    usize::try_from(value)
        .ok()
        .filter(|length| *length <= isize::MAX.unsigned_abs())
        .ok_or(LENGTH)
}

/// A length as C takes it.
fn ulong(value: usize) -> Result<CK_ULONG> {
    CK_ULONG::try_from(value).map_err(|_| LENGTH)
}

/// Bytes to read; NULL with length 0 is no bytes.
///
/// # Safety
/// `pointer` is NULL or points to `count` bytes that nobody writes to while the result is used.
///
/// # Errors
/// [`Error::Arguments`].
pub unsafe fn bytes<'a>(pointer: *const CK_BYTE, count: CK_ULONG) -> Result<&'a [u8]> {
    let count = length(count)?;
    if count == 0 {
        return Ok(&[]);
    }
    if pointer.is_null() {
        return Err(NULL);
    }
    // SAFETY: not NULL; the caller promises `count` readable bytes, which are no more than isize::MAX.
    Ok(unsafe { core::slice::from_raw_parts(pointer, count) })
}

/// As [`bytes`], where NULL means that there are none to be given.
///
/// # Safety
/// As [`bytes`].
///
/// # Errors
/// As [`bytes`].
pub unsafe fn optional_bytes<'a>(
    pointer: *const CK_BYTE,
    count: CK_ULONG,
) -> Result<Option<&'a [u8]>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: the caller's promise is that of `bytes`.
    unsafe { bytes(pointer, count) }.map(Some)
}

/// Bytes to write, which need not have been written before.
///
/// # Safety
/// `pointer` is NULL or points to `count` bytes that nobody else uses while the result is used.
///
/// # Errors
/// [`Error::Arguments`].
pub unsafe fn buffer<'a>(
    pointer: *mut CK_BYTE,
    count: CK_ULONG,
) -> Result<&'a mut [MaybeUninit<u8>]> {
    let count = length(count)?;
    if count == 0 {
        return Ok(&mut []);
    }
    if pointer.is_null() {
        return Err(NULL);
    }
    // SAFETY: not NULL; the caller promises `count` bytes for us alone, which are no more than isize::MAX.
    Ok(unsafe { core::slice::from_raw_parts_mut(pointer.cast(), count) })
}

/// Writes a value where the caller wants it.
///
/// # Safety
/// `pointer` is NULL or points to writable memory for a `T`.
///
/// # Errors
/// [`Error::Arguments`] for NULL.
pub unsafe fn put<T>(pointer: *mut T, value: T) -> Result<()> {
    if pointer.is_null() {
        return Err(NULL);
    }
    // SAFETY: not NULL, writable by the caller's promise; C does not promise alignment.
    unsafe { pointer.write_unaligned(value) };
    Ok(())
}

/// Reads a value.
///
/// # Safety
/// `pointer` is NULL or points to a readable `T`.
///
/// # Errors
/// [`Error::Arguments`] for NULL.
pub unsafe fn get<T: Copy>(pointer: *const T) -> Result<T> {
    if pointer.is_null() {
        return Err(NULL);
    }
    // SAFETY: not NULL, readable by the caller's promise; C does not promise alignment.
    Ok(unsafe { pointer.read_unaligned() })
}

/// Checks that a pointer to a result is not NULL before anything is done that cannot be undone.
///
/// # Errors
/// [`Error::Arguments`] for NULL.
pub fn not_null<T>(pointer: *const T) -> Result<()> {
    if pointer.is_null() { Err(NULL) } else { Ok(()) }
}

/// Gives a list in the manner of PKCS#11 3.0, 5.2: with NULL its length alone, else its entries if they fit.
///
/// # Safety
/// `count` is NULL or points to a number; `list` is NULL or points to room for that many `T`.
///
/// # Errors
/// [`Error::Arguments`], [`Error::BufferTooSmall`].
pub unsafe fn put_list<T: Copy>(entries: &[T], list: *mut T, count: *mut CK_ULONG) -> Result<()> {
    // SAFETY: the caller's promise for `count`.
    let room = length(unsafe { get(count) }?).unwrap_or(usize::MAX);
    // SAFETY: as above.
    unsafe { put(count, ulong(entries.len())?) }?;
    if list.is_null() {
        return Ok(());
    }
    if room < entries.len() {
        return Err(Error::BufferTooSmall);
    }
    for (index, entry) in entries.iter().enumerate() {
        // SAFETY: `list` has room for `room` entries, and `index` is below `entries.len() <= room`.
        unsafe { list.add(index).write_unaligned(*entry) };
    }
    Ok(())
}

/// Gives a result of variable length in the manner of PKCS#11 3.0, 5.2: `call` is told the room that the
/// caller has and answers with the result or with the room that it needs.
///
/// # Safety
/// `count` is NULL or points to a number; `buffer` is NULL or points to room for that many bytes.
///
/// # Errors
/// [`Error::Arguments`], [`Error::BufferTooSmall`], or what `call` gives.
pub unsafe fn answer(
    buffer: *mut CK_BYTE,
    count: *mut CK_ULONG,
    call: impl FnOnce(Room) -> Result<Outcome>,
) -> Result<()> {
    // SAFETY: the caller's promise for `count`.
    let given = unsafe { get(count) }?;
    let room = if buffer.is_null() {
        Room::Length
    } else {
        // Java gives a length that is larger than any buffer: the room is then large enough.
        Room::Bytes(usize::try_from(given).unwrap_or(usize::MAX))
    };
    match call(room)? {
        Outcome::Bytes(result) if room.holds(result.len()) => {
            // SAFETY: `buffer` is not NULL, for `room` holds bytes, and has room for `result` by the caller's
            // promise; the two cannot overlap, for `result` is ours.
            unsafe { ptr::copy_nonoverlapping(result.as_ptr(), buffer, result.len()) };
            // SAFETY: as above for `count`.
            unsafe { put(count, ulong(result.len())?) }
        }
        outcome => {
            let needed = match outcome {
                Outcome::Length(needed) => needed,
                Outcome::Bytes(result) => result.len(),
            };
            // SAFETY: as above for `count`.
            unsafe { put(count, ulong(needed)?) }?;
            match room {
                Room::Length => Ok(()),
                Room::Bytes(_) => Err(Error::BufferTooSmall),
            }
        }
    }
}

/// The mechanism that a caller asks for; NULL is none.
///
/// # Safety
/// `pointer` is NULL or points to a mechanism whose parameter is as the standard says for its type.
///
/// # Errors
/// [`Error::Mechanism`] where it is not known, [`Error::MechanismParameter`], [`Error::Arguments`].
pub unsafe fn mechanism(pointer: *const CK_MECHANISM) -> Result<Option<Mechanism>> {
    if pointer.is_null() {
        return Ok(None);
    }
    // SAFETY: not NULL, so a readable mechanism by the caller's promise.
    let raw = unsafe { get(pointer) }?;
    let kind = Entry::find(raw.mechanism)?.kind;
    // SAFETY: the parameter is as the standard says for this mechanism, by the caller's promise.
    let parameter = unsafe { parameter(kind, &raw) }?;
    Mechanism::new(kind, parameter).map(Some)
}

/// # Safety
/// The parameter of `raw` is as the standard says for its type.
unsafe fn parameter(kind: Kind, raw: &CK_MECHANISM) -> Result<Parameter> {
    match kind {
        Kind::RsaPss(_) => {
            // SAFETY: the caller's promise; the length is checked there.
            let pss: CK_RSA_PKCS_PSS_PARAMS = unsafe { structure(raw) }?;
            Ok(Parameter::Pss(pss::Parameters {
                hash: Hash::from_mechanism(pss.hashAlg).ok_or(Error::MechanismParameter)?,
                mask_hash: Hash::from_mask_generation(pss.mgf).ok_or(Error::MechanismParameter)?,
                salt_length: length(pss.sLen).map_err(|_| Error::MechanismParameter)?,
            }))
        }
        Kind::RsaOaep => {
            // SAFETY: as above.
            let oaep: CK_RSA_PKCS_OAEP_PARAMS = unsafe { structure(raw) }?;
            if oaep.source != CKZ_DATA_SPECIFIED && oaep.ulSourceDataLen != 0 {
                return Err(Error::MechanismParameter);
            }
            // SAFETY: the label is as long as the parameter says, by the caller's promise.
            let label = unsafe { part(oaep.pSourceData.cast(), oaep.ulSourceDataLen) }?;
            Ok(Parameter::Oaep(oaep::Parameters {
                hash: Hash::from_mechanism(oaep.hashAlg).ok_or(Error::MechanismParameter)?,
                mask_hash: Hash::from_mask_generation(oaep.mgf).ok_or(Error::MechanismParameter)?,
                label,
            }))
        }
        Kind::Ecdh => {
            // SAFETY: as above.
            let ecdh: CK_ECDH1_DERIVE_PARAMS = unsafe { structure(raw) }?;
            if ecdh.kdf != CKD_NULL || ecdh.ulSharedDataLen != 0 {
                return Err(Error::MechanismParameter);
            }
            Ok(Parameter::Ecdh(EcdhParameters {
                // SAFETY: the point is as long as the parameter says, by the caller's promise.
                public_data: unsafe { part(ecdh.pPublicData, ecdh.ulPublicDataLen) }?,
            }))
        }
        // Callers are known to leave something here for mechanisms without a parameter.
        Kind::RsaPkcs(_) | Kind::RsaRaw | Kind::Ecdsa(_) | Kind::Digest(_) => Ok(Parameter::None),
    }
}

/// # Safety
/// The parameter of `raw` is NULL or has `ulParameterLen` readable bytes, and is a `T` where that is the length.
unsafe fn structure<T: Copy>(raw: &CK_MECHANISM) -> Result<T> {
    if raw.pParameter.is_null() || length(raw.ulParameterLen).ok() != Some(size_of::<T>()) {
        return Err(Error::MechanismParameter);
    }
    // SAFETY: not NULL, long enough, and a `T` by the caller's promise.
    unsafe { get(raw.pParameter.cast::<T>()) }
}

/// # Safety
/// As [`bytes`].
unsafe fn part(pointer: *const CK_BYTE, count: CK_ULONG) -> Result<Vec<u8>> {
    if length(count).map_or(true, |count| count > PARAMETER_MAX) {
        return Err(Error::MechanismParameter);
    }
    // SAFETY: the caller's promise is that of `bytes`.
    unsafe { bytes(pointer, count) }
        .map(<[u8]>::to_vec)
        .map_err(|_| Error::MechanismParameter)
}

/// A template of attributes.
///
/// # Safety
/// `pointer` is NULL or points to `count` attributes, each with a value as long as it says.
///
/// # Errors
/// [`Error::Arguments`].
pub unsafe fn template(pointer: *const CK_ATTRIBUTE, count: CK_ULONG) -> Result<Vec<Wanted>> {
    let count = template_length(pointer, count)?;
    (0..count)
        .map(|index| {
            // SAFETY: `index` is below the number of attributes that the caller promises.
            let attribute = unsafe { pointer.add(index).read_unaligned() };
            // SAFETY: the value is as long as the attribute says, by the caller's promise.
            let value = unsafe { bytes(attribute.pValue.cast(), attribute.ulValueLen) }?;
            Ok(Wanted {
                attribute: attribute.type_,
                value: Zeroizing::new(value.to_vec()),
            })
        })
        .collect()
}

/// The number of attributes in a template that may be read.
///
/// # Errors
/// [`Error::Arguments`].
pub fn template_length(pointer: *const CK_ATTRIBUTE, count: CK_ULONG) -> Result<usize> {
    let count = length(count)?;
    if count > TEMPLATE_MAX {
        return Err(LENGTH);
    }
    if count > 0 && pointer.is_null() {
        return Err(NULL);
    }
    Ok(count)
}

/// Text in a field of fixed length, cut between characters and filled with blanks.
#[must_use]
pub fn padded<const N: usize>(text: &str) -> [u8; N] {
    let mut end = text.len().min(N);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let mut field = [b' '; N];
    for (to, from) in field.iter_mut().zip(text.bytes().take(end)) {
        *to = if from.is_ascii_control() { b' ' } else { from };
    }
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_between_characters() {
        assert_eq!(padded::<4>("ab"), *b"ab  ");
        assert_eq!(padded::<4>("abcdef"), *b"abcd");
        assert_eq!(padded::<4>("abc\u{e9}"), *b"abc ");
        assert_eq!(padded::<4>("a\0b"), *b"a b ");
    }
}
