//! The public objects of a card. This is the one place where they are read from it.

use card_edge::piv::chuid::Chuid;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, ObjectId, ReadRule, RetiredNumber, certificate, extensions};

use super::client::{Client, ClientError};
use super::identity::Identity;
use crate::log;

/// The key whose certificate the token's label is made of, and the identity of a card without a GUID.
const FIRST: AsymmetricKey = AsymmetricKey::PivAuthentication;

/// How much of a card's public objects is wanted. Each contains the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What tells the card from others: the CHUID, and where that has no GUID the 9A certificate.
    Identity,
    /// Also the 9A certificate, which the token's label is made of.
    Label,
    /// All.
    All,
}

/// What is known of a data object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is on the card.
    There,
    /// It is not.
    Absent,
    /// Nobody has looked.
    Unknown,
}

/// The public objects of a card, as far as they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublicObjects {
    identity: Option<Identity>,
    /// The DER certificate of 9A; `Some(None)` where it was looked for and cannot be read.
    first: Option<Option<Vec<u8>>>,
    /// The DER certificates of the other keys.
    others: Option<Vec<(AsymmetricKey, Vec<u8>)>>,
    /// The objects that are not certificates and were looked for: their contents, without 53, 7E or 7F61; `None` where
    /// they are not on the card.
    data: Vec<(ObjectId, Option<Vec<u8>>)>,
    /// No other public object is on the card.
    has_all_data: bool,
}

impl PublicObjects {
    /// Reads what is wanted and was not read yet from the selected application.
    ///
    /// # Errors
    /// [`ClientError::Exchange`]: whatever else is wrong with an object costs this object.
    pub fn read(&mut self, client: &mut Client<'_>, wanted: Extent) -> Result<(), ClientError> {
        if self.identity.is_none() {
            let identity = match self.read_guid(client)? {
                Some(guid) => Identity(guid),
                None => Identity::of_certificate(self.read_first(client)?),
            };
            self.identity = Some(identity);
        }
        if wanted >= Extent::Label {
            self.read_first(client)?;
        }
        if wanted == Extent::All && self.others.is_none() {
            self.others = Some(self.read_others(client)?);
        }
        Ok(())
    }

    fn read_first(&mut self, client: &mut Client<'_>) -> Result<Option<&[u8]>, ClientError> {
        if self.first.is_none() {
            self.first = Some(read_certificate(client, FIRST)?);
        }
        Ok(self.first_certificate())
    }

    /// Reads an object that is not a certificate, and keeps it.
    fn read_data(
        &mut self,
        client: &mut Client<'_>,
        object: ObjectId,
    ) -> Result<Option<&[u8]>, ClientError> {
        match client.get_data(object) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            Err(error) => log::note(|| format!("{} cannot be read: {error}", object.name())),
            Ok(content) => self.learn(object, content.as_ref().map(|content| content.to_vec())),
        }
        Ok(self.content(object))
    }

    /// The GUID in the card's CHUID.
    fn read_guid(&mut self, client: &mut Client<'_>) -> Result<Option<[u8; 16]>, ClientError> {
        let content = self.read_data(client, ObjectId::Chuid)?;
        Ok(guid(
            content.and_then(|content| Chuid::decode(content).ok()),
        ))
    }

    fn read_others(
        &mut self,
        client: &mut Client<'_>,
    ) -> Result<Vec<(AsymmetricKey, Vec<u8>)>, ClientError> {
        let mut certificates = Vec::new();
        let main = AsymmetricKey::MAIN.into_iter().filter(|key| *key != FIRST);
        for key in main.chain(self.retired_keys(client)?) {
            if let Some(der) = read_certificate(client, key)? {
                certificates.push((key, der));
            }
        }
        Ok(certificates)
    }

    /// The retired keys whose certificates are on the card: one command says how many. Where its answer makes no sense, all are
    /// looked for.
    fn retired_keys(&mut self, client: &mut Client<'_>) -> Result<Vec<AsymmetricKey>, ClientError> {
        let history = match client.get_data(ObjectId::KeyHistory) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            Err(ClientError::Malformed(_, error)) => Some(Err(error)),
            Err(_) => None,
            Ok(content) => {
                let history = content
                    .as_deref()
                    .map(|content| KeyHistory::decode(content));
                self.learn(
                    ObjectId::KeyHistory,
                    content.map(|content| content.to_vec()),
                );
                history
            }
        };
        let on_card = match history {
            None => 0,
            Some(Ok(history)) => history.on_card,
            Some(Err(error)) => {
                log::note(|| {
                    format!(
                        "the Key History Object is strange, all retired keys are looked for: {error}"
                    )
                });
                u8::MAX
            }
        };
        Ok(RetiredNumber::all()
            .filter(|number| number.get() <= on_card)
            .map(AsymmetricKey::RetiredKeyManagement)
            .collect())
    }

    /// What is known of an object that is not a certificate. Those that want the PIN are never among the public ones.
    #[must_use]
    pub fn presence(&self, object: ObjectId) -> Presence {
        match self.data.iter().find(|(known, _)| *known == object) {
            Some((_, Some(_))) => Presence::There,
            Some((_, None)) => Presence::Absent,
            None if self.has_all_data && object.read_rule() == ReadRule::Always => Presence::Absent,
            None => Presence::Unknown,
        }
    }

    /// The content of an object that is not a certificate, where it was read.
    #[must_use]
    pub fn content(&self, object: ObjectId) -> Option<&[u8]> {
        let (_, content) = self.data.iter().find(|(known, _)| *known == object)?;
        content.as_deref()
    }

    /// An object that is not a certificate was read, or was not there.
    pub fn learn(&mut self, object: ObjectId, content: Option<Vec<u8>>) {
        self.data.retain(|(known, _)| *known != object);
        self.data.push((object, content));
    }

    /// All that a card gave in one read.
    #[must_use]
    pub fn of_list(list: &extensions::PublicObjects) -> Self {
        let certificate = |key| {
            let content = list.get(ObjectId::Certificate(key))?;
            match certificate::decode(content) {
                Ok(der) => Some(der),
                Err(error) => {
                    log::note(|| format!("no certificate for {key}: {error}"));
                    None
                }
            }
        };
        let first = certificate(FIRST);
        let chuid = list.get(ObjectId::Chuid);
        let guid = guid(chuid.and_then(|content| Chuid::decode(content).ok()));
        let others = AsymmetricKey::all()
            .filter(|key| *key != FIRST && *key != AsymmetricKey::Attestation)
            .filter_map(|key| Some((key, certificate(key)?)));
        Self {
            identity: Some(match guid {
                Some(guid) => Identity(guid),
                None => Identity::of_certificate(first.as_deref()),
            }),
            others: Some(others.collect()),
            first: Some(first),
            data: ObjectId::all()
                .filter(|object| !matches!(object, ObjectId::Certificate(_)))
                .filter_map(|object| Some((object, Some(list.get(object)?.to_vec()))))
                .collect(),
            has_all_data: true,
        }
    }

    /// Whether all was read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.others.is_some()
    }

    /// Which card it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        self.identity.unwrap_or(Identity::UNKNOWN)
    }

    /// The DER certificate of 9A.
    #[must_use]
    pub fn first_certificate(&self) -> Option<&[u8]> {
        self.first.as_ref()?.as_deref()
    }

    /// Whether there is any other certificate.
    #[must_use]
    pub fn has_others(&self) -> bool {
        self.others
            .as_ref()
            .is_some_and(|others| !others.is_empty())
    }

    /// The DER certificate of a key.
    #[must_use]
    pub fn certificate(&self, key: AsymmetricKey) -> Option<&[u8]> {
        self.certificates()
            .find(|(known, _)| *known == key)
            .map(|(_, der)| der)
    }

    /// The DER certificates.
    pub fn certificates(&self) -> impl Iterator<Item = (AsymmetricKey, &[u8])> {
        let others = self.others.iter().flatten();
        let first = self.first_certificate().map(|der| (FIRST, der));
        first
            .into_iter()
            .chain(others.map(|(key, der)| (*key, der.as_slice())))
    }
}

fn guid(chuid: Option<Chuid>) -> Option<[u8; 16]> {
    chuid
        .filter(|chuid| !chuid.guid.is_nil())
        .map(|chuid| chuid.guid.into_bytes())
}

fn read_certificate(
    client: &mut Client<'_>,
    key: AsymmetricKey,
) -> Result<Option<Vec<u8>>, ClientError> {
    match client.certificate(key) {
        Err(error @ ClientError::Exchange(_)) => Err(error),
        Err(error) => {
            log::note(|| format!("no certificate for {key}: {error}"));
            Ok(None)
        }
        Ok(certificate) => Ok(certificate),
    }
}
