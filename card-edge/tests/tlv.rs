//! BER-TLV elements survive encoding and reading, whatever their tags and lengths.

use card_edge::tlv::{self, Reader, Tag, TlvError, VALUE_MAX};
use proptest::prelude::*;

/// A tag of one to three bytes, as ISO/IEC 7816-4, 5.2.2.1 forms them.
fn tag() -> impl Strategy<Value = Tag> {
    let one = any::<u8>().prop_filter("one byte", |first| first & 0x1F != 0x1F);
    let first = (0_u8..8).prop_map(|class| class << 5 | 0x1F);
    prop_oneof![
        one.prop_map(|first| Tag::new(u32::from(first))),
        (first.clone(), 0_u8..0x80)
            .prop_map(|(first, last)| { Tag::new(u32::from(first) << 8 | u32::from(last)) }),
        (first, 0x80_u8..=0xFF, 0_u8..0x80).prop_map(|(first, middle, last)| {
            Tag::new(u32::from(first) << 16 | u32::from(middle) << 8 | u32::from(last))
        }),
    ]
}

proptest! {
    #[test]
    fn tags_survive(tag in tag()) {
        prop_assert_eq!(Tag::parse(&tag.to_bytes()), Ok(tag));
    }

    #[test]
    fn elements_survive_in_their_order(
        elements in prop::collection::vec((tag(), prop::collection::vec(any::<u8>(), 0..600)), 0..6),
    ) {
        let mut bytes = Vec::new();
        for (tag, value) in &elements {
            tlv::write(&mut bytes, *tag, value).unwrap();
        }
        let read: Vec<_> = Reader::new(&bytes)
            .map(|element| element.map(|e| (e.tag, e.value.to_vec())))
            .collect::<Result<_, _>>()
            .unwrap();
        prop_assert_eq!(&read, &elements);
        for (tag, _) in &elements {
            let first = elements.iter().find(|(other, _)| other == tag).unwrap();
            prop_assert_eq!(tlv::require(&bytes, *tag), Ok(&first.1[..]));
        }
    }

    #[test]
    fn an_element_cut_short_is_truncated(tag in tag(), length in 0_usize..600, cut in 1_usize..600) {
        let bytes = tlv::encode(tag, &vec![7; length]).unwrap();
        let length_left = bytes.len().saturating_sub(cut);
        let result = tlv::only(&bytes[..length_left], tag);
        prop_assert_eq!(result, Err(TlvError::Truncated));
    }

    #[test]
    fn whatever_is_read_can_be_written_again(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for element in Reader::new(&bytes).flatten() {
            let written = tlv::encode(element.tag, element.value).unwrap();
            prop_assert_eq!(tlv::only(&written, element.tag), Ok(element.value));
        }
    }
}

#[test]
fn lengths_take_the_fewest_bytes_that_do() {
    for (length, head) in [
        (0x7F, &[0x53, 0x7F][..]),
        (0x80, &[0x53, 0x81, 0x80]),
        (0xFF, &[0x53, 0x81, 0xFF]),
        (0x100, &[0x53, 0x82, 0x01, 0x00]),
        (VALUE_MAX, &[0x53, 0x82, 0xFF, 0xFF]),
    ] {
        let bytes = tlv::encode(Tag::new(0x53), &vec![0; length]).unwrap();
        assert!(bytes.starts_with(head));
        assert_eq!(bytes.len(), head.len() + length);
    }
    assert_eq!(
        tlv::encode(Tag::new(0x53), &vec![0; VALUE_MAX + 1]),
        Err(TlvError::UnsupportedLength)
    );
}

#[test]
fn lengths_that_lie_are_errors() {
    for (bytes, error) in [
        (&[0x53, 0x05, 0x01][..], TlvError::Truncated),
        (&[0x53, 0x82, 0xFF], TlvError::Truncated),
        (
            &[0x53, 0x84, 0xFF, 0xFF, 0xFF, 0xFF],
            TlvError::UnsupportedLength,
        ),
        (&[0x53, 0x80, 0x00, 0x00], TlvError::UnsupportedLength),
        (&[0x5F, 0x81, 0x81, 0x81, 0x01], TlvError::TagTooLong),
        (&[0x5F], TlvError::Truncated),
    ] {
        assert_eq!(tlv::only(bytes, Tag::new(0x53)), Err(error), "{bytes:02X?}");
    }
}
