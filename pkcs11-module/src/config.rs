//! What a user or an administrator sets: `pkcs11.toml`, and the environment over it.
//!
//! The module runs in other people's programs: what is wrong with the configuration is a warning in the log, and never
//! an error.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use card_host::private_folder::is_absence;
use card_host::user_folder::{Environment, UserFolder};
use thiserror::Error;
use toml::de::{DeTable, DeValue};

use crate::pcsc::bounded::Bounds;
use crate::pin::FreePins;
use crate::platform;

/// The user's file, below the folder for configuration.
const USER_FILE: &str = "tapcard/pkcs11.toml";
/// The longest file that is read.
const LENGTH_MAX: u64 = 65_536;
/// How long a phone is waited for by default.
pub const TAP: Duration = Duration::from_secs(30);

/// What can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file for the log; without one there is none.
    pub log: Option<PathBuf>,
    /// The cards whose PIN may have letters, or fewer than 6 digits.
    pub free_pins: FreePins,
    /// How long things may take.
    pub bounds: Bounds,
    /// The phone that was used last is shown while it is away.
    pub one_tap: bool,
    /// How long it is waited for.
    pub tap: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log: None,
            free_pins: FreePins::default(),
            bounds: Bounds::default(),
            one_tap: false,
            tap: TAP,
        }
    }
}

/// Where the configuration comes from.
pub struct Sources<'a> {
    /// The file of the whole system.
    pub system: &'a Path,
    /// The environment; `None` in a program that has more rights than its caller, who must not lead it.
    pub environment: Option<Environment<'a>>,
}

/// What is wrong with a file, or with one of its values.
#[derive(Debug, Error)]
enum Problem {
    #[error("cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("is not a file")]
    NotAFile,
    #[error("is longer than {LENGTH_MAX} bytes")]
    TooLong,
    #[error("belongs to another user, or others may write to it")]
    NotOurs,
    #[error("line {line}: {message}; the whole file is ignored")]
    Syntax { line: usize, message: String },
    #[error("line {line}: `{key}` is not an option of this module")]
    UnknownKey { line: usize, key: String },
    #[error("line {line}: `{key}` {expected}; it is ignored")]
    Value {
        line: usize,
        key: &'static str,
        expected: &'static str,
    },
}

/// One option.
struct Setting {
    key: &'static str,
    variable: &'static str,
    /// Sets it from a file; the error says what the value must be.
    from_file: fn(&mut Config, &DeValue<'_>) -> Result<(), &'static str>,
    /// Sets it from the environment; the error says what the value must be.
    from_environment: fn(&mut Config, &OsStr) -> Result<(), &'static str>,
}

/// All options.
const SETTINGS: [Setting; 9] = [
    Setting {
        key: "log",
        variable: "TAPCARD_PKCS11_LOG",
        from_file: |config, value| {
            let path = value.as_str().map(PathBuf::from);
            // The working folder is that of the program, which the file knows nothing of.
            let path = path.filter(|path| path.is_absolute());
            config.log = Some(path.ok_or("must be an absolute path in quotation marks")?);
            Ok(())
        },
        from_environment: |config, value| {
            config.log = Some(PathBuf::from(value));
            Ok(())
        },
    },
    Setting {
        key: "any_pin",
        variable: "TAPCARD_PKCS11_ANY_PIN",
        from_file: |config, value| {
            let serials = value.as_array().and_then(|serials| {
                let texts = serials.iter().map(|serial| serial.get_ref().as_str());
                FreePins::of_serials(texts.collect::<Option<Vec<&str>>>()?)
            });
            config.free_pins = serials.ok_or(
                "must be a list of serial numbers, 16 digits each in quotation marks, in square brackets",
            )?;
            Ok(())
        },
        from_environment: |config, value| {
            let serials = value
                .to_str()
                .and_then(|text| FreePins::of_serials(text.split(',')));
            config.free_pins =
                serials.ok_or("must be serial numbers of 16 digits with commas between them")?;
            Ok(())
        },
    },
    Setting {
        key: "exchange_seconds",
        variable: "TAPCARD_PKCS11_EXCHANGE_SECONDS",
        from_file: |config, value| in_file(value).map(|time| config.bounds.exchange = time),
        from_environment: |config, value| seconds(value).map(|time| config.bounds.exchange = time),
    },
    Setting {
        key: "generation_seconds",
        variable: "TAPCARD_PKCS11_GENERATION_SECONDS",
        from_file: |config, value| in_file(value).map(|time| config.bounds.generation = time),
        from_environment: |config, value| {
            seconds(value).map(|time| config.bounds.generation = time)
        },
    },
    Setting {
        key: "look_seconds",
        variable: "TAPCARD_PKCS11_LOOK_SECONDS",
        from_file: |config, value| in_file(value).map(|time| config.bounds.look = time),
        from_environment: |config, value| seconds(value).map(|time| config.bounds.look = time),
    },
    Setting {
        key: "grace_seconds",
        variable: "TAPCARD_PKCS11_GRACE_SECONDS",
        from_file: |config, value| in_file(value).map(|time| config.bounds.grace = time),
        from_environment: |config, value| seconds(value).map(|time| config.bounds.grace = time),
    },
    Setting {
        key: "pin_pad_seconds",
        variable: "TAPCARD_PKCS11_PIN_PAD_SECONDS",
        from_file: |config, value| {
            let DeValue::Integer(number) = value else {
                return Err(PIN_PAD_SECONDS);
            };
            config.bounds.pin_pad = pin_pad_seconds(number.as_str())?;
            Ok(())
        },
        from_environment: |config, value| {
            let number = value.to_str().ok_or(PIN_PAD_SECONDS)?;
            config.bounds.pin_pad = pin_pad_seconds(number)?;
            Ok(())
        },
    },
    Setting {
        key: "one_tap",
        variable: "TAPCARD_PKCS11_ONE_TAP",
        from_file: |config, value| {
            config.one_tap = value.as_bool().ok_or(YES_OR_NO)?;
            Ok(())
        },
        from_environment: |config, value| {
            config.one_tap = value
                .to_str()
                .and_then(|text| text.parse().ok())
                .ok_or(YES_OR_NO)?;
            Ok(())
        },
    },
    Setting {
        key: "tap_seconds",
        variable: "TAPCARD_PKCS11_TAP_SECONDS",
        from_file: |config, value| in_file(value).map(|time| config.tap = time),
        from_environment: |config, value| seconds(value).map(|time| config.tap = time),
    },
];

/// What is said of another value.
const YES_OR_NO: &str = "must be true or false";

/// What is said of another value.
const SECONDS: &str = "must be a number of seconds from 1 to 3600";

/// What is said of another value.
const PIN_PAD_SECONDS: &str = "must be a number of seconds from 1 to 255, or 0";

/// A number of seconds that a reader can be told.
fn pin_pad_seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds: u8 = text.parse().map_err(|_| PIN_PAD_SECONDS)?;
    Ok(Duration::from_secs(seconds.into()))
}

/// A number of seconds in a file.
fn in_file(value: &DeValue<'_>) -> Result<Duration, &'static str> {
    let DeValue::Integer(number) = value else {
        return Err(SECONDS);
    };
    seconds(OsStr::new(number.as_str()))
}

/// A number of seconds.
fn seconds(text: &OsStr) -> Result<Duration, &'static str> {
    let number = text.to_str().and_then(|text| text.parse().ok());
    number
        .filter(|number| (1..=3600).contains(number))
        .map(Duration::from_secs)
        .ok_or(SECONDS)
}

impl Config {
    /// Reads the configuration: the user's file over the system's, the environment over both. The second value
    /// is what was wrong.
    #[must_use]
    pub fn load(sources: &Sources<'_>) -> (Self, Vec<String>) {
        let mut config = Self::default();
        let mut warnings = Vec::new();
        config.read_file(sources.system, &mut warnings);
        let Some(environment) = sources.environment else {
            return (config, warnings);
        };
        if let Some(file) = UserFolder::Configuration.of(environment, USER_FILE) {
            config.read_file(&file, &mut warnings);
        }
        for setting in &SETTINGS {
            let value = environment(setting.variable).filter(|value| !value.is_empty());
            let Some(value) = value else { continue };
            if let Err(expected) = (setting.from_environment)(&mut config, &value) {
                warnings.push(format!(
                    "configuration: {} {expected}; it is ignored",
                    setting.variable
                ));
            }
        }
        (config, warnings)
    }

    /// Takes over what a file sets. A file that is not there is not a problem.
    fn read_file(&mut self, path: &Path, warnings: &mut Vec<String>) {
        let problems = match read(path) {
            Ok(Some(text)) => self.read_text(&text),
            Ok(None) => Vec::new(),
            Err(problem) => vec![problem],
        };
        warnings.extend(
            problems
                .iter()
                .map(|problem| format!("configuration: {}: {problem}", path.display())),
        );
    }

    /// Takes over what a file's text sets.
    fn read_text(&mut self, text: &str) -> Vec<Problem> {
        let table = match DeTable::parse(text) {
            Ok(table) => table.into_inner(),
            Err(error) => {
                return vec![Problem::Syntax {
                    line: line(text, error.span().map_or(0, |span| span.start)),
                    message: error.message().to_owned(),
                }];
            }
        };
        let mut problems = Vec::new();
        for (key, value) in &table {
            let line = line(text, key.span().start);
            let name: &str = key.get_ref();
            let Some(setting) = SETTINGS.iter().find(|setting| setting.key == name) else {
                problems.push(Problem::UnknownKey {
                    line,
                    key: name.escape_debug().to_string(),
                });
                continue;
            };
            if let Err(expected) = (setting.from_file)(self, value.get_ref()) {
                problems.push(Problem::Value {
                    line,
                    key: setting.key,
                    expected,
                });
            }
        }
        problems
    }
}

/// The text of a file, if there is one. What is not a plain file, or is not under the control of this user or the
/// administrator, is not read: a program that runs as root may have the HOME of somebody else.
fn read(path: &Path) -> Result<Option<String>, Problem> {
    let file = match platform::open_settings(path) {
        Err(error) if is_absence(&error) => return Ok(None),
        other => other?,
    };
    check(&file)?;
    let mut text = String::new();
    let length = file.take(LENGTH_MAX + 1).read_to_string(&mut text)?;
    if u64::try_from(length).unwrap_or(u64::MAX) > LENGTH_MAX {
        return Err(Problem::TooLong);
    }
    Ok(Some(text))
}

fn check(file: &File) -> Result<(), Problem> {
    if !file.metadata()?.is_file() {
        return Err(Problem::NotAFile);
    }
    if platform::is_of_user_or_administrator(file)? {
        Ok(())
    } else {
        Err(Problem::NotOurs)
    }
}

/// The number of the line at this position, from 1.
fn line(text: &str, position: usize) -> usize {
    let before = text.bytes().take(position);
    before.filter(|byte| *byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use tempfile::TempDir;

    use super::*;

    /// A machine with these two files, and the environment of a user on it.
    struct Machine {
        folder: TempDir,
        variables: Vec<(&'static str, OsString)>,
    }

    impl Machine {
        fn new(system: &str, user: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let home = folder.path().join("home");
            fs::create_dir_all(home.join(".config/tapcard")).unwrap();
            write(&folder.path().join("system.toml"), system);
            write(&home.join(".config/tapcard/pkcs11.toml"), user);
            Self {
                folder,
                variables: vec![("HOME", home.into())],
            }
        }

        fn user_file(&self) -> PathBuf {
            self.folder.path().join("home/.config/tapcard/pkcs11.toml")
        }

        fn load(&self) -> (Option<PathBuf>, Vec<String>) {
            let (config, warnings) = self.load_whole();
            (config.log, warnings)
        }

        fn load_whole(&self) -> (Config, Vec<String>) {
            let environment = |name: &str| {
                let variable = self.variables.iter().find(|(known, _)| *known == name);
                variable.map(|(_, value)| value.clone())
            };
            self.load_from(Some(&environment))
        }

        fn load_from(&self, environment: Option<Environment<'_>>) -> (Config, Vec<String>) {
            Config::load(&Sources {
                system: &self.folder.path().join("system.toml"),
                environment,
            })
        }
    }

    fn write(path: &Path, text: &str) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
    }

    fn log(path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(path))
    }

    const SYSTEM: &str = "log = '/system'\n";
    const USER: &str = "log = '/user'\n";

    #[test]
    fn the_users_file_is_over_the_systems_and_the_environment_over_both() {
        assert_eq!(Machine::new("", "").load(), (None, vec![]));
        assert_eq!(Machine::new(SYSTEM, "").load(), (log("/system"), vec![]));
        let mut machine = Machine::new(SYSTEM, USER);
        assert_eq!(machine.load(), (log("/user"), vec![]));
        machine.variables.push(("TAPCARD_PKCS11_LOG", "".into()));
        assert_eq!(machine.load(), (log("/user"), vec![]));
        machine.variables.pop();
        machine.variables.push(("TAPCARD_PKCS11_LOG", "log".into()));
        assert_eq!(machine.load(), (log("log"), vec![]));
    }

    #[test]
    fn the_folder_for_configuration_may_be_another_one() {
        let mut machine = Machine::new("", USER);
        let other = machine.folder.path().join("other");
        fs::create_dir_all(other.join("tapcard")).unwrap();
        write(&other.join("tapcard/pkcs11.toml"), "log = '/other'");
        machine.variables.push(("XDG_CONFIG_HOME", other.into()));
        assert_eq!(machine.load(), (log("/other"), vec![]));
        machine.variables.pop();
        machine.variables.push(("XDG_CONFIG_HOME", "other".into()));
        assert_eq!(machine.load(), (log("/user"), vec![]));
    }

    #[test]
    fn a_program_with_more_rights_than_its_caller_reads_the_systems_file_alone() {
        let machine = Machine::new(SYSTEM, USER);
        let (config, warnings) = machine.load_from(None);
        assert_eq!((config.log, warnings), (log("/system"), vec![]));
    }

    #[test]
    fn what_is_wrong_is_a_warning_and_costs_no_more_than_itself() {
        for (text, log_file, warning) in [
            (
                "\nlogg = '/typo'\nlog = '/user'",
                "/user",
                "line 2: `logg` is not an option of this module",
            ),
            (
                "log = 3",
                "/system",
                "line 1: `log` must be an absolute path in quotation marks; it is ignored",
            ),
            (
                "log = 'relative'",
                "/system",
                "line 1: `log` must be an absolute path in quotation marks; it is ignored",
            ),
            (
                "log = '/user'\nlog = '/twice'",
                "/system",
                "line 2: duplicate key; the whole file is ignored",
            ),
            ("log = /user", "/system", "the whole file is ignored"),
            (
                "log = '/user'\nany_pin = ['0011']",
                "/user",
                "line 2: `any_pin` must be a list of serial numbers, 16 digits each in quotation marks, in square brackets; it is ignored",
            ),
        ] {
            let (found, warnings) = Machine::new(SYSTEM, text).load();
            assert_eq!(found, log(log_file), "{text}");
            assert_eq!(warnings.len(), 1, "{warnings:?}");
            assert!(warnings[0].ends_with(warning), "{warnings:?}");
            assert!(warnings[0].contains("pkcs11.toml"), "{warnings:?}");
        }
    }

    #[test]
    fn cards_with_other_pins_are_named_in_a_file_or_in_the_environment() {
        let (one, other) = ("00112233445566aa", "00112233445566BB");
        let of = |serials: &[&str]| FreePins::of_serials(serials.iter().copied()).unwrap();
        let load = |file: &str, variable: Option<&str>| {
            let mut machine = Machine::new("", file);
            if let Some(value) = variable {
                machine
                    .variables
                    .push(("TAPCARD_PKCS11_ANY_PIN", value.into()));
            }
            machine.load_whole()
        };
        let (config, warnings) = load(&format!("any_pin = ['{one}', '{other}']"), None);
        assert_eq!((config.free_pins, warnings), (of(&[one, other]), vec![]));
        let (config, _) = load("", Some(&format!("{other}, {one}")));
        assert_eq!(config.free_pins, of(&[other, one]));
        let (config, warnings) = load(&format!("any_pin = ['{one}']"), Some("all"));
        assert_eq!(config.free_pins, of(&[one]));
        assert!(warnings[0].starts_with("configuration: TAPCARD_PKCS11_ANY_PIN must be"));
    }

    /// With this file of the user's, and this variable where it is set.
    fn load_with(file: &str, name: &'static str, variable: Option<&str>) -> (Config, Vec<String>) {
        let mut machine = Machine::new("", file);
        machine
            .variables
            .extend(variable.map(|value| (name, value.into())));
        machine.load_whole()
    }

    #[test]
    fn a_phone_that_is_away_is_shown_where_the_user_says_so() {
        let load = |file: &str, variable: Option<&str>| {
            let (config, warnings) = load_with(file, "TAPCARD_PKCS11_ONE_TAP", variable);
            ((config.one_tap, config.tap.as_secs()), warnings.len())
        };
        assert_eq!(load("", None), ((false, 30), 0));
        let file = "one_tap = true\ntap_seconds = 5";
        assert_eq!(load(file, None), ((true, 5), 0));
        assert_eq!(load(file, Some("false")), ((false, 5), 0));
        assert_eq!(load(file, Some("yes")), ((true, 5), 1));
        assert_eq!(load("one_tap = 1\ntap_seconds = 0", None), ((false, 30), 2));
    }

    #[test]
    fn the_grace_time_is_the_users() {
        let load = |file: &str, variable: Option<&str>| {
            let (config, warnings) = load_with(file, "TAPCARD_PKCS11_GRACE_SECONDS", variable);
            (config.bounds.grace.as_secs(), warnings.len())
        };
        assert_eq!(load("", None), (3, 0));
        assert_eq!(load("grace_seconds = 600", None), (600, 0));
        assert_eq!(load("grace_seconds = 600", Some("10")), (10, 0));
        assert_eq!(load("grace_seconds = 0", Some("-1")), (3, 2));
    }

    #[test]
    fn a_pin_pad_waits_as_long_as_a_reader_can_be_told_or_is_not_used() {
        let load = |file: &str, variable: Option<&str>| {
            let (config, warnings) = load_with(file, "TAPCARD_PKCS11_PIN_PAD_SECONDS", variable);
            (config.bounds.pin_pad.as_secs(), warnings.len())
        };
        assert_eq!(load("", None), (30, 0));
        assert_eq!(load("pin_pad_seconds = 255", None), (255, 0));
        assert_eq!(load("pin_pad_seconds = 0", None), (0, 0));
        assert_eq!(load("pin_pad_seconds = 60", Some("0")), (0, 0));
        assert_eq!(load("pin_pad_seconds = 256", Some("-1")), (30, 2));
        assert_eq!(load("pin_pad_seconds = '60'", None), (30, 1));
    }

    #[test]
    fn what_is_not_a_plain_file_of_this_user_is_not_read() {
        let check = |prepare: &dyn Fn(&Path), warning: &str| {
            let machine = Machine::new(SYSTEM, USER);
            prepare(&machine.user_file());
            let (found, warnings) = machine.load();
            assert_eq!(found, log("/system"), "{warning}");
            assert!(
                matches!(warnings.as_slice(), [only] if only.contains(warning)),
                "{warnings:?}"
            );
        };
        check(
            &|file| fs::set_permissions(file, Permissions::from_mode(0o666)).unwrap(),
            "others may write to it",
        );
        check(
            &|file| {
                fs::remove_file(file).unwrap();
                fs::create_dir(file).unwrap();
            },
            "is not a file",
        );
        // Whoever opens a pipe to read it waits for someone who writes.
        check(
            &|file| {
                fs::remove_file(file).unwrap();
                let mode = rustix::fs::Mode::from_raw_mode(0o600);
                rustix::fs::mkfifoat(rustix::fs::CWD, file, mode).unwrap();
            },
            "is not a file",
        );
        check(
            &|file| write(file, &"# a long comment\n".repeat(4096)),
            "is longer than 65536 bytes",
        );
        check(
            &|file| fs::write(file, [0xFF, 0xFE]).unwrap(),
            "cannot be read",
        );
    }
}
