//! The authorities of an installation.

use crate::words::words;

words! {
    /// Which authority.
    IssuerRole {
        /// The root, which everybody trusts and which signs authorities alone.
        Root = "root",
        /// The one that signs certificates of phones and of the server.
        Issuing = "issuing",
    }
}
