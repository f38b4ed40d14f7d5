//! Names of enrollment policies.

use std::borrow::Cow;

use crate::name::name;
use crate::words::words;

name! {
    /// The name of an enrollment policy: which keys a phone is asked to make.
    PolicyName
}

words! {
    /// The policies that every installation begins with. The catalogue of words has a title for each of them, in every
    /// language; any other policy brings its title in its row.
    SeededPolicy {
        /// RSA-2048 where old clients need it (9A, 9D), P-256 elsewhere.
        Standard = "standard",
        /// P-256 everywhere.
        Compact = "compact",
    }
}

impl From<SeededPolicy> for PolicyName {
    fn from(policy: SeededPolicy) -> Self {
        Self(Cow::Borrowed(policy.as_str()))
    }
}
