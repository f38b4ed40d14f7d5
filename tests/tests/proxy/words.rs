//! What a server says is shown and obeyed by no terminal: nginx answers in the place of the server, with its certificate.

use rig::Result;
use rig::database::{Database, Kind};
use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::portal::{Holder, Portal, Profile};

use super::{Places, block, card, nginx};

/// Clears the screen, ends the line, shows a PUK, and turns the rest of the line round; as JSON has it.
const EVIL: &str = r"\u001b[2J\u000d\u000aPUK 00000000\u202e";
const SHOWN: &str = r"\u{1b}[2J\u{d}\u{a}PUK 00000000\u{202e}";

#[test]
fn what_a_server_says_is_shown_escaped() -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, Kind::Sqlite)?;
    let places = Places::claim()?;
    let server = places.server(&folder, &database)?;
    let open = nginx(&folder, &places, &block("lets TLS through")?, &[])?;
    let portal = Portal::set_up(&server)?;
    let holder = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let invitation = portal.invite(holder, Profile::Compact)?;
    drop(open);

    let refusal = format!(r#"{{"error":"invitation_cancelled","message":"{EVIL}"}}"#);
    let offer = format!(
        r#"{{"protocol":1,"organisation":"{EVIL}","holder":"{EVIL}","expires":"{EVIL}","slots":[{{"slot":"9A","algorithm":"P-256"}}]}}"#
    );
    for (status, answer) in [(410, refusal), (200, offer)] {
        let says = format!(
            "location = /api/v1/enrollment/offer {{ default_type application/json; return {status} '{answer}'; }}"
        );
        let _proxy = card::gate(&folder, &places, &server, |configuration| {
            configuration.replacen("location ~", &format!("{says}\nlocation ~"), 1)
        })?;
        let outcome = Phone::at(folder.join("phone"))
            .enroll_program(&folder, &invitation, PIN)?
            .run()?;
        let said = outcome.all_text();
        assert!(said.contains(SHOWN), "{said}");
        let obeyed = said
            .chars()
            .find(|one| *one == '\u{202e}' || one.is_control() && *one != '\n');
        assert_eq!(obeyed, None, "{said:?}");
    }
    Ok(())
}
