//! The way of a PIN to a card: where others can listen by the rule of `card-host`, which the PKCS#11 module has too; over
//! contacts as it is, to any card but those that the rule refuses there. No card is met for the first time there.

use std::sync::Arc;

use card_edge::Transmit;
use card_edge::piv::client::Client;
use card_host::{Identity, KnownCards, Meeting, PinRoute, RouteError, Selected, SendError, Source};

use super::error::{PinError, unanswered};
use super::pins::Protection;
use crate::doctor::finding::Finding;
use crate::doctor::link::LinkError;

/// How a card is reached, and which cards are known.
#[derive(Clone, Debug)]
pub struct Way {
    /// The cards that this user has met.
    pub cards: Arc<KnownCards>,
    /// Others can listen, as far as is known.
    pub is_contactless: bool,
}

impl Way {
    /// Who hears what goes to this card now.
    pub fn protection<T: Transmit>(&self, client: &Client<T>, identity: [u8; 16]) -> Protection {
        match (client.has_channel(), self.is_contactless) {
            (true, _) if self.cards.is_remembered(Identity(identity)) => Protection::Channel,
            (true, _) => Protection::ChannelOnce,
            (false, true) => Protection::Nothing,
            (false, false) => Protection::Contacts,
        }
    }

    /// Does what a PIN goes to the card for, or a question about one: inside a channel where others can listen.
    ///
    /// # Errors
    /// [`PinError::NotSent`] or [`PinError::Link`], where the work was not begun.
    pub fn send<T, R>(
        &self,
        client: &mut Client<T>,
        identity: [u8; 16],
        told: &Selected,
        work: impl FnOnce(&mut Client<T>) -> R,
    ) -> Result<R, PinError>
    where
        T: Transmit<Error = LinkError>,
    {
        if !self.is_contactless {
            return match self.cards.meeting(Identity(identity)) {
                Meeting::Unreadable(why) => Err(not_sent(RouteError::Unreadable(why))),
                Meeting::Known(_) if told.suite.is_none() => {
                    let file = self.cards.path(Identity(identity)).unwrap_or_default();
                    Err(not_sent(RouteError::NotProved(file.display().to_string())))
                }
                Meeting::Known(_) | Meeting::Never => Ok(work(client)),
            };
        }
        let route = PinRoute {
            cards: Arc::clone(&self.cards),
            identity: Identity(identity),
            told: told.clone(),
            is_contactless: true,
            was_away: false,
            has_accepted: false,
            must_prove: false,
        };
        let sent = route.send(client, Source::Typed, |client| Ok(work(client)));
        sent.map_err(|error| match error {
            SendError::Route(reason) => not_sent(reason),
            SendError::Command(error) => unanswered(error),
        })
    }
}

fn not_sent(reason: RouteError<LinkError>) -> PinError {
    PinError::NotSent(match reason {
        RouteError::Replaced => return PinError::OtherCard,
        RouteError::NotProved(file) => Finding::CardNotProved(file),
        RouteError::Unreadable(why) => Finding::KnownCardUnreadable(why),
        RouteError::NoChannel(error) => Finding::NoProtectedChannel(error.to_string()),
        RouteError::NotOffered => Finding::NoProtectedChannel("the card offers none".to_owned()),
    })
}
