//! Names that rows of the database have.

/// A type of names: lower-case words with hyphens between them, of at most 64 characters, as in a column, in JSON and in
/// a form.
macro_rules! name {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            /// The name.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                if $crate::name::is_name(text) {
                    Ok(Self(std::borrow::Cow::Owned(text.to_owned())))
                } else {
                    Err($crate::words::UnknownWord {
                        list: stringify!($name),
                        word: text.to_owned(),
                    })
                }
            }
        }

        $crate::text_value::text_value!($name);
    };
}
pub(crate) use name;

pub(crate) fn is_name(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    text.len() <= 64 && text.split('-').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn a_name_is_words_with_hyphens_between_them() {
        for good in ["standard", "piv-authentication", "p256-only"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["", "-", "a-", "A", "a b", "ä", &"x".repeat(65)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
