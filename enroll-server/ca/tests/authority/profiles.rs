//! Profiles and enrollment policies as rows: a bad one is refused by its name, and says why.

use std::sync::Arc;

use enroll_server_ca::builder;
use enroll_server_ca::error::{CaError, LintError};
use enroll_server_ca::profile::check::Trial;
use enroll_server_ca::profile::enrollment::{EnrollmentPolicies, PolicyRow};
use enroll_server_ca::profile::set::{Profiles, Row};
use enroll_server_ca::signer::file::FileKey;
use enroll_server_ca::signer::sign::Sign;
use enroll_server_model::{KeyAlgorithm, SeededPolicy};
use serde_json::{Value, json};

use crate::fixture::{Installation, PERSON, RESPONDER, facts, profile, profile_row, row};

/// A definition with one field changed.
fn changed(definition: &str, field: &str, value: Value) -> String {
    let mut definition: Value = serde_json::from_str(definition).unwrap();
    definition[field] = value;
    definition.to_string()
}

#[test]
fn a_bad_profile_is_refused_by_name_and_version() {
    let trial = Trial::new().unwrap();
    let cases = [
        ("not JSON".to_owned(), "cannot be read"),
        (
            changed(PERSON, "colour", json!("red")),
            "unknown field `colour`",
        ),
        (changed(PERSON, "slot", json!("9B")), "9B"),
        (
            changed(PERSON, "algorithms", json!(["RSA-1024"])),
            "RSA-1024",
        ),
        (
            changed(PERSON, "algorithms", json!([])),
            "at least one algorithm",
        ),
        (
            changed(PERSON, "algorithms", json!(["P-256", "P-256"])),
            "listed twice",
        ),
        (changed(PERSON, "subject", json!("anybody")), "anybody"),
        (
            changed(PERSON, "alternative_names", json!(["mail", "mail"])),
            "listed twice",
        ),
        (changed(PERSON, "key_usage", json!([])), "must have a use"),
        (
            changed(PERSON, "key_usage", json!(["commit"])),
            "must also sign",
        ),
        (
            changed(PERSON, "extended_key_usage", json!([])),
            "must be an extended key usage",
        ),
        (
            changed(PERSON, "extended_key_usage", json!(["2.5.29.37.0"])),
            "must not be any",
        ),
        (
            changed(PERSON, "extended_key_usage", json!(["client"])),
            "not an object identifier",
        ),
        (
            changed(PERSON, "extended_key_usage", json!(["1.3.6.1.5.5.7.3.9"])),
            "belong together",
        ),
        (
            changed(PERSON, "renewal", json!({"days_before": 183})),
            "before half of its lifetime",
        ),
        (
            changed(PERSON, "lifetime_days", json!(0)),
            "between 1 and 3650 days",
        ),
        (
            changed(PERSON, "lifetime_days", json!(3651)),
            "between 1 and 3650 days",
        ),
        (
            changed(PERSON, "revocation", json!("no-check")),
            "belong together",
        ),
        (
            changed(PERSON, "longest", json!(1_000_000)),
            "512 and 16384",
        ),
        // No rule of one field: a certificate of it would be too long, which the lint notices.
        (
            changed(PERSON, "longest", json!(600)),
            "its profile allows 600",
        ),
        (
            changed(RESPONDER, "subject", json!("host")),
            "belong together",
        ),
    ];
    for (definition, reason) in cases {
        let mut row = profile_row("person", &definition);
        row.row.version = 3;
        let refused = Profiles::load(&[row], &trial).unwrap_err().to_string();
        assert!(
            refused.starts_with("profile \"person\", version 3: "),
            "{refused}"
        );
        assert!(refused.contains(reason), "{refused}");
    }
    let refused = Profiles::load(&[profile_row("Bad Name", PERSON)], &trial).unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("profile \"Bad Name\", version 1: its name")
    );
}

#[test]
fn a_bad_policy_is_refused_by_name() {
    let rows = [
        profile_row("person", PERSON),
        profile_row("ocsp-responder", RESPONDER),
    ];
    let profiles = Profiles::load(&rows, &Trial::new().unwrap()).unwrap();
    let key = |slot, algorithm, profile| json!({"slot": slot, "algorithm": algorithm, "profile": profile});
    let good = key("9A", "P-256", "person");
    let cases = [
        (json!({"keys": []}), "must ask for a key"),
        (
            json!({"keys": [key("9A", "P-256", "nobody")]}),
            "no profile \"nobody\"",
        ),
        (
            json!({"keys": [key("9C", "P-256", "person")]}),
            "another slot",
        ),
        (
            json!({"keys": [key("9A", "P-256", "ocsp-responder")]}),
            "another slot",
        ),
        (json!({"keys": [good, good]}), "two keys in one slot"),
        (json!({"keys": [good], "more": 1}), "unknown field `more`"),
    ];
    for (definition, reason) in cases {
        let row = policy("standard", 1, None, &definition.to_string());
        let refused = EnrollmentPolicies::load(&[row], &profiles)
            .unwrap_err()
            .to_string();
        assert!(
            refused.starts_with("enrollment policy \"standard\", version 1: "),
            "{refused}"
        );
        assert!(refused.contains(reason), "{refused}");
    }
    let definition = json!({ "keys": [good] }).to_string();
    for (name, title, reason) in [
        ("visitors", None, "must have a title"),
        ("visitors", Some(""), "1 to 64 characters"),
        ("visitors", Some(" For visitors"), "without space around it"),
        ("visitors", Some("For\nvisitors"), "a line"),
        ("For visitors", Some("For visitors"), "lower-case words"),
    ] {
        let refused = EnrollmentPolicies::load(&[policy(name, 1, title, &definition)], &profiles);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(reason), "{title:?}: {refused}");
    }
    let policies =
        EnrollmentPolicies::load(&[policy("standard", 1, None, &definition)], &profiles).unwrap();
    let standard = policies.get(&SeededPolicy::Standard.into()).unwrap();
    assert_eq!(standard.keys.len(), 1);
    assert_eq!(standard.keys[0].profile.name.as_str(), "person");
    assert!(policies.get(&SeededPolicy::Compact.into()).is_none());
}

#[test]
fn an_earlier_version_is_kept_and_one_that_no_longer_fits_is_passed_over() {
    let profiles =
        Profiles::load(&[profile_row("person", PERSON)], &Trial::new().unwrap()).unwrap();
    let definition = |algorithm, profile| {
        let key = json!({"slot": "9A", "algorithm": algorithm, "profile": profile});
        json!({ "keys": [key] }).to_string()
    };
    let rows = [
        policy("compact", 1, None, &definition("P-256", "gone")),
        policy("compact", 2, None, &definition("P-256", "person")),
        policy("compact", 3, None, &definition("P-384", "person")),
        policy(
            "visitors",
            1,
            Some("Visitors"),
            &definition("P-256", "person"),
        ),
        policy("board", 1, Some("board"), &definition("P-384", "person")),
    ];
    let policies = EnrollmentPolicies::load(&rows, &profiles).unwrap();
    let names: Vec<_> = policies
        .in_force()
        .iter()
        .map(|policy| (policy.name.as_str(), policy.version))
        .collect();
    assert_eq!(names, [("compact", 3), ("board", 1), ("visitors", 1)]);
    let compact = SeededPolicy::Compact.into();
    let algorithm = |version| policies.version(&compact, version).unwrap().keys[0].algorithm;
    assert_eq!(algorithm(3), KeyAlgorithm::P384);
    assert_eq!(algorithm(2), KeyAlgorithm::P256);
    assert!(policies.version(&compact, 1).is_none());
    assert_eq!(policies.passed_over().len(), 1);
    assert_eq!(
        policies.passed_over()[0].to_string(),
        "enrollment policy \"compact\", version 1: there is no profile \"gone\""
    );
}

fn policy(name: &str, version: i64, title: Option<&str>, definition: &str) -> PolicyRow {
    PolicyRow {
        row: Row {
            version,
            ..row(name, definition)
        },
        title: title.map(str::to_owned),
    }
}

#[test]
fn a_profile_takes_the_keys_that_it_names_and_no_others() {
    let installation = Installation::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let only = profile("person", &changed(PERSON, "algorithms", json!(["P-384"])));
    let key = FileKey::generate(KeyAlgorithm::P256).unwrap();
    let refused = builder::prepare(
        installation.issuing(),
        &only,
        &facts(),
        key.public_key(),
        installation.now,
    )
    .unwrap_err();
    assert!(matches!(
        refused,
        CaError::Lint(LintError::Algorithm(KeyAlgorithm::P256))
    ));
}

#[test]
fn a_certificate_knows_the_version_of_its_profile() {
    let installation = Installation::new(KeyAlgorithm::P384, KeyAlgorithm::P256);
    let mut second = (*profile("person", PERSON)).clone();
    second.version = 2;
    let key = FileKey::generate(KeyAlgorithm::P256).unwrap();
    let prepared = builder::prepare(
        installation.issuing(),
        &Arc::new(second),
        &facts(),
        key.public_key(),
        installation.now,
    )
    .unwrap();
    assert_eq!(prepared.profile().version, 2);
}
