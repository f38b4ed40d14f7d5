//! What shows besides the password that somebody is the owner of an account: the code of an authenticator app (RFC 6238:
//! SHA-1, 6 digits, 30 s, as every app knows it), one of the recovery codes, or a passkey. Each code is good once.

use data_encoding::BASE32_NOPAD;
use serde::Deserialize;
use subtle::ConstantTimeEq;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use enroll_server_model::event_detail::{LeftCodes, NamedPasskey};
use enroll_server_model::{Actor, Event, NewEvent, Timestamp};
use enroll_server_store::{StoreError, Transaction, passkey, second_factor as store};

use crate::app::App;
use crate::error::Result;
use crate::outbox::key::key;
use crate::outbox::outbox_key::OutboxKey;
use crate::webauthn::shown::{self, Looked, Shown};

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

/// What somebody shows.
#[derive(Clone, Debug)]
pub enum Factor {
    /// A code.
    Code(Code),
    /// What their browser answered when it was asked for a passkey.
    Passkey(String),
}

impl Factor {
    /// Whether it has the few digits of an authenticator app, which can be guessed.
    pub(crate) fn is_short(&self) -> bool {
        match self {
            Self::Code(code) => code.0.len() < 2 * DIGITS,
            Self::Passkey(_) => false,
        }
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(..)")
    }
}

/// A factor that fits. Nothing is used up yet.
#[derive(Clone, Debug)]
pub(crate) enum Fit {
    /// It is of the authenticator app.
    Authenticator { secret_id: String, step: i64 },
    /// It is a recovery code.
    RecoveryCode { codes_id: String, bit: i64 },
    /// It is a passkey.
    Passkey(Shown),
}

/// What a factor that fits was worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    /// It was good until now.
    Good,
    /// It was used before, or is gone.
    Nothing,
    /// There may be a copy of this passkey: its counter went back.
    Copied(NamedPasskey),
}

impl Worth {
    fn of(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Nothing }
    }
}

impl Fit {
    /// Uses the code up, or notes the use of the passkey.
    pub(crate) async fn use_up(
        self,
        tx: &mut Transaction,
        administrator_id: &str,
        actor: &Actor,
        now: Timestamp,
    ) -> Result<Worth, StoreError> {
        match self {
            Self::Authenticator { secret_id, step } => Ok(Worth::of(
                store::use_step(tx, administrator_id, &secret_id, step).await?,
            )),
            Self::Passkey(shown) => use_passkey(tx, shown, now).await,
            Self::RecoveryCode { codes_id, bit } => {
                if !store::use_code(tx, administrator_id, &codes_id, bit).await? {
                    return Ok(Worth::Nothing);
                }
                let codes = store::recovery_codes(tx.reader(), administrator_id).await?;
                let used = Event::RecoveryCodeUsed(LeftCodes {
                    left: codes.map_or(0, |codes| left(codes.used)),
                });
                tx.record(NewEvent::new(now, actor, administrator_id, used));
                Ok(Worth::Good)
            }
        }
    }
}

/// Notes that a passkey was shown.
pub(crate) async fn use_passkey(
    tx: &mut Transaction,
    shown: Shown,
    now: Timestamp,
) -> Result<Worth, StoreError> {
    let Shown {
        passkey,
        sign_count,
    } = shown;
    if passkey::note_use(tx, &passkey.id, sign_count, now).await? {
        return Ok(Worth::Good);
    }
    let found = passkey::by_credential_id(tx.reader(), &passkey.credential_id).await?;
    Ok(found.map_or(Worth::Nothing, |found| {
        Worth::Copied(NamedPasskey {
            passkey: found.name,
        })
    }))
}

/// How many recovery codes are left.
pub(crate) fn left(used: i64) -> u64 {
    (CODES as u64).saturating_sub(u64::from(used.count_ones()))
}

/// Whether a factor is one that the account takes now, from the browser whose token has the hash `bound_to`.
pub(crate) async fn fit(
    app: &App,
    administrator_id: &str,
    bound_to: &str,
    factor: &Factor,
) -> Result<Option<Fit>> {
    match factor {
        Factor::Code(code) => fit_code(app, administrator_id, code).await,
        Factor::Passkey(answer) => match shown::look(app, bound_to, answer).await? {
            Looked::Right(shown) if shown.passkey.administrator_id == administrator_id => {
                Ok(Some(Fit::Passkey(shown)))
            }
            _ => Ok(None),
        },
    }
}

async fn fit_code(app: &App, administrator_id: &str, code: &Code) -> Result<Option<Fit>> {
    let reader = app.store.reader();
    let key = key(app).await?;
    if let Some(authenticator) = store::authenticator(reader, administrator_id).await? {
        let secret_id = authenticator.secret_id;
        let step = step(&key, administrator_id, &secret_id, code, app.clock.now());
        if let Some(step) = step.filter(|step| *step > authenticator.last_step) {
            return Ok(Some(Fit::Authenticator { secret_id, step }));
        }
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
