//! openssl as a relying party: the chain, the CRL and OCSP, before and after a revocation.

use std::path::{Path, PathBuf};

use rig::Result;
use rig::folder::Folder;
use rig::openssl::{crl_address, fetch, key_id, ocsp, ocsp_address, ocsp_status, openssl};
use rig::portal::Profile;
use rig::program::{Outcome, Program};
use rig::server::Server;
use rig::stage::Stage;

/// CKA_ID of the four slots.
const SLOTS: [&str; 4] = ["01", "02", "03", "04"];

/// Verifies a certificate with both CRLs, downloaded now.
fn verify(folder: &Folder, server: &Server, certificate: &Path) -> Result<Program> {
    let crl = |name: &str, issuer: &Path| -> Result<PathBuf> {
        let (der, pem) = (
            folder.join(&format!("{name}.crl")),
            folder.join(&format!("{name}.crl.pem")),
        );
        fetch(folder, &crl_address(folder, server, issuer)?, &der)?;
        openssl(folder)?
            .args(["crl", "-inform", "DER", "-in"])
            .arg(&der)
            .arg("-out")
            .arg(&pem)
            .succeed()?;
        Ok(pem)
    };
    Ok(openssl(folder)?
        .args(["verify", "-x509_strict", "-crl_check_all", "-CAfile"])
        .arg(server.root())
        .arg("-untrusted")
        .arg(server.issuing())
        .arg("-CRLfile")
        .arg(crl("root", server.root())?)
        .arg("-CRLfile")
        .arg(crl("issuing", &server.issuing())?)
        .arg(certificate))
}

fn extension(folder: &Folder, certificate: &Path, names: &str) -> Result<Outcome> {
    openssl(folder)?
        .args(["x509", "-noout", "-ext", names, "-in"])
        .arg(certificate)
        .succeed()
}

#[test]
fn a_revoked_certificate_is_refused_and_the_others_are_not() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let (folder, server) = (&stage.folder, &stage.office.server);
    let certificates = SLOTS
        .iter()
        .map(|id| stage.module.certificate(folder, id))
        .collect::<Result<Vec<_>>>()?;
    for certificate in &certificates {
        verify(folder, server, certificate)?
            .succeed()?
            .saying(&[": OK"])?;
        assert_eq!(ocsp_status(folder, server, certificate)?, "good");
    }

    // Which page belongs to which certificate: by its serial number.
    let first = certificates
        .first()
        .ok_or_else(|| rig::unexpected("no certificate"))?;
    let serial = serial_of(folder, first)?;
    let phone = stage.office.portal.phones()?.remove(0);
    let pages = stage.office.portal.certificates_of(&phone)?;
    assert_eq!(pages.len(), SLOTS.len(), "{pages:?}");
    let mut found = None;
    for page in &pages {
        let text = stage.office.portal.get_ok(page)?.document().text;
        if plain_hex(&text).contains(&serial) {
            found = Some(page);
        }
    }
    let page =
        found.ok_or_else(|| rig::unexpected(format!("no page shows the serial {serial}")))?;
    stage.office.portal.revoke(page, "superseded")?;

    verify(folder, server, first)?
        .fail()?
        .saying(&["certificate revoked"])?;
    assert_eq!(ocsp_status(folder, server, first)?, "revoked");
    for other in certificates.iter().skip(1) {
        verify(folder, server, other)?
            .succeed()?
            .saying(&[": OK"])?;
        assert_eq!(ocsp_status(folder, server, other)?, "good");
    }

    stage.office.portal.revoke(&phone, "key-compromise")?;
    for certificate in &certificates {
        verify(folder, server, certificate)?
            .fail()?
            .saying(&["certificate revoked"])?;
        assert_eq!(ocsp_status(folder, server, certificate)?, "revoked");
    }
    Ok(())
}

#[test]
fn what_is_suspended_is_on_hold_and_good_again_when_it_is_resumed() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let (folder, server) = (&stage.folder, &stage.office.server);
    let certificate = stage.module.certificate(folder, "01")?;
    let phone = stage.office.portal.phones()?.remove(0);

    stage
        .office
        .portal
        .suspend(&phone, "not seen since Monday")?;
    verify(folder, server, &certificate)?
        .fail()?
        .saying(&["certificate revoked"])?;
    openssl(folder)?
        .args(["crl", "-noout", "-text", "-in"])
        .arg(folder.join("issuing.crl.pem"))
        .succeed()?
        .saying(&["Certificate Hold"])?;
    ocsp(folder, server, &certificate)?.saying(&["Reason: certificateHold"])?;

    stage.office.portal.resume(&phone)?;
    verify(folder, server, &certificate)?
        .succeed()?
        .saying(&[": OK"])?;
    assert_eq!(ocsp_status(folder, server, &certificate)?, "good");
    openssl(folder)?
        .args(["crl", "-noout", "-text", "-in"])
        .arg(folder.join("issuing.crl.pem"))
        .succeed()?
        .saying(&["No Revoked Certificates"])?;
    Ok(())
}

fn serial_of(folder: &Folder, certificate: &Path) -> Result<String> {
    let outcome = openssl(folder)?
        .args(["x509", "-noout", "-serial", "-in"])
        .arg(certificate)
        .succeed()?;
    Ok(outcome
        .text()
        .trim()
        .trim_start_matches("serial=")
        .to_lowercase())
}

/// The text without what pages put between the digits of a serial number.
fn plain_hex(text: &str) -> String {
    text.to_lowercase().replace([':', ' '], "")
}

#[test]
fn a_certificate_says_what_it_is_for_and_where_to_ask() -> Result {
    let stage = Stage::enrolled(Profile::Standard)?;
    let (folder, server) = (&stage.folder, &stage.office.server);
    let authentication = stage.module.certificate(folder, "01")?;
    extension(folder, &authentication, "keyUsage,extendedKeyUsage")?.saying(&[
        "critical",
        "Digital Signature",
        "TLS Web Client Authentication",
    ])?;
    let relying_parties = server.relying_parties();
    let issuing = key_id(folder, &server.issuing())?;
    extension(
        folder,
        &authentication,
        "crlDistributionPoints,authorityInfoAccess",
    )?
    .saying(&[
        &format!("{relying_parties}/crl/{issuing}/0.crl"),
        &format!("{relying_parties}/ocsp/{issuing}"),
        &format!("{relying_parties}/ca/{issuing}.cer"),
    ])?;
    let key_management = stage.module.certificate(folder, "03")?;
    extension(folder, &key_management, "keyUsage")?.saying(&["Key Encipherment"])?;

    for name in ["issuing", "root"] {
        let (der, expected) = (
            folder.join(&format!("{name}.cer")),
            server.root().with_file_name(format!("{name}.pem")),
        );
        let id = key_id(folder, &expected)?;
        fetch(folder, &format!("{relying_parties}/ca/{id}.cer"), &der)?;
        let fetched = openssl(folder)?
            .args(["x509", "-inform", "DER", "-in"])
            .arg(&der)
            .succeed()?;
        let on_disk = openssl(folder)?
            .args(["x509", "-in"])
            .arg(&expected)
            .succeed()?;
        assert_eq!(fetched.text(), on_disk.text(), "{name}");
    }
    Ok(())
}

#[test]
fn ocsp_knows_nothing_of_a_certificate_that_was_never_issued() -> Result {
    let stage = Stage::enrolled(Profile::Compact)?;
    let (folder, server) = (&stage.folder, &stage.office.server);
    openssl(folder)?
        .args(["ocsp", "-issuer"])
        .arg(server.issuing())
        .args(["-serial", "0x7B00112233445566778899AABBCCDDEE"])
        .arg("-CAfile")
        .arg(server.chain())
        .args(["-url", &ocsp_address(folder, server)?])
        .succeed()?
        .saying(&["Response verify OK", "unknown"])?;
    Ok(())
}
