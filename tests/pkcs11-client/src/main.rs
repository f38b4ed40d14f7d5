//! A PKCS#11 client in the ABI of the system that it is built for: `pkcs11-client MODULE` loads the module once, and does what
//! each line of its input says. It answers each with a line: `ok` and what came of it, or `error` and why, and how many
//! milliseconds it took.
//!
//! What it can do: `tokens`; `slots`; `login PIN`; `logout`; `certificate ID`; `sign MECHANISM ID DATA`; `decrypt MECHANISM ID DATA`, with
//! identifiers, data and results in hexadecimal digits; and `unload`, which ends the module's use and unloads it, and `load`, which
//! loads it again.
#![forbid(unsafe_code)]

mod card;

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use card::{Card, CardError};
use data_encoding::HEXLOWER_PERMISSIVE as HEX;

fn main() -> ExitCode {
    let Some(module) = std::env::args_os().nth(1) else {
        eprintln!("pkcs11-client MODULE");
        return ExitCode::from(2);
    };
    match run(Path::new(&module)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pkcs11-client: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(module: &Path) -> Result<(), CardError> {
    let mut card = Some(Card::of(module)?);
    for line in io::stdin().lock().lines() {
        let (line, begun) = (line?, Instant::now());
        let words: Vec<&str> = line.split_whitespace().collect();
        let answer = match answer(&mut card, module, &words) {
            Ok(answer) => format!("ok {answer}"),
            Err(error) => format!("error {error}"),
        };
        let answer = answer.trim_end().replace(['\r', '\n'], " ");
        writeln!(io::stdout(), "{answer} {}", begun.elapsed().as_millis())?;
    }
    card.map_or(Ok(()), Card::end)
}

fn answer(loaded: &mut Option<Card>, module: &Path, words: &[&str]) -> Result<String, CardError> {
    let bytes = |text: &str| HEX.decode(text.as_bytes()).map_err(|_| CardError::Usage);
    if words == ["load"] && loaded.is_none() {
        *loaded = Some(Card::of(module)?);
        return Ok(String::new());
    }
    if words == ["unload"] {
        let card = loaded.take().ok_or(CardError::Missing("module"))?;
        return card.end().map(|()| String::new());
    }
    let card = loaded.as_mut().ok_or(CardError::Missing("module"))?;
    Ok(match *words {
        ["slots"] => card.slots()?.to_string(),
        ["tokens"] => card.tokens()?.join(", "),
        ["login", pin] => card.login(pin).map(|()| String::new())?,
        ["logout"] => card.logout().map(|()| String::new())?,
        ["certificate", id] => HEX.encode(&card.certificate(&bytes(id)?)?),
        ["sign", mechanism, id, data] => {
            HEX.encode(&card.sign(mechanism, &bytes(id)?, &bytes(data)?)?)
        }
        ["decrypt", mechanism, id, data] => {
            HEX.encode(&card.decrypt(mechanism, &bytes(id)?, &bytes(data)?)?)
        }
        _ => return Err(CardError::Usage),
    })
}
