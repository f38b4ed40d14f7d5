//! The characters that stand for elements while a message is put together.

/// Noncharacters (Unicode, section 23.7), one for each element, from this one on.
const FIRST_MARK: u32 = 0xFDD0;

/// The mark that stands for the argument at this index. No text may have it: see [`is_mark`].
pub(super) fn mark(index: usize) -> char {
    u32::try_from(index)
        .ok()
        .and_then(|index| char::from_u32(FIRST_MARK.saturating_add(index)))
        .unwrap_or(char::REPLACEMENT_CHARACTER)
}

/// The index of the argument that a mark stands for.
pub(super) fn index_of(character: char) -> Option<usize> {
    let index = u32::from(character).checked_sub(FIRST_MARK)?;
    usize::try_from(index).ok()
}

/// Whether a character could be taken for a mark.
pub(super) fn is_mark(character: char) -> bool {
    matches!(character, '\u{FDD0}'..='\u{FDEF}')
}
