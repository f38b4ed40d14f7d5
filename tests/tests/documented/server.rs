//! docs/enroll-server.md: who runs a server, and hosts that ask it.

use std::time::Duration;

use rig::folder::Folder;
use rig::openssl::key_id;
use rig::own_etc::OwnEtc;
use rig::phone::{PIN, Phone};
use rig::port::Ports;
use rig::portal::{ADMINISTRATOR, PASSWORD, Portal, Profile};
use rig::program::Program;
use rig::recipe::{Recipe, Step, blocks};
use rig::server::Server;
use rig::shell::{typed, typed_in};
use rig::sshd::user_name;
use rig::stage::Office;
use rig::{Result, unexpected};

const LIMIT: Duration = Duration::from_secs(20);

/// What the operator types, in the folder with the authority's certificates.
fn operator(folder: &Folder, script: &str) -> Result<Program> {
    let data = Server::data(folder);
    Ok(typed(folder, script)?
        .current_dir(data.join("authority"))
        .env("TAPCARD_DATA", data))
}

#[test]
fn an_operator_looks_after_a_server() -> Result {
    let folder = &Folder::for_test()?;
    let office = Office::open(folder)?;

    let [show_key_id] =
        Recipe::of("docs/enroll-server.md", "Before the first start for others")?.blocks()?;
    let shown = operator(folder, &show_key_id.script)?.succeed()?.text();
    let issuing = key_id(folder, &office.server.issuing())?;
    assert_eq!(shown.split_whitespace().next(), Some(issuing.as_str()));

    let [administrators] = Recipe::of(
        "docs/enroll-server.md",
        "Who works here, and how often somebody may try to sign in",
    )?
    .blocks()?;
    let mut said = String::new();
    for line in administrators.script.lines() {
        let outcome = operator(folder, line)?.input(format!("{PASSWORD}\n"));
        said += &outcome.succeed()?.all_text();
        if line.contains(" password ") {
            Portal::sign_in(&office.server, "robin@example.org", PASSWORD)?;
        }
    }
    for words in [
        ADMINISTRATOR,
        "Robin Meyer",
        "robin@example.org",
        "can sign in at once",
        "is no longer an administrator",
    ] {
        assert!(said.contains(words), "no \"{words}\" in {said}");
    }

    let [verify] = Recipe::of("docs/enroll-server.md", "The audit trail")?.blocks()?;
    let verified = operator(folder, &verify.script)?.succeed()?;
    verified.saying(&["The audit trail is whole"])?;

    let Office { server, .. } = office;
    server.stop()?;
    let [reconcile] = Recipe::of("docs/enroll-server.md", "The database")?.blocks()?;
    operator(folder, &reconcile.script)?.succeed()?;

    // One more policy: a row, and another start.
    let policy = block("Which keys a phone is asked to make", "sql")?;
    let database = Server::data(folder).join("enroll-server.db");
    let sqlite = folder.program("sqlite3").arg(database).input(policy);
    sqlite.succeed()?;
    let server = Server::on_sqlite(folder)?;
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let form = portal.get_ok("/invitations/new")?.document().text;
    assert!(form.contains("Visitors"), "{form}");
    Ok(())
}

#[test]
fn a_server_is_told_of_the_proxy_before_it() -> Result {
    let folder = &Folder::for_test()?;
    let ports = Ports::claim(2)?;
    let serve = Step::of(
        "docs/enroll-server.md",
        "Behind a proxy",
        "enroll-server serve",
    )?;
    let address = |number| format!("127.0.0.1:{}", ports.first() + number);
    let mut server = typed(folder, &format!("exec {}", serve.script))?
        .env("TAPCARD_LISTEN", address(0))
        .env("TAPCARD_LISTEN_HTTP", address(1))
        .start(folder, "server")?;
    server.wait_for("tells the addresses of the proxy", LIMIT, |server| {
        let said = server.stdout_text();
        let is_told = [
            "Portal: https://enroll.example.org/\n",
            "Relying parties: http://enroll.example.org/\n",
        ]
        .iter()
        .all(|line| said.contains(line));
        Ok(is_told.then_some(()))
    })?;
    Ok(())
}

/// What stands under a heading in a block that is not of commands.
fn block(title: &str, language: &str) -> Result<String> {
    let block = blocks(include_str!("../../../docs/enroll-server.md"))
        .into_iter()
        .find(|block| block.title == title && block.language == language);
    let block = block.ok_or_else(|| unexpected(format!("no {language} under \"{title}\"")))?;
    Ok(block.lines.join("\n") + "\n")
}

#[test]
fn a_host_asks_the_server_who_may_log_in() -> Result {
    let folder = &Folder::for_test()?;
    let office = Office::open(folder)?;
    let phone = Phone::at(folder.join("phone"));
    phone.enroll(folder, &office.invite(folder, Profile::Compact)?, PIN)?;
    let user = user_name(folder)?;
    let portal = office.server.portal();
    let place = portal.trim_start_matches("https://");
    let names = [
        ("HOST:PORT", place),
        ("authorized-keys/alice", &format!("authorized-keys/{user}")),
    ];
    let etc = OwnEtc::copy(folder)?;
    // The host has keys and a place of sshd's of its own, and a service manager, which says what it is told.
    folder.subfolder("shell")?;
    folder.write_script("shell/systemctl", "#!/bin/sh\necho systemctl \"$@\"\n")?;
    let on_host = |script: &str| -> Result<Program> {
        let script = format!("mount -t tmpfs tmpfs /run; mkdir -m 755 /run/sshd\n{script}");
        Ok(typed_in(&etc, folder, &script)?.current_dir(Server::data(folder).join("authority")))
    };
    on_host("ssh-keygen -A")?.succeed()?;

    let [install, look] = Recipe::of("docs/enroll-server.md", "sshd: who may log in")?.blocks()?;
    let fingerprint = on_host(&install.script)?.succeed()?.text();
    let fingerprint = fingerprint.trim().rsplit('=').next().unwrap_or_default();
    let announced = std::fs::read_to_string(folder.join("server.out.log")).unwrap_or_default();
    assert!(
        announced.contains(&format!("(SHA-256 {fingerprint})")),
        "{announced}"
    );

    let configuration = etc.file("ssh/sshd_config.d/tapcard.conf");
    let lines = block("sshd: who may log in", "text")?.replace("HOST:PORT", place);
    std::fs::write(configuration, lines).map_err(|error| unexpected(error.to_string()))?;
    let looked = on_host(&look.with(&names).script)?.succeed()?;
    looked.saying(&["ecdsa-sha2-nistp256 ", "systemctl reload ssh"])?;
    // It is those lines that sshd has read.
    on_host("sshd -T")?.succeed()?.saying(&[
        &format!("--cacert /etc/tapcard/root.pem https://{place}/api/v1/ssh/authorized-keys/%u"),
        "authorizedkeyscommanduser nobody",
        "authorizedkeysfile none",
    ])?;
    Ok(())
}
