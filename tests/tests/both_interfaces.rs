//! A program meets a phone over NFC and then over contacts, and the other way round: it is the same token, nothing is read twice
//! that has not changed, and no PIN goes out that nobody typed.

use std::thread::sleep;
use std::time::Duration;

use rig::card_tasks::module_program;
use rig::portal::Profile;
use rig::stage::Stage;
use rig::told_program::ToldProgram;
use rig::wire::Exchange;
use rig::{Result, unexpected};
use serde_json::Value;

/// As fast as NFC can be, since nothing is measured here.
const NFC: &str = "848k,0ms";

const SELECT: u8 = 0xA4;
const CHANNEL: u8 = 0x87;
const READ: u8 = 0xCB;
const GET_RESPONSE: u8 = 0xC0;
const VERIFY: u8 = 0x20;
const SIGN: u8 = 0x2A;

/// The way to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Contacts,
    Nfc,
}

/// A phone at a reader, and a program.
struct Scene {
    program: ToldProgram,
    stage: Stage,
}

impl Scene {
    fn set_up(way: Way, grace: Duration) -> Result<Self> {
        let stage = Stage::enrolled(Profile::Compact)?;
        let program = module_program(&stage.folder, &stage.module)?
            .env("TAPCARD_PKCS11_GRACE_SECONDS", grace.as_secs().to_string());
        let mut scene = Self {
            program: ToldProgram::start(&stage.folder, program, "card_tasks")?,
            stage,
        };
        if way == Way::Nfc {
            scene.lay(way)?;
        }
        scene.does(&["begin"])?;
        Ok(scene)
    }

    /// Takes the phone away and brings it back.
    fn lay(&mut self, way: Way) -> Result {
        let Stage {
            phone,
            desk,
            folder,
            ..
        } = &mut self.stage;
        match way {
            Way::Nfc => desk.hold_over_nfc(folder, phone, NFC),
            Way::Contacts => {
                phone.take_away()?;
                desk.wait_for_no_card(folder)?;
                desk.hold(folder, phone)
            }
        }
    }

    fn does(&mut self, tasks: &[&str]) -> Result {
        for task in tasks {
            let done = self.program.act(task)?;
            if !done.is_ok() {
                return Err(unexpected(format!("{task} ends with {done:?}")));
            }
        }
        Ok(())
    }

    /// The instructions of what is sent to the card meanwhile.
    fn sends(&mut self, tasks: &[&str]) -> Result<Vec<u8>> {
        let mark = self.stage.desk.wire.mark();
        self.does(tasks)?;
        let sent = self.stage.desk.wire.since(mark);
        Ok(sent.iter().filter_map(Exchange::instruction).collect())
    }

    fn no_try_is_lost(&self) -> Result {
        let status = self.stage.phone.status(&self.stage.folder)?;
        let (left, of) = (status.pointer("/pin/left"), status.pointer("/pin/of"));
        assert!(left.is_some_and(Value::is_u64), "{status}");
        assert_eq!(left, of);
        Ok(())
    }
}

/// What a login and a signature cost on a phone that this program has met.
fn known(way: Way) -> &'static [u8] {
    match way {
        Way::Contacts => &[SELECT, VERIFY, SIGN],
        Way::Nfc => &[SELECT, CHANNEL, VERIFY, SIGN],
    }
}

const THERE_AND_BACK: [(Way, Way); 2] = [(Way::Nfc, Way::Contacts), (Way::Contacts, Way::Nfc)];

#[test]
fn a_phone_is_the_same_token_over_both_and_is_read_once() -> Result {
    let grace = Duration::from_secs(1);
    for (first, then) in THERE_AND_BACK {
        let mut scene = Scene::set_up(first, grace)?;
        let sent = scene.sends(&["same-token", "login-and-sign"])?;
        // All that is public is read at once, and the key for the channel is met.
        assert!(
            sent.starts_with(&[SELECT, CHANNEL, READ, GET_RESPONSE]),
            "{sent:02X?}"
        );
        let reads = sent.iter().filter(|instruction| **instruction == READ);
        assert_eq!(reads.count(), 1, "{sent:02X?}");
        for way in [then, first, then] {
            scene.lay(way)?;
            sleep(grace);
            // The login is lost with the card, and no PIN goes out by itself.
            let mark = scene.stage.desk.wire.mark();
            let done = scene.program.act("sign-9a")?;
            assert_eq!(done.result, "UserNotLoggedIn", "{way:?}");
            let sent = scene.stage.desk.wire.since(mark);
            assert!(
                sent.iter().all(|sent| sent.instruction() != Some(VERIFY)),
                "{sent:?}"
            );
            scene.does(&["same-token"])?;
            // It was selected for the signature, and that may have been a while ago.
            let sent = scene.sends(&["login-and-sign"])?;
            assert!(
                known(way).ends_with(&sent) && known(way).len() <= sent.len() + 1,
                "{way:?}: {sent:02X?}"
            );
        }
        // A program of its own finds what the one before it has kept.
        scene.does(&["begin"])?;
        assert_eq!(scene.sends(&["login-and-sign"])?, known(then), "{then:?}");
        scene.does(&["same-token"])?;
        scene.no_try_is_lost()?;
    }
    Ok(())
}

#[test]
fn within_the_time_of_grace_it_proves_its_key_before_the_held_pin_goes_out() -> Result {
    for (first, then) in THERE_AND_BACK {
        let mut scene = Scene::set_up(first, Duration::from_secs(300))?;
        scene.does(&["same-token", "login-and-sign"])?;
        for way in [then, first] {
            scene.lay(way)?;
            assert_eq!(scene.sends(&["sign-9a"])?, known(Way::Nfc), "{way:?}");
        }
        scene.does(&["same-token"])?;
        scene.no_try_is_lost()?;
    }
    Ok(())
}

#[test]
fn what_a_strict_phone_keeps_back_over_nfc_is_seen_over_contacts() -> Result {
    for (first, then) in THERE_AND_BACK {
        let mut scene = Scene::set_up(first, Duration::from_secs(1))?;
        let Stage { phone, folder, .. } = &scene.stage;
        phone.set_contactless(folder, "strict")?;
        scene.lay(first)?;
        for way in [first, then, first, then] {
            scene.lay(way)?;
            let (least, most) = match way {
                // Four keys with certificate and public key, the data objects and the profile.
                Way::Contacts => (10, 20),
                // The key that needs no PIN, and what anybody may read.
                Way::Nfc => (3, 8),
            };
            let count = scene.program.act("count")?.result;
            let seen = count.strip_suffix("-objects").and_then(|n| n.parse().ok());
            assert!(
                seen.is_some_and(|seen: usize| (least..=most).contains(&seen)),
                "{way:?}: {count}"
            );
        }
        scene.no_try_is_lost()?;
    }
    Ok(())
}
