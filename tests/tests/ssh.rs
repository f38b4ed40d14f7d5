//! ssh with the card: an sshd that asks the enrollment server which keys a person has now.

use rig::Result;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::sshd::Sshd;
use rig::stage::Stage;

/// Logs in, is revoked in the portal, and is refused: the whole path.
fn logs_in_until_revoked(stage: &Stage) -> Result {
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let greeting = format!("hello from {}", sshd.user());
    sshd.login(&stage.folder, &stage.module, PIN)?
        .succeed()?
        .saying(&[&greeting])?;
    stage.module.was_used()?;

    let phones = stage.office.portal.phones()?;
    assert_eq!(phones.len(), 1, "{phones:?}");
    for phone in &phones {
        stage.office.portal.revoke(phone, "key-compromise")?;
    }
    is_refused(stage, &sshd)
}

fn is_refused(stage: &Stage, sshd: &Sshd) -> Result {
    sshd.login(&stage.folder, &stage.module, PIN)?
        .fail()?
        .saying(&["Permission denied (publickey)"])?;
    stage.module.was_used()
}

#[test]
fn a_suspended_phone_logs_in_again_when_it_is_resumed_and_who_was_let_go_does_not() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let portal = &stage.office.portal;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let phone = portal.phones()?.remove(0);
    let person = portal
        .get_ok("/holders")?
        .links_under("/holders/")
        .remove(0);
    for suspended in [&phone, &person] {
        portal.suspend(suspended, "not seen since Monday")?;
        is_refused(&stage, &sshd)?;
        portal.resume(suspended)?;
        sshd.login(&stage.folder, &stage.module, PIN)?.succeed()?;
    }
    portal.let_go(&person, "left")?;
    is_refused(&stage, &sshd)
}

#[test]
fn logs_in_with_an_rsa_key_until_revoked() -> Result {
    Stage::with_each_system(Profile::Standard, logs_in_until_revoked)
}

#[test]
fn logs_in_with_an_ec_key_until_revoked() -> Result {
    Stage::with_each_system(Profile::Compact, logs_in_until_revoked)
}

#[test]
fn logs_in_until_revoked_with_a_server_on_postgresql() -> Result {
    let stage = Stage::enrolled_on_postgres(Profile::Standard)?;
    assert!(stage.office.is_on_postgres());
    logs_in_until_revoked(&stage)
}

#[test]
fn only_the_authentication_key_opens_the_door() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let module = stage.module.path().to_string_lossy().into_owned();

    // ssh-keygen needs no PIN: it lists the public keys in the order of the slots.
    let listed = stage
        .folder
        .program("ssh-keygen")
        .args(["-D", &module])
        .envs(stage.module.environment())
        .succeed()?
        .text();
    let keys: Vec<_> = listed
        .lines()
        .filter(|line| line.starts_with("ecdsa-"))
        .collect();
    assert_eq!(keys.len(), 4, "{listed}");
    let key_of = |name: &str| {
        let line = keys.iter().find(|line| line.contains(name)).copied();
        line.ok_or_else(|| rig::unexpected(format!("no key \"{name}\" in {listed}")))
    };

    let known = stage
        .office
        .portal
        .get_ok(&format!("/api/v1/ssh/authorized-keys/{}", sshd.user()))?;
    let authorized: Vec<_> = known.body.lines().collect();
    assert_eq!(authorized.len(), 1, "{}", known.body);
    let material = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    assert_eq!(
        authorized.first().and_then(|line| material(line)),
        material(key_of("PIV Authentication")?)
    );

    let signature_key = stage.folder.write("9c.pub", key_of("Digital Signature")?)?;
    let only_9c = signature_key.to_string_lossy().into_owned();
    sshd.login_with(
        &stage.folder,
        &["-I", &module, "-o", "IdentitiesOnly=yes", "-i", &only_9c],
    )
    .envs(stage.module.environment())
    .envs(rig::sshd::askpass(&stage.folder, PIN)?)
    .fail()?
    .saying(&["Permission denied (publickey)"])?;
    Ok(())
}

#[test]
fn a_stranger_has_no_keys() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    for name in ["mallory", "..%2fphones", "%00", "a'--"] {
        let answer = stage
            .office
            .portal
            .get(&format!("/api/v1/ssh/authorized-keys/{name}"))?;
        assert_eq!(answer.body, "", "{name}: {answer:?}");
    }
    Ok(())
}
