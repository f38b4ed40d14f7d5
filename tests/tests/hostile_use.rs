//! What applications have to bear: wrong and blocked PINs, no daemon, a card that leaves, other applications.

use std::fs;
use std::path::{Path, PathBuf};

use rig::Result;
use rig::module::Module;
use rig::openssl::openssl;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{Desk, Stage};
use rig::wait::wait_until;
use rig::wire::Cut;

const MESSAGE: &str = "signed while others are at work";
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

fn tool(stage: &Stage) -> Program {
    stage.module.pkcs11_tool(&stage.folder)
}

fn sign(stage: &Stage, signature: &Path) -> Result<Program> {
    let message = stage.folder.write("message", MESSAGE)?;
    Ok(tool(stage)
        .args(["--login", "--pin", PIN, "--sign", "--id", "01"])
        .args(["--mechanism", "SHA256-RSA-PKCS", "--input-file"])
        .arg(message)
        .arg("--output-file")
        .arg(signature))
}

fn verify(stage: &Stage, signature: &Path) -> Result {
    let certificate = stage.module.certificate(&stage.folder, "01")?;
    let key = openssl(&stage.folder)?
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(certificate)
        .succeed()?;
    let key = stage.folder.write("key.pub", key.stdout)?;
    openssl(&stage.folder)?
        .args(["dgst", "-sha256", "-verify"])
        .arg(key)
        .arg("-signature")
        .arg(signature)
        .arg(stage.folder.write("message", MESSAGE)?)
        .succeed()?;
    Ok(())
}

/// Length of an RSA-2048 signature.
const RSA_2048: u64 = 256;

fn signature_length(file: &Path) -> u64 {
    fs::metadata(file)
        .map(|file| file.len())
        .unwrap_or_default()
}

#[test]
fn wrong_pins_are_told_until_the_card_blocks() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let printed = stage
        .folder
        .program(stage.folder.binaries().built("examples/wrong_pins")?)
        .arg(stage.module.path())
        .envs(stage.module.environment())
        // A PIN that was refused before costs no second try: it is not sent again.
        .input("000000\n000001\n000001\n000002\n000003\n000004\n739154\n")
        .succeed()?
        .text();
    let expected = [
        "incorrect: low",
        "incorrect: low",
        "incorrect: low",
        "incorrect: low",
        "incorrect: low final",
        "incorrect: locked",
        "locked: locked",
    ];
    assert_eq!(printed.lines().collect::<Vec<_>>(), expected);
    let login = |pin: &str| tool(&stage).args(["--login", "--pin", pin, "--list-objects"]);
    login(PIN).fail()?.saying(&["CKR_PIN_LOCKED"])?;
    // What needs no PIN still works.
    let objects = tool(&stage).arg("--list-objects").succeed()?;
    assert_eq!(objects.text().matches("Certificate Object").count(), 4);
    Ok(())
}

#[test]
fn without_a_daemon_there_is_no_token_and_no_crash() -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    stage.desk.pcsc.stop()?;
    let outcome = tool(&stage).arg("--list-slots").run()?;
    assert!(outcome.status.code().is_some(), "{}", outcome.all_text());
    assert!(
        !outcome.text().contains("token label"),
        "{}",
        outcome.text()
    );
    tool(&stage)
        .args(["--login", "--pin", PIN, "--list-objects"])
        .fail()?;

    // The daemon comes back, the phone finds it by itself, and everything is there.
    stage.desk.pcsc.start_again(&stage.folder)?;
    stage.desk.wait_for_card(&stage.folder)?;
    tool(&stage)
        .args(["--login", "--pin", PIN, "--list-objects"])
        .succeed()?
        .saying(&["PIV Authentication"])?;
    Ok(())
}

#[test]
fn a_phone_that_is_there_before_the_daemon_waits_for_it() -> Result {
    let folder = rig::folder::Folder::for_test()?;
    let mut desk = Desk::set_up(&folder)?;
    desk.pcsc.stop()?;
    let mut phone = Phone::at(folder.join("phone"));
    // The wire takes the phone's connection and ends it, as there is no reader behind it.
    phone.hold_to_reader(&folder, &desk.wire.address())?;
    desk.pcsc.start_again(&folder)?;
    desk.wait_for_card(&folder)
}

#[test]
fn a_phone_pulled_away_in_a_signature_is_an_error_and_comes_back() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let signature = stage.folder.join("signature");
    let mark = stage.desk.wire.mark();
    sign(&stage, &signature)?.succeed()?;
    let length = stage.desk.wire.since(mark).len();
    verify(&stage, &signature)?;

    // Pulled at the first command, in the middle, and around the chained commands at the end; before the card has
    // the command, and after it has carried it out. Then the same task goes well again, nothing restarted.
    let positions = [1, length / 2].into_iter().chain(length - 3..=length);
    for at in positions {
        for cut in [Cut::BeforeCommand, Cut::BeforeAnswer] {
            stage.desk.wire.cut_at(at, cut);
            wait_until("the phone is pulled away in the middle", PATIENCE, || {
                let _ = fs::remove_file(&signature);
                let outcome = sign(&stage, &signature)?.run()?;
                assert!(
                    outcome.status.code().is_some(),
                    "crashed at {at}: {}",
                    outcome.all_text()
                );
                // Success is right only where the signature was there already, before the logout.
                assert!(!outcome.status.success() || signature_length(&signature) == RSA_2048);
                Ok(stage.desk.wire.has_been_cut())
            })?;
            wait_until("the phone is back and signs", PATIENCE, || {
                Ok(sign(&stage, &signature)?.run()?.status.success())
            })?;
        }
    }
    verify(&stage, &signature)
}

#[test]
fn two_applications_sign_with_one_card_at_the_same_time() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let start = |name: &str| -> Result<(rig::process::Process, PathBuf)> {
        let signature = stage.folder.join(&format!("{name}.sig"));
        let process = stage
            .folder
            .program(stage.folder.binaries().built("examples/sign_many")?)
            .arg(stage.module.path())
            .args(["01", "20"])
            .arg(&signature)
            .envs(stage.module.environment())
            .env("SIGN_MANY_PIN", PIN)
            .input_file(&stage.folder.write("many-message", MESSAGE)?)?
            .start(&stage.folder, name)?;
        Ok((process, signature))
    };
    let mut running = [start("one")?, start("two")?];
    // A third one looks at the card meanwhile.
    while running
        .iter_mut()
        .map(|(process, _)| process.exit_status())
        .collect::<Result<Vec<_>>>()?
        .contains(&None)
    {
        tool(&stage)
            .arg("--list-objects")
            .succeed()?
            .saying(&["PIV Authentication"])?;
    }
    for (process, signature) in &mut running {
        let status = process.exit_status()?;
        let output = process.stderr_text();
        assert!(
            status.is_some_and(|status| status.success()),
            "{status:?}: {output}"
        );
        verify(&stage, signature)?;
    }
    Ok(())
}

#[test]
fn a_card_with_nothing_on_it_is_no_error_of_the_module() -> Result {
    let folder = rig::folder::Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let module = Module::at(&folder, &desk.pcsc)?;
    module.pkcs11_tool(&folder).arg("--list-slots").succeed()?;
    let _card = rig::foreign_card::ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;
    module.pkcs11_tool(&folder).arg("--list-slots").succeed()?;
    module.was_used()
}
