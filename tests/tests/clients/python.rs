//! A Python program by python-pkcs11.

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::python_pkcs11::{PYTHON, folder_with_it};
use rig::stage::Stage;

use crate::{WRONG_PIN, tries_left};

const PROGRAM: &str = include_str!("card.py");

fn works_with_the_card(profile: Profile, words: &[&str]) -> Result {
    let stage = Stage::enrolled(profile)?;
    let all = tries_left(&stage)?;
    let program = stage.folder.write("card.py", PROGRAM)?;
    stage
        .module
        .program(&stage.folder, PYTHON)
        .env("PYTHONPATH", folder_with_it()?)
        .arg(program)
        .arg(stage.module.path())
        .args([WRONG_PIN, PIN])
        .succeed()?
        .saying(&["wrong PIN: refused", "4 certificates: PIV Authentication"])?
        .saying(words)?;
    assert_eq!(tries_left(&stage)?, all);
    stage.module.was_used()
}

#[test]
fn a_program_works_with_rsa_keys() -> Result {
    let words = ["PKCS #1: good", "PSS: good", "OAEP: good"];
    works_with_the_card(Profile::Standard, &words)
}

#[test]
fn a_program_works_with_ec_keys() -> Result {
    works_with_the_card(Profile::Compact, &["ECDSA: good", "ECDH: good"])
}
