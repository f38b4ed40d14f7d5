//! A long-running program that does with a card what it is told, a word a line on standard input, and prints for each how
//! it ended and how long it took in milliseconds.
//!
//! Argument: the module, or two copies of it: a task of the second begins with `second`. The PIN comes in `CARD_TASKS_PIN`. `begin` starts from nothing, as a program of its own would;
//! `begin-without-threads` the same, and tells the module to start no threads, as NSS and GnuTLS do;
//! `login`, `login-and-sign` and `list` begin with the slots; `login-again` and the others go on in that session. `count` says
//! how many objects are seen, and `same-token` fails where the token has another serial number than the first time.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::{BufRead, Write};
use std::time::Instant;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

const DATA: &[u8] = b"what is signed, or kept secret";
/// The generator of P-256: a point that everybody knows.
const POINT: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                     4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

struct Program {
    pkcs11: Pkcs11,
    is_initialized: bool,
    session: Option<Session>,
    pin: AuthPin,
    /// What was there when it was found first.
    listed: Option<usize>,
    secret: Option<Vec<u8>>,
    serial: Option<String>,
}

impl Program {
    fn begin(&mut self, flags: CInitializeFlags) -> Outcome {
        self.session = None;
        if self.is_initialized {
            self.pkcs11.clone().finalize()?;
        }
        let flags = flags | CInitializeFlags::OS_LOCKING_OK;
        self.pkcs11.initialize(CInitializeArgs::new(flags))?;
        self.is_initialized = true;
        Ok(())
    }

    fn session(&self) -> Outcome<&Session> {
        Ok(self.session.as_ref().ok_or("no session")?)
    }

    fn open(&mut self) -> Outcome<&Session> {
        let slots = self.pkcs11.get_slots_with_token()?;
        let slot = slots.first().ok_or("no token")?;
        Ok(self.session.insert(self.pkcs11.open_ro_session(*slot)?))
    }

    fn login(&mut self) -> Outcome {
        let pin = self.pin.clone();
        Ok(self.open()?.login(UserType::User, Some(&pin))?)
    }

    /// What `ssh` does. A login that lasts from the time before is as good.
    fn login_and_sign(&mut self) -> Outcome {
        match name(self.login()).as_str() {
            "ok" | "UserAlreadyLoggedIn" => self.sign(1),
            other => Err(other.into()),
        }
    }

    fn login_again(&self) -> Outcome {
        Ok(self.session()?.login(UserType::User, Some(&self.pin))?)
    }

    fn log_out(&self) -> Outcome {
        Ok(self.session()?.logout()?)
    }

    fn same_token(&mut self) -> Outcome {
        let slots = self.pkcs11.get_slots_with_token()?;
        let slot = slots.first().ok_or("no token")?;
        let now = self
            .pkcs11
            .get_token_info(*slot)?
            .serial_number()
            .to_owned();
        if *self.serial.get_or_insert_with(|| now.clone()) != now {
            return Err("another token".into());
        }
        Ok(())
    }

    fn count(&mut self) -> Outcome {
        let found = self.open()?.find_objects(&[])?;
        Err(format!("{} objects", found.len()).into())
    }

    fn list(&mut self) -> Outcome {
        let session = self.open()?;
        let found = session.find_objects(&[])?;
        let certificates = session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])?;
        for certificate in certificates {
            session.get_attributes(certificate, &[AttributeType::Value])?;
        }
        if *self.listed.get_or_insert(found.len()) != found.len() {
            return Err("not everything is listed".into());
        }
        Ok(())
    }

    fn object(&self, class: ObjectClass, id: u8) -> Outcome<ObjectHandle> {
        let wanted = [Attribute::Class(class), Attribute::Id(vec![id])];
        let found = self.session()?.find_objects(&wanted)?;
        Ok(*found.first().ok_or("no such key")?)
    }

    fn sign(&self, id: u8) -> Outcome {
        let session = self.session()?;
        let public = self.object(ObjectClass::PUBLIC_KEY, id)?;
        let kind = session.get_attributes(public, &[AttributeType::KeyType])?;
        let mechanism = match kind.first() {
            Some(Attribute::KeyType(KeyType::RSA)) => Mechanism::Sha256RsaPkcs,
            _ => Mechanism::EcdsaSha256,
        };
        // Whoever is not logged in does not see it.
        let key = self.private_key(id)?;
        let signature = session.sign(&mechanism, key, DATA)?;
        Ok(session.verify(&mechanism, public, DATA, &signature)?)
    }

    fn private_key(&self, id: u8) -> Outcome<ObjectHandle> {
        let wanted = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Id(vec![id]),
        ];
        let found = self.session()?.find_objects(&wanted)?;
        Ok(*found.first().ok_or("UserNotLoggedIn")?)
    }

    fn decrypt(&self) -> Outcome {
        let session = self.session()?;
        let public = self.object(ObjectClass::PUBLIC_KEY, 3)?;
        let key = self.private_key(3)?;
        let encrypted = session.encrypt(&Mechanism::RsaPkcs, public, DATA)?;
        if session.decrypt(&Mechanism::RsaPkcs, key, &encrypted)? != DATA {
            return Err("decrypted to something else".into());
        }
        Ok(())
    }

    fn derive(&mut self) -> Outcome {
        let point = POINT
            .as_bytes()
            .chunks(2)
            .map(|digits| Ok(u8::from_str_radix(std::str::from_utf8(digits)?, 16)?))
            .collect::<Outcome<Vec<_>>>()?;
        let parameters = Ecdh1DeriveParams::new(EcKdf::null(), &point);
        let template = [
            Attribute::Class(ObjectClass::SECRET_KEY),
            Attribute::KeyType(KeyType::GENERIC_SECRET),
            Attribute::Sensitive(false),
            Attribute::Extractable(true),
        ];
        let key = self.private_key(3)?;
        let session = self.session()?;
        let derived = session.derive_key(&Mechanism::Ecdh1Derive(parameters), key, &template)?;
        let value = session.get_attributes(derived, &[AttributeType::Value])?;
        session.destroy_object(derived)?;
        let Some(Attribute::Value(secret)) = value.first() else {
            return Err("derived nothing".into());
        };
        if self.secret.get_or_insert_with(|| secret.clone()) != secret {
            return Err("derived something else".into());
        }
        Ok(())
    }

    fn act(&mut self, task: &str) -> Outcome {
        match task {
            "begin" => self.begin(CInitializeFlags::empty()),
            "begin-without-threads" => self.begin(CInitializeFlags::LIBRARY_CANT_CREATE_OS_THREADS),
            "login" => self.login(),
            "login-and-sign" => self.login_and_sign(),
            "login-again" => self.login_again(),
            "log-out" => self.log_out(),
            "same-token" => self.same_token(),
            "count" => self.count(),
            "list" => self.list(),
            "sign-9a" => self.sign(1),
            "sign-9e" => self.sign(4),
            "decrypt" => self.decrypt(),
            "derive" => self.derive(),
            other => Err(format!("unknown task {other}").into()),
        }
    }
}

/// One word.
fn name(outcome: Outcome) -> String {
    match outcome {
        Ok(()) => "ok".to_owned(),
        Err(error) => match error.downcast_ref() {
            Some(cryptoki::error::Error::Pkcs11(value, _)) => format!("{value:?}"),
            _ => error.to_string().replace(' ', "-"),
        },
    }
}

fn main() -> Outcome {
    let pin = AuthPin::new(std::env::var("CARD_TASKS_PIN")?.into());
    let load = |module| -> Outcome<Program> {
        Ok(Program {
            pkcs11: Pkcs11::new(module)?,
            is_initialized: false,
            session: None,
            pin: pin.clone(),
            listed: None,
            secret: None,
            serial: None,
        })
    };
    let mut programs = std::env::args_os()
        .skip(1)
        .map(load)
        .collect::<Outcome<Vec<_>>>()?;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (number, task) = match line.strip_prefix("second ") {
            Some(task) => (1, task),
            None => (0, line.as_str()),
        };
        let program = programs
            .get_mut(number)
            .ok_or("usage: card_tasks MODULE [MODULE]")?;
        let begun = Instant::now();
        let outcome = program.act(task);
        let took = begun.elapsed().as_millis();
        let mut out = std::io::stdout();
        writeln!(out, "{} {took}", name(outcome))?;
        out.flush()?;
    }
    Ok(())
}
