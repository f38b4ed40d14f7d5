//! Who may use an address.

use enroll_server_model::{Role, Scope};

/// Who may use an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Anyone,
    /// Whoever has the link to set up the first administrator.
    SetupLink,
    /// Whoever has an invitation.
    Invitation,
    /// Whoever has a phone's check-in key.
    Phone,
    /// Whoever has a link to choose a password.
    PasswordLink,
    /// Whoever has given the password of an account that has a second factor.
    PasswordGiven,
    /// Whoever has a link to a holder's own pages.
    HolderLink,
    /// A holder on their own pages, who is nobody that works here.
    Holder,
    /// Whoever is signed in: they read, change nothing but what is their own.
    Everyone,
    /// Officers and administrators: whatever changes people, phones, invitations and certificates, and the pages that ask
    /// before a change.
    Officers,
    /// Administrators: who else works here.
    Administrators,
    /// Programs with a token of the API that may do this.
    Token(Scope),
}

impl Access {
    /// The roles of whoever is signed in and may use the address; none where nobody with an account is asked to sign in.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::Anyone
            | Self::SetupLink
            | Self::Invitation
            | Self::Phone
            | Self::PasswordLink
            | Self::PasswordGiven
            | Self::HolderLink
            | Self::Holder
            | Self::Token(_) => &[],
            Self::Everyone => Role::ALL,
            Self::Officers => &[Role::Administrator, Role::Officer],
            Self::Administrators => &[Role::Administrator],
        }
    }

    /// Whether somebody with an account must be signed in.
    #[must_use]
    pub const fn asks_to_sign_in(self) -> bool {
        !self.roles().is_empty()
    }

    /// Whether somebody who is signed in with this role may use the address.
    #[must_use]
    pub fn admits(self, role: Role) -> bool {
        self.roles().contains(&role)
    }
}
