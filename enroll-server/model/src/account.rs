//! What becomes of accounts, and of the links that set their passwords.

use crate::words::words;

words! {
    /// Whether somebody can sign in with an account.
    AccountState {
        /// They can.
        Active = "active",
        /// They have not chosen a password yet.
        Invited = "invited",
        /// They cannot, until an administrator enables it.
        Disabled = "disabled",
    }
}

words! {
    /// What became of a link that sets a password.
    LinkState {
        /// It can be used until it expires.
        Open = "open",
        /// A password was set with it.
        Used = "used",
        /// There is a newer one, another password, or the account is disabled.
        Replaced = "replaced",
    }
}
