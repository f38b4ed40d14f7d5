//! Enumerations whose values are words.

/// A word that is not on its list.
#[derive(Debug, thiserror::Error)]
#[error("unknown {list}: {word:?}")]
pub struct UnknownWord {
    /// What the word should have been.
    pub list: &'static str,
    /// The word.
    pub word: String,
}

/// An enumeration whose values are words: the same in a column, in JSON, in a form and in a log.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vmeta])* $variant),+ }

        impl $name {
            /// Every value, in the order in which people are shown them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    _ => Err($crate::words::UnknownWord {
                        list: stringify!($name),
                        word: word.to_owned(),
                    }),
                }
            }
        }

        $crate::text_value::text_value!($name);
    };
}
pub(crate) use words;
