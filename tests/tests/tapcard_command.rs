//! `tapcard`: the cards in the readers, for whoever uses one.

use rig::folder::Folder;
use rig::foreign_card::ForeignCard;
use rig::portal::Profile;
use rig::program::Program;
use rig::stage::{Desk, HOLDER, Stage};
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
