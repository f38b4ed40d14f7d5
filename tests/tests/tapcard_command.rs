//! `tapcard`: the cards in the readers, their PIN, and the programs that use them.

use std::path::Path;

use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::module::Module;
use rig::phone::{DEFAULT_PIN, DEFAULT_PUK, PIN};
use rig::portal::Profile;
use rig::program::Program;
use rig::sshd::{Sshd, askpass};
use rig::stage::{Desk, FreshCard, HOLDER, Stage};
use rig::{Result, unexpected};
use serde_json::Value;

fn tapcard(folder: &Folder, desk: &Desk) -> Result<Program> {
    Ok(folder
        .program(folder.binaries().tapcard()?)
        .envs(desk.pcsc.environment()))
}

fn list(folder: &Folder, desk: &Desk) -> Result<Value> {
    let outcome = tapcard(folder, desk)?.args(["list", "--json"]).run()?;
    serde_json::from_slice(&outcome.stdout)
        .map_err(|error| unexpected(format!("{error}: {}", outcome.all_text())))
}

fn text_at<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.ok_or_else(|| unexpected(format!("no text at {pointer} of {value:#}")))
}

#[test]
fn an_enrolled_card_is_listed_as_the_module_shows_it() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    tapcard(&stage.folder, &stage.desk)?
        .arg("list")
        .succeed()?
        .saying(&[
            HOLDER,
            "9A    01  PIV Authentication",
            "RSA-2048",
            "Days left",
        ])?;
    let listing = list(&stage.folder, &stage.desk)?;
    let tool = || stage.module.pkcs11_tool(&stage.folder);
    tool().arg("--list-token-slots").succeed()?.saying(&[
        text_at(&listing, "/readers/0/card/serial_number")?,
        text_at(&listing, "/readers/0/card/label")?,
    ])?;
    let objects = tool()
        .args(["--list-objects", "--type", "cert"])
        .succeed()?;
    for number in 0..4 {
        let of_key = |field| text_at(&listing, &format!("/readers/0/card/keys/{number}/{field}"));
        let shown = format!("ID:         {}", of_key("id")?.to_lowercase());
        for words in [of_key("label")?, &shown] {
            if !objects.text().contains(words) {
                return Err(unexpected(format!("{words} is not in {}", objects.text())));
            }
        }
    }
    stage.module.was_used()
}

#[test]
fn a_reader_that_is_empty_and_a_card_that_is_not_piv_are_said_in_words() -> Result {
    let folder = Folder::for_test()?;
    let desk = Desk::set_up(&folder)?;
    let list = || Ok(tapcard(&folder, &desk)?.arg("list"));
    list()?.fail()?.saying(&["No card is in this reader."])?;
    list()?
        .args(["--reader", "acr122"])
        .fail()?
        .saying(&["acr122", rig::pcscd::READER])?;
    let _card = ForeignCard::insert(&desk.wire.address())?;
    desk.wait_for_card(&folder)?;
    list()?
        .fail()?
        .saying(&["is not a PIV card", "tapcard doctor"])?;
    Ok(())
}

/// `tapcard pin` with these arguments, with a PIN or PUK and a new PIN in files.
fn pin(card: &FreshCard, verb: &str, secret: &str, new: &str) -> Result<Program> {
    let secret_file = card.folder.write("secret", format!("{secret}\n"))?;
    let new_file = card.folder.write("new", format!("{new}\n"))?;
    let option = match verb {
        "unblock" => "--puk-file",
        _ => "--pin-file",
    };
    Ok(tapcard(&card.folder, &card.desk)?
        .args(["pin", verb, option])
        .arg(secret_file)
        .arg("--new-pin-file")
        .arg(new_file))
}

#[test]
fn a_pin_is_changed_blocked_and_unblocked_and_each_try_is_told() -> Result {
    let card = FreshCard::at_reader()?;
    let status = || {
        tapcard(&card.folder, &card.desk)?
            .args(["pin", "status"])
            .run()
    };
    status()?.saying(&["PIN: 5 tries left; still the one of every new card"])?;

    let mark = card.desk.wire.mark();
    pin(&card, "change", DEFAULT_PIN, "12345")?
        .fail()?
        .saying(&["6 to 8 digits", "Nothing was sent"])?;
    assert!(
        card.desk.wire.since(mark).is_empty(),
        "sent what cannot be a PIN"
    );

    pin(&card, "change", "000000", "482913")?
        .fail()?
        .saying(&["PIN: 5 tries left", "The PIN is wrong: 4 tries left."])?;
    let changed = pin(&card, "change", DEFAULT_PIN, "482913")?.succeed()?;
    let changed = changed.saying(&["The PIN is changed.\nPIN: 5 tries left."])?;
    assert!(
        !changed.all_text().contains("482913"),
        "{}",
        changed.all_text()
    );

    for left in [4, 3, 2, 1] {
        let told = format!("The PIN is wrong: {left} tr");
        pin(&card, "change", "000000", "739154")?
            .fail()?
            .saying(&[&told])?;
    }
    pin(&card, "change", "000000", "739154")?
        .fail()?
        .saying(&["Only one try is left", "--yes"])?;
    pin(&card, "change", "000000", "739154")?
        .arg("--yes")
        .fail()?
        .saying(&["The PIN is blocked.", "tapcard pin unblock"])?;
    status()?.saying(&["PIN: blocked", "tapcard pin unblock"])?;

    pin(&card, "unblock", "00000000", "739154")?
        .fail()?
        .saying(&["The PUK is wrong: 2 tries left."])?;
    pin(&card, "unblock", DEFAULT_PUK, "739154")?
        .succeed()?
        .saying(&["The card has a new PIN.\nPIN: 5 tries left."])?;

    // The module takes the new one.
    let module = Module::at(&card.folder, &card.desk.pcsc)?;
    module
        .pkcs11_tool(&card.folder)
        .args(["--login", "--pin", "739154", "--list-objects"])
        .succeed()?;
    module.was_used()
}

/// What a person types at a terminal; nothing of it is shown.
const TYPED: &str = r#"
set timeout 20
spawn tapcard pin change
expect "PIN now: "; send "123456\r"
expect "New PIN (6 to 8 digits): "; send "482913\r"
expect "New PIN again: "; send "482914\r"
expect "not the same"
expect "New PIN (6 to 8 digits): "; send "482913\r"
expect "New PIN again: "; send "482913\r"
expect "The PIN is changed."
expect eof
exit [lindex [wait] 3]
"#;

#[test]
fn pins_are_typed_hidden_at_a_terminal() -> Result {
    let card = FreshCard::at_reader()?;
    let binaries = card.folder.binaries().tapcard()?;
    let folder = binaries.parent().unwrap_or(&binaries).display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let typed = card
        .folder
        .program("expect")
        .args(["-c", TYPED])
        .envs(card.desk.pcsc.environment())
        .env("PATH", format!("{folder}:{path}"))
        .succeed()?
        .saying(&["The PIN is changed.", "PIN: 5 tries left."])?;
    for shown in [DEFAULT_PIN, "482913", "482914"] {
        assert!(!typed.all_text().contains(shown), "{}", typed.all_text());
    }
    Ok(())
}

/// `tapcard setup` with the home of the test's own.
fn setup(stage: &Stage, arguments: &[&str]) -> Result<Program> {
    Ok(tapcard(&stage.folder, &stage.desk)?
        .arg("setup")
        .args(arguments))
}

#[test]
fn ssh_logs_in_without_naming_the_module_once_it_is_set_up() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let sshd = Sshd::start(&stage.folder, &stage.office.server)?;
    let configuration = stage.folder.join("home/.ssh/config");
    stage.folder.subfolder("home/.ssh")?;
    let before = "Host elsewhere\n    User bob\n";
    stage.folder.write("home/.ssh/config", before)?;
    let login = || {
        let ssh = stage.module.program(&stage.folder, "ssh");
        let ssh = sshd.login_configured(ssh, &configuration);
        Ok(ssh.envs(askpass(&stage.folder, PIN)?))
    };
    login()?
        .fail()?
        .saying(&["Permission denied (publickey)"])?;

    setup(&stage, &["ssh"])?.succeed()?.saying(&[
        "ssh: not set up",
        "PKCS11Provider",
        "Nothing has been changed",
    ])?;
    assert_eq!(text_of(&configuration), before);
    setup(&stage, &["ssh", "--apply"])?.succeed()?;
    let greeting = format!("hello from {}", sshd.user());
    login()?.succeed()?.saying(&[&greeting])?;
    stage.module.was_used()?;

    let applied = text_of(&configuration);
    setup(&stage, &["ssh", "--apply"])?
        .succeed()?
        .saying(&["nothing to do"])?;
    assert_eq!(text_of(&configuration), applied);
    setup(&stage, &[])?
        .succeed()?
        .saying(&["ssh       set up"])?;

    setup(&stage, &["ssh", "--undo"])?.succeed()?;
    assert_eq!(text_of(&configuration), before);
    login()?
        .fail()?
        .saying(&["Permission denied (publickey)"])?;
    Ok(())
}

#[test]
fn p11_kit_lists_the_token_once_and_once_only_while_it_is_set_up() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    // p11-kit ignores a user's own modules where root asks.
    let tapcard = stage.folder.binaries().tapcard()?;
    let setup = |action| {
        as_user(&stage, &tapcard)
            .args(["setup", "p11-kit", action])
            .succeed()
    };
    // Which modules show the card: this package's and OpenSC's, by the name of whoever made it.
    let shown_by = || -> Result<Vec<bool>> {
        let tokens = as_user(&stage, Path::new("p11tool"))
            .arg("--list-token-urls")
            .succeed()?;
        let urls = tokens.text();
        let of_holder = urls.lines().filter(|url| url.contains("Alice"));
        Ok(of_holder
            .map(|url| url.contains("manufacturer=Tapcard"))
            .collect())
    };
    let hiding = stage
        .folder
        .join("home/.config/pkcs11/modules/opensc-pkcs11.module");

    assert_eq!(shown_by()?, [false]);
    setup("--apply")?.saying(&["OpenSC's module would show the same card"])?;
    assert_eq!(shown_by()?, [true]);
    stage.module.was_used()?;
    setup("--apply")?.saying(&["nothing to do"])?;
    setup("--undo")?.saying(&["was removed"])?;
    assert_eq!(shown_by()?, [false]);
    assert!(!hiding.exists());

    // A file of the user's own takes the same place: it stays, and both show the card.
    // Undoing took the empty folder along.
    stage.folder.subfolder("home/.config/pkcs11/modules")?;
    let own = "# mine\npriority: 5\n";
    std::fs::write(&hiding, own).map_err(|error| unexpected(error.to_string()))?;
    setup("--apply")?.saying(&["was not made by tapcard and stays as it is"])?;
    assert_eq!(shown_by()?, [true, false]);
    setup("--undo")?;
    assert_eq!(shown_by()?, [false]);
    assert_eq!(text_of(&hiding), own);
    Ok(())
}

#[test]
fn chromium_and_a_firefox_profile_have_the_module_once_they_are_set_up() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let profile = stage.folder.subfolder("home/firefox-profile")?;
    let profile_text = profile.display().to_string();
    for (arguments, database) in [
        (&["chromium"] as &[_], stage.folder.join("home/.pki/nssdb")),
        (&["firefox", "--profile", &profile_text], profile.clone()),
    ] {
        let change = |action| setup(&stage, &[arguments, &[action]].concat());
        let listed = || {
            let modutil = stage.module.program(&stage.folder, "modutil");
            let database = format!("sql:{}", database.display());
            modutil.args(["-dbdir", &database, "-list"]).run()
        };
        change("--apply")?.succeed()?.saying(&["was written"])?;
        listed()?.saying(&["Tapcard (tapcard setup)", "status: loaded", HOLDER])?;
        stage.module.was_used()?;
        let list = database.join("pkcs11.txt");
        let applied = text_of(&list);
        change("--apply")?.succeed()?.saying(&["nothing to do"])?;
        assert_eq!(text_of(&list), applied);
        change("--undo")?.succeed()?;
        assert!(!listed()?.text().contains("tapcard"));
    }
    Ok(())
}

/// A program that does not run as root, whose files would be the machine's.
fn as_user(stage: &Stage, program: &Path) -> Program {
    let unshare = stage.module.program(&stage.folder, "unshare");
    unshare
        .args(["--user", "--map-user=1000", "--map-group=1000"])
        .arg(program)
}

#[test]
fn openssl_and_java_take_the_files_that_are_made_for_them() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let tapcard = stage.folder.binaries().tapcard()?;
    let setup = |arguments: &[&str]| {
        let program = as_user(&stage, &tapcard);
        program.arg("setup").args(arguments).succeed()
    };
    let made = |name: &str| stage.folder.join("home/.config/tapcard").join(name);

    setup(&["openssl", "--apply"])?.saying(&["OPENSSL_CONF="])?;
    let message = stage.folder.write("message", "what Alice has signed")?;
    as_user(&stage, Path::new("openssl"))
        .env("OPENSSL_CONF", made("openssl.cnf"))
        .args(["dgst", "-sha256", "-engine", "pkcs11", "-keyform", "engine"])
        .args(["-passin", &format!("pass:{PIN}"), "-sign"])
        .args(["pkcs11:id=%01;type=private", "-out"])
        .arg(stage.folder.join("signature"))
        .arg(&message)
        .succeed()?;
    stage.module.was_used()?;

    setup(&["java", "--apply"])?.saying(&["keytool -list"])?;
    as_user(&stage, Path::new("keytool"))
        .args(["-list", "-keystore", "NONE", "-storetype", "PKCS11"])
        .args(["-addprovider", "SunPKCS11", "-providerArg"])
        .arg(made("sunpkcs11.cfg"))
        .args(["-storepass", PIN])
        .succeed()?
        .saying(&["SunPKCS11-Tapcard", "PIV Authentication, PrivateKeyEntry"])?;
    stage.module.was_used()?;

    setup(&["openssl", "--undo"])?;
    setup(&["java", "--undo"])?;
    // The folder was made for them too.
    assert!(!stage.folder.join("home/.config/tapcard").exists());
    Ok(())
}

fn text_of(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}
