//! Key files as others read them: openssl and GnuTLS.

use std::fs;
use std::path::Path;
use std::process::Command;

use der::pem::LineEnding;
use der::{Decode, SecretDocument};
use enroll_server_ca::passphrase::Passphrase;
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::KeyAlgorithm;
use pkcs8::PrivateKeyInfoRef;
use pkcs8::pkcs5::{pbes2, scrypt};

const PASSPHRASE: &str = "correct horse battery";

fn passphrase() -> Passphrase {
    Passphrase::new(PASSPHRASE.to_owned()).unwrap()
}

/// What a program says on stdout.
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The public key that openssl reads out of a key file.
fn by_openssl(path: &Path) -> Vec<u8> {
    let pem = run(Command::new("openssl")
        .args(["pkey", "-passin", "env:PASSPHRASE", "-pubout", "-in"])
        .arg(path)
        .env("PASSPHRASE", PASSPHRASE));
    let (_, document) = SecretDocument::from_pem(&pem).unwrap();
    document.as_bytes().to_vec()
}

#[test]
fn openssl_and_certtool_open_a_key_of_every_algorithm() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in KeyAlgorithm::ALL {
        let path = folder.path().join(algorithm.as_str());
        let key = FileKey::generate(algorithm).unwrap();
        key.save(&path, &passphrase()).unwrap();
        assert_eq!(by_openssl(&path), key.public_key().spki(), "{algorithm}");
        let said = run(Command::new("certtool")
            .args(["--key-info", "--password", PASSPHRASE, "--infile"])
            .arg(&path));
        assert!(said.contains("Key Security Level"), "{said}");
        let said = run(Command::new("openssl")
            .args(["asn1parse", "-in"])
            .arg(&path));
        assert!(
            said.contains("PBKDF2") && said.contains("hmacWithSHA256"),
            "{said}"
        );
        // 600,000 in hexadecimal.
        assert!(said.contains(":0927C0"), "{said}");
        assert!(said.contains("aes-256-cbc"), "{said}");
    }
}

#[test]
fn a_key_that_was_encrypted_with_scrypt_opens_and_is_taken_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.key");
    let key = FileKey::generate(KeyAlgorithm::P256).unwrap();
    // As earlier versions did it: N = 2^15, r = 8, p = 1.
    let der = key.pkcs8();
    let info = PrivateKeyInfoRef::from_der(&der).unwrap();
    let cost = scrypt::Params::new(15, 8, 1).unwrap();
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(cost, &[7; 16], [9; 16]).unwrap();
    let encrypted = info.encrypt_with_params(parameters, PASSPHRASE).unwrap();
    let pem = encrypted
        .to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF)
        .unwrap();
    fs::write(&path, pem.as_bytes()).unwrap();

    let opened = FileKey::load(&path, &passphrase()).unwrap();
    assert_eq!(opened.public_key(), key.public_key());
    assert!(FileKey::encrypt_as_now(&path, &passphrase()).unwrap());
    assert_eq!(by_openssl(&path), key.public_key().spki());
    let opened = FileKey::load(&path, &passphrase()).unwrap();
    assert_eq!(opened.public_key(), key.public_key());
    // It is done once.
    assert!(!FileKey::encrypt_as_now(&path, &passphrase()).unwrap());
}
