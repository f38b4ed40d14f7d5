//! A PIN is forgotten: an officer allows a new one, and does not learn it.

use rig::folder::Folder;
use rig::module::Module;
use rig::phone::{PIN, Phone};
use rig::portal::Profile;
use rig::stage::{Desk, Office};
use rig::{Result, unexpected};
use serde_json::Value;

const NEW_PIN: &str = "582046";

#[test]
fn whoever_has_blocked_the_pin_gets_a_new_one_by_a_code_and_keeps_the_keys() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let mut phone = Phone::at(folder.join("phone"));
    let invitation = office.invite(&folder, Profile::Compact)?;
    phone.enroll(&folder, &invitation, PIN)?;
    let desk = Desk::set_up(&folder)?;
    desk.hold(&folder, &mut phone)?;
    let module = Module::at(&folder, &desk.pcsc)?;
    let logs_in = |pin: &str| -> Result<bool> {
        let tool = module.pkcs11_tool(&folder);
        let tested = tool.args(["--login", "--pin", pin, "--test"]).run()?;
        Ok(tested.all_text().contains("No errors"))
    };
    assert!(logs_in(PIN)?);
    let certificate = module.certificate(&folder, "01")?;
    let before = std::fs::read(&certificate).unwrap_or_default();
    for _ in 0..5 {
        assert!(!logs_in("000001")?);
    }
    assert!(!logs_in(PIN)?);
    let tries = |status: &Value| status["pin"]["left"].clone();
    assert_eq!(tries(&phone.status(&folder)?), 0);

    // Nobody allows it yet, and the phone says what to do.
    let refused = phone
        .unblock_program(&folder, "1234 5678", NEW_PIN)?
        .fail()?;
    assert!(
        refused.all_text().contains("No new PIN is allowed"),
        "{}",
        refused.all_text()
    );
    let phones = office.portal.phones()?;
    let [path] = phones.as_slice() else {
        return Err(unexpected(format!("{phones:?}")));
    };
    let code = office.portal.allow_unblocking(path)?;
    // While the phone lies at the reader, and the module holds the card.
    phone.unblock_program(&folder, &code, NEW_PIN)?.succeed()?;

    assert_eq!(tries(&phone.status(&folder)?), 5);
    assert!(logs_in(NEW_PIN)?);
    assert!(!logs_in(PIN)?);
    module.certificate(&folder, "01")?;
    assert_eq!(std::fs::read(&certificate).unwrap_or_default(), before);
    let page = office.portal.get_ok(path)?.document().text;
    for deed in [
        "A new PIN was allowed",
        "The code for a new PIN was accepted",
    ] {
        assert!(page.contains(deed), "{page}");
    }
    Ok(())
}
