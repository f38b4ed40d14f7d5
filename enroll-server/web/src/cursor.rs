//! Where a page of a list goes on, as an address carries it.

use data_encoding::BASE64URL_NOPAD;

use enroll_server_service::query::{Key, Place};

/// A place as an address carries it.
#[must_use]
pub fn write(place: &Place) -> String {
    let part = |key: &Key| match key {
        Key::Number(number) => format!("n{number}"),
        Key::Text(text) => format!("t{text}"),
    };
    let text = format!("{} {}", part(&place.id), part(&place.key));
    BASE64URL_NOPAD.encode(text.as_bytes())
}

/// The place that an address carries.
#[must_use]
pub fn read(text: &str) -> Option<Place> {
    let bytes = BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    // No row's name or id has a control character in it, and PostgreSQL fails on a text with a NUL.
    if text.contains(char::is_control) {
        return None;
    }
    let part = |part: &str| match part.split_at_checked(1)? {
        ("n", number) => Some(Key::Number(number.parse().ok()?)),
        ("t", text) => Some(Key::Text(text.to_owned())),
        _ => None,
    };
    let (id, key) = text.split_once(' ')?;
    Some(Place {
        key: part(key)?,
        id: part(id)?,
    })
}
