//! The way by which a command came, as the rules of access see it (SP 800-73-5 part 1, 2.4 and 5.5).

use super::secure_channel::SecureChannel;
use crate::application::Resources;
use crate::interface::Interface;
use crate::state::ContactlessPolicy;

/// The way by which a command came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// Over contacts, or over an interface that the card's holder takes for that.
    Contact,
    /// Over the contactless interface, in clear.
    Contactless,
    /// Over the contactless interface, under secure messaging.
    SecureMessaging,
    /// Over the virtual contact interface: under secure messaging, from a host that is paired or need not be.
    VirtualContact,
}

impl Path {
    /// The way of a command, with the channel that it came through if it came through one.
    pub(super) fn of(resources: &Resources, channel: Option<&SecureChannel>) -> Self {
        let Some(channel) = channel else {
            return if is_strict(resources) {
                Self::Contactless
            } else {
                Self::Contact
            };
        };
        match resources.store.state().contactless {
            _ if !is_strict(resources) => Self::Contact,
            ContactlessPolicy::StrictWithoutPairing => Self::VirtualContact,
            ContactlessPolicy::Strict | ContactlessPolicy::ContactLike if channel.is_paired() => {
                Self::VirtualContact
            }
            ContactlessPolicy::Strict | ContactlessPolicy::ContactLike => Self::SecureMessaging,
        }
    }

    /// Whether the PIN may be proved this way, and whatever needs it be done.
    pub(super) fn is_contact(self) -> bool {
        match self {
            Self::Contact | Self::VirtualContact => true,
            Self::Contactless | Self::SecureMessaging => false,
        }
    }
}

/// Whether the standard's rules for the contactless interface hold here.
pub(super) fn is_strict(resources: &Resources) -> bool {
    match resources.interface {
        Interface::Contact => false,
        Interface::Contactless => resources.store.state().contactless.is_strict(),
    }
}
