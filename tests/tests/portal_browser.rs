//! The portal in a real browser, headless, in each of its languages: set-up, invitation, enrolled phone, revocation;
//! axe-core on every page.

use std::fs;
use std::time::Duration;

use rig::album::Album;
use rig::authenticator::Authenticator;
use rig::browser::{Browser, Scheme};
use rig::folder::Folder;
use rig::mail_sink::MailSink;
use rig::phone::{PIN, Phone};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::server::Server;
use rig::wait::wait_until;
use rig::{Result, axe, unexpected};
use serde_json::json;

/// WCAG 2.2 level AA and everything below it; the last one brings target sizes.
const TAGS: [&str; 5] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

const RUN_AXE: &str = "
    const [tags, done] = arguments;
    axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}).then(
        result => done(result.violations.map(violation => violation.id + ': ' + violation.help + '\\n' +
            violation.nodes.map(node => '  ' + node.target.join(' ') + '\\n  ' + node.failureSummary).join('\\n'))),
        error => done(['axe-core failed: ' + error]));
";

/// WCAG 2.2, 1.4.10 Reflow: no scrolling in two directions at a width of 320 CSS pixels.
const NARROW: u32 = 320;
/// Half of it is what is left of it at 200 % (1.4.4 Resize Text).
const WIDE: u32 = 1280;

/// Dates that go over two lines, and labels with nothing beside them.
const BROKEN: &str = "
    const all = selector => [...document.querySelectorAll(selector)];
    const dates = all('main time').filter(time => time.getClientRects().length > 1);
    const labels = all('main td[data-label]').filter(cell => cell.offsetParent && !cell.textContent.trim());
    return [...dates.map(time => 'a broken date: ' + time.textContent), ...labels.map(cell => 'nothing: ' + cell.dataset.label)];
";

/// How long a mail may take to come.
const MAIL_LIMIT: Duration = Duration::from_secs(30);

struct Reader {
    /// The tag of the language of the pages.
    language: &'static str,
    browser: Browser,
    axe: String,
    faults: Vec<String>,
    looked_at: Vec<String>,
    album: Option<Album>,
}

impl Reader {
    fn start(
        folder: &Folder,
        server: &Server,
        language: &'static str,
        story: &'static str,
    ) -> Result<Self> {
        let axe = fs::read_to_string(axe::script()?)
            .map_err(|error| unexpected(format!("axe-core: {error}")))?;
        Ok(Self {
            language,
            browser: Browser::start(folder, server.root())?,
            axe,
            faults: Vec::new(),
            looked_at: Vec::new(),
            album: Album::wanted(story)?,
        })
    }

    /// What a page says in the reader's language.
    fn said(&self, english: &'static str, german: &'static str) -> &'static str {
        if self.language == "de" {
            german
        } else {
            english
        }
    }

    /// Opens the form for an invitation and fills it in for Alice.
    fn fill_in_invitation(&mut self, server: &Server, upn: &str) -> Result {
        self.open(server, "/invitations/new")?;
        self.browser
            .type_into("input[name=name]", "Alice Example")?;
        self.browser
            .type_into("input[name=email]", "alice@example.test")?;
        self.browser.type_into("input[name=upn]", upn)?;
        self.browser.click("input[name=profile][value=compact]")
    }

    /// Looks at the present page: in light, in dark, at 200 %, and narrow.
    fn look(&mut self, name: &str) -> Result {
        self.looked_at.push(name.to_owned());
        for (scheme, label) in [(Scheme::Light, "light"), (Scheme::Dark, "dark")] {
            self.browser.prefer(scheme)?;
            self.browser.run(&self.axe, &[])?;
            let violations = self.browser.run_async(RUN_AXE, &[json!(TAGS)])?;
            for violation in violations.as_array().into_iter().flatten() {
                let text = violation.as_str().unwrap_or_default();
                self.faults.push(format!("{name} ({label}): {text}"));
            }
        }
        for screen in [WIDE / 2, NARROW] {
            self.browser.resize(screen, 800)?;
            let width = self
                .browser
                .run("return document.documentElement.scrollWidth", &[])?;
            if width.as_u64() > Some(u64::from(screen)) {
                self.faults.push(format!(
                    "{name}: {width} pixels wide on a screen of {screen}"
                ));
            }
        }
        let broken = self.browser.run(BROKEN, &[])?;
        for fault in broken.as_array().into_iter().flatten() {
            self.faults.push(format!("{name}, narrow: {fault}"));
        }
        if let Some(album) = &mut self.album {
            album.add(&self.browser, name)?;
        }
        self.browser.resize(WIDE, 900)?;
        let language = self
            .browser
            .run("return document.documentElement.lang", &[])?;
        if language != self.language {
            self.faults.push(format!("{name}: in {language}"));
        }
        let console = self.browser.console()?;
        for line in console.iter().filter(|line| is_fault(line)) {
            self.faults.push(format!("{name}: console: {line}"));
        }
        Ok(())
    }

    fn open(&mut self, server: &Server, path: &str) -> Result {
        self.browser.open(&format!("{}{path}", server.portal()))?;
        self.look(path)
    }

    /// The path of the first link that begins with `prefix`.
    fn first_link_below(&self, prefix: &str) -> Result<String> {
        let script = "return [...document.querySelectorAll('main a[href]')].map(a => a.pathname)
            .find(path => path.startsWith(arguments[0])) || ''";
        let path = self.browser.run(script, &[json!(prefix)])?;
        match path.as_str() {
            Some(path) if !path.is_empty() => Ok(path.to_owned()),
            _ => Err(unexpected(format!("no link below {prefix}"))),
        }
    }

    /// The path of the first link to a page below `prefix`.
    fn first_link(&self, prefix: &str) -> Result<String> {
        let script = "return [...document.querySelectorAll('main a[href]')].map(a => a.pathname)
            .find(path => path.startsWith(arguments[0]) && path.split('/').length == 3 && !path.endsWith('/new')) || ''";
        let path = self.browser.run(script, &[json!(prefix)])?;
        match path.as_str() {
            Some(path) if !path.is_empty() => Ok(path.to_owned()),
            _ => Err(unexpected(format!(
                "no link below {prefix}: {}",
                self.browser.text()?
            ))),
        }
    }
}

/// Errors and warnings, with every violation of the CSP among them. Pages that say with their status what is wrong do not
/// count: a form with mistakes, what a role is refused, a link that is used.
fn is_fault(line: &str) -> bool {
    let is_meant = ["403", "404", "410", "422"]
        .iter()
        .any(|status| line.contains(&format!("status of {status}")));
    !line.starts_with("\"INFO\"") && !is_meant
}

#[test]
fn set_up_invite_enroll_revoke_in_a_browser() -> Result {
    whole_story("en")
}

#[test]
fn set_up_invite_enroll_revoke_in_german() -> Result {
    whole_story("de")
}

fn whole_story(language: &'static str) -> Result {
    let folder = Folder::for_test()?;
    let server = Server::on_sqlite(&folder)?;
    let mut reader = Reader::start(&folder, &server, language, "portal")?;

    // The choice of whoever is not signed in.
    let choice = format!("{}/language/{language}", server.portal());
    reader.browser.open(&choice)?;

    // Set up, sign out, sign in.
    let setup = server
        .setup()
        .ok_or_else(|| unexpected("no link to set up"))?;
    reader.browser.open(setup)?;
    reader.look("set-up")?;
    reader.browser.click("main form button")?;
    reader.look("set-up, with nothing filled in")?;
    reader.browser.type_into("input[name=name]", "Ada Admin")?;
    reader
        .browser
        .type_into("input[name=email]", ADMINISTRATOR)?;
    reader.browser.type_into("input[name=password]", PASSWORD)?;
    reader
        .browser
        .click_until("main form button", "Ada Admin")?;
    reader.look("overview, empty")?;
    for list in ["/invitations", "/holders", "/phones"] {
        reader.open(&server, list)?;
    }
    reader
        .browser
        .click_to("form[action='/sign-out'] button", "/sign-in")?;
    reader.look("sign-in")?;
    reader
        .browser
        .type_into("input[name=email]", ADMINISTRATOR)?;
    reader
        .browser
        .type_into("input[name=password]", "not her password")?;
    reader.browser.click("main form button")?;
    reader.look("sign-in, refused")?;
    reader
        .browser
        .type_into("input[name=email]", ADMINISTRATOR)?;
    reader.browser.type_into("input[name=password]", PASSWORD)?;
    reader
        .browser
        .click_until("main form button", "Ada Admin")?;

    // Invite; first with an account that people seldom have.
    reader.fill_in_invitation(&server, "root@example.test")?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "that systems have for themselves",
            "das Systeme für sich selbst haben",
        ),
    )?;
    reader.look("invitation, for a system's account")?;
    reader.fill_in_invitation(&server, "alice@example.test")?;
    reader.browser.click_until(
        "main form button",
        reader.said("The link for the phone", "Der Link für das Smartphone"),
    )?;
    let invitation_page = reader.browser.address()?;
    reader.look("invitation with link and code")?;
    assert!(reader.browser.has("main svg")?, "no QR code");
    let link = reader.browser.run(
        "return document.getElementById('invitation-link').href",
        &[],
    )?;
    let link = link.as_str().unwrap_or_default().to_owned();
    reader.browser.open(&link)?;
    reader.look("invitation as its holder sees it")?;

    // Correct, and look at what removing asks.
    reader.open(&server, "/holders")?;
    let holder_page = reader.first_link("/holders/")?;
    reader.open(&server, &format!("{holder_page}/remove"))?;
    reader.open(&server, &format!("{holder_page}/edit"))?;
    reader.browser.run(
        "document.querySelector('input[name=email]').value = 'alice'",
        &[],
    )?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "Mail address: Enter an address",
            "E-Mail-Adresse: Geben Sie eine Adresse",
        ),
    )?;
    reader.look("correction, with a mistake")?;

    // Enroll, and find the phone.
    let phone = Phone::at(folder.join("phone"));
    phone.enroll(&folder, &link, PIN)?;
    reader.browser.open(&invitation_page)?;
    reader.look("invitation, used")?;
    reader.browser.open(&link)?;
    reader.look("invitation as its holder sees it, used")?;
    for path in ["/", "/invitations", "/holders", "/phones"] {
        reader.open(&server, path)?;
    }
    let phone_page = reader.first_link("/phones/")?;
    reader.open(&server, &phone_page)?;
    let certificate_page = reader.first_link("/certificates/")?;
    reader.open(&server, &holder_page)?;
    reader.open(&server, &certificate_page)?;
    reader.open(&server, &format!("{holder_page}/edit"))?;
    reader.browser.run(
        "document.querySelector('input[name=name]').value = 'Alice Corrected'",
        &[],
    )?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "The corrections are saved.",
            "Die Änderungen sind gespeichert.",
        ),
    )?;
    reader.look("holder, corrected")?;
    let again = format!(
        "/invitations/new?holder={}",
        holder_page.trim_start_matches("/holders/")
    );
    reader.open(&server, &again)?;
    reader.browser.click_until(
        "main form button",
        reader.said("The link for the phone", "Der Link für das Smartphone"),
    )?;

    reader.open(&server, &format!("{phone_page}/rename"))?;
    reader.open(&server, &format!("{phone_page}/unblocking"))?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "Tell Alice Corrected this code",
            "Nennen Sie Alice Corrected",
        ),
    )?;
    reader.look("phone, with a code for a new PIN")?;

    // Another phone takes its place, once it is enrolled.
    reader.open(&server, &format!("{phone_page}/replace"))?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "Choose what has become of the old phone.",
            "Wählen Sie, was mit dem alten Smartphone ist.",
        ),
    )?;
    reader.look("replacement, without a choice")?;
    reader
        .browser
        .run("document.querySelector('#why-in-use').click()", &[])?;
    reader.browser.click_until(
        "main form button",
        reader.said("The link for the phone", "Der Link für das Smartphone"),
    )?;
    reader.look("invitation that replaces a phone")?;
    reader.open(&server, &phone_page)?;

    // Suspend the phone, resume it, and look at what suspending and letting go the person asks.
    reader.open(&server, &format!("{phone_page}/suspend"))?;
    let long = "x".repeat(201);
    reader.browser.type_into("input[name=note]", &long)?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "Enter a note of at most",
            "Geben Sie eine Notiz mit höchstens",
        ),
    )?;
    reader.look("suspension, with a note that is too long")?;
    reader.browser.type_into("input[name=note]", "in a taxi")?;
    reader.browser.click_to("main form button", &phone_page)?;
    reader.look("phone, suspended")?;
    reader.open(&server, &certificate_page)?;
    reader.open(&server, &phone_page)?;
    reader.browser.click_until(
        "form[action$='/resume'] button",
        reader.said("The phone is resumed", "Das Smartphone ist entsperrt"),
    )?;
    for page in ["suspend", "let-go"] {
        reader.open(&server, &format!("{holder_page}/{page}"))?;
    }
    reader.open(&server, &format!("{holder_page}/suspend"))?;
    reader.browser.click_to("main form button", &holder_page)?;
    reader.look("holder, suspended")?;
    reader.open(&server, &phone_page)?;
    for list in ["/holders?state=suspended", "/holders?state=gone"] {
        reader.open(&server, list)?;
    }
    reader.open(&server, &holder_page)?;
    reader.browser.click_until(
        "form[action$='/resume'] button",
        reader.said("is active again", "ist wieder aktiv"),
    )?;

    look_at_webhooks(&mut reader, &server)?;
    look_at_tokens(&mut reader, &server)?;

    // Revoke one certificate, then the phone.
    reader.open(&server, &format!("{certificate_page}/revoke"))?;
    reader.browser.click("main form button")?;
    reader.look("revocation, without a reason")?;
    reader
        .browser
        .click("input[name=reason][value=superseded]")?;
    reader
        .browser
        .click_to("main form button", &certificate_page)?;
    reader.look("certificate, revoked")?;
    assert!(
        reader
            .browser
            .text()?
            .to_lowercase()
            .contains(reader.said("revoked", "widerrufen"))
    );
    reader.open(&server, &format!("{phone_page}/revoke"))?;
    assert!(reader.browser.has("input[name=invitation]:checked")?);
    reader
        .browser
        .click("input[name=reason][value=key-compromise]")?;
    reader.browser.click_to("main form button", &phone_page)?;
    reader.look("phone, revoked")?;
    let said = reader.browser.text()?;
    assert!(
        said.contains(reader.said(
            "1 open invitation was cancelled.",
            "1 offene Einladung wurde zurückgezogen."
        )),
        "{said}"
    );
    assert!(
        reader
            .browser
            .text()?
            .to_lowercase()
            .contains(reader.said("revoked", "widerrufen"))
    );
    for list in [
        "/holders?rows=print",
        "/holders?sort=-end&q=alice",
        "/audit?person=alice&from=2020-01-01&kind=phone-revoked",
        "/audit?source=203.0.113.1",
        "/invitations/import",
    ] {
        reader.open(&server, list)?;
    }
    look_at_several(&mut reader, &server)?;
    reader.open(&server, "/audit")?;
    let audit = reader.browser.text()?;
    assert!(
        audit.contains("Alice Corrected") && audit.contains("Ada Admin"),
        "{audit}"
    );

    // Let her go.
    reader.open(&server, &format!("{holder_page}/let-go"))?;
    reader.browser.click_to("main form button", &holder_page)?;
    reader.look("holder, let go")?;
    look_at_colleagues(&mut reader, &server)?;

    println!("{} pages", reader.looked_at.len());
    assert!(reader.faults.is_empty(), "{}", reader.faults.join("\n"));
    Ok(())
}

#[test]
fn holders_own_pages_in_a_browser() -> Result {
    own_pages("en")
}

#[test]
fn holders_own_pages_in_german() -> Result {
    own_pages("de")
}

fn own_pages(language: &'static str) -> Result {
    let folder = Folder::for_test()?;
    let sink = MailSink::start(&folder)?;
    let program = Server::program(&folder)?.args([
        "--listen-phones=127.0.0.1:0",
        "--holders-add-phones=one-approval",
    ]);
    let server = Server::start(&folder, sink.used_by(&folder, program)?)?;
    let portal = Portal::set_up(&server)?;
    let holder = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let link = portal.invite(holder, Profile::Compact)?;
    Phone::at(folder.join("phone")).enroll(&folder, &link, PIN)?;
    let mut reader = Reader::start(&folder, &server, language, "own-pages")?;
    let choice = format!("{}/language/{language}", server.portal());
    reader.browser.open(&choice)?;

    reader.open(&server, "/me/not-accepted/suspended")?;
    reader.open(&server, "/me/sign-in")?;
    reader
        .browser
        .type_into("input[name=email]", "alice@example.test")?;
    reader.browser.click_until(
        "main form button",
        reader.said("is on its way there", "ist ein Link dorthin unterwegs"),
    )?;
    reader.look("own pages, asked for the link")?;
    let mut entry = String::new();
    wait_until("the mail with the link", MAIL_LIMIT, || {
        let texts: Vec<String> = sink.mails()?.iter().map(|mail| mail.text()).collect();
        let mut lines = texts.iter().flat_map(|text| text.lines());
        let line = lines.find(|line| line.starts_with("https://") && line.contains("/me/enter/"));
        entry = line.unwrap_or_default().to_owned();
        Ok(!entry.is_empty())
    })?;
    reader.browser.open(&entry)?;
    reader.look("own pages, by the link")?;
    reader.browser.click_to("main form button", "/me")?;
    reader.look("own pages")?;
    reader.open(&server, "/me/help")?;
    look_at_requests(&mut reader, &server)?;
    reader.browser.open(&format!("{}/me", server.portal()))?;
    let lost = reader.browser.run(
        "return document.querySelector('main a.danger').pathname",
        &[],
    )?;
    reader.open(&server, lost.as_str().unwrap_or_default())?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "Only Example Works can resume it",
            "Nur Example Works kann es entsperren",
        ),
    )?;
    reader.look("own pages, with a phone that is lost")?;
    reader.browser.open(&entry)?;
    reader.look("own pages, by a link that was used")?;
    assert!(reader.faults.is_empty(), "{}", reader.faults.join("\n"));
    Ok(())
}

/// Looks at a request for another phone: as whoever asks sees it, and as whoever decides.
fn look_at_requests(reader: &mut Reader, server: &Server) -> Result {
    let why = reader.said("Say why, in a few words.", "Nennen Sie den Grund");
    reader.open(server, "/me/requests/new")?;
    reader.browser.click_until("main form button", why)?;
    reader.look("request, without a reason")?;
    reader
        .browser
        .type_into("input[name=note]", "my old phone is broken")?;
    let difference = reader.said("What it changes", "Was sich ändert");
    reader.browser.click_until("main form button", difference)?;
    reader.look("request as its holder sees it")?;
    reader.open(server, "/me")?;

    reader
        .browser
        .open(&format!("{}/sign-in", server.portal()))?;
    for (field, value) in [("email", ADMINISTRATOR), ("password", PASSWORD)] {
        let field = format!("input[name={field}]");
        reader.browser.type_into(&field, value)?;
    }
    reader.browser.click_to("main form button", "/")?;
    reader.look("overview, with a request")?;
    reader.open(server, "/requests?state=waiting")?;
    let request = reader.first_link("/requests/")?;
    reader.open(server, &request)?;
    reader
        .browser
        .click_until("main form[action$=refuse] button", why)?;
    reader.look("request, refused without a note")?;
    reader.browser.click_until(
        "main form[action$=approve] button",
        reader.said("is sent the link", "bekommt den Link"),
    )?;
    reader.look("request, approved")?;
    reader.open(server, "/me")?;
    let own = reader.browser.run(
        "return document.querySelector('main .slots a[href^=\"/me/requests/\"]').pathname",
        &[],
    )?;
    reader.open(server, own.as_str().unwrap_or_default())
}

/// Looks at what is done with several at once: a file with a mistake, the question, the sheets.
fn look_at_several(reader: &mut Reader, server: &Server) -> Result {
    reader.open(server, "/invitations/import")?;
    reader.browser.type_into("textarea", "Nobody, nobody@")?;
    reader.browser.click_until(
        "main form button",
        reader.said("Lines to correct", "Zu korrigierende Zeilen"),
    )?;
    reader.look("people from a file, with a mistake")?;
    reader.open(server, "/invitations/import")?;
    reader
        .browser
        .type_into("textarea", "Dora Example, dora@example.test")?;
    reader.browser.click_until(
        "main form button",
        reader.said("Invite 1 person?", "1 Person einladen?"),
    )?;
    reader.look("people from a file, the question")?;
    reader.browser.click_until(
        "main form button",
        reader.said("1 person invited", "1 Person eingeladen"),
    )?;
    reader.look("people from a file, the sheets")?;
    reader.open(server, "/holders?q=dora")?;
    reader.browser.click("tbody input[name=id]")?;
    reader.browser.click_until(
        "button[value=suspend-holders]",
        reader.said("Suspend 1 person?", "1 Person sperren?"),
    )?;
    reader.look("several, the question")?;
    reader.browser.click_until(
        "main form button",
        reader.said("1 person suspended", "1 Person gesperrt"),
    )?;
    Ok(())
}

/// A webhook from its form to its removal, with something that waits for it.
fn look_at_webhooks(reader: &mut Reader, server: &Server) -> Result {
    reader.open(server, "/webhooks")?;
    reader.open(server, "/webhooks/new")?;
    reader.browser.click_until(
        "main form button",
        reader.said("Enter an address such as", "Geben Sie eine Adresse wie"),
    )?;
    reader.look("new webhook, with mistakes")?;
    let url = "https://hooks.example.test/with/a/path";
    reader.browser.type_into("input[name=url]", url)?;
    reader.browser.click("input[name=objects][value=phone]")?;
    reader.browser.click_until(
        "main form button",
        reader.said("The webhook is added", "Der Webhook ist hinzugefügt"),
    )?;
    reader.look("webhook with its secret")?;
    let page = reader.browser.address()?;
    reader.open(server, "/phones")?;
    reader.browser.click("tbody th a")?;
    let phone_page = reader.browser.address()?;
    reader.browser.open(&format!("{phone_page}/suspend"))?;
    reader.browser.click_until(
        "main form button",
        reader.said("The phone is suspended", "Das Smartphone ist gesperrt"),
    )?;
    reader.browser.click_until(
        "form[action$='/resume'] button",
        reader.said("The phone is resumed", "Das Smartphone ist entsperrt"),
    )?;
    reader.browser.open(&page)?;
    reader.look("webhook with what waits for it")?;
    reader.open(server, "/webhooks")?;
    for what in ["edit", "remove"] {
        reader.browser.open(&format!("{page}/{what}"))?;
        reader.look(&format!("webhook, {what}"))?;
    }
    reader.browser.click_until(
        "main form button",
        reader.said("The webhook is removed.", "Der Webhook ist entfernt."),
    )
}

/// A token of the API from its form to its end, and the page about the API.
fn look_at_tokens(reader: &mut Reader, server: &Server) -> Result {
    reader.open(server, "/api-tokens")?;
    reader.open(server, "/api-document")?;
    reader.open(server, "/api-tokens/new")?;
    reader.browser.click_until(
        "main form button",
        reader.said("Enter a name", "Geben Sie einen Namen ein"),
    )?;
    reader.look("new API token, with mistakes")?;
    reader.browser.type_into("input[name=name]", "nightly")?;
    reader.browser.click("input[name=scopes][value=suspend]")?;
    reader.browser.click_until(
        "main form button",
        reader.said("The token is made", "Das Token ist erstellt"),
    )?;
    reader.look("API token, made")?;
    let page = reader.browser.address()?;
    reader.open(server, "/api-tokens")?;
    reader.browser.open(&format!("{page}/revoke"))?;
    reader.look("API token, revoke")?;
    reader.browser.click_until(
        "main form button",
        reader.said("The token is revoked", "Das Token ist widerrufen"),
    )?;
    reader.look("API token, revoked")
}

/// A passkey of one's own, and what is said where one is missing.
fn look_at_passkeys(reader: &mut Reader, server: &Server) -> Result {
    reader.browser.plug_in_security_key()?;
    reader.open(server, "/account/passkeys/new")?;
    reader.browser.type_into("input[name=name]", "")?;
    reader.browser.click_until(
        "form[action='/account/passkeys'] button",
        reader.said("Enter a name", "Geben Sie einen Namen ein"),
    )?;
    reader.look("new passkey, with a mistake")?;
    reader.browser.type_into("input[name=name]", "Laptop")?;
    reader.browser.click_until(
        "form[action='/account/passkeys'] button",
        reader.said("The passkey is added", "Der Passkey ist hinzugefügt"),
    )?;
    reader.open(server, "/account")?;
    let path = reader.first_link_below("/account/passkeys/")?;
    reader.open(server, &path)?;
    reader.open(server, &format!("{path}/remove"))?;
    reader.browser.click_until(
        "main form button",
        reader.said("The passkey is removed", "Der Passkey ist entfernt"),
    )
}

/// One's own account, a colleague who is invited, and what an auditor sees.
fn look_at_colleagues(reader: &mut Reader, server: &Server) -> Result {
    reader.open(server, "/account")?;
    reader
        .browser
        .type_into("input[name=present]", "not her password")?;
    reader
        .browser
        .type_into("input[name=password]", "another horse battery staple")?;
    reader.browser.click_until(
        "form[action='/account/password'] button",
        reader.said(
            "The present password is not right",
            "Das bisherige Passwort ist falsch",
        ),
    )?;
    reader.look("account, with a mistake")?;

    look_at_passkeys(reader, server)?;

    reader.open(server, "/account/authenticator")?;
    reader.browser.click_until(
        "form[action='/account/authenticator'] button",
        reader.said("This is not the code", "Das ist nicht der Code"),
    )?;
    reader.look("authenticator app, with a mistake")?;
    let key = "return document.getElementById('authenticator-secret').textContent";
    let key = reader.browser.run(key, &[])?;
    let mut app = Authenticator::given(key.as_str().unwrap_or_default())?;
    reader.browser.type_into("input[name=code]", &app.code())?;
    reader.browser.click_until(
        "form[action='/account/authenticator'] button",
        reader.said("I have saved them", "Ich habe sie gespeichert"),
    )?;
    reader.look("recovery codes")?;
    reader.open(server, "/account")?;
    reader.open(server, "/account/authenticator/remove")?;

    reader.open(server, "/colleagues/new")?;
    reader.browser.click_until(
        "main form button",
        reader.said("Enter a name", "Geben Sie einen Namen ein"),
    )?;
    reader.look("new colleague, with mistakes")?;
    reader.browser.type_into("input[name=name]", "Kim Lee")?;
    reader
        .browser
        .type_into("input[name=email]", "kim@example.test")?;
    reader.browser.click("input[name=role][value=auditor]")?;
    reader.browser.click_until(
        "main form button",
        reader.said(
            "The link to choose a password",
            "Der Link zur Wahl des Passworts",
        ),
    )?;
    reader.look("colleague with link")?;
    let link = reader
        .browser
        .run("return document.getElementById('password-link').href", &[])?;
    let link = link.as_str().unwrap_or_default().to_owned();
    reader.open(server, "/colleagues")?;
    // The first row is the administrator's own.
    let script = "return [...document.querySelectorAll('main th a')]
        .find(a => a.textContent.includes('Kim')).pathname";
    let page = reader.browser.run(script, &[])?;
    let page = page.as_str().unwrap_or_default().to_owned();
    reader.open(server, &format!("{page}/role"))?;
    reader.open(server, &format!("{page}/disable"))?;

    reader
        .browser
        .click_to("form[action='/sign-out'] button", "/sign-in")?;
    reader.browser.open(&link)?;
    reader.look("password by link")?;
    reader.browser.click("main form button")?;
    reader.look("password by link, with nothing filled in")?;
    reader
        .browser
        .type_into("input[name=password]", "another horse battery staple")?;
    reader.browser.click_until("main form button", "Kim Lee")?;
    reader.look("overview of an auditor")?;
    for list in ["/invitations", "/holders", "/phones"] {
        reader.open(server, list)?;
    }
    reader
        .browser
        .open(&format!("{}/colleagues", server.portal()))?;
    reader.look("refused to an auditor")?;
    reader.browser.open(&link)?;
    reader.look("password by link, used")
}
