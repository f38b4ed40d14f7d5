//! What whoever works with the portal may do.

use crate::words::words;

words! {
    /// The role of an account: each address of the portal and the API says which roles may use it.
    Role {
        /// Does everything, and decides who else works here.
        Administrator = "administrator",
        /// Does everything with people, phones, invitations and certificates.
        Officer = "officer",
        /// Reads everything, the audit trail too, and changes nothing.
        Auditor = "auditor",
    }
}
