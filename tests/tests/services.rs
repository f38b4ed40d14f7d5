//! Web servers as docs/services.md sets them up, from its very text: a card is let in until it is revoked, and nobody
//! whom the service does not know.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rig::openssl::{ocsp_address, openssl, self_signed};
use rig::own_etc::OwnEtc;
use rig::phone::PIN;
use rig::port::{Ports, is_listening};
use rig::portal::Profile;
use rig::process::Process;
use rig::program::Program;
use rig::recipe::{Recipe, Step};
use rig::shell::{typed, typed_in};
use rig::sshd::user_name;
use rig::stage::Stage;
use rig::{Result, unexpected};

const DOCUMENT: &str = include_str!("../../docs/services.md");
const START_LIMIT: Duration = Duration::from_secs(20);
/// What Debian's Apache says of sessions, in a file that is read before any site.
const OF_DEBIAN: &str = "<IfModule mod_ssl.c>\n\tSSLSessionCache\t\tshmcb:PLACE/ssl_scache(512000)\n\tSSLSessionCacheTimeout  300\n</IfModule>\n";
/// What a browser asks.
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
/// What Debian's Apache loads for it.
const MODULES: &[&str] = &[
    "mpm_event",
    "authz_core",
    "authz_host",
    "dir",
    "socache_shmcb",
    "ssl",
];

/// The first block in this language.
fn block(language: &str) -> Result<&'static str> {
    DOCUMENT
        .split_once(&format!("```{language}"))
        .and_then(|(_, rest)| rest.split_once("```"))
        .map(|(block, _)| block)
        .ok_or_else(|| unexpected(format!("no block of {language}")))
}

/// A site with a page, and what the document's text names otherwise.
struct Site<'a> {
    stage: &'a Stage,
    port: u16,
    certificate: PathBuf,
    replaced: Vec<(&'static str, String)>,
    _ports: Ports,
}

impl<'a> Site<'a> {
    fn new(stage: &'a Stage) -> Result<Self> {
        let folder = &stage.folder;
        // A web server that root starts reads its pages as somebody else.
        folder.let_others_pass()?;
        let ports = Ports::claim(1)?;
        let port = ports.first();
        let certificate = folder.join("site.pem");
        let key = folder.join("site.key");
        self_signed(folder, &certificate, &key)?;
        let pages = folder.subfolder("pages")?;
        folder.write_script("pages/index.html", "welcome")?;
        folder
            .program("chmod")
            .arg("a+rX")
            .args([&pages, &pages.join("index.html")])
            .succeed()?;
        let text = |path: &Path| path.display().to_string();
        let replaced = vec![
            ("/etc/ssl/www.example.org.pem", text(&certificate)),
            ("/etc/ssl/private/www.example.org.key", text(&key)),
            ("/etc/tapcard/chain.pem", text(&stage.office.server.chain())),
            ("/var/www/html", text(&pages)),
            ("www.example.org", "localhost".to_owned()),
            ("*:443", format!("127.0.0.1:{port}")),
            ("listen 443", format!("listen 127.0.0.1:{port}")),
        ];
        Ok(Self {
            stage,
            port,
            certificate,
            replaced,
            _ports: ports,
        })
    }

    /// The document's block with these names in place of its own, and the site's.
    fn configuration(&self, language: &str, own: &[(&str, String)]) -> Result<String> {
        let mut text = block(language)?.to_owned();
        let of_site = self.replaced.iter().map(|(name, here)| (*name, here));
        for (name, here) in own.iter().map(|(name, here)| (*name, here)).chain(of_site) {
            text = text.replace(name, here);
        }
        Ok(text)
    }

    fn start(&self, program: Program) -> Result<Process> {
        let mut process = program.start(&self.stage.folder, "site")?;
        process.wait_for("listens", START_LIMIT, |_| {
            Ok(is_listening(self.port)?.then_some(()))
        })?;
        Ok(process)
    }

    /// curl, which shows the page to whoever the site lets in, with 9A.
    fn visit(&self) -> Result<Program> {
        let (folder, module) = (&self.stage.folder, &self.stage.module);
        let pin = folder.write("engine-pin", PIN)?;
        Ok(self
            .visit_without_certificate()
            .env("PKCS11_MODULE_PATH", module.path())
            .envs(module.environment())
            .args(["--cert", "pkcs11:id=%01;type=cert", "--key"])
            .arg(format!(
                "pkcs11:id=%01;type=private?pin-source=file:{}",
                pin.display()
            )))
    }

    fn visit_without_certificate(&self) -> Program {
        let folder = &self.stage.folder;
        folder
            .program("curl")
            .args(["-sS", "--fail-with-body", "--max-time", "20", "--cacert"])
            .arg(&self.certificate)
            .arg(format!("https://localhost:{}/", self.port))
    }

    /// A browser that keeps its TLS session in a file, or goes on with the one there.
    fn browser(&self, session: &[&str]) -> Result<Program> {
        let folder = &self.stage.folder;
        let browser = openssl(folder)?
            .args(["s_client", "-quiet", "-ign_eof", "-tls1_2"])
            .args(["-servername", "localhost", "-connect"])
            .arg(format!("localhost:{}", self.port))
            .args(session)
            .arg(folder.join("session"));
        Ok(browser.input(REQUEST))
    }

    fn lets_in_until_revoked(&self) -> Result {
        self.visit()?.succeed()?.saying(&["welcome"])?;
        self.stage.module.was_used()?;
        let (folder, module) = (&self.stage.folder, &self.stage.module);
        let certificate = module.certificate(folder, "01")?;
        let pin = folder.join("engine-pin");
        self.browser(&["-sess_out"])?
            .env("PKCS11_MODULE_PATH", module.path())
            .envs(module.environment())
            .args(["-engine", "pkcs11", "-keyform", "engine", "-key"])
            .arg(format!(
                "pkcs11:id=%01;type=private?pin-source=file:{}",
                pin.display()
            ))
            .arg("-cert")
            .arg(certificate)
            .run()?
            .saying(&["welcome"])?;
        module.was_used()?;
        self.visit_without_certificate().fail()?;
        for phone in self.stage.office.portal.phones()? {
            self.stage.office.portal.revoke(&phone, "key-compromise")?;
        }
        let refused = self.visit()?.fail()?;
        assert!(!refused.text().contains("welcome"), "{}", refused.text());
        self.stage.module.was_used()?;
        // Who goes on with a session from before shows no certificate.
        let resumed = self.browser(&["-sess_in"])?.run()?;
        assert!(!resumed.text().contains("welcome"), "{}", resumed.text());
        Ok(())
    }

    fn knows_somebody_else(&self) -> Result {
        self.visit()?.fail()?.saying(&["403"])?;
        self.stage.module.was_used()
    }
}

fn nginx(site: &Site, own: &[(&str, String)]) -> Result<Process> {
    let folder = &site.stage.folder;
    let place = folder.subfolder("nginx")?;
    // Nobody here resolves names for nginx: it is told the responder's address, over IPv4.
    let responder = ocsp_address(folder, &site.stage.office.server)?;
    let responder = format!(
        "ssl_ocsp_responder {};",
        responder.replace("localhost", "127.0.0.1")
    );
    let names = [&[("resolver 127.0.0.53;", responder)], own].concat();
    let configuration = site.configuration("nginx", &names)?;
    let place = place.display();
    let file = folder.write(
        "site.conf",
        format!(
            "daemon off; master_process off; pid {place}/pid; error_log stderr info; events {{}}\n\
             http {{ access_log off; client_body_temp_path {place}/t1; proxy_temp_path {place}/t2;\n\
             fastcgi_temp_path {place}/t3; uwsgi_temp_path {place}/t4; scgi_temp_path {place}/t5;\n{configuration}}}\n"
        ),
    )?;
    site.start(
        folder
            .program("/usr/sbin/nginx")
            .args(["-e", "stderr", "-c"])
            .arg(file),
    )
}

fn apache(site: &Site, own: &[(&str, String)]) -> Result<Process> {
    let folder = &site.stage.folder;
    let place = folder.subfolder("apache")?;
    let configuration = site.configuration("apache", own)?;
    let of_debian = OF_DEBIAN.replace("PLACE", &place.display().to_string());
    let of_debian = folder.write("ssl.conf", of_debian)?;
    let change = Step::of("docs/services.md", "Apache", "SSLSessionCache none")?.with(&[(
        "/etc/apache2/mods-available/ssl.conf",
        &of_debian.display().to_string(),
    )]);
    typed(folder, &change.script)?.succeed()?;
    let modules: String = MODULES
        .iter()
        .map(|name| format!("LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"))
        .collect();
    let port = site.port;
    let file = folder.write(
        "site.conf",
        format!(
            "ServerRoot {place}\nServerName localhost\n{modules}PidFile {place}/pid\nDefaultRuntimeDir {place}\n\
             Mutex file:{place}\nErrorLog /dev/stderr\nLogLevel info\nUser www-data\nGroup www-data\n\
             Listen 127.0.0.1:{port}\nInclude {of_debian}\n{configuration}",
            place = place.display(),
            of_debian = of_debian.display(),
        ),
    )?;
    site.start(
        folder
            .program("/usr/sbin/apache2")
            .args(["-X", "-f"])
            .arg(file),
    )
}

#[test]
fn nginx_lets_the_card_in_until_it_is_revoked() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let site = Site::new(&stage)?;
    {
        let bob = [("Alice Example", "Bob Example".to_owned())];
        let _nginx = nginx(&site, &bob)?;
        site.knows_somebody_else()?;
    }
    let _nginx = nginx(&site, &[])?;
    site.lets_in_until_revoked()
}

#[test]
fn apache_lets_the_card_in_until_it_is_revoked() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let site = Site::new(&stage)?;
    let named = |user: &str| [("alice@example.org", format!("{user}@example.test"))];
    {
        let _apache = apache(&site, &named("bob"))?;
        site.knows_somebody_else()?;
    }
    let _apache = apache(&site, &named(&user_name(&stage.folder)?))?;
    site.lets_in_until_revoked()
}

#[test]
fn the_authority_is_compared_as_the_document_says() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let server = &stage.office.server;
    let folder = &stage.folder;
    let authority = server.root().parent().unwrap_or(Path::new("/"));
    let [compare, install] =
        Recipe::of("docs/services.md", "Is it the right authority?")?.blocks()?;
    compare.check(
        typed(folder, &compare.script)?
            .current_dir(authority)
            .succeed()?,
    )?;
    let etc = OwnEtc::copy(folder)?;
    typed_in(&etc, folder, &install.script)?
        .current_dir(authority)
        .succeed()?;
    let installed = std::fs::read(etc.file("tapcard/chain.pem")).unwrap_or_default();
    assert_eq!(installed, std::fs::read(server.chain()).unwrap_or_default());
    assert!(!installed.is_empty());
    // A root that is another's does not vouch for the chain.
    let (other, key) = (
        stage.folder.join("other.pem"),
        stage.folder.join("other.key"),
    );
    self_signed(&stage.folder, &other, &key)?;
    openssl(&stage.folder)?
        .args(["verify", "-CAfile"])
        .arg(&other)
        .arg("-untrusted")
        .arg(server.chain())
        .arg(server.chain())
        .fail()?;
    Ok(())
}
