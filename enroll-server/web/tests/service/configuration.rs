//! The file of settings has every key of the program, and none that the program does not know.

use std::collections::{BTreeMap, BTreeSet};

use clap::CommandFactory as _;
use enroll_server::config::{Arguments, VARIABLES_ALONE};

use crate::packaging;
use crate::unit_file::setting;

/// The keys in the file, those that a comment shows too, with their values.
fn keys() -> BTreeMap<String, String> {
    let text = packaging::text("enroll-server.conf");
    let mut keys = BTreeMap::new();
    for line in text.lines() {
        let line = line.strip_prefix('#').unwrap_or(line);
        if !line.starts_with(char::is_uppercase) {
            continue;
        }
        let (name, value) = setting(line).unwrap();
        assert!(keys.insert(name, value).is_none(), "twice: {line}");
    }
    keys
}

#[test]
fn the_files_keys_are_those_of_the_program() {
    let command = Arguments::command();
    let serve = command.find_subcommand("serve").unwrap();
    let variables = serve.get_arguments().filter_map(|option| option.get_env());
    let variables = variables.map(|name| name.to_str().unwrap());
    let known: BTreeSet<&str> = variables.chain(VARIABLES_ALONE).collect();
    let keys = keys();
    let in_file: BTreeSet<&str> = keys.keys().map(String::as_str).collect();
    assert_eq!(in_file, known);
}

#[test]
fn the_composition_has_no_secret_in_an_environment_and_no_unknown_key() {
    let text = std::fs::read_to_string(packaging::source("../../docker-compose.yml")).unwrap();
    let names = text.lines().filter_map(|line| line.trim().split_once(": "));
    let names: BTreeSet<&str> = names
        .map(|(name, _)| name)
        .filter(|name| name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
        .collect();
    let keys = keys();
    for name in names.iter().filter(|name| name.starts_with("TAPCARD_")) {
        assert!(keys.contains_key(*name), "{name}");
    }
    for secret in [
        "TAPCARD_DATABASE",
        "TAPCARD_CA_PASSPHRASE",
        "POSTGRES_PASSWORD",
    ] {
        assert!(!names.contains(secret), "{secret}");
        assert!(
            names.contains(format!("{secret}_FILE").as_str()),
            "{secret}"
        );
    }
}

#[test]
fn the_file_shows_each_default_as_it_is() {
    let command = Arguments::command();
    let serve = command.find_subcommand("serve").unwrap();
    let keys = keys();
    let mut shown = 0;
    for option in serve.get_arguments() {
        let [default] = option.get_default_values() else {
            continue;
        };
        let Some(variable) = option.get_env().and_then(|name| name.to_str()) else {
            continue;
        };
        // Where a user has the data is not where the service has it.
        if variable != "TAPCARD_DATA" {
            assert_eq!(*keys[variable], **default, "{variable}");
            shown += 1;
        }
    }
    assert_eq!(shown, 6);
}

#[test]
fn the_file_sets_nothing_but_the_data_folder() {
    let set = crate::unit_file::environment(&packaging::text("enroll-server.conf"));
    let data = ("TAPCARD_DATA".to_owned(), "/var/lib/tapcard".to_owned());
    assert_eq!(set, [data]);
}
