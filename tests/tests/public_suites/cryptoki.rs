//! The `cryptoki` crate's own tests. Each begins with a token and a PIN that it makes, which nobody makes on a PIV card; they
//! were built without that, and with the PIN and the card management key of a new card in the place of theirs.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use rig::cryptoki_suite::{PROGRAMS, program};
use rig::module::Module;
use rig::program::{Outcome, Program};
use rig::stage::FreshCard;
use rig::wait::{wait_for, wait_until};
use rig::{Result, unexpected};

use crate::verdict::{End, Group, Verdict, hold_against};

/// How many of them pass.
const PASSING: usize = 30;

const GROUPS: &[Group] = &[
    Group {
        end: End::Fails,
        saying: "Function::CreateObject: PKCS11 error: The template specified for creating an object has conflicting attributes",
        tests: &[
            "basic::aes_cbc_encrypt",
            "basic::aes_cbc_pad_encrypt",
            "basic::aes_cmac_sign",
            "basic::aes_cmac_verify",
            "basic::aes_gcm_no_aad",
            "basic::aes_gcm_with_aad",
            "basic::derive_key_concatenation_key_and_data",
            "basic::derive_key_concatenation_two_keys",
            "basic::derive_key_extract_from_key",
            "basic::derive_key_sp800",
            "basic::derive_key_xor_key_and_data",
            "basic::encrypt_decrypt_gcm_message_no_aad",
            "basic::encrypt_decrypt_gcm_message_with_aad",
            "basic::import_export",
            "basic::ro_rw_session_test",
        ],
    },
    Group {
        end: End::Fails,
        saying: "Function::GenerateKey: PKCS11 error: The requested function is not supported",
        tests: &[
            "basic::aes_key_attributes_test",
            "basic::ekdf_aes_cbc_encrypt_data",
            "basic::encrypt_decrypt_multipart",
            "basic::encrypt_decrypt_multipart_already_initialized",
            "basic::generate_generic_secret_key",
            "basic::kbkdf_additional_keys_counter_mode",
            "basic::kbkdf_additional_keys_double_pipeline_mode",
            "basic::kbkdf_additional_keys_feedback_mode",
            "basic::kbkdf_counter_mode",
            "basic::kbkdf_double_pipeline_mode",
            "basic::kbkdf_feedback_mode",
            "basic::kbkdf_invalid_data_params_counter_mode",
            "basic::kbkdf_invalid_data_params_feedback_mode",
            "basic::session_copy_object",
            "basic::session_objecthandle_iterator",
            "basic::sha256_digest_multipart_with_key",
            "basic::sign_verify_sha1_hmac",
            "basic::sign_verify_sha224_hmac",
            "basic::sign_verify_sha256_hmac",
            "basic::sign_verify_sha384_hmac",
            "basic::sign_verify_sha512_hmac",
        ],
    },
    Group {
        end: End::Fails,
        saying: "Function::GenerateKeyPair: PKCS11 error: The desired action cannot be performed because the appropriate user",
        tests: &[
            "basic::derive_key",
            "basic::encrypt_decrypt",
            "basic::get_attributes_test",
            "basic::object_handle_new_from_raw",
            "basic::sign_verify",
            "basic::sign_verify_eddsa",
            "basic::sign_verify_eddsa_with_ed25519_schemes",
            "basic::sign_verify_eddsa_with_ed448_schemes",
            "basic::sign_verify_multipart",
            "basic::sign_verify_multipart_already_initialized",
            "basic::update_attributes_key",
        ],
    },
    Group {
        end: End::Fails,
        saying: "Function::GenerateKeyPair: PKCS11 error: The template specified for creating an object has conflicting attributes",
        tests: &[
            "basic::get_attribute_info_test",
            "basic::rsa_pkcs_oaep_empty",
            "basic::rsa_pkcs_oaep_with_data",
        ],
    },
    Group {
        end: End::Fails,
        saying: "called `Result::unwrap_err()` on an `Ok` value: None",
        tests: &["basic::get_slot_event"],
    },
    Group {
        end: End::Fails,
        saying: "!slot_info.hardware_slot()",
        tests: &["basic::get_slot_info_test"],
    },
    Group {
        end: End::Fails,
        saying: "Pkcs11(FunctionNotSupported, GenerateKey)",
        tests: &[
            "basic::session_find_objects",
            "basic::wrap_and_unwrap_key",
            "basic::wrap_and_unwrap_key_oaep",
        ],
    },
    Group {
        end: End::Fails,
        saying: "Function::SetPIN: PKCS11 error: The specified PIN is too long or too short",
        tests: &["basic::set_pin_test"],
    },
    Group {
        end: End::Fails,
        saying: "RvError::AttributeTypeInvalid, Function::CreateObject",
        tests: &["basic::unique_id", "basic::validation"],
    },
    Group {
        end: End::Fails,
        saying: "Pkcs11(TemplateInconsistent, CreateObject)",
        tests: &[
            "wycheproof::aes_gcm_message_wycheproof",
            "wycheproof::aes_gcm_wycheproof",
        ],
    },
];

/// The one that ends only when something happens at the reader.
const WAITS: &str = "basic::wait_for_slot_event";

/// How long something may take that happens at once.
const LIMIT: Duration = Duration::from_secs(20);

struct Bench {
    card: FreshCard,
    module: Module,
}

impl Bench {
    fn set_up() -> Result<Self> {
        let card = FreshCard::at_reader()?;
        let module = Module::at(&card.folder, &card.desk.pcsc)?;
        Ok(Self { card, module })
    }

    /// A program of tests.
    fn program(&self, path: &Path) -> Program {
        self.module
            .program(&self.card.folder, &path.display().to_string())
            .env("TEST_PKCS11_MODULE", self.module.path())
            .env("RUST_BACKTRACE", "0")
    }

    /// The names of a program's tests.
    fn names(&self, path: &Path) -> Result<Vec<String>> {
        let listed = self
            .program(path)
            .args(["--list", "--format=terse"])
            .succeed()?
            .text();
        let names = listed
            .lines()
            .filter_map(|line| line.strip_suffix(": test"));
        Ok(names.map(str::to_owned).collect())
    }

    /// One test, in a process of its own: what another leaves behind is not its fault.
    fn test(&self, path: &Path, name: &str) -> Program {
        let words = ["--exact", name, "--include-ignored", "--nocapture"];
        self.program(path).args(words)
    }
}

fn verdict(outcome: &Outcome) -> Verdict {
    if outcome.status.success() {
        Verdict::Passed
    } else {
        Verdict::Failed(outcome.all_text())
    }
}

#[test]
fn cryptokis_tests_end_as_written_down() -> Result {
    let bench = Bench::set_up()?;
    let mut verdicts = BTreeMap::new();
    for name in PROGRAMS {
        let path = program(name)?;
        for test in bench.names(&path)? {
            let full = format!("{name}::{test}");
            if full != WAITS {
                verdicts.insert(full, verdict(&bench.test(&path, &test).run()?));
            }
        }
    }
    hold_against(&verdicts, PASSING, GROUPS)?;
    bench.module.was_used()
}

/// It takes for granted that there is no such function.
#[test]
fn the_one_that_waits_hears_of_the_card_that_leaves() -> Result {
    let mut bench = Bench::set_up()?;
    let (name, test) = WAITS.split_once("::").unwrap_or_default();
    let folder = &bench.card.folder;
    let mut waiting = bench.test(&program(name)?, test).start(folder, "waiting")?;
    wait_until("it has found the card", LIMIT, || {
        Ok(bench.module.log_text().contains("C_GetSlotList"))
    })?;
    bench.card.phone.take_away()?;
    wait_for("it ends", LIMIT, || waiting.exit_status())?;
    let said = format!("{}{}", waiting.stdout_text(), waiting.stderr_text());
    if said.contains("res = Ok(Slot") {
        Ok(())
    } else {
        Err(unexpected(said))
    }
}
