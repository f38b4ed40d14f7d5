//! OpenSC's `pkcs11-tool` on our module, in Debian 12's and in Debian 13's version: lists, logs in, signs, decrypts,
//! derives; openssl is the judge.

use std::fs;
use std::path::{Path, PathBuf};

use rig::openssl::openssl;
use rig::phone::PIN;
use rig::portal::Profile;
use rig::program::{Outcome, Program};
use rig::stage::{HOLDER, Stage};
use rig::{Result, unexpected};

/// CKA_ID of 9A, 9C, 9D.
const AUTHENTICATION: &str = "01";
const SIGNATURE: &str = "02";
const KEY_MANAGEMENT: &str = "03";

const MESSAGE: &[u8] = b"what Alice has signed";

struct Card<'a> {
    stage: &'a Stage,
    message: PathBuf,
}

impl Card<'_> {
    /// Lets a test meet an enrolled card with each system's tool.
    fn with_each_system(profile: Profile, test: impl Fn(&Card<'_>) -> Result) -> Result {
        Stage::with_each_system(profile, |stage| {
            let message = stage.folder.write("message", MESSAGE)?;
            test(&Card { stage, message })
        })
    }

    fn tool(&self) -> Program {
        self.stage.module.pkcs11_tool(&self.stage.folder)
    }

    fn with_pin(&self) -> Program {
        self.tool().args(["--login", "--pin", PIN])
    }

    /// The public key of a certificate on the card, as PEM.
    fn public_key(&self, id: &str) -> Result<PathBuf> {
        let certificate = self.stage.module.certificate(&self.stage.folder, id)?;
        let key = openssl(&self.stage.folder)?
            .args(["x509", "-noout", "-pubkey", "-in"])
            .arg(certificate)
            .succeed()?;
        self.stage.folder.write(&format!("{id}.pub"), key.stdout)
    }

    fn sign(&self, id: &str, mechanism: &str, input: &Path, more: &[&str]) -> Result<PathBuf> {
        let signature = self.stage.folder.join(&format!("{id}-{mechanism}.sig"));
        self.with_pin()
            .args([
                "--sign",
                "--id",
                id,
                "--mechanism",
                mechanism,
                "--input-file",
            ])
            .arg(input)
            .arg("--output-file")
            .arg(&signature)
            .args(more)
            .succeed()?;
        Ok(signature)
    }

    fn verify_message(&self, id: &str, signature: &Path, options: &[&str]) -> Result<Outcome> {
        openssl(&self.stage.folder)?
            .args(["dgst", "-verify"])
            .arg(self.public_key(id)?)
            .args(options)
            .arg("-signature")
            .arg(signature)
            .arg(&self.message)
            .succeed()
    }

    fn digest(&self, algorithm: &str) -> Result<PathBuf> {
        let digest = openssl(&self.stage.folder)?
            .args(["dgst", "-binary", algorithm])
            .arg(&self.message)
            .succeed()?;
        self.stage.folder.write("digest", digest.stdout)
    }
}

#[test]
fn lists_the_token_its_certificates_and_its_keys() -> Result {
    Card::with_each_system(Profile::Standard, |card| {
        card.tool().arg("--list-slots").succeed()?.saying(&[
            HOLDER,
            "Tapcard",
            "login required",
            "token initialized",
        ])?;
        card.stage.module.was_used()?;

        let public = card.tool().arg("--list-objects").succeed()?;
        let text = public.text();
        assert_eq!(text.matches("Certificate Object").count(), 4, "{text}");
        let all = card.with_pin().arg("--list-objects").succeed()?.saying(&[
            "PIV Authentication",
            "Digital Signature",
            "Key Management",
            "Card Authentication",
        ])?;
        let text = all.text();
        assert_eq!(text.matches("Certificate Object").count(), 4, "{text}");
        assert_eq!(text.matches("Public Key Object").count(), 4, "{text}");
        assert_eq!(text.matches("Private Key Object").count(), 4, "{text}");
        for id in ["01", "02", "03", "04"] {
            assert_eq!(
                text.matches(&format!("ID:         {id}")).count(),
                3,
                "{text}"
            );
        }
        card.tool().arg("--list-mechanisms").succeed()?.saying(&[
            "RSA-PKCS",
            "RSA-PKCS-PSS",
            "ECDSA",
            "ECDH1-DERIVE",
            "SHA256",
        ])?;
        Ok(())
    })
}

#[test]
fn signs_with_rsa_in_every_padding() -> Result {
    Card::with_each_system(Profile::Standard, |card| {
        for (mechanism, hash) in [
            ("SHA256-RSA-PKCS", "-sha256"),
            ("SHA384-RSA-PKCS", "-sha384"),
            ("SHA512-RSA-PKCS", "-sha512"),
        ] {
            let signature = card.sign(AUTHENTICATION, mechanism, &card.message, &[])?;
            card.verify_message(AUTHENTICATION, &signature, &[hash])?;
        }
        let pss = [
            "-sha256",
            "-sigopt",
            "rsa_padding_mode:pss",
            "-sigopt",
            "rsa_pss_saltlen:32",
        ];
        let pss_parameters = [
            "--hash-algorithm",
            "SHA256",
            "--mgf",
            "MGF1-SHA256",
            "--salt-len",
            "32",
        ];
        let signature = card.sign(
            AUTHENTICATION,
            "SHA256-RSA-PKCS-PSS",
            &card.message,
            &pss_parameters[2..],
        )?;
        card.verify_message(AUTHENTICATION, &signature, &pss)?;
        let digest = card.digest("-sha256")?;
        let signature = card.sign(AUTHENTICATION, "RSA-PKCS-PSS", &digest, &pss_parameters)?;
        card.verify_message(AUTHENTICATION, &signature, &pss)?;

        // PKCS#1 v1.5 over what the caller has prepared: the signature gives the very bytes back.
        let signature = card.sign(AUTHENTICATION, "RSA-PKCS", &digest, &[])?;
        assert_eq!(
            recover(card, &signature, "pkcs1")?,
            fs::read(&digest).unwrap_or_default()
        );
        // Without padding: a number below the modulus, as long as it.
        let mut number = vec![0; 1];
        number.resize(256, 0x5A);
        let number_file = card.stage.folder.write("number", &number)?;
        let signature = card.sign(AUTHENTICATION, "RSA-X-509", &number_file, &[])?;
        assert_eq!(recover(card, &signature, "none")?, number);
        card.stage.module.was_used()
    })
}

fn recover(card: &Card<'_>, signature: &Path, padding: &str) -> Result<Vec<u8>> {
    let recovered = openssl(&card.stage.folder)?
        .args(["pkeyutl", "-verifyrecover", "-pubin", "-inkey"])
        .arg(card.public_key(AUTHENTICATION)?)
        .args(["-pkeyopt", &format!("rsa_padding_mode:{padding}"), "-in"])
        .arg(signature)
        .succeed()?;
    Ok(recovered.stdout)
}

#[test]
fn signs_with_ecdsa_also_where_each_signature_wants_the_pin() -> Result {
    Card::with_each_system(Profile::Compact, |card| {
        let digest = card.digest("-sha256")?;
        for id in [AUTHENTICATION, SIGNATURE] {
            let openssl_form = ["--signature-format", "openssl"];
            let signature = card.sign(id, "ECDSA", &digest, &openssl_form)?;
            card.verify_message(id, &signature, &["-sha256"])?;
            for (mechanism, hash) in [("ECDSA-SHA256", "-sha256"), ("ECDSA-SHA384", "-sha384")] {
                let signature = card.sign(id, mechanism, &card.message, &openssl_form)?;
                card.verify_message(id, &signature, &[hash])?;
            }
        }
        card.stage.module.was_used()
    })
}

#[test]
fn decrypts_with_rsa() -> Result {
    Card::with_each_system(Profile::Standard, |card| {
        let key = card.public_key(KEY_MANAGEMENT)?;
        let oaep = [
            "-pkeyopt",
            "rsa_padding_mode:oaep",
            "-pkeyopt",
            "rsa_oaep_md:sha256",
            "-pkeyopt",
            "rsa_mgf1_md:sha256",
        ];
        let oaep_parameters = ["--hash-algorithm", "SHA256", "--mgf", "MGF1-SHA256"];
        for (mechanism, padding, parameters) in [
            ("RSA-PKCS", &[][..], &[][..]),
            ("RSA-PKCS-OAEP", &oaep[..], &oaep_parameters[..]),
        ] {
            let (secret, plain) = (
                card.stage.folder.join("secret"),
                card.stage.folder.join("plain"),
            );
            openssl(&card.stage.folder)?
                .args(["pkeyutl", "-encrypt", "-pubin", "-inkey"])
                .arg(&key)
                .arg("-in")
                .arg(&card.message)
                .arg("-out")
                .arg(&secret)
                .args(padding)
                .succeed()?;
            card.with_pin()
                .args([
                    "--decrypt",
                    "--id",
                    KEY_MANAGEMENT,
                    "--mechanism",
                    mechanism,
                    "--input-file",
                ])
                .arg(&secret)
                .arg("--output-file")
                .arg(&plain)
                .args(parameters)
                .succeed()?;
            assert_eq!(fs::read(&plain).unwrap_or_default(), MESSAGE, "{mechanism}");
        }
        card.stage.module.was_used()
    })
}

#[test]
fn derives_a_shared_secret() -> Result {
    Card::with_each_system(Profile::Compact, |card| {
        let folder = &card.stage.folder;
        let (peer, peer_public) = (folder.join("peer.pem"), folder.join("peer.der"));
        openssl(folder)?
            .args([
                "ecparam",
                "-name",
                "prime256v1",
                "-genkey",
                "-noout",
                "-out",
            ])
            .arg(&peer)
            .succeed()?;
        openssl(folder)?
            .args(["ec", "-pubout", "-outform", "DER", "-in"])
            .arg(&peer)
            .arg("-out")
            .arg(&peer_public)
            .succeed()?;
        let derived = folder.join("derived");
        card.with_pin()
            .args([
                "--derive",
                "--id",
                KEY_MANAGEMENT,
                "--mechanism",
                "ECDH1-DERIVE",
                "--input-file",
            ])
            .arg(&peer_public)
            .arg("--output-file")
            .arg(&derived)
            .succeed()?;
        let expected = openssl(folder)?
            .args(["pkeyutl", "-derive", "-inkey"])
            .arg(&peer)
            .arg("-peerkey")
            .arg(card.public_key(KEY_MANAGEMENT)?)
            .succeed()?;
        assert_eq!(fs::read(&derived).unwrap_or_default(), expected.stdout);
        card.stage.module.was_used()
    })
}

#[test]
fn hashes_and_gives_random_bytes() -> Result {
    Card::with_each_system(Profile::Compact, |card| {
        let digest = card.stage.folder.join("module-digest");
        card.tool()
            .args(["--hash", "--mechanism", "SHA256", "--input-file"])
            .arg(&card.message)
            .arg("--output-file")
            .arg(&digest)
            .succeed()?;
        assert_eq!(
            fs::read(&digest).ok(),
            fs::read(card.digest("-sha256")?).ok()
        );

        let random = card.stage.folder.join("random");
        card.tool()
            .args(["--generate-random", "64", "--output-file"])
            .arg(&random)
            .succeed()?;
        let bytes =
            fs::read(&random).map_err(|error| unexpected(format!("no random bytes: {error}")))?;
        assert_eq!(bytes.len(), 64);
        assert!(bytes.iter().any(|byte| *byte != 0));
        Ok(())
    })
}
