//! Arguments from C: pointers and lengths checked and turned into what safe code takes.

use core::mem::MaybeUninit;
use core::ptr;

use cryptoki_sys::*;
use zeroize::Zeroizing;

use crate::error::{Error, Result};
use crate::object::template::TemplateAttribute;
use crate::operation::state::{Output, OutputBuffer};

/// Most entries of a template.
const TEMPLATE_MAX: usize = 1024;
const NULL: Error = Error::Arguments("a pointer is NULL that must not be");
const LENGTH: Error = Error::Arguments("a length is too large");

/// A length as C gives it.
///
/// # Errors
/// [`Error::Arguments`] where it is longer than any memory.
pub fn length(value: CK_ULONG) -> Result<usize> {
    usize::try_from(value)
        .ok()
        .filter(|length| *length <= isize::MAX.unsigned_abs())
        .ok_or(LENGTH)
}

/// A length as C takes it.
///
/// # Errors
/// [`Error::Arguments`] where C cannot express it.
pub fn ulong(value: usize) -> Result<CK_ULONG> {
    CK_ULONG::try_from(value).map_err(|_| LENGTH)
}

/// Bytes to read; NULL with length 0 means no bytes.
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

/// The input of a one-shot function. A caller that asks for the length of the result alone, with `output` NULL, need not have
/// the input yet.
///
/// # Safety
/// As [`bytes`].
///
/// # Errors
/// As [`bytes`].
pub unsafe fn input<'a>(
    pointer: *const CK_BYTE,
    count: CK_ULONG,
    output: *const CK_BYTE,
) -> Result<&'a [u8]> {
    if pointer.is_null() && output.is_null() {
        return Ok(&[]);
    }
    // SAFETY: the caller's promise is that of `bytes`.
    unsafe { bytes(pointer, count) }
}

/// As [`bytes`], where NULL means that the caller gives none.
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
    if list.is_null() {
        // Nothing need be in `count` yet.
        // SAFETY: the caller's promise for `count`.
        return unsafe { put(count, ulong(entries.len())?) };
    }
    // SAFETY: as above.
    let capacity = length(unsafe { get(count) }?).unwrap_or(usize::MAX);
    // SAFETY: as above.
    unsafe { put(count, ulong(entries.len())?) }?;
    if capacity < entries.len() {
        return Err(Error::BufferTooSmall);
    }
    for (index, entry) in entries.iter().enumerate() {
        // SAFETY: `list` has room for `capacity` entries, and `index` is below `entries.len() <= capacity`.
        unsafe { list.add(index).write_unaligned(*entry) };
    }
    Ok(())
}

/// Gives a result of variable length in the manner of PKCS#11 3.0, 5.2: `call` is told the buffer that the
/// caller has and gives the result, or the length that it needs.
///
/// # Safety
/// `count` is NULL or points to a number; `pointer` is NULL or points to room for that many bytes.
///
/// # Errors
/// [`Error::Arguments`], [`Error::BufferTooSmall`], or what `call` gives.
pub unsafe fn output(
    pointer: *mut CK_BYTE,
    count: *mut CK_ULONG,
    call: impl FnOnce(OutputBuffer) -> Result<Output>,
) -> Result<()> {
    not_null(count)?;
    let buffer = if pointer.is_null() {
        // Nothing need be in `count` yet.
        OutputBuffer::LengthQuery
    } else {
        // SAFETY: the caller's promise for `count`.
        let given = unsafe { get(count) }?;
        // Java gives a length that is larger than any buffer: it is then large enough.
        OutputBuffer::Bytes(usize::try_from(given).unwrap_or(usize::MAX))
    };
    match call(buffer)? {
        Output::Bytes(result) if buffer.holds(result.len()) => {
            // SAFETY: `pointer` is not NULL, for `buffer` holds bytes, and has room for `result` by the caller's
            // promise; the two cannot overlap, for `result` is ours.
            unsafe { ptr::copy_nonoverlapping(result.as_ptr(), pointer, result.len()) };
            // SAFETY: as above for `count`.
            unsafe { put(count, ulong(result.len())?) }
        }
        other => {
            let needed = match other {
                Output::Length(needed) => needed,
                Output::Bytes(result) => result.len(),
            };
            // SAFETY: as above for `count`.
            unsafe { put(count, ulong(needed)?) }?;
            match buffer {
                OutputBuffer::LengthQuery => Ok(()),
                OutputBuffer::Bytes(_) => Err(Error::BufferTooSmall),
            }
        }
    }
}

/// A template of attributes.
///
/// # Safety
/// `pointer` is NULL or points to `count` attributes, each with a value as long as it says.
///
/// # Errors
/// [`Error::Arguments`].
pub unsafe fn template(
    pointer: *const CK_ATTRIBUTE,
    count: CK_ULONG,
) -> Result<Vec<TemplateAttribute>> {
    let count = template_length(pointer, count)?;
    (0..count)
        .map(|index| {
            // SAFETY: `index` is below the number of attributes that the caller promises.
            let attribute = unsafe { pointer.add(index).read_unaligned() };
            // SAFETY: the value is as long as the attribute says, by the caller's promise.
            let value = unsafe { bytes(attribute.pValue.cast(), attribute.ulValueLen) }?;
            Ok(TemplateAttribute {
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
