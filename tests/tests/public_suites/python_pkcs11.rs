//! python-pkcs11's own tests.

use std::collections::BTreeMap;

use rig::phone::PIN;
use rig::portal::Profile;
use rig::python_pkcs11::{PYTHON, folder_with_it, suite_with_it};
use rig::stage::{HOLDER, Stage};
use rig::{Result, unexpected};

use crate::verdict::{End, Group, Verdict, hold_against};

const PROGRAM: &str = include_str!("verdicts.py");

/// A module beside ours, of which one test wants to see a slot too.
const OPENSC: &str = "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so";

/// How many of them pass.
const PASSING: usize = 24;

const GROUPS: &[Group] = &[
    Group {
        end: End::Skips,
        saying: "Requires 4224",
        tests: &[
            "aes.*",
            "digest.DigestTests.test_digest_key",
            "digest.DigestTests.test_digest_key_data",
            "iterators.*",
            "sessions.SessionTests.test_attribute_reading_failures",
            "sessions.SessionTests.test_bulk_attribute_empty_key_list",
            "sessions.SessionTests.test_bulk_attribute_only_empty_attrs",
            "sessions.SessionTests.test_bulk_attribute_partial_success_irrelevant_attribute",
            "sessions.SessionTests.test_bulk_attribute_partial_success_sensitive_attribute",
            "sessions.SessionTests.test_bulk_attribute_partial_success_with_some_empty_attrs",
            "sessions.SessionTests.test_bulk_attribute_raise_error_if_no_result",
            "sessions.SessionTests.test_custom_attribute_mapper",
            "sessions.SessionTests.test_generate_key",
            "sessions.SessionTests.test_get_key",
            "sessions.SessionTests.test_get_key_vague",
            "sessions.SessionTests.test_get_objects",
            "sessions.SessionTests.test_key_search_by_id",
            "sessions.SessionTests.test_set_unsupported_attribute",
            "sessions.SessionTests.test_treat_empty_bool_as_false",
            "threading.*",
        ],
    },
    Group {
        end: End::Skips,
        saying: "Requires ",
        tests: &[
            "des.*",
            "dh.DHTests.test_derive_key",
            "dh.DHTests.test_generate_params",
            "dsa.DSATests.test_generate_keypair_and_sign",
            "dsa.DSATests.test_generate_keypair_directly",
            "dsa.DSATests.test_generate_params",
            "ml_dsa.*",
            "ml_kem.*",
            "x509.X509Tests.test_verify_certificate_dsa",
        ],
    },
    Group {
        end: End::Fails,
        saying: "TemplateInconsistent",
        tests: &[
            "ecc.ECCTests.test_derive_key",
            "ecc.ECCTests.test_sign_ecdsa",
            "ecc.ECCTests.test_sign_ed25519",
            "ecc.ECCTests.test_sign_ed448",
            "public_key_external.ExternalPublicKeyTests.test_ecdh",
            "public_key_external.ExternalPublicKeyTests.test_ecdsa",
            "public_key_external.ExternalPublicKeyTests.test_rsa",
            "public_key_external.ExternalPublicKeyTests.test_terrible_hybrid_file_encryption_app",
            "rsa.RSATests.test_encrypt_oaep",
            "rsa.RSATests.test_encrypt_too_much_data",
            "rsa.RSATests.test_key_length",
            "rsa.RSATests.test_key_wrap",
            "rsa.RSATests.test_sign_default",
            "rsa.RSATests.test_sign_pkcs_v15",
            "rsa.RSATests.test_sign_pss",
            "rsa.RSATests.test_sign_pss_undersized_buffer",
            "rsa.RSATests.test_sign_stream",
            "rsa.RSATests.test_sign_stream_interrupt_releases_operation",
            "rsa.RSATests.test_sign_stream_undersized_buffer",
            "rsa.RSATests.test_sign_stream_with_empty_blocks",
            "rsa.RSATests.test_sign_stream_with_reauthentication",
            "rsa.RSATests.test_sign_with_reauthentication",
            "rsa.RSATests.test_verify_stream_interrupt_releases_operation",
            "sessions.SessionTests.test_generate_keypair",
            "x509.X509Tests.test_self_sign_certificate",
            "x509.X509Tests.test_sign_csr",
        ],
    },
    Group {
        end: End::Fails,
        saying: "TemplateInconsistent",
        tests: &[
            "ecc.ECCTests.test_import_key_named_curve",
            "ecc.ECCTests.test_import_key_pair",
            "sessions.SessionTests.test_create_object",
            "x509.X509Tests.test_import_ca_certificate",
            "x509.X509Tests.test_import_ca_certificate_easy",
            "x509.X509Tests.test_verify_certificate_ecdsa",
            "x509.X509Tests.test_verify_certificate_rsa",
        ],
    },
    Group {
        end: End::Skips,
        saying: "SoftHSMv2 only",
        tests: &[
            "ecc.ECCTests.test_import_key_params",
            "sessions.SessionTests.test_copy_object",
            "sessions.SessionTests.test_init_pin",
            "sessions.SessionTests.test_open_session_and_login_so",
            "sessions.SessionTests.test_set_pin",
            "slots_and_tokens.SlotsAndTokensTests.test_get_slots",
            "slots_and_tokens.SlotsAndTokensTests.test_get_token",
            "slots_and_tokens.SlotsAndTokensTests.test_get_tokens",
        ],
    },
    Group {
        end: End::Fails,
        saying: "FunctionNotSupported",
        tests: &["sessions.SessionTests.test_destroy_object"],
    },
];

fn as_written_down(profile: Profile) -> Result {
    let stage = Stage::enrolled(profile)?;
    let suite = suite_with_it()?;
    let program = stage.folder.write("verdicts.py", PROGRAM)?;
    let mut path = suite.clone().into_os_string();
    path.push(":");
    path.push(folder_with_it()?);
    let outcome = stage
        .module
        .program(&stage.folder, PYTHON)
        .env("PYTHONPATH", path)
        .env("PKCS11_MODULE", stage.module.path())
        .env("PKCS11_MODULE2", OPENSC)
        .env("PKCS11_TOKEN_LABEL", HOLDER)
        .env("PKCS11_TOKEN_PIN", PIN)
        .arg(program)
        .arg(suite)
        .succeed()?;
    hold_against(&read(&outcome.text())?, PASSING, GROUPS)?;
    stage.module.was_used()
}

/// Reads the lines of the program.
fn read(text: &str) -> Result<BTreeMap<String, Verdict>> {
    text.lines()
        .map(|line| {
            let mut parts = line.splitn(3, '\t');
            let (name, verdict, words) = (parts.next(), parts.next(), parts.next());
            let words = words.unwrap_or_default().to_owned();
            let verdict = match verdict {
                Some("passed") => Verdict::Passed,
                Some("skipped") => Verdict::Skipped(words),
                Some("failed") => Verdict::Failed(words),
                _ => return Err(unexpected(format!("no verdict: {line}"))),
            };
            Ok((name.unwrap_or_default().to_owned(), verdict))
        })
        .collect()
}

#[test]
fn python_pkcs11_with_rsa_keys() -> Result {
    as_written_down(Profile::Standard)
}

#[test]
fn python_pkcs11_with_ec_keys() -> Result {
    as_written_down(Profile::Compact)
}
