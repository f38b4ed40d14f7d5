//! The API of the real server, by the very commands of its document.

use rig::folder::Folder;
use rig::phone::Phone;
use rig::recipe::Recipe;
use rig::server::Server;
use rig::shell::typed;
use rig::{Result, unexpected};

#[test]
fn a_script_invites_lists_and_revokes() -> Result {
    let folder = Folder::for_test()?;
    let server = Server::on_sqlite(&folder)?;
    let [token, invite, list, revoke] = Recipe::of("docs/api.md", "A script")?.blocks()?;
    let run = |scripts: &[&str]| {
        typed(&folder, &scripts.join("\n"))?
            .current_dir(folder.path())
            .env("TAPCARD_DATA", Server::data(&folder))
            .env("SERVER", server.portal())
            .env("ROOT", server.root())
            .succeed()
    };

    let once = run(&[&token.script, &invite.script, &invite.script])?;
    let text = once.text();
    let links: Vec<&str> = text.lines().collect();
    let [link, again] = links[..] else {
        return Err(once.error("does not print a link twice"));
    };
    assert_eq!(link, again);

    let phone = Phone::at(folder.join("phone"));
    phone.enroll(&folder, link, "271828")?;
    let done = run(&[&token.script, &list.script, &revoke.script])?;
    assert_eq!(done.text(), "Alice Example\tactive\t1\nrevoked\n");
    assert!(server.stop()?.success());
    Ok(())
}

#[test]
fn a_token_is_made_listed_and_revoked_on_the_servers_machine() -> Result {
    let folder = Folder::for_test()?;
    let server = Server::on_sqlite(&folder)?;
    let run = |script: &str| {
        typed(&folder, script)?
            .env("TAPCARD_DATA", Server::data(&folder))
            .run()
    };
    let made = run("enroll-server api-token create --name nightly --scope read")?;
    let token = made.text();
    let token = token.trim();
    assert!(token.starts_with("tapcard_"), "{}", made.all_text());
    assert!(
        made.stderr.contains("may read until"),
        "{}",
        made.all_text()
    );
    let listed = run("enroll-server api-token list --json")?;
    assert!(!listed.text().contains(token));
    let rows: Vec<serde_json::Value> = serde_json::from_str(&listed.text())
        .map_err(|error| unexpected(format!("{error}: {}", listed.text())))?;
    let [row] = &rows[..] else {
        return Err(listed.error("does not have one token"));
    };
    assert_eq!(
        (&row["name"], &row["works"]),
        (&"nightly".into(), &true.into())
    );

    let status = |expected: &str| {
        let script = format!(
            "curl --silent --output /dev/null --write-out '%{{http_code}}' --cacert '{}' \
             --header 'Authorization: Bearer {token}' {}/api/v1/people",
            server.root().display(),
            server.portal()
        );
        run(&script)?.saying(&[expected]).map(drop)
    };
    status("200")?;
    let id = row["id"].as_str().unwrap_or_default();
    run(&format!("enroll-server api-token revoke {id}"))?
        .saying(&["The token \"nightly\" is revoked."])?;
    status("401")?;
    run("enroll-server api-token list")?.saying(&["nightly", "revoked"])?;
    run("enroll-server api-token revoke nothing")?
        .saying(&["the object does not exist", "api-token list"])?;
    run("enroll-server api-token create --name x --scope everything")?.saying(&["read"])?;
    run("enroll-server api-token create --name x --scope read --days 400")?.saying(&["366"])?;
    assert!(server.stop()?.success());
    Ok(())
}
