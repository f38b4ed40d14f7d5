//! A holder's names: read once, into what certificates and pages can carry.

use crate::error::{Error, Result};
use crate::refusal::{Field, FieldFlaw};

/// Most characters of a name (RFC 5280, ub-common-name).
const LONGEST_NAME: usize = 64;
/// Most characters of a mail address or UPN. Certificates live on a card that is read 256 bytes at a time.
const LONGEST_ADDRESS: usize = 128;

/// A holder's names, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: String,
    /// The user principal name, lower case.
    pub upn: String,
    /// The part of the UPN before the '@'.
    pub username: String,
}

impl Person {
    /// Reads the names as somebody typed them.
    ///
    /// # Errors
    /// [`Error::InvalidField`] with the first field that cannot be what it should.
    pub fn parse(name: &str, email: &str, upn: &str) -> Result<Self> {
        let name = person_name(name)?;
        let email = email_address(email)?;
        let upn = address(Field::Upn, upn)?.to_lowercase();
        let username = upn.split('@').next().unwrap_or_default().to_owned();
        Ok(Self {
            name,
            email,
            upn,
            username,
        })
    }
}

/// Reads a person's name.
///
/// # Errors
/// [`Error::InvalidField`] if it is empty, too long or has control characters.
pub fn person_name(text: &str) -> Result<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let flaw = if name.is_empty() {
        FieldFlaw::NameEmpty
    } else if name.chars().count() > LONGEST_NAME {
        FieldFlaw::NameLong {
            longest: LONGEST_NAME,
        }
    } else if name.chars().any(char::is_control) {
        FieldFlaw::NameControl
    } else {
        return Ok(name);
    };
    Err(Error::InvalidField {
        field: Field::Name,
        flaw,
    })
}

/// Reads a mail address.
///
/// # Errors
/// [`Error::InvalidField`] if a certificate cannot carry it.
pub fn email_address(text: &str) -> Result<String> {
    address(Field::Email, text)
}

/// Reads `local@domain` in the characters that mail addresses, UPNs and account names have in common.
fn address(field: Field, text: &str) -> Result<String> {
    let text = text.trim();
    let invalid = |flaw| Err(Error::InvalidField { field, flaw });
    if text.len() > LONGEST_ADDRESS {
        return invalid(FieldFlaw::AddressLong {
            longest: LONGEST_ADDRESS,
        });
    }
    let parts = text.split_once('@');
    let Some((local, domain)) = parts else {
        return invalid(FieldFlaw::AddressWithoutAt);
    };
    let local_fits = !local.is_empty()
        && local
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b));
    let domain_fits = !domain.is_empty()
        && domain.split('.').all(|label| {
            !label.is_empty()
                && label
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        });
    if !local_fits {
        return invalid(FieldFlaw::AddressLocal);
    }
    if !domain_fits {
        return invalid(FieldFlaw::AddressDomain);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field_of(result: Result<Person>) -> Field {
        match result {
            Err(Error::InvalidField { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_are_read_as_people_type_them() {
        let person = Person::parse(
            "  Alice   Example ",
            "Alice@example.org ",
            " Alice@Corp.Example",
        )
        .unwrap();
        assert_eq!(person.name, "Alice Example");
        assert_eq!(person.email, "Alice@example.org");
        assert_eq!(person.upn, "alice@corp.example");
        assert_eq!(person.username, "alice");
    }

    #[test]
    fn the_first_field_that_is_wrong_is_named() {
        let good = "alice@example.org";
        assert_eq!(field_of(Person::parse(" ", good, good)), Field::Name);
        assert_eq!(
            field_of(Person::parse(&"x".repeat(65), good, good)),
            Field::Name
        );
        for bad in [
            "alice",
            "@example.org",
            "a b@example.org",
            "alice@",
            "alice@a..b",
            "älice@a.b",
            "a@b@c",
        ] {
            assert_eq!(
                field_of(Person::parse("A", bad, good)),
                Field::Email,
                "{bad}"
            );
            assert_eq!(field_of(Person::parse("A", good, bad)), Field::Upn, "{bad}");
        }
    }
}
