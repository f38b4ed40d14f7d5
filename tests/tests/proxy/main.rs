//! Behind proxies as people set them up: nginx with the very text of the documentation, and caddy. People and
//! certificates see the proxy's addresses, and the server knows whose requests the proxy passes on.

mod card;
mod words;

use std::path::Path;
use std::time::Duration;

use rig::database::{Database, Kind};
use rig::folder::Folder;
use rig::openssl::{crl_address, self_signed};
use rig::phone::{PIN, Phone};
use rig::port::{Ports, is_listening};
use rig::portal::{ADMINISTRATOR, Holder, PASSWORD, Portal, Profile};
use rig::process::Process;
use rig::server::Server;
use rig::wait::wait_until;
use rig::{Result, on_both, unexpected};

on_both!(nginx_lets_tls_through, nginx_ends_tls, caddy_ends_tls);

const DOCUMENT: &str = include_str!("../../../docs/enroll-server.md");
const START_LIMIT: Duration = Duration::from_secs(20);

/// The ports of a proxy and of the server behind it.
struct Places {
    ports: Ports,
}

impl Places {
    fn claim() -> Result<Self> {
        Ok(Self {
            ports: Ports::claim(4)?,
        })
    }

    /// The proxy's HTTPS and HTTP, the server's HTTPS and HTTP.
    fn ports(&self) -> [u16; 4] {
        [0, 1, 2, 3].map(|number| self.ports.first() + number)
    }

    /// A server behind the proxy.
    fn server(&self, folder: &Folder, database: &Database) -> Result<Server> {
        let [https, http, listen, listen_http] = self.ports();
        let program = folder
            .program(folder.binaries().enroll_server()?)
            .args(["serve", "--trusted-proxies", "127.0.0.1"])
            .arg(format!("--listen=127.0.0.1:{listen}"))
            .arg(format!("--listen-http=127.0.0.1:{listen_http}"))
            .arg(format!("--portal-url=https://localhost:{https}"))
            .arg(format!("--relying-url=http://localhost:{http}"))
            .arg("--data")
            .arg(folder.join("server"));
        Server::start(folder, database.under(program))
    }
}

/// A block of nginx of the documentation's chapter about proxies, as it is read there.
fn block(heading: &str) -> Result<String> {
    let chapter = DOCUMENT
        .split("\n## ")
        .find(|chapter| chapter.starts_with("Behind a proxy"));
    let (_, part) = chapter
        .and_then(|chapter| chapter.split_once(heading))
        .ok_or_else(|| unexpected(format!("the documentation has no {heading:?}")))?;
    let block = part
        .split_once("```nginx\n")
        .and_then(|(_, rest)| rest.split_once("```"));
    let (block, _) = block.ok_or_else(|| unexpected(format!("{heading:?} has no block")))?;
    Ok(block.to_owned())
}

/// nginx with a configuration that the documentation has for a machine of its own.
fn nginx(
    folder: &Folder,
    places: &Places,
    configuration: &str,
    files: &[(&str, &Path)],
) -> Result<Process> {
    let [https, http, listen, listen_http] = places.ports();
    let site = folder.subfolder("proxy")?;
    let site = site.display();
    let paths = format!(
        "http {{ access_log off; client_body_temp_path {site}/t1; proxy_temp_path {site}/t2; \
         fastcgi_temp_path {site}/t3; uwsgi_temp_path {site}/t4; scgi_temp_path {site}/t5;"
    );
    let mut text = configuration
        .replace("http {", &paths)
        .replace("127.0.0.1:8443", &format!("127.0.0.1:{listen}"))
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{listen_http}"))
        .replace("listen 443", &format!("listen 127.0.0.1:{https}"))
        .replace("listen 80;", &format!("listen 127.0.0.1:{http};"))
        .replace("enroll.example.org", "localhost");
    for (named, here) in files {
        text = text.replace(named, &here.display().to_string());
    }
    let text = format!(
        "load_module /usr/lib/nginx/modules/ngx_stream_module.so;\n\
         daemon off; master_process off; pid {site}/pid; error_log stderr info; events {{}}\n{text}"
    );
    let file = folder.write("proxy.conf", text)?;
    let mut process = folder
        .program("/usr/sbin/nginx")
        .args(["-e", "stderr", "-c"])
        .arg(file)
        .start(folder, "proxy")?;
    process.wait_for("listens", START_LIMIT, |_| {
        Ok(is_listening(http)?.then_some(()))
    })?;
    Ok(process)
}

/// A certificate that browsers would trust, for a proxy that ends TLS; returns it and its key.
fn own_certificate(folder: &Folder) -> Result<[std::path::PathBuf; 2]> {
    let paths = [folder.join("proxy.pem"), folder.join("proxy.key")];
    self_signed(folder, &paths[0], &paths[1])?;
    Ok(paths)
}

/// The server must know a request of 127.0.0.2 for one of 127.0.0.2, whatever the client says of itself.
fn clients_are_told_apart(folder: &Folder, server: &Server, root: &Path) -> Result {
    let curl = |address: &str, url: String| {
        folder
            .program("curl")
            .args([
                "-sS",
                "--max-time",
                "20",
                "--interface",
                address,
                "--cacert",
            ])
            .arg(root)
            .args([
                "-H",
                "X-Forwarded-For: 192.0.2.66",
                "-H",
                "Forwarded: for=192.0.2.67",
            ])
            .arg(url)
    };
    curl("127.0.0.2", format!("{}alice", server.authorized_keys())).succeed()?;
    curl("127.0.0.3", format!("{}/health", server.relying_parties())).succeed()?;
    wait_until("the log names both clients", START_LIMIT, || {
        let log = server.log();
        let has = |client: &str, route: &str| {
            log.lines()
                .any(|line| line.contains(&format!("client={client} ")) && line.contains(route))
        };
        Ok(has("127.0.0.2", "/api/v1/ssh/authorized-keys/") && has("127.0.0.3", "/health"))
    })?;
    assert!(!server.log().contains("192.0.2.6"), "{}", server.log());

    // A client that guesses invitations locks out itself and nobody else.
    let offer = |address: &str| {
        let body = r#"{"protocol":1,"invitation":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
        let outcome = curl(
            address,
            format!("{}/api/v1/enrollment/offer", server.portal()),
        )
        .args(["-o", "/dev/null", "-w", "%{http_code}", "--json", body])
        .succeed()?;
        Ok::<_, rig::Error>(outcome.text())
    };
    wait_until("a guesser is refused", START_LIMIT, || {
        Ok(offer("127.0.0.2")? == "429")
    })?;
    assert_eq!(offer("127.0.0.3")?, "404");
    Ok(())
}

/// People, phones and certificates see the proxy's addresses.
fn a_phone_is_enrolled(
    folder: &Folder,
    server: &Server,
    portal: &Portal,
    places: &Places,
) -> Result {
    let [https, http, ..] = places.ports();
    let holder = Holder {
        name: "Alice Example",
        email: "alice@example.test",
        upn: "alice@example.test",
    };
    let link = portal.invite(holder, Profile::Compact)?;
    assert!(
        link.starts_with(&format!("https://localhost:{https}/")),
        "{link}"
    );
    Phone::at(folder.join("phone")).enroll(folder, &link, PIN)?;
    let keys = portal.get_ok("/api/v1/ssh/authorized-keys/alice")?;
    assert_eq!(keys.body.lines().count(), 1, "{}", keys.body);
    let crl = crl_address(folder, server, &server.issuing())?;
    assert!(
        crl.starts_with(&format!("http://localhost:{http}/")),
        "{crl}"
    );
    folder
        .program("curl")
        .args(["-fsS", "-o", "/dev/null", &crl])
        .succeed()?;
    Ok(())
}

fn nginx_lets_tls_through(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, kind)?;
    let places = Places::claim()?;
    let server = places.server(&folder, &database)?;
    let _proxy = nginx(&folder, &places, &block("lets TLS through")?, &[])?;
    let portal = Portal::set_up(&server)?;
    a_phone_is_enrolled(&folder, &server, &portal, &places)?;
    clients_are_told_apart(&folder, &server, server.root())
}

fn nginx_ends_tls(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, kind)?;
    let places = Places::claim()?;
    let server = places.server(&folder, &database)?;
    let [certificate, key] = own_certificate(&folder)?;
    let root = server.root().to_owned();
    let files: [(&str, &Path); 3] = [
        ("/etc/ssl/localhost.pem", &certificate),
        ("/etc/ssl/private/localhost.key", &key),
        ("/etc/tapcard/root.pem", &root),
    ];
    let _proxy = nginx(&folder, &places, &block("ends TLS")?, &files)?;
    let portal = Portal::set_up_trusting(&server, &certificate)?;
    portal.get_ok("/invitations/new")?;
    let again = Portal::trusting(&server, &certificate)?.try_sign_in(ADMINISTRATOR, PASSWORD)?;
    assert_eq!(again.status, 200, "{again:?}");
    clients_are_told_apart(&folder, &server, &certificate)
}

fn caddy_ends_tls(kind: Kind) -> Result {
    let folder = Folder::for_test()?;
    let database = Database::start(&folder, kind)?;
    let places = Places::claim()?;
    let server = places.server(&folder, &database)?;
    let [certificate, key] = own_certificate(&folder)?;
    let [https, http, listen, listen_http] = places.ports();
    let configuration = folder.write(
        "Caddyfile",
        format!(
            "{{\n  admin off\n  auto_https off\n  storage file_system {}\n}}\n\
             https://localhost:{https} {{\n  tls {} {}\n  \
             reverse_proxy https://127.0.0.1:{listen} {{\n    transport http {{\n      \
             tls_trusted_ca_certs {}\n      tls_server_name localhost\n    }}\n  }}\n}}\n\
             http://localhost:{http} {{\n  reverse_proxy 127.0.0.1:{listen_http}\n}}\n",
            folder.join("caddy").display(),
            certificate.display(),
            key.display(),
            server.root().display(),
        ),
    )?;
    let mut caddy = folder
        .program("caddy")
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(configuration)
        .start(&folder, "caddy")?;
    caddy.wait_for("listens", START_LIMIT, |_| {
        Ok((is_listening(https)? && is_listening(http)?).then_some(()))
    })?;
    let portal = Portal::set_up_trusting(&server, &certificate)?;
    portal.get_ok("/invitations/new")?;
    clients_are_told_apart(&folder, &server, &certificate)
}

/// The documentation's blocks are of nginx, and the options that it names are the server's.
#[test]
fn the_options_of_the_documentation_are_there() -> Result {
    let folder = Folder::for_test()?;
    let help = folder
        .program(folder.binaries().enroll_server()?)
        .args(["serve", "--help"])
        .succeed()?;
    for option in ["--portal-url", "--relying-url", "--trusted-proxies"] {
        assert!(DOCUMENT.contains(option), "{option}");
        assert!(help.text().contains(option), "{option}");
    }
    Ok(())
}
