//! What the enrollment has to bear: invitations used twice, guessed, expired or cancelled, and requests that prove nothing.

use std::path::PathBuf;

use enrollment_protocol::{Invitation, Refusal, enrollment, offer as offers};
use rig::folder::Folder;
use rig::openssl::openssl;
use rig::phone::{PIN, Phone};
use rig::portal::{Page, Portal, Profile};
use rig::server::Server;
use rig::stage::Office;
use rig::{Result, unexpected};
use serde_json::json;

/// The token in an invitation's link.
fn token_of(invitation: &str) -> Result<String> {
    let invitation: Invitation = invitation
        .parse()
        .map_err(|error| unexpected(format!("the invitation's link has another form: {error}")))?;
    Ok(invitation.token().reveal().to_owned())
}

/// The same invitation with another token.
fn with_token(invitation: &str, token: &str) -> Result<String> {
    Ok(invitation.replace(&token_of(invitation)?, token))
}

fn error_of(page: &Page) -> Result<(u16, String, String)> {
    let refusal: Refusal = serde_json::from_str(&page.body)
        .map_err(|error| page.unlike(&format!("is not a refusal of the protocol ({error})")))?;
    Ok((page.status, refusal.error.to_string(), refusal.message))
}

fn offer(portal: &Portal, token: &str) -> Result<Page> {
    portal.post_json(offers::PATH, &json!({"protocol": 1, "invitation": token}))
}

/// A request for a P-256 key, as Base64 of the DER, made by openssl.
fn csr(folder: &Folder, more: &[&str]) -> Result<(PathBuf, Vec<u8>)> {
    let (key, request) = (folder.join("csr.key"), folder.join("csr.der"));
    openssl(folder)?
        .args([
            "req",
            "-new",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args(["-subj", "/", "-outform", "DER", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&request)
        .args(more)
        .succeed()?;
    let der =
        std::fs::read(&request).map_err(|error| unexpected(format!("no request: {error}")))?;
    Ok((request, der))
}

fn base64(folder: &Folder, bytes: &[u8]) -> Result<String> {
    let encoded = openssl(folder)?
        .args(["base64", "-A"])
        .input(bytes)
        .succeed()?;
    Ok(encoded.text().trim().to_owned())
}

fn request(portal: &Portal, token: &str, csrs: &[(&str, &str)]) -> Result<Page> {
    let requests: Vec<_> = csrs
        .iter()
        .map(|(slot, csr)| json!({"slot": slot, "csr": csr}))
        .collect();
    portal.post_json(
        enrollment::PATH,
        &json!({
            "protocol": 1,
            "invitation": token,
            "phone": {"name": "a phone of the test", "guid": "00112233445546778899aabbccddeeff"},
            "requests": requests,
        }),
    )
}

#[test]
fn an_invitation_is_good_for_one_phone() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let (first, second) = (
        Phone::at(folder.join("first")),
        Phone::at(folder.join("second")),
    );
    first.enroll(&folder, &invitation, PIN)?;
    let refusal = second.enroll_program(&folder, &invitation, PIN)?.fail()?;
    assert!(
        refusal.all_text().contains("used"),
        "{}",
        refusal.all_text()
    );
    let (status, code, message) = error_of(&offer(&office.portal, &token_of(&invitation)?)?)?;
    assert_eq!(
        (status, code.as_str()),
        (409, "invitation_used"),
        "{message}"
    );

    // The first phone has lost nothing; the second is enrolled by an invitation of its own.
    assert_eq!(office.portal.phones()?.len(), 1);
    let invitation = office.invite(&folder, Profile::Compact)?;
    second.enroll(&folder, &invitation, PIN)?;
    assert_eq!(office.portal.phones()?.len(), 2);
    Ok(())
}

#[test]
fn a_guessed_invitation_is_unknown_and_guessing_ends() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let guess = with_token(&invitation, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")?;
    let phone = Phone::at(folder.join("phone"));
    let refusal = phone.enroll_program(&folder, &guess, PIN)?.fail()?;
    assert!(
        refusal.all_text().to_lowercase().contains("invitation"),
        "{}",
        refusal.all_text()
    );

    let mut limited = None;
    for attempt in 0..200 {
        let page = offer(
            &office.portal,
            &format!("ABCDEFGHIJKLMNOPQRSTUVW{attempt:03}").replace(['0', '1', '8', '9'], "A"),
        )?;
        let (status, code, _) = error_of(&page)?;
        match (status, code.as_str()) {
            (404, "invitation_unknown") => {}
            (429, "rate_limited") => {
                limited = Some(page);
                break;
            }
            other => return Err(unexpected(format!("{other:?}"))),
        }
    }
    let page = limited.ok_or_else(|| unexpected("two hundred guesses and no end"))?;
    assert!(page.header("retry-after").is_some(), "{page:?}");
    Ok(())
}

#[test]
fn an_expired_invitation_is_refused_and_says_so() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let Office { server, portal, .. } = office;
    let old_address = server.portal().to_owned();
    drop(portal);
    assert!(server.stop()?.success());

    // The same server, eight days later.
    let later = folder
        .program("faketime")
        .args(["--exclude-monotonic", "-f", "+8d"])
        .args(Server::command_line(&folder)?);
    let server = Server::start(&folder, later)?;
    let invitation = invitation.replace(&old_address, server.portal());
    let phone = Phone::at(folder.join("phone"));
    let refusal = phone.enroll_program(&folder, &invitation, PIN)?.fail()?;
    assert!(
        refusal.all_text().contains("expired"),
        "{}",
        refusal.all_text()
    );
    let portal = Portal::stranger(&server)?;
    let (status, code, message) = error_of(&offer(&portal, &token_of(&invitation)?)?)?;
    assert_eq!(
        (status, code.as_str()),
        (410, "invitation_expired"),
        "{message}"
    );
    Ok(())
}

#[test]
fn a_request_that_proves_no_possession_is_refused_and_uses_nothing_up() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let token = token_of(&invitation)?;

    let (_, mut forged) = csr(&folder, &[])?;
    if let Some(last) = forged.last_mut() {
        *last ^= 0x01;
    }
    let (_, good) = csr(&folder, &[])?;
    let (_, demanding) = csr(
        &folder,
        &["-addext", "subjectAltName=email:root@example.test"],
    )?;
    let (good, forged, demanding) = (
        base64(&folder, &good)?,
        base64(&folder, &forged)?,
        base64(&folder, &demanding)?,
    );
    for (name, bad) in [
        ("a bad signature", forged.as_str()),
        ("an extension of its own", demanding.as_str()),
        ("no request at all", "AAAA"),
        ("no Base64", "%%%"),
    ] {
        let slots = [("9A", bad), ("9C", &good), ("9D", &good), ("9E", &good)];
        let (status, code, message) = error_of(&request(&office.portal, &token, &slots)?)?;
        assert!(
            [400, 422].contains(&status) && code == "request_invalid",
            "{name}: {status} {code} {message}"
        );
        assert!(message.contains("9A"), "{name}: {message}");
    }
    // The same key in every slot, too few slots, a slot that was not offered.
    for slots in [
        &[
            ("9A", good.as_str()),
            ("9C", &good),
            ("9D", &good),
            ("9E", &good),
        ][..],
        &[("9A", good.as_str())],
        &[],
        &[
            ("9A", good.as_str()),
            ("9C", &good),
            ("9D", &good),
            ("9F", &good),
        ],
    ] {
        let (status, code, message) = error_of(&request(&office.portal, &token, slots)?)?;
        assert!(
            [400, 422].contains(&status) && code == "request_invalid",
            "{slots:?}: {status} {code} {message}"
        );
    }
    assert!(office.portal.phones()?.is_empty());

    let phone = Phone::at(folder.join("phone"));
    phone.enroll(&folder, &invitation, PIN)?;
    assert_eq!(office.portal.phones()?.len(), 1);
    Ok(())
}

#[test]
fn a_server_with_another_root_than_the_invitation_says_gets_no_request() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let invitation = office.invite(&folder, Profile::Compact)?;
    let (link, _) = invitation
        .split_once("#sha256=")
        .ok_or_else(|| unexpected("the link carries no fingerprint"))?;
    let impostor = format!("{link}#sha256={}", "A".repeat(52));
    let phone = Phone::at(folder.join("phone"));
    let refusal = phone.enroll_program(&folder, &impostor, PIN)?.fail()?;
    refusal.saying(&[
        "not the one that the invitation names",
        "Nothing was sent to it",
    ])?;
    // Without a fingerprint there is nothing to trust.
    phone.enroll_program(&folder, link, PIN)?.fail()?;
    phone.enroll(&folder, &invitation, PIN)?;
    Ok(())
}

#[test]
fn a_form_without_its_token_or_from_another_site_changes_nothing() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let fields = |csrf: Option<&str>| -> Vec<(String, String)> {
        [
            ("name", "Mallory"),
            ("email", "m@example.test"),
            ("upn", "m@example.test"),
            ("profile", "compact"),
        ]
        .into_iter()
        .chain(csrf.map(|token| ("csrf", token)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    };
    for csrf in [None, Some(""), Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")] {
        let answer = office.portal.post_form("/invitations/new", &fields(csrf))?;
        assert!(answer.status >= 400, "{csrf:?}: {answer:?}");
    }
    let stranger = Portal::stranger(&office.server)?;
    let answer = stranger.get("/phones")?;
    assert!(answer.path().starts_with("/sign-in"), "{answer:?}");
    let listed = office.portal.get_ok("/invitations")?.document().text;
    assert!(!listed.contains("Mallory"), "{listed}");
    Ok(())
}

#[test]
fn guessing_the_administrators_password_ends() -> Result {
    let folder = Folder::for_test()?;
    let office = Office::open(&folder)?;
    let stranger = Portal::stranger(&office.server)?;
    let mut limited = false;
    for attempt in 0..30 {
        let page = stranger.try_sign_in(
            rig::portal::ADMINISTRATOR,
            &format!("wrong password {attempt}"),
        )?;
        assert_ne!(stranger.get("/phones")?.path(), "/phones");
        if page.status == 429 {
            limited = true;
            break;
        }
    }
    assert!(limited, "thirty wrong passwords and no end");
    Ok(())
}
