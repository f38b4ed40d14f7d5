//! Webhooks of the real server: a receiver on this machine, a server that is killed while it sends, and the check of the document.

use std::fs;
use std::time::Duration;

use rig::folder::Folder;
use rig::hook_receiver::{HookReceiver, Message};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::program::Program;
use rig::recipe::Recipe;
use rig::server::Server;
use rig::shell::typed;
use rig::wait::wait_until;
use rig::{Result, unexpected};

const LIMIT: Duration = Duration::from_secs(60);

/// A server that may send to this machine.
fn program(folder: &Folder) -> Result<Program> {
    Ok(Server::program(folder)?.args(["--webhook-networks", "127.0.0.0/8"]))
}

/// Adds a webhook that is told of people alone: the server issues certificates for itself whenever it is time. Returns its secret.
fn add(portal: &Portal, url: &str) -> Result<String> {
    let page = portal.get_ok("/webhooks/new")?;
    let mut form = page.form_with(&["url", "objects"])?;
    form.fields
        .retain(|(name, value)| name != "objects" || value == "holder");
    let page = portal.submit(&page, form, &[("url", url)])?;
    let secret = page.document().by_id("webhook-secret");
    secret.ok_or_else(|| page.unlike("shows no secret"))
}

fn invite(portal: &Portal, number: usize) -> Result {
    let address = format!("person{number}@example.org");
    let holder = Holder {
        name: "Some Person",
        email: &address,
        upn: &address,
    };
    portal.invite(holder, Profile::Compact)?;
    Ok(())
}

fn ids(messages: &[Message]) -> Vec<String> {
    let ids = messages.iter().map(|message| message.header("webhook-id"));
    ids.map(str::to_owned).collect()
}

#[test]
fn a_server_killed_while_it_sends_loses_nothing_and_repeats_the_same_id() -> Result {
    let folder = Folder::for_test()?;
    let receiver = HookReceiver::start()?;
    let server = Server::start(&folder, program(&folder)?)?;
    let portal = Portal::set_up(&server)?;
    let secret = add(&portal, &receiver.url())?;

    // It has taken the first, and has not said so when the server dies.
    receiver.hold(true);
    for number in 0..3 {
        invite(&portal, number)?;
    }
    wait_until("the first event is sent", LIMIT, || {
        Ok(receiver.messages().len() == 1)
    })?;
    server.kill()?;
    receiver.hold(false);
    assert_eq!(receiver.messages().len(), 1);

    let server = Server::start(&folder, program(&folder)?)?;
    wait_until("all are sent", LIMIT, || Ok(receiver.messages().len() == 4))?;
    let messages = receiver.messages();
    let [first, again, second, third] = &ids(&messages)[..] else {
        return Err(unexpected("not four messages"));
    };
    assert_eq!(first, again);
    assert!(first != second && second != third && first != third);
    let portal = Portal::sign_in(&server, ADMINISTRATOR, PASSWORD)?;
    let list = portal.get_ok("/webhooks")?;
    let page = list
        .links_under("/webhooks/")
        .into_iter()
        .find(|path| path != "/webhooks/new");
    let page = page.ok_or_else(|| list.unlike("has no webhook"))?;
    wait_until("the page says that all were delivered", LIMIT, || {
        let text = portal.get_ok(&page)?.document().text;
        Ok(text.contains("Up to date") && text.matches("204 No Content").count() == 3)
    })?;

    // The document's own way to check a message.
    let body = folder.join("body.json");
    for message in &messages {
        fs::write(&body, &message.body).map_err(|error| unexpected(error.to_string()))?;
        let signature = message.header("webhook-signature");
        let signature = signature.strip_prefix("v1,").unwrap_or_default();
        let recipe = Recipe::of(
            "docs/enroll-server.md",
            "Whether a message is of this server",
        )?;
        let [step] = recipe.blocks()?;
        let step = step.with(&[("$SIGNATURE", signature)]);
        let outcome = typed(&folder, &step.script)?
            .env("SECRET", &secret)
            .env("ID", message.header("webhook-id"))
            .env("TIMESTAMP", message.header("webhook-timestamp"))
            .env("BODY", &body)
            .succeed()?;
        step.check(outcome)?;
    }
    assert!(server.stop()?.success());
    Ok(())
}
