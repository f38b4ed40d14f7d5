//! What a user waits for over NFC: commands to the card, counted at vpcd's wire, for each common task.

use std::fs;

use rig::Result;
use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::module::Module;
use rig::openssl::openssl;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::sshd::Sshd;
use rig::stage::{Desk, HOLDER, Stage};
use rig::wire::Exchange;

/// DER lengths of the certificates that the numbers are for: about 1,060 bytes each with an RSA key, and 200 less with a
/// P-256 key. On the card they are compressed, to about 830 and 630.
const CERTIFICATE_LENGTHS: std::ops::RangeInclusive<u64> = 800..=1120;

/// The most commands of a cold login, and of a cold listing; what was read is kept for the next program.
const COLD_LOGIN_MAX: usize = 16;
const COLD_LISTING_MAX: usize = 12;
/// How VERIFY in a channel begins.
const PROTECTED_VERIFY: [u8; 4] = [0x0C, 0x20, 0x00, 0x80];
/// The command that takes the PIN's verification back at the end.
const LOG_OUT: usize = 1;

#[test]
fn ssh_logins_with_an_rsa_key() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    cold_and_warm_login(&stage)?;
    for id in ["01", "02", "03", "04"] {
        stage.module.certificate(&stage.folder, id)?;
        let der = stage.folder.join(&format!("{id}.der"));
        let length = fs::metadata(&der)
            .map(|file| file.len())
            .unwrap_or_default();
        assert!(
            CERTIFICATE_LENGTHS.contains(&length),
            "certificate {id}: {length} bytes"
        );
    }
    Ok(())
}

#[test]
fn ssh_logins_with_a_p_256_key() -> Result {
    cold_and_warm_login(&Stage::enrolled(Profile::Compact)?)
}

/// SELECT, VERIFY and the signature, once the card's public objects are known.
fn cold_and_warm_login(stage: &Stage) -> Result {
    let warm = warm_login(stage)?;
    assert_eq!(warm.len(), 3 + LOG_OUT, "{warm:#?}");
    Ok(())
}

/// The same, with the channel that the PIN goes through: nobody who listens hears it.
fn contactless_login(profile: Profile) -> Result {
    let mut stage = Stage::enrolled(profile)?;
    stage
        .desk
        .hold_over_nfc(&stage.folder, &mut stage.phone, "848k,0ms")?;
    let warm = warm_login(&stage)?;
    assert_eq!(warm.len(), 4 + LOG_OUT, "{warm:#?}");
    let verify = warm.get(2).map(|exchange| exchange.header());
    assert_eq!(verify, Some(&PROTECTED_VERIFY[..]), "{warm:#?}");
    Ok(())
}

/// What a login sends after a first one, which is within its limit.
fn warm_login(stage: &Stage) -> Result<Vec<Exchange>> {
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let login = || -> Result<_> {
        let mark = stage.desk.wire.mark();
        sshd.login(&stage.folder, &stage.module, PIN)?
            .succeed()?
            .saying(&["hello from"])?;
        Ok(stage.desk.wire.since(mark))
    };
    let cold = login()?;
    assert!(cold.len() <= COLD_LOGIN_MAX + LOG_OUT, "{cold:#?}");
    login()
}

#[test]
fn contactless_ssh_logins_with_an_rsa_key() -> Result {
    contactless_login(Profile::Standard)
}

#[test]
fn contactless_ssh_logins_with_a_p_256_key() -> Result {
    contactless_login(Profile::Compact)
}

/// What any other PIV card costs: the phone with its extensions hidden stands for one. Retired keys are looked for once for
/// each card, beside these limits, since it has no Key History Object.
fn any_other_card(profile: Profile, warm_login: usize, twenty_signatures: usize) -> Result {
    let stage = Stage::enrolled(profile)?;
    stage.desk.wire.hide_extensions();
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let since = |mark| -> (usize, usize, String) {
        let exchanges = stage.desk.wire.since(mark);
        let text = format!("{exchanges:#?}");
        let retired = exchanges
            .iter()
            .filter(|exchange| {
                let line = format!("{exchange:?}");
                (0x0D..=0x20).any(|object| line.contains(&format!("5C 03 5F C1 {object:02X} 00 >")))
            })
            .count();
        (exchanges.len() - retired, retired, text)
    };
    let login = || -> Result<_> {
        let mark = stage.desk.wire.mark();
        sshd.login(&stage.folder, &stage.module, PIN)?
            .succeed()?
            .saying(&["hello from"])?;
        Ok(since(mark))
    };
    let (cold, retired, exchanges) = login()?;
    assert!(cold <= 24 + LOG_OUT, "{cold}: {exchanges}");
    assert_eq!(retired, 20, "{exchanges}");
    let (warm, retired, exchanges) = login()?;
    assert_eq!((warm, retired), (warm_login + LOG_OUT, 0), "{exchanges}");
    let list = || -> Result<_> {
        let mark = stage.desk.wire.mark();
        let list = stage.module.pkcs11_tool(&stage.folder);
        list.arg("--list-objects")
            .succeed()?
            .saying(&["PIV Authentication", "Card Authentication"])?;
        Ok(since(mark))
    };
    let (warm, _, exchanges) = list()?;
    assert_eq!(warm, 2, "{exchanges}");
    let mark = stage.desk.wire.mark();
    sign_many(&stage, &["01", "20"])?;
    let (twenty, _, exchanges) = since(mark);
    assert_eq!(twenty, twenty_signatures + LOG_OUT, "{exchanges}");
    let kept = stage.folder.join("home/.cache/tapcard");
    let removed = fs::remove_dir_all(&kept);
    assert!(removed.is_ok(), "{}: {removed:?}", kept.display());
    // SELECT, the CHUID, and the beginning of the certificate that names the holder; no key is looked for.
    for _ in ["cold", "warm"] {
        let mark = stage.desk.wire.mark();
        let list = stage.module.pkcs11_tool(&stage.folder);
        list.arg("--list-slots").succeed()?.saying(&[HOLDER])?;
        let (slots, retired, exchanges) = since(mark);
        assert_eq!((slots, retired), (3, 0), "{exchanges}");
    }
    let (cold, _, exchanges) = list()?;
    assert!(cold <= 20, "{cold}: {exchanges}");
    Ok(())
}

#[test]
fn any_other_card_with_an_rsa_key() -> Result {
    any_other_card(Profile::Standard, 8, 65)
}

#[test]
fn any_other_card_with_a_p_256_key() -> Result {
    any_other_card(Profile::Compact, 6, 25)
}

/// Signs as often as the arguments say, in one session; the signature's file is `signature`.
fn sign_many(stage: &Stage, arguments: &[&str]) -> Result {
    stage
        .folder
        .program(stage.folder.binaries().built("examples/sign_many")?)
        .arg(stage.module.path())
        .args(arguments)
        .arg(stage.folder.join("signature"))
        .envs(stage.module.environment())
        .env("SIGN_MANY_PIN", PIN)
        .input("twenty times the same")
        .succeed()?
        .saying(&["signed 20 times"])?;
    Ok(())
}

#[test]
fn listing_what_is_on_the_phone() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let list = || -> Result<_> {
        let mark = stage.desk.wire.mark();
        let list = stage.module.pkcs11_tool(&stage.folder);
        let listed = list.arg("--list-objects").succeed()?;
        listed.saying(&["PIV Authentication", "Card Authentication"])?;
        Ok(stage.desk.wire.since(mark))
    };
    let cold = list()?;
    assert!(cold.len() <= COLD_LISTING_MAX, "{cold:#?}");
    let warm = list()?;
    assert_eq!(warm.len(), 1, "{warm:#?}");
    Ok(())
}

/// Which tokens there are costs the selection; the first time also the key by which the phone is known again.
fn listing_tokens(stage: &Stage) -> Result {
    let list = || -> Result<_> {
        let mark = stage.desk.wire.mark();
        let list = stage.module.pkcs11_tool(&stage.folder);
        let listed = list.arg("--list-slots").succeed()?.saying(&[HOLDER])?;
        Ok((listed.text(), stage.desk.wire.since(mark)))
    };
    let (first, never_met) = list()?;
    assert_eq!(never_met.len(), 2, "{never_met:#?}");
    let (_, cold) = list()?;
    assert_eq!(cold.len(), 1, "{cold:#?}");
    let kept = stage.folder.join("home/.cache/tapcard");
    assert!(!kept.exists(), "nothing was read");
    stage
        .module
        .pkcs11_tool(&stage.folder)
        .arg("--list-objects")
        .succeed()?;
    let (last, warm) = list()?;
    assert_eq!(warm.len(), 1, "{warm:#?}");
    assert_eq!(first, last, "it is called the same");
    Ok(())
}

#[test]
fn listing_tokens_over_contacts() -> Result {
    listing_tokens(&Stage::enrolled(Profile::Standard)?)
}

#[test]
fn listing_tokens_over_nfc() -> Result {
    let mut stage = Stage::enrolled(Profile::Compact)?;
    stage
        .desk
        .hold_over_nfc(&stage.folder, &mut stage.phone, "848k,0ms")?;
    listing_tokens(&stage)
}

#[test]
fn twenty_signatures_in_one_session() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let message = stage.folder.write("message", "twenty times the same")?;
    let signature = stage.folder.join("signature");
    // Whatever is on the card is known.
    stage
        .module
        .pkcs11_tool(&stage.folder)
        .arg("--list-objects")
        .succeed()?;
    let mark = stage.desk.wire.mark();
    sign_many(&stage, &["01", "20"])?;
    let exchanges = stage.desk.wire.since(mark);
    assert_eq!(exchanges.len(), 22 + LOG_OUT, "{exchanges:#?}");

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
        .arg(message)
        .succeed()?;
    Ok(())
}

#[test]
fn a_program_that_ends_without_a_word_leaves_the_card_logged_out() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let mark = stage.desk.wire.mark();
    stage
        .folder
        .program(stage.folder.binaries().built("examples/sign_many")?)
        .arg(stage.module.path())
        .args(["01", "1"])
        .arg(stage.folder.join("signature"))
        .arg("exit")
        .envs(stage.module.environment())
        .env("SIGN_MANY_PIN", PIN)
        .input("data")
        .succeed()?
        .saying(&["signed 1 times"])?;
    let exchanges = stage.desk.wire.since(mark);
    let last = exchanges.last().map(|exchange| format!("{exchange:?}"));
    assert!(
        last.as_ref()
            .is_some_and(|last| last.trim_start().starts_with("00 20 FF 80")),
        "{last:?}"
    );
    Ok(())
}

#[test]
fn listing_a_card_without_piv() -> Result {
    let folder = Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;
    let module = Module::at(&folder, &desk.pcsc)?;
    let mark = desk.wire.mark();
    module.pkcs11_tool(&folder).arg("--list-slots").succeed()?;
    module.was_used()?;
    let exchanges = desk.wire.since(mark);
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    Ok(())
}
