//! A web site that wants a client certificate: nginx, as a service owner would set it up.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::folder::Folder;
use crate::module::Module;
use crate::openssl::{crl_addresses, fetch_crls, ocsp_address, self_signed};
use crate::port::{Ports, is_listening};
use crate::process::Process;
use crate::program::Program;
use crate::server::Server;
use crate::{Error, Result};

const NGINX: &str = "/usr/sbin/nginx";
const CONFIGURATION: &str = "nginx.conf";
const START_LIMIT: Duration = Duration::from_secs(20);

/// How the site learns of revocations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It downloads the CRLs and reloads.
    Crl,
    /// It asks the responder that the certificate names, at every handshake.
    Ocsp,
}

/// A running web site.
#[derive(Debug)]
pub struct TlsSite {
    process: Option<Process>,
    ports: Ports,
    certificate: PathBuf,
    crl: PathBuf,
    revocation: Revocation,
    crls: [String; 2],
}

impl TlsSite {
    /// Starts a site that lets in whoever shows a valid certificate of the server's authority.
    ///
    /// # Errors
    /// When nginx is not installed, or does not start.
    pub fn start(folder: &Folder, server: &Server, revocation: Revocation) -> Result<Self> {
        if !Path::new(NGINX).exists() {
            return Err(Error::Missing {
                what: NGINX.to_owned(),
                remedy: "install the Debian package nginx-light".to_owned(),
            });
        }
        let ports = Ports::claim(1)?;
        let port = ports.first();
        let site = folder.subfolder("site")?;
        let (certificate, key) = (site.join("site.pem"), site.join("site.key"));
        self_signed(folder, &certificate, &key)?;
        let crl = site.join("crl.pem");
        let crls = crl_addresses(folder, server)?;
        let check = match revocation {
            Revocation::Crl => format!("ssl_crl {};", crl.display()),
            // Over IPv4, as nginx has no resolver of its own here.
            Revocation::Ocsp => format!(
                "ssl_ocsp leaf; ssl_ocsp_cache off; ssl_ocsp_responder {};",
                ocsp_address(folder, server)?.replace("localhost", "127.0.0.1")
            ),
        };
        if revocation == Revocation::Crl {
            fetch_crls(folder, &crls, &crl)?;
        }
        folder.write(
            CONFIGURATION,
            format!(
                "daemon off; master_process off; pid {site}/pid; error_log stderr info;\n\
                 events {{}}\n\
                 http {{\n  access_log off;\n  client_body_temp_path {site}/t1; proxy_temp_path {site}/t2;\n  \
                 fastcgi_temp_path {site}/t3; uwsgi_temp_path {site}/t4; scgi_temp_path {site}/t5;\n  \
                 server {{\n    listen 127.0.0.1:{port} ssl; server_name localhost;\n    \
                 ssl_certificate {certificate}; ssl_certificate_key {key};\n    \
                 ssl_protocols TLSv1.2 TLSv1.3; ssl_session_cache off; ssl_session_tickets off; keepalive_timeout 0;\n    \
                 ssl_verify_client on; ssl_verify_depth 2; ssl_client_certificate {chain}; {check}\n    \
                 location / {{ default_type text/plain; return 200 \"welcome $ssl_client_s_dn over $ssl_protocol\\n\"; }}\n  }}\n}}\n",
                site = site.display(),
                certificate = certificate.display(),
                key = key.display(),
                chain = server.chain().display(),
            ),
        )?;
        Ok(Self {
            process: Some(serve(folder, port)?),
            ports,
            certificate,
            crl,
            revocation,
            crls,
        })
    }

    /// The site's address.
    #[must_use]
    pub fn address(&self) -> String {
        format!("https://localhost:{}/", self.ports.first())
    }

    /// Its port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.ports.first()
    }

    /// The certificate by which its visitors know it (PEM).
    #[must_use]
    pub fn certificate(&self) -> &Path {
        &self.certificate
    }

    /// Lets the site learn of revocations, in its way: with CRLs it fetches them and starts again.
    ///
    /// # Errors
    /// When the CRLs cannot be fetched, or the site does not take them.
    pub fn refresh(&mut self, folder: &Folder) -> Result {
        if self.revocation == Revocation::Ocsp {
            return Ok(());
        }
        fetch_crls(folder, &self.crls, &self.crl)?;
        self.process = None;
        self.process = Some(serve(folder, self.ports.first())?);
        Ok(())
    }

    /// curl, fetching the page with the certificate and key with this `id` (CKA_ID in hexadecimal) on the card.
    ///
    /// # Errors
    /// When the PIN cannot be put where curl's engine finds it.
    pub fn visit(&self, folder: &Folder, module: &Module, id: &str, pin: &str) -> Result<Program> {
        let pin_file = folder.write("engine-pin", pin)?;
        let uri = format!("pkcs11:id=%{id}");
        Ok(self
            .visit_without_certificate(folder)
            .env("PKCS11_MODULE_PATH", module.path())
            .envs(module.environment())
            .arg("--cert")
            .arg(format!("{uri};type=cert"))
            .arg("--key")
            .arg(format!(
                "{uri};type=private?pin-source=file:{}",
                pin_file.display()
            )))
    }

    /// curl, fetching the page without a client certificate.
    #[must_use]
    pub fn visit_without_certificate(&self, folder: &Folder) -> Program {
        folder
            .program("curl")
            .args(["-sS", "--fail-with-body", "--max-time", "20", "--cacert"])
            .arg(&self.certificate)
            .arg(self.address())
    }
}

fn serve(folder: &Folder, port: u16) -> Result<Process> {
    let mut process = folder
        .program(NGINX)
        .args(["-e", "stderr", "-p"])
        .arg(folder.subfolder("site")?)
        .arg("-c")
        .arg(folder.join(CONFIGURATION))
        .start(folder, "nginx")?;
    process.wait_for("listens", START_LIMIT, |_| {
        Ok(is_listening(port)?.then_some(()))
    })?;
    Ok(process)
}
