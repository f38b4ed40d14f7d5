//! The holder of the phone: what they want for each key, what they are asked, and what they answer (docs/phone.md,
//! "Consent").

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::sample::select;

use crate::apdu::Apdu;
use crate::word::CONDITIONS;

/// What a use of a key needs beyond the PIN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Policy {
    #[default]
    Pin,
    Confirm,
    Never,
}

/// What the holder answers from now on, or what happens instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Says {
    #[default]
    Yes,
    No,
    /// Nothing, until it is too late.
    Nothing,
    /// The link is lost meanwhile.
    LinkLost,
    /// Yes, to a card that was changed meanwhile.
    YesTooLate,
    /// Yes; a PIN is mistyped at first.
    YesMistyped,
    /// No; a PIN only after it was mistyped.
    NoOnceMistyped,
}

/// What a key is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Sign,
    Decrypt,
    /// A block that the host has padded, or will unpad.
    SignOrDecrypt,
    Agree,
    /// Its PIN; how many tries are left, and whether it was mistyped before.
    TypePin(u8, bool),
}

/// What the holder is asked: the key by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub key: String,
    pub operation: Operation,
    pub contactless: bool,
}

/// What may become of a use that only the holder could refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    Given,
    /// Not given, and the card is another now.
    CardChanged,
}

/// The model of the holder.
#[derive(Default)]
pub struct Holder {
    policies: BTreeMap<String, Policy>,
    pub says: Says,
    asked: Vec<Request>,
    /// The command that the holder did not agree to, protected or in clear, with nothing but reading since.
    refused: Option<(Apdu, bool)>,
    refused_now: bool,
}

impl Holder {
    pub fn policy(&self, key: &str) -> Policy {
        self.policies.get(key).copied().unwrap_or_default()
    }

    /// Returns whether that is something new.
    pub fn wants(&mut self, key: &str, policy: Policy) -> bool {
        let before = self.policy(key);
        self.policies.insert(key.to_owned(), policy);
        before != policy
    }

    /// Asks, where the key's policy says so.
    pub fn ask(&mut self, request: Request) -> Result<Consent, u16> {
        match self.policy(&request.key) {
            Policy::Pin => return Ok(Consent::Given),
            Policy::Never => return Err(CONDITIONS),
            Policy::Confirm => self.asked.push(request),
        }
        match self.says {
            Says::Yes | Says::YesMistyped => Ok(Consent::Given),
            Says::No | Says::NoOnceMistyped | Says::Nothing => {
                self.refused_now = true;
                Err(CONDITIONS)
            }
            Says::LinkLost => Err(CONDITIONS),
            Says::YesTooLate => Ok(Consent::CardChanged),
        }
    }

    /// Asks for the PIN: whether what is typed is right.
    pub fn ask_for_pin(
        &mut self,
        request: Request,
        was_wrong: bool,
    ) -> Result<(Consent, bool), u16> {
        self.asked.push(request);
        match self.says {
            Says::YesMistyped | Says::NoOnceMistyped if !was_wrong => Ok((Consent::Given, false)),
            Says::Yes | Says::YesMistyped => Ok((Consent::Given, true)),
            Says::No | Says::NoOnceMistyped | Says::Nothing => {
                self.refused_now = true;
                Err(CONDITIONS)
            }
            Says::LinkLost => Err(CONDITIONS),
            Says::YesTooLate => Ok((Consent::CardChanged, true)),
        }
    }

    /// What was asked since the last time.
    pub fn take_asked(&mut self) -> Vec<Request> {
        std::mem::take(&mut self.asked)
    }

    /// Whether this is the command that was refused: nobody is asked again.
    pub fn has_refused(&self, command: &Apdu, is_protected: bool) -> bool {
        let refused = self.refused.as_ref();
        refused.is_some_and(|refused| (&refused.0, refused.1) == (command, is_protected))
    }

    /// A command was answered.
    pub fn answered(&mut self, command: &Apdu, is_protected: bool) {
        const GET_DATA: u8 = 0xCB;
        if std::mem::take(&mut self.refused_now) {
            self.refused = Some((command.clone(), is_protected));
        } else if command.header[1] != GET_DATA {
            self.refused = None;
        }
    }

    /// Whatever was refused is another use from now on.
    pub fn forget_refusal(&mut self) {
        self.refused = None;
    }
}

/// What a holder decides.
pub fn policy() -> impl Strategy<Value = Policy> {
    prop_oneof![
        1 => Just(Policy::Pin),
        4 => Just(Policy::Confirm),
        1 => Just(Policy::Never),
    ]
}

/// What a holder answers.
pub fn says() -> impl Strategy<Value = Says> {
    prop_oneof![
        4 => Just(Says::Yes),
        4 => Just(Says::No),
        4 => select(vec![Says::Nothing, Says::LinkLost, Says::YesTooLate, Says::YesMistyped, Says::NoOnceMistyped]),
    ]
}
