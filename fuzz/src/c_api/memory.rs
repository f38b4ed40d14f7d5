//! The memory that a C program lends the module for one call: each piece by itself, and no byte longer than it says, so that
//! AddressSanitizer sees the first one too many.

use cryptoki_sys::CK_ULONG;

/// A length as C takes it.
pub fn long(length: usize) -> CK_ULONG {
    CK_ULONG::try_from(length).expect("no memory is longer")
}

/// Pieces of memory; they stay where they are until this is dropped.
#[derive(Default)]
pub struct Memory {
    pieces: Vec<Vec<u8>>,
    /// How many bytes a structure lies beside what its alignment is.
    pub shift: usize,
}

impl Memory {
    /// Bytes, which the module may read and write.
    pub fn bytes(&mut self, bytes: &[u8]) -> *mut u8 {
        let mut piece = Vec::with_capacity(bytes.len());
        piece.extend_from_slice(bytes);
        self.keep(piece)
    }

    /// A value.
    pub fn value<T: Copy>(&mut self, value: T) -> *mut T {
        self.values(&[value])
    }

    /// Values in a row.
    pub fn values<T: Copy>(&mut self, values: &[T]) -> *mut T {
        let start: *mut u8 = self.keep(vec![0; self.shift + size_of_val(values)]);
        // SAFETY: the piece is as long as the shift and the values.
        let start: *mut T = unsafe { start.add(self.shift) }.cast();
        for (index, value) in values.iter().enumerate() {
            // SAFETY: as above; the place may not be aligned.
            unsafe { start.add(index).write_unaligned(*value) };
        }
        start
    }

    fn keep(&mut self, mut piece: Vec<u8>) -> *mut u8 {
        // What is empty lies nowhere, which no caller need promise.
        let start = piece.as_mut_ptr();
        self.pieces.push(piece);
        start
    }
}

/// Reads a value back.
///
/// # Safety
/// It comes from [`Memory::value`] or [`Memory::values`], and the memory is still there.
pub unsafe fn read<T: Copy>(place: *const T) -> T {
    // SAFETY: the caller's promise.
    unsafe { place.read_unaligned() }
}
