//! `cargo xtask screenshots`: pictures of every page of the portal, and those of the README.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rig::album;
use rig::browser::{Browser, Scheme};
use rig::folder::Folder;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::server::Server;

use crate::error::{Error, Result, doing};
use crate::interrupt::Interrupt;
use crate::story::tell;
use crate::workspace::{build, cargo, remove, root, succeed};
use crate::{axe, debian};

/// The languages of the portal, and the tests that tell its stories in each.
const STORIES: [(&str, [&str; 2]); 2] = [
    (
        "en",
        [
            "set_up_invite_enroll_revoke_in_a_browser",
            "holders_own_pages_in_a_browser",
        ],
    ),
    (
        "de",
        [
            "set_up_invite_enroll_revoke_in_german",
            "holders_own_pages_in_german",
        ],
    ),
];

/// Who works at the organisation of the README's pictures. The first have phones.
const PEOPLE: [&str; 12] = [
    "Alice Example",
    "Björn Åkesson",
    "Carla Moreau",
    "Dmitri Volkov",
    "Esra Yılmaz",
    "Farid Haddad",
    "Grace Okafor",
    "Hana Suzuki",
    "Ivan Horvat",
    "Julia Weber",
    "Kofi Mensah",
    "Lena Schmidt",
];
const WITH_PHONE: usize = 9;
/// What their phones are called, in turns.
const PHONES: [&str; 3] = ["Pixel 9", "Galaxy S25", "Fairphone 5"];

/// The README's pictures: from a window of this size, at this scale.
const WINDOW: (u32, u32) = (1280, 800);
const SCALE: f64 = 0.625;

/// Takes the pictures of one language, or of all, into `to`; with `readme` those of the README alone, into `docs/`.
pub fn run(to: Option<PathBuf>, language: Option<&str>, readme: bool) -> Result {
    let _interrupt = Interrupt::watch()?;
    let start = Instant::now();
    debian::ensure_for_tests()?;
    axe::ensure()?;
    build()?;
    tell("Build", "server, phone and browser are there", start);
    if readme {
        return of_readme();
    }
    let to = to.unwrap_or_else(|| root().join("target/screenshots"));
    for (tag, stories) in STORIES {
        if language.is_some_and(|language| language != tag) {
            continue;
        }
        let start = Instant::now();
        let folder = to.join(tag);
        // Pages that are gone would stay.
        remove(&folder)?;
        let mut test = cargo();
        test.args(["test", "--locked", "--quiet", "--package", "tapcard-tests"])
            .args(["--test", "portal_browser", "--", "--exact"])
            .args(stories)
            .env(album::FOLDER, &folder);
        succeed(&mut test)?;
        let pictures = pictures(&folder)?;
        if pictures == 0 {
            return Err(Error::Machine(format!(
                "no picture in {}",
                folder.display()
            )));
        }
        let said = format!("{pictures} pictures in {}", folder.display());
        tell(tag, &said, start);
    }
    Ok(())
}

fn pictures(folder: &Path) -> Result<usize> {
    let found = fs::read_dir(folder).map_err(doing(format!("read {}", folder.display())))?;
    Ok(found.flatten().count())
}

/// The four pictures of the README: an organisation at work.
fn of_readme() -> Result {
    let start = Instant::now();
    let folder = Folder::silent()?;
    let server = Server::on_sqlite(&folder)?;
    let portal = Portal::set_up(&server)?;
    let invitation = people(&folder, &portal)?;
    tell("People", "invited, enrolled, suspended, revoked", start);
    let browser = Browser::start(&folder, server.root())?;
    browser.resize(WINDOW.0, WINDOW.1)?;
    browser.prefer(Scheme::Light)?;
    let sign_in = format!("{}/sign-in", server.portal());
    browser.open(&sign_in)?;
    browser.type_into("input[name=email]", ADMINISTRATOR)?;
    browser.type_into("input[name=password]", PASSWORD)?;
    browser.click_until("main form button", "Ada Admin")?;
    let phone = portal.phones()?.pop().unwrap_or_default();
    let open = |path: &str| browser.open(&format!("{}{path}", server.portal()));
    for (name, path) in [
        ("overview", "/".to_owned()),
        ("people", "/holders".to_owned()),
        ("revoke", format!("{phone}/revoke")),
    ] {
        open(&path)?;
        keep(&browser, name)?;
    }
    // The link is shown to whoever made it.
    open("/invitations/new")?;
    for (field, value) in [
        ("name", PEOPLE[WITH_PHONE]),
        ("email", invitation.as_str()),
        ("upn", invitation.as_str()),
    ] {
        browser.type_into(&format!("input[name={field}]"), value)?;
    }
    browser.click_until("main form button", "The link for the phone")?;
    keep(&browser, "invitation")
}

/// Invites everybody, enrolls phones, suspends one and revokes another. Returns the mail address of the first without a phone.
fn people(folder: &Folder, portal: &Portal) -> Result<String> {
    let mut without = String::new();
    for (number, name) in PEOPLE.into_iter().enumerate() {
        Interrupt::check()?;
        let first = name.split(' ').next().unwrap_or_default();
        let account = first.to_lowercase().replace('ö', "oe");
        let email = format!("{account}@example.test");
        let holder = Holder {
            name,
            email: &email,
            upn: &email,
        };
        let link = portal.invite(holder, Profile::Compact)?;
        if number < WITH_PHONE {
            Phone::at(folder.join(&format!("phone-{number}"))).enroll(folder, &link, PIN)?;
        } else if without.is_empty() {
            without = email;
        }
    }
    let phones = portal.phones()?;
    for (phone, name) in phones.iter().zip(PHONES.into_iter().cycle()) {
        let page = portal.get_ok(&format!("{phone}/rename"))?;
        portal.submit(&page, page.form_with(&["name"])?, &[("name", name)])?;
    }
    if let [first, second, ..] = &phones[..] {
        portal.suspend(first, "left in a taxi")?;
        portal.revoke(second, "key-compromise")?;
    }
    Ok(without)
}

fn keep(browser: &Browser, name: &str) -> Result {
    let file = root().join(format!("docs/portal-{name}.png"));
    let picture = browser.photograph(Some(WINDOW.1), SCALE)?;
    fs::write(&file, picture).map_err(doing(format!("write {}", file.display())))?;
    println!("    {}", file.display());
    Ok(())
}
