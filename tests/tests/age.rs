//! `age` with `age-plugin-yubikey` encrypts a file to a key on the card and decrypts it with that key. The plugin brings a
//! library of its own for PIV cards, makes the key in a retired place and gives the card another PIN, PUK and management key.
//! `age` is the one of each system, the plugin the same.

use std::ffi::OsString;

use rig::installed_crate::AGE_PLUGIN;
use rig::phone::{DEFAULT_PIN, DEFAULT_PUK};
use rig::program::Program;
use rig::stage::FreshCard;
use rig::{Result, unexpected};

const NEW_PIN: &str = "24680135";

/// Answers the plugin's questions; it asks a terminal.
const MAKE: &str = r#"
set timeout 50
spawn -noecho age-plugin-yubikey --generate --slot 1 --name tapcard --pin-policy once --touch-policy never
expect {
    -re {default is 123456\): $} { send "$env(OLD_PIN)\r"; exp_continue }
    -re {current PUK.*: $} { send "$env(PUK)\r"; exp_continue }
    -re {new PIN/PUK: $} { send "$env(NEW_PIN)\r"; exp_continue }
    -re {Repeat the PIN/PUK: $} { send "$env(NEW_PIN)\r"; exp_continue }
    timeout { exit 9 }
    eof
}
lassign [wait] pid spawnid system status
exit $status
"#;

const DECRYPT: &str = r#"
set timeout 50
spawn -noecho age --decrypt --identity $env(FOLDER)/identity.txt --output $env(FOLDER)/opened.txt $env(FOLDER)/secret.age
expect {
    -re {PIN for YubiKey with serial [0-9]+} { send "$env(NEW_PIN)\r"; exp_continue }
    timeout { exit 9 }
    eof
}
lassign [wait] pid spawnid system status
exit $status
"#;

/// The folder with the plugin, within the test's: a system finds nothing else of this machine.
fn bring_plugin(card: &FreshCard) -> Result {
    let programs = card.folder.join("programs");
    let place = programs.join(AGE_PLUGIN.name);
    let plugin = AGE_PLUGIN.program()?;
    std::fs::create_dir(&programs)
        .and_then(|()| std::fs::copy(plugin, place))
        .map(drop)
        .map_err(|error| unexpected(format!("the plugin is not copied: {error}")))
}

/// A program that finds the plugin and the test's folder.
fn program(card: &FreshCard, name: &str) -> Program {
    let mut path = OsString::from(card.folder.join("programs"));
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    card.desk
        .client(&card.folder, name)
        .env("PATH", path)
        .env("FOLDER", card.folder.path())
        .env("OLD_PIN", DEFAULT_PIN)
        .env("PUK", DEFAULT_PUK)
        .env("NEW_PIN", NEW_PIN)
}

#[test]
fn a_file_is_encrypted_to_the_card_and_decrypted_with_it() -> Result {
    FreshCard::with_each_system(|card| {
        bring_plugin(card)?;
        program(card, "expect").args(["-c", MAKE]).succeed()?;

        let listed = program(card, AGE_PLUGIN.name).arg("--list").succeed()?;
        let recipient = listed
            .text()
            .lines()
            .find(|line| line.starts_with("age1yubikey1"))
            .map(str::to_owned)
            .ok_or_else(|| unexpected(format!("no recipient in: {}", listed.text())))?;
        let identity = program(card, AGE_PLUGIN.name).arg("--identity").succeed()?;
        card.folder.write("identity.txt", &identity.stdout)?;

        let secret = card.folder.write("secret.txt", "for the card alone")?;
        program(card, "age")
            .args(["--recipient", &recipient, "--output"])
            .args([card.folder.join("secret.age"), secret])
            .succeed()?;
        program(card, "expect").args(["-c", DECRYPT]).succeed()?;
        let opened = std::fs::read(card.folder.join("opened.txt")).unwrap_or_default();
        assert_eq!(opened, b"for the card alone");
        Ok(())
    })
}
