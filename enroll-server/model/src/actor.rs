//! Who does something.

use crate::words::words;

words! {
    /// Who did it.
    ActorKind {
        /// The server itself.
        System = "system",
        /// An administrator.
        Administrator = "administrator",
        /// Whoever holds an invitation.
        Invitation = "invitation",
        /// A holder on their own pages.
        Holder = "holder",
        /// A phone at its check-in.
        Phone = "phone",
        /// Somebody who is not signed in.
        Anonymous = "anonymous",
        /// Whoever runs commands on the server's machine.
        Machine = "machine",
        /// A program with a token of the API.
        ApiToken = "api-token",
    }
}

/// Who did something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of actor.
    pub kind: ActorKind,
    /// The id of the administrator, invitation, holder, phone or token; empty for the others.
    pub id: String,
    /// The name that people know.
    pub name: String,
    /// The address that the request came from; empty for the server itself.
    pub source: String,
}

impl Actor {
    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self {
            kind: ActorKind::System,
            id: String::new(),
            name: "enroll-server".to_owned(),
            source: String::new(),
        }
    }

    /// An administrator, signed in from `source`.
    #[must_use]
    pub fn administrator(id: &str, name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Administrator,
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// Whoever presented an invitation made for `holder`.
    #[must_use]
    pub fn invitation(id: &str, holder: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Invitation,
            id: id.to_owned(),
            name: holder.to_owned(),
            source: source.to_owned(),
        }
    }

    /// The holder with this id and name, on their own pages from `source`.
    #[must_use]
    pub fn holder(id: &str, name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Holder,
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// The phone with this id and name, from `source`.
    #[must_use]
    pub fn phone(id: &str, name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Phone,
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// A program with the token of this id and name, from `source`.
    #[must_use]
    pub fn api_token(id: &str, name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::ApiToken,
            id: id.to_owned(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }

    /// Whoever runs commands on the server's machine as the user `name`.
    #[must_use]
    pub fn machine(name: &str) -> Self {
        Self {
            kind: ActorKind::Machine,
            id: String::new(),
            name: name.to_owned(),
            source: String::new(),
        }
    }

    /// Somebody who is not signed in and says to be `name`.
    #[must_use]
    pub fn anonymous(name: &str, source: &str) -> Self {
        Self {
            kind: ActorKind::Anonymous,
            id: String::new(),
            name: name.to_owned(),
            source: source.to_owned(),
        }
    }
}
