//! Logs in once and signs many times in one session, as a long-running application does.
//!
//! Arguments: the module, the CKA_ID in hexadecimal, how often, and a file for the last signature. The data comes on
//! standard input, the PIN in `SIGN_MANY_PIN`. With `exit` as a last argument it ends without C_Finalize, as many do. The key may be RSA or EC; the module hashes with SHA-256.
#![forbid(unsafe_code)]

use std::error::Error;
use std::io::Read;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let ([module, id, times, file], exits) = (match arguments.as_slice() {
        [all @ .., last] if last == "exit" => (all, true),
        all => (all, false),
    }) else {
        return Err("usage: sign_many MODULE ID TIMES FILE [exit]".into());
    };
    let mut data = Vec::new();
    std::io::stdin().read_to_end(&mut data)?;
    let pin = AuthPin::new(std::env::var("SIGN_MANY_PIN")?.into());

    let pkcs11 = Pkcs11::new(module)?;
    pkcs11.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    let slots = pkcs11.get_slots_with_token()?;
    let slot = slots.first().ok_or("no token")?;
    let session = pkcs11.open_ro_session(*slot)?;
    session.login(UserType::User, Some(&pin))?;

    let wanted = [
        Attribute::Class(ObjectClass::PRIVATE_KEY),
        Attribute::Id(vec![u8::from_str_radix(id, 16)?]),
    ];
    let keys = session.find_objects(&wanted)?;
    let key = *keys.first().ok_or("no such key")?;
    let kind = session.get_attributes(key, &[AttributeType::KeyType])?;
    let mechanism = match kind.first() {
        Some(Attribute::KeyType(KeyType::RSA)) => Mechanism::Sha256RsaPkcs,
        _ => Mechanism::EcdsaSha256,
    };
    let times: usize = times.parse()?;
    let mut signature = Vec::new();
    for _ in 0..times {
        signature = session.sign(&mechanism, key, &data)?;
    }
    std::fs::write(file, &signature)?;
    println!("signed {times} times");
    if exits {
        std::process::exit(0);
    }
    Ok(())
}
