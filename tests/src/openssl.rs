//! The `openssl` command: the judge of what phone and server have made.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Doing;
use crate::folder::Folder;
use crate::program::{Outcome, Program};
use crate::server::Server;
use crate::{Result, unexpected};

/// `openssl` with a configuration of its own rather than the machine's.
///
/// # Errors
/// When the configuration cannot be written.
pub fn openssl(folder: &Folder) -> Result<Program> {
    let configuration = folder.write("openssl.cnf", "[req]\ndistinguished_name = dn\n[dn]\n")?;
    Ok(folder.program("openssl").env("OPENSSL_CONF", configuration))
}

/// Turns a certificate from DER into PEM beside it.
///
/// # Errors
/// When it is not a certificate.
pub fn certificate_to_pem(folder: &Folder, der: &Path, pem: &Path) -> Result {
    openssl(folder)?
        .args(["x509", "-inform", "DER", "-in"])
        .arg(der)
        .arg("-out")
        .arg(pem)
        .succeed()?;
    Ok(())
}

/// A certificate (PEM) for a public key (PEM) of which only the card has the private half, from a throw-away
/// authority. `name` is its subject and part of the file's name.
///
/// # Errors
/// When openssl cannot make it.
pub fn certificate_for(folder: &Folder, public_key: &Path, name: &str) -> Result<PathBuf> {
    let (key, request, certificate) = (
        folder.join("authority.key"),
        folder.join("request.pem"),
        folder.join(&format!("{name}.cert.pem")),
    );
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
        .args(["-subj", &format!("/CN={name}"), "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&request)
        .succeed()?;
    openssl(folder)?
        .args(["x509", "-req", "-days", "2", "-in"])
        .arg(&request)
        .arg("-signkey")
        .arg(&key)
        .arg("-force_pubkey")
        .arg(public_key)
        .arg("-out")
        .arg(&certificate)
        .succeed()?;
    Ok(certificate)
}

/// Makes a certificate for `localhost` that is its own issuer, and its key (P-256), in these files (PEM).
///
/// # Errors
/// When openssl fails.
pub fn self_signed(folder: &Folder, certificate: &Path, key: &Path) -> Result {
    openssl(folder)?
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ])
        .args([
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
        ])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .succeed()?;
    Ok(())
}

/// The name of an authority in the addresses of what belongs to it: SHA-256 of the DER of its certificate's (PEM) public
/// key, in hexadecimal.
///
/// # Errors
/// When it is not a certificate.
pub fn key_id(folder: &Folder, certificate: &Path) -> Result<String> {
    let (pem, der) = (folder.join("key-id.pem"), folder.join("key-id.der"));
    openssl(folder)?
        .args(["x509", "-noout", "-pubkey", "-in"])
        .arg(certificate)
        .arg("-out")
        .arg(&pem)
        .succeed()?;
    openssl(folder)?
        .args(["pkey", "-pubin", "-outform", "DER", "-in"])
        .arg(&pem)
        .arg("-out")
        .arg(&der)
        .succeed()?;
    let digest = openssl(folder)?
        .args(["dgst", "-sha256", "-r"])
        .arg(&der)
        .succeed()?
        .text();
    let id = digest.split_whitespace().next().map(str::to_owned);
    id.ok_or_else(|| unexpected(format!("openssl dgst says {digest:?}")))
}

/// Where the OCSP responder of the server's issuing authority is.
///
/// # Errors
/// When the authority's certificate cannot be read.
pub fn ocsp_address(folder: &Folder, server: &Server) -> Result<String> {
    let id = key_id(folder, &server.issuing())?;
    Ok(format!("{}/ocsp/{id}", server.relying_parties()))
}

/// Where an authority's CRL is, by the file of its certificate (PEM).
///
/// # Errors
/// When the certificate cannot be read.
pub fn crl_address(folder: &Folder, server: &Server, certificate: &Path) -> Result<String> {
    let id = key_id(folder, certificate)?;
    Ok(format!("{}/crl/{id}/0.crl", server.relying_parties()))
}

/// Where the CRLs of both authorities are, the issuing one's first.
///
/// # Errors
/// When a certificate cannot be read.
pub fn crl_addresses(folder: &Folder, server: &Server) -> Result<[String; 2]> {
    Ok([
        crl_address(folder, server, &server.issuing())?,
        crl_address(folder, server, server.root())?,
    ])
}

/// Fetches CRLs and puts them into one file (PEM), replaced in one step.
///
/// # Errors
/// When one cannot be fetched, or the file cannot be written.
pub fn fetch_crls(folder: &Folder, addresses: &[String], file: &Path) -> Result {
    let mut pem = Vec::new();
    let der = file.with_extension("der");
    for address in addresses {
        fetch(folder, address, &der)?;
        let converted = openssl(folder)?
            .args(["crl", "-inform", "DER", "-in"])
            .arg(&der)
            .succeed()?;
        pem.extend(converted.stdout);
    }
    let fresh = file.with_extension("new");
    fs::write(&fresh, pem)
        .and_then(|()| fs::rename(&fresh, file))
        .doing(|| format!("replace {}", file.display()))
}

/// The number of the CRL that the server's issuing authority serves now.
///
/// # Errors
/// When it cannot be fetched or has no number.
pub fn crl_number(folder: &Folder, server: &Server) -> Result<u64> {
    let crl = folder.join("number.crl");
    fetch(
        folder,
        &crl_address(folder, server, &server.issuing())?,
        &crl,
    )?;
    let said = openssl(folder)?
        .args(["crl", "-inform", "DER", "-noout", "-crlnumber", "-in"])
        .arg(&crl)
        .succeed()?
        .text();
    let number = said.trim().strip_prefix("crlNumber=0x");
    number
        .and_then(|number| u64::from_str_radix(number, 16).ok())
        .ok_or_else(|| unexpected(format!("openssl crl says {said:?}")))
}

/// Fetches a file over plain HTTP, as a relying party does.
///
/// # Errors
/// When it cannot be fetched.
pub fn fetch(folder: &Folder, url: &str, file: &Path) -> Result {
    folder
        .program("curl")
        .args(["-fsS", "--max-time", "10", "-o"])
        .arg(file)
        .arg(url)
        .succeed()?;
    Ok(())
}

/// What the server's OCSP responder says of a certificate (PEM): `good`, `revoked` or `unknown`, from an answer
/// that openssl has verified.
///
/// # Errors
/// When there is no answer, or none that openssl accepts.
pub fn ocsp_status(folder: &Folder, server: &Server, certificate: &Path) -> Result<String> {
    let outcome = ocsp(folder, server, certificate)?;
    let name = format!("{}: ", certificate.display());
    let text = outcome.text();
    let line = text.lines().find_map(|line| line.strip_prefix(&name));
    line.map(|status| status.trim().to_owned()).ok_or_else(|| {
        unexpected(format!(
            "openssl ocsp says nothing of the certificate: {text}"
        ))
    })
}

/// What `openssl ocsp` says of a certificate, and of the answer's signature.
///
/// # Errors
/// When there is no answer, or it is not signed by the issuer or its responder.
pub fn ocsp(folder: &Folder, server: &Server, certificate: &Path) -> Result<Outcome> {
    openssl(folder)?
        .args(["ocsp", "-issuer"])
        .arg(server.issuing())
        .arg("-cert")
        .arg(certificate)
        .arg("-CAfile")
        .arg(server.chain())
        .arg("-url")
        .arg(ocsp_address(folder, server)?)
        .succeed()?
        .saying(&["Response verify OK"])
}

/// Makes an authority, and of it a certificate for `localhost` with its key (P-256): the files `authority.pem`, `site.pem` and
/// `site.key` in `place`.
///
/// # Errors
/// When openssl fails.
pub fn issued_for_localhost(folder: &Folder, place: &Path) -> Result {
    let new = [
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
    ];
    let (authority, authority_key) = (place.join("authority.pem"), place.join("authority.key"));
    openssl(folder)?
        .args(new)
        .args(["/CN=Authority of a mail server", "-x509", "-days", "2"])
        .args(["-addext", "basicConstraints=critical,CA:TRUE", "-keyout"])
        .arg(&authority_key)
        .arg("-out")
        .arg(&authority)
        .succeed()?;
    let (request, extensions) = (place.join("site.csr"), place.join("site.ext"));
    openssl(folder)?
        .args(new)
        .args(["/CN=localhost", "-keyout"])
        .arg(place.join("site.key"))
        .arg("-out")
        .arg(&request)
        .succeed()?;
    std::fs::write(
        &extensions,
        "subjectAltName=DNS:localhost\nbasicConstraints=critical,CA:FALSE\n",
    )
    .doing(|| format!("write {}", extensions.display()))?;
    openssl(folder)?
        .args(["x509", "-req", "-days", "2", "-in"])
        .arg(&request)
        .arg("-CA")
        .arg(&authority)
        .arg("-CAkey")
        .arg(&authority_key)
        .args(["-CAcreateserial", "-extfile"])
        .arg(&extensions)
        .arg("-out")
        .arg(place.join("site.pem"))
        .succeed()?;
    Ok(())
}
