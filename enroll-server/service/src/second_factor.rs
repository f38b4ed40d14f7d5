//! What shows besides the password that somebody is the owner of an account: the code of an authenticator app (RFC 6238:
//! SHA-1, 6 digits, 30 s, as every app knows it), or one of the recovery codes. Each is good once.

use data_encoding::BASE32_NOPAD;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use enroll_server_model::event_detail::LeftCodes;
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::second_factor as store;
use enroll_server_store::{Reader, StoreError, Transaction};

use crate::app::App;
use crate::error::Result;
use crate::outbox::key::key;
use crate::outbox::outbox_key::OutboxKey;

/// How many recovery codes there are.
pub const CODES: usize = 10;
/// Digits of a code of an authenticator app.
const DIGITS: usize = 6;
/// Characters of a group of a recovery code, or of a secret that is typed.
const GROUP: usize = 4;
/// Most characters that are looked at.
const LONGEST: usize = 64;

/// A code as somebody typed it; wiped when it is no longer needed, and never shown.
#[derive(Clone, Deserialize)]
#[serde(from = "String")]
pub struct Code(Zeroizing<String>);

impl From<String> for Code {
    /// Without the spaces and hyphens that it is shown with.
    fn from(text: String) -> Self {
        let text = Zeroizing::new(text);
        let read = text.chars().take(LONGEST);
        let read = read.filter(|c| c.is_ascii_alphanumeric());
        Self(Zeroizing::new(read.collect::<String>().to_lowercase()))
    }
}

impl Code {
    /// Whether it has the few digits of an authenticator app, which can be guessed.
    pub(crate) fn is_short(&self) -> bool {
        self.0.len() < 2 * DIGITS
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A code that fits. Nothing is used up yet.
#[derive(Clone, Debug)]
pub(crate) enum Fit {
    /// It is of the authenticator app.
    Authenticator { secret_id: String, step: i64 },
    /// It is a recovery code.
    RecoveryCode { codes_id: String, bit: i64 },
}

impl Fit {
    /// Uses the code up. Returns whether it was good until now.
    pub(crate) async fn use_up(
        self,
        tx: &mut Transaction,
        administrator_id: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        match self {
            Self::Authenticator { secret_id, step } => {
                store::use_step(tx, administrator_id, &secret_id, step).await
            }
            Self::RecoveryCode { codes_id, bit } => {
                if !store::use_code(tx, administrator_id, &codes_id, bit).await? {
                    return Ok(false);
                }
                let codes = store::recovery_codes(tx.reader(), administrator_id).await?;
                let used = Event::RecoveryCodeUsed(LeftCodes {
                    left: codes.map_or(0, |codes| left(codes.used)),
                });
                tx.record(NewEvent::new(now, actor, administrator_id, used));
                Ok(true)
            }
        }
    }
}

/// How many recovery codes are left.
pub(crate) fn left(used: i64) -> u64 {
    (CODES as u64).saturating_sub(u64::from(used.count_ones()))
}

/// Whether an account has a second factor.
pub(crate) async fn is_on<'e>(
    on: impl Reader<'e>,
    administrator_id: &str,
) -> Result<bool, StoreError> {
    let found = store::authenticator(on, administrator_id).await?;
    Ok(found.is_some())
}

/// Whether a code is one that the account takes now.
pub(crate) async fn fit(app: &App, administrator_id: &str, code: &Code) -> Result<Option<Fit>> {
    let reader = app.store.reader();
    let Some(authenticator) = store::authenticator(reader, administrator_id).await? else {
        return Ok(None);
    };
    let secret_id = authenticator.secret_id;
    let key = key(app).await?;
    let step = step(&key, administrator_id, &secret_id, code, app.clock.now());
    if let Some(step) = step.filter(|step| *step > authenticator.last_step) {
        return Ok(Some(Fit::Authenticator { secret_id, step }));
    }
    let Some(codes) = store::recovery_codes(reader, administrator_id).await? else {
        return Ok(None);
    };
    let mut fitting = None;
    for (number, one) in recovery_codes(&key, administrator_id, &codes.codes_id).enumerate() {
        let bit = 1_i64 << number;
        if bool::from(plain(&one).as_bytes().ct_eq(code.0.as_bytes())) && codes.used & bit == 0 {
            fitting = Some(bit);
        }
    }
    let codes_id = codes.codes_id;
    Ok(fitting.map(|bit| Fit::RecoveryCode { codes_id, bit }))
}

/// The time step whose code this is: the present one, or the one before or after it.
pub(crate) fn step(
    key: &OutboxKey,
    administrator_id: &str,
    secret_id: &str,
    code: &Code,
    now: Timestamp,
) -> Option<i64> {
    let seconds = u64::try_from(now.seconds()).ok()?;
    let totp = totp(key, administrator_id, secret_id, NAMELESS)?;
    i64::try_from(totp.check(&code.0, seconds)?).ok()
}

/// The authenticator app of an account; none if its names cannot be told an app.
pub(crate) fn totp(
    key: &OutboxKey,
    administrator_id: &str,
    secret_id: &str,
    names: Names<'_>,
) -> Option<Totp> {
    let secret = key.of_authenticator(administrator_id, secret_id);
    // A colon would end the name.
    let named = |name: &str| name.replace(':', " ");
    Builder::new()
        .with_secret(Secret::new_stack(*secret))
        .with_account_name(named(names.account))
        .with_issuer(Some(named(names.organisation)))
        .build()
        .ok()
}

/// What an app calls the account.
#[derive(Clone, Copy)]
pub(crate) struct Names<'a> {
    pub(crate) account: &'a str,
    pub(crate) organisation: &'a str,
}

/// Where nobody sees them.
const NAMELESS: Names<'_> = Names {
    account: "-",
    organisation: "-",
};

/// The recovery codes of an account, as they are shown.
pub(crate) fn recovery_codes(
    key: &OutboxKey,
    administrator_id: &str,
    codes_id: &str,
) -> impl Iterator<Item = Zeroizing<String>> {
    (0..CODES).map(move |number| {
        let bytes = key.of_recovery_code(administrator_id, codes_id, number);
        let text = Zeroizing::new(BASE32_NOPAD.encode(&*bytes).to_lowercase());
        grouped(&text, '-')
    })
}

/// What somebody is to read or type, in groups.
pub(crate) fn grouped(text: &str, between: char) -> Zeroizing<String> {
    let mut shown = Zeroizing::new(String::with_capacity(2 * text.len()));
    for (place, character) in text.chars().enumerate() {
        if place > 0 && place % GROUP == 0 {
            shown.push(between);
        }
        shown.push(character);
    }
    shown
}

fn plain(shown: &str) -> Zeroizing<String> {
    Zeroizing::new(shown.chars().filter(|c| *c != '-').collect())
}
