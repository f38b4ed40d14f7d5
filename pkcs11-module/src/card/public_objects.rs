//! The public objects of a card. This is the one place where they are read from it.

use std::collections::{BTreeMap, BTreeSet};

use card_edge::Status;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::extensions::CardName;
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{
    AsymmetricKey, ObjectId, ReadRule, RetiredNumber, certificate, data, extensions,
};
use card_host::Identity;

use zeroize::Zeroizing;

use super::client::{Client, ClientError};
use crate::{log, object};

/// The key whose certificate the token's label is made of, and the identity of a card without a number.
const FIRST: AsymmetricKey = AsymmetricKey::PivAuthentication;

/// How much of a card's public objects is wanted. Each contains the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// What tells the card from others: the CHUID, and where that has no number the 9A certificate.
    Identity,
    /// Also whose card it is, which the token's label is made of: the name in the 9A certificate.
    Label,
    /// All.
    All,
    /// All; the retired keys of a card that does not say how many there are are looked for one by one.
    AllAndRetired,
}

/// What a card that announces nothing gave, as it was: the answers to GET DATA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Containers {
    /// The first 256 bytes of the CHUID; empty where there is none.
    pub chuid: Vec<u8>,
    /// Those of the certificates that are there, whole.
    pub certificates: BTreeMap<AsymmetricKey, Vec<u8>>,
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
    /// The common name in the subject of the 9A certificate, where that was read of its beginning, or announced: then it may
    /// be cut.
    name: Option<String>,
    /// The DER certificates of the other keys.
    others: Option<Vec<(AsymmetricKey, Vec<u8>)>>,
    /// The objects that are not certificates and were looked for: their contents, without 53, 7E or 7F61; `None` where
    /// they are not on the card.
    data: Vec<(ObjectId, Option<Vec<u8>>)>,
    /// No other public object is on the card.
    has_all_data: bool,
    /// What the card gave, where it announces nothing.
    containers: Containers,
    /// The certificates that were not looked at in this insertion.
    unchecked: BTreeSet<AsymmetricKey>,
    /// They are looked at again before they are listed.
    is_due: bool,
    /// One of them is another, or could not be read.
    is_changed: bool,
    /// The card failed at some of them, and said nothing of whether they are there.
    is_partial: bool,
    /// How often the card was away.
    absences: u32,
    /// Identity and name are what the card announced, and nothing was read.
    is_announced: bool,
}

impl PublicObjects {
    /// Reads what is wanted and was not read yet from the selected application.
    ///
    /// # Errors
    /// [`ClientError::Exchange`]: whatever else is wrong with an object costs this object.
    pub fn read(&mut self, client: &mut Client<'_>, wanted: Extent) -> Result<(), ClientError> {
        if self.is_announced {
            *self = Self {
                absences: self.absences,
                ..Self::default()
            };
        }
        if self.identity.is_none() {
            let identity = match self.read_card_number(client)? {
                Some(number) => Identity(number),
                None => Identity::of_certificate(self.read_first(client)?),
            };
            self.identity = Some(identity);
        }
        match wanted {
            Extent::Identity => {}
            Extent::Label => self.read_name(client)?,
            Extent::All | Extent::AllAndRetired => {
                self.read_first(client)?;
            }
        }
        if wanted >= Extent::All && self.others.is_none() {
            self.others = Some(self.read_others(client, wanted == Extent::AllAndRetired)?);
        }
        Ok(())
    }

    /// What is kept of this card, as far as its number tells.
    pub fn take_over(&mut self, kept: Self) {
        if !self.is_whole() && kept.identity == self.identity {
            let data = std::mem::take(&mut self.data);
            *self = Self { data, ..kept };
        }
    }

    /// All that is kept of a card. `is_due`: it is looked at again before it is listed.
    #[must_use]
    pub fn of_containers(containers: Containers, is_due: bool) -> Self {
        let mut public = Self {
            identity: Chuid::card_number_in_start(&containers.chuid).map(Identity),
            unchecked: containers.certificates.keys().copied().collect(),
            containers,
            is_due,
            ..Self::default()
        };
        public.decode_containers();
        if public.identity.is_none() {
            let identity = Identity::of_certificate(public.first_certificate());
            public.identity = Some(identity);
        }
        public
    }

    /// What the card gave, where it announces nothing and all was read.
    #[must_use]
    pub fn containers(&self) -> Option<&Containers> {
        (self.is_whole() && !self.has_all_data && !self.is_partial).then_some(&self.containers)
    }

    fn decode_containers(&mut self) {
        let mut others = Vec::new();
        self.first = Some(None);
        for (key, answer) in &self.containers.certificates {
            let Some(der) = decode(*key, answer) else {
                continue;
            };
            if *key == FIRST {
                self.first = Some(Some(der));
            } else {
                others.push((*key, der));
            }
        }
        self.others = Some(others);
    }

    /// The card was away: what was read of it may be others' now.
    pub fn recheck(&mut self) {
        self.absences = self.absences.wrapping_add(1);
        if !self.has_all_data {
            self.unchecked = self.containers.certificates.keys().copied().collect();
            self.is_due = self.is_whole();
            self.is_changed |= self.is_partial;
        }
    }

    /// The first 256 bytes of the answer with the CHUID, of a card that announces nothing; empty where it has none.
    #[must_use]
    pub fn chuid(&self) -> &[u8] {
        &self.containers.chuid
    }

    /// Whether the card was away since this copy was made.
    #[must_use]
    pub fn is_older_than(&self, now: &Self) -> bool {
        self.absences != now.absences
    }

    /// Whether it is looked at again before it is listed.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.is_due
    }

    /// Whether the certificate of this key was not looked at in this insertion.
    #[must_use]
    pub fn is_unchecked(&self, key: AsymmetricKey) -> bool {
        self.unchecked.contains(&key)
    }

    /// Looks whether the certificate of this key is the one that was read.
    ///
    /// # Errors
    /// [`ClientError::Exchange`].
    pub fn check(
        &mut self,
        client: &mut Client<'_>,
        key: AsymmetricKey,
    ) -> Result<bool, ClientError> {
        let start = match twice(|| client.get_data_start(ObjectId::Certificate(key))) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            other => other.ok().flatten(),
        };
        let start = start.as_deref().map(|start| start.as_slice());
        let is_same = is_start(start, self.containers.certificates.get(&key));
        if is_same {
            self.unchecked.remove(&key);
        } else {
            self.is_due = true;
            self.is_changed = true;
        }
        Ok(is_same)
    }

    /// Looks at the certificates that every card may have. Where one is another, or a use has found that, all are read again:
    /// who renews a key may have moved the former one to a place for retired keys.
    ///
    /// # Errors
    /// [`ClientError::Exchange`].
    pub fn check_all(
        &mut self,
        client: &mut Client<'_>,
        wanted: Extent,
    ) -> Result<(), ClientError> {
        let mut is_same = !self.is_changed;
        for key in AsymmetricKey::MAIN {
            is_same = is_same && self.check(client, key)?;
        }
        if !is_same {
            *self = Self {
                absences: self.absences,
                ..Self::default()
            };
            self.read(client, wanted)?;
        }
        self.is_due = false;
        Ok(())
    }

    /// Reads the object of a certificate, and keeps it as it is.
    fn read_container(
        &mut self,
        client: &mut Client<'_>,
        key: AsymmetricKey,
    ) -> Result<Option<Vec<u8>>, ClientError> {
        self.containers.certificates.remove(&key);
        match twice(|| client.get_data_as_it_is(ObjectId::Certificate(key))) {
            Err(error @ ClientError::Exchange(_)) => Err(error),
            Err(error) => {
                self.lacks(&error, || format!("certificate for {key}"));
                Ok(None)
            }
            Ok(None) => Ok(None),
            Ok(Some(answer)) => {
                let der = decode(key, &answer);
                self.containers.certificates.insert(key, answer.to_vec());
                Ok(der)
            }
        }
    }

    fn read_first(&mut self, client: &mut Client<'_>) -> Result<Option<&[u8]>, ClientError> {
        if self.first.is_none() {
            self.first = Some(self.read_container(client, FIRST)?);
            self.name = None;
        }
        Ok(self.first_certificate())
    }

    /// Reads the name of the card's holder, which most certificates have in their first 256 bytes; where this one has not, all of
    /// it.
    fn read_name(&mut self, client: &mut Client<'_>) -> Result<(), ClientError> {
        if self.first.is_some() || self.name.is_some() {
            return Ok(());
        }
        let start = match twice(|| client.get_data_start(ObjectId::Certificate(FIRST))) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            Err(error) => {
                self.lacks(&error, || format!("certificate for {FIRST}"));
                None
            }
            Ok(start) => start,
        };
        let is_empty = |start: &Zeroizing<Vec<u8>>| {
            data::decode_content(ObjectId::Certificate(FIRST), start) == Ok(&[])
        };
        let Some(start) = start.filter(|start| !is_empty(start)) else {
            self.first = Some(None);
            return Ok(());
        };
        self.name = object::common_name_in_beginning(&certificate::beginning(&start));
        if self.name.is_none() {
            self.read_first(client)?;
        }
        Ok(())
    }

    /// The common name in the subject of the 9A certificate.
    #[must_use]
    pub fn holder(&self) -> Option<String> {
        match self.first_certificate() {
            Some(der) => object::common_name(der),
            None => self.name.clone(),
        }
    }

    /// The number in the card's CHUID, of which the first 256 bytes are read.
    fn read_card_number(
        &mut self,
        client: &mut Client<'_>,
    ) -> Result<Option<[u8; 16]>, ClientError> {
        let start = match twice(|| client.get_data_start(ObjectId::Chuid)) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            Err(error) => {
                self.lacks(&error, || "CHUID".into());
                return Ok(None);
            }
            Ok(start) => start,
        };
        let Some(start) = start else {
            self.learn(ObjectId::Chuid, None);
            return Ok(None);
        };
        // A whole one is an object like others.
        if let Ok(content) = data::decode_content(ObjectId::Chuid, &start) {
            self.learn(
                ObjectId::Chuid,
                (!content.is_empty()).then(|| content.to_vec()),
            );
        }
        self.containers.chuid = start.to_vec();
        Ok(Chuid::card_number_in_start(&start))
    }

    /// An object is not read for this reason.
    fn lacks(&mut self, error: &ClientError, what: impl FnOnce() -> String) {
        log::note(|| format!("no {}: {error}", what()));
        self.is_partial |= says_nothing(error);
    }

    fn read_others(
        &mut self,
        client: &mut Client<'_>,
        looks_for_retired: bool,
    ) -> Result<Vec<(AsymmetricKey, Vec<u8>)>, ClientError> {
        let mut certificates = Vec::new();
        let main = AsymmetricKey::MAIN.into_iter().filter(|key| *key != FIRST);
        for key in main.chain(self.retired_keys(client, looks_for_retired)?) {
            if let Some(der) = self.read_container(client, key)? {
                certificates.push((key, der));
            }
        }
        Ok(certificates)
    }

    /// The retired keys whose certificates are on the card: one command says how many. Where its answer makes no sense, all are
    /// looked for; where there is none, if the caller wants that.
    fn retired_keys(
        &mut self,
        client: &mut Client<'_>,
        looks_for_retired: bool,
    ) -> Result<Vec<AsymmetricKey>, ClientError> {
        let history = match twice(|| client.get_data(ObjectId::KeyHistory)) {
            Err(error @ ClientError::Exchange(_)) => return Err(error),
            Err(ClientError::Malformed(_, error)) => Some(Err(error)),
            Err(error) => {
                self.lacks(&error, || "Key History Object".into());
                None
            }
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
            None if looks_for_retired => u8::MAX,
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

    /// What a card announces of itself.
    #[must_use]
    pub fn announced(name: &CardName) -> Self {
        let holder = name.holder.as_ref();
        Self {
            identity: Some(Identity(name.guid.into_bytes())),
            name: holder.map(|holder| holder.as_str().to_owned()),
            is_announced: true,
            ..Self::default()
        }
    }

    /// Whether identity and name are what the card announced, and nothing was read.
    #[must_use]
    pub fn is_announced(&self) -> bool {
        self.is_announced
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
        let number = chuid.and_then(|content| Chuid::decode(content).ok()?.card_number());
        let others = AsymmetricKey::all()
            .filter(|key| *key != FIRST && *key != AsymmetricKey::Attestation)
            .filter_map(|key| Some((key, certificate(key)?)));
        Self {
            identity: Some(match number {
                Some(number) => Identity(number),
                None => Identity::of_certificate(first.as_deref()),
            }),
            others: Some(others.collect()),
            first: Some(first),
            data: ObjectId::all()
                .filter(|object| !matches!(object, ObjectId::Certificate(_)))
                .filter_map(|object| Some((object, Some(list.get(object)?.to_vec()))))
                .collect(),
            has_all_data: true,
            ..Self::default()
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

/// Whether a refusal says nothing of the object: a card that fails for a moment has it all the same.
fn says_nothing(error: &ClientError) -> bool {
    match error {
        ClientError::Refused(_, status) => matches!(
            status,
            Status::Unknown | Status::MemoryFailure | Status::Other(_)
        ),
        _ => false,
    }
}

/// Asks for an object, and once more where the card failed.
fn twice<R>(mut ask: impl FnMut() -> Result<R, ClientError>) -> Result<R, ClientError> {
    match ask() {
        Err(error) if says_nothing(&error) => {
            log::note(|| format!("{error}; asking again"));
            ask()
        }
        other => other,
    }
}

/// The DER certificate in the answer to GET DATA of its object.
fn decode(key: AsymmetricKey, answer: &[u8]) -> Option<Vec<u8>> {
    let content = match data::decode_content(ObjectId::Certificate(key), answer) {
        Ok([]) => return None,
        Ok(content) => content,
        Err(error) => {
            log::note(|| format!("no certificate for {key}: {error}"));
            return None;
        }
    };
    match certificate::decode(content) {
        Ok(der) => Some(der),
        Err(error) => {
            log::note(|| format!("no certificate for {key}: {error}"));
            None
        }
    }
}

/// Whether the first part of an answer is that of this whole answer, which 256 bytes of a certificate tell.
fn is_start(start: Option<&[u8]>, answer: Option<&Vec<u8>>) -> bool {
    match (start, answer) {
        (None, None) => true,
        (Some(start), Some(answer)) => answer.get(..256).unwrap_or(answer) == start,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
