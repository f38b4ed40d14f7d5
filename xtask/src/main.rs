//! Developer commands. Small dependencies only: this builds before any system library is there.
#![forbid(unsafe_code)]

mod axe;
mod bench;
mod crash;
mod cross;
mod cryptoki_suite;
mod debian;
mod debian_13;
mod demo;
mod deny;
mod dist;
mod error;
mod fuzz;
mod hadolint;
mod installed_crate;
mod interrupt;
mod million;
mod model;
mod one_tap;
mod opensc;
mod pip;
mod plugin;
mod python_pkcs11;
mod round_trips;
mod sanitize;
mod schemathesis;
mod screenshots;
mod sizes;
mod story;
mod suite;
mod targets;
mod toolchain;
mod windows;
mod workspace;
mod ykman;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Developer commands of Tapcard.
#[derive(Debug, Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    after_help = "Start here:\n  \
        cargo xtask demo     see a phone become a smart card, log in, and be revoked\n  \
        cargo xtask test     everything that must hold before a change goes in\n\n\
        Both install the Debian packages that they need (as root, or with sudo) and keep\n\
        to a folder and to ports of their own: your keys, your PC/SC daemon and your\n\
        browser stay as they are."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the whole path: enroll a phone, list it, log in over ssh, fetch a page, revoke it
    ///
    /// Starts a private PC/SC daemon with a virtual reader, the enrollment server on SQLite and a virtual phone,
    /// and walks the phone through its life. Then portal and phone stay, with their addresses printed, until Ctrl-C.
    Demo {
        /// End after the story, with status 0 only if every step did what it should
        #[arg(long)]
        once: bool,
    },
    /// Check formatting, dependencies and lints, run all tests with real programs, and fuzz each target for ten seconds
    ///
    /// `windows` builds the module and the command for Windows and tries them under Wine, which this does not.
    Test {
        #[command(subcommand)]
        what: Option<Test>,
    },
    /// Fuzz the parsers of everything that comes from outside
    Fuzz {
        /// The target to run; all of them without it
        target: Option<String>,
        /// How long each target runs
        #[arg(long, value_name = "N", default_value_t = 60)]
        seconds: u32,
    },
    /// Run the tests of the PKCS#11 module with AddressSanitizer and LeakSanitizer
    ///
    /// A build of its own in target/sanitize (minutes the first time); the tests take a few times as long as without.
    Sanitize,
    /// Kill the server again and again while phones enroll, and look for anything that it has answered for and lost
    ///
    /// Each round invites two people, lets their phones enroll while an administrator revokes others, kills the server
    /// (SIGKILL) at another moment, starts it on what was left, brings what was cut to its end by the same invitations,
    /// and checks phones, certificates, revocations, the CRL's number and the audit trail. About three seconds a round.
    Crash {
        /// How often on each database
        #[arg(long, value_name = "N", default_value_t = 100)]
        kills: usize,
        /// On this database alone
        #[arg(long)]
        database: Option<crash::Database>,
    },
    /// Send a card random sequences of commands, and compare each answer with a model of PIV or of GIDS
    ///
    /// Selections, PINs, the management key, uses of keys, files, reads, writes, resets, chains, cuts of the link and changes
    /// from elsewhere. What differs is made as short as it can be and printed. `cargo xtask test` does it for 20,000 steps.
    Model {
        /// How many steps
        #[arg(long, value_name = "N", default_value_t = 1_000_000)]
        steps: usize,
    },
    /// Compare this checkout with another revision: rate of OCSP answers, pages of the portal, sizes of programs
    ///
    /// Makes a release build of both (minutes the first time; that of the revision is kept in target/bench), starts a
    /// server of each with the same people and phones, and asks them in turns. Prints ratios; nothing fails by the clock.
    ///
    /// `round-trips` counts instead what this module and its peers send to the same card, `one-tap` times logins.
    #[command(args_conflicts_with_subcommands = true)]
    Bench {
        #[command(subcommand)]
        what: Option<Bench>,
        /// The revision to compare with: a branch, a tag or a commit
        #[arg(long, value_name = "REVISION", default_value = "main")]
        against: String,
    },
    /// Time every page and search of the portal and the API with a million certificates, on SQLite and PostgreSQL
    ///
    /// Fills a database of each kind by SQL (minutes), and prints what each address takes, what the first pages are on the wire, and
    /// when they can be used in Chromium and in Firefox. Ends with status 1 if a page takes more than 100 ms or 60 kB, or can be used
    /// only after 200 ms. The server is built as this command is: `cargo run --release --package xtask -- million` for the release.
    Million,
    /// Take pictures of every page of the portal, at 390, 1280 and 1920 pixels, in light and dark
    ///
    /// Chromium is led through the story that the tests tell, with axe-core, and each page that it comes to is kept whole, in
    /// both languages (minutes). Look at them before a change of the pages goes in.
    Screenshots {
        /// The folder that the pictures go to [default: target/screenshots]
        #[arg(long, value_name = "FOLDER")]
        to: Option<std::path::PathBuf>,
        /// In this language alone
        #[arg(long, value_parser = ["en", "de"])]
        language: Option<String>,
        /// Take the README's four pictures instead, into docs/
        #[arg(long, conflicts_with_all = ["to", "language"])]
        readme: bool,
    },
    /// Make packages for Linux into target/dist, of a release build (minutes)
    Dist(dist::Options),
}

#[derive(Debug, Subcommand)]
enum Test {
    /// Build module, command and installer for Windows, and try them under Wine with a real reader daemon and a phone
    ///
    /// Fetches Rust's standard library as source, mingw, and a Debian 13 with Wine in a tree beside the build (as root; minutes
    /// the first time). Then doctor, list, logins, signatures that openssl checks, decryption, a wrong PIN, a phone that goes and
    /// comes, a reader daemon that is killed, and the installer. The MSVC target, macOS and Android are checked by the compiler.
    Windows(windows::Options),
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// Count commands and bytes of this module, OpenSC and ykcs11 on one card, and write docs/round-trips.md and its picture
    ///
    /// Ends with status 1 where a peer needs fewer commands than this module. A few minutes.
    RoundTrips,
    /// Time ssh logins with one tap, from the moment that PC/SC reports the card, with an RSA and a P-256 key
    ///
    /// The phone is away until the module waits for it, and comes over an NFC link of 106 kbit/s with 20 ms for each command.
    OneTap,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Demo { once } => demo::run(once),
        Command::Test { what: None } => suite::run(),
        Command::Test {
            what: Some(Test::Windows(options)),
        } => windows::run(&options),
        Command::Crash { kills, database } => crash::run(database, kills),
        Command::Bench {
            what: Some(Bench::RoundTrips),
            ..
        } => round_trips::run(),
        Command::Bench {
            what: Some(Bench::OneTap),
            ..
        } => one_tap::run(),
        Command::Bench {
            what: None,
            against,
        } => bench::run(&against),
        Command::Million => million::run(),
        Command::Screenshots {
            to,
            language,
            readme,
        } => screenshots::run(to, language.as_deref(), readme),
        Command::Dist(options) => dist::run(&options),
        Command::Sanitize => sanitize::run(),
        Command::Model { steps } => model::run(steps),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Error::Interrupted) => {
            eprintln!("\nInterrupted; everything that was started has been ended.");
            ExitCode::from(130)
        }
        Err(error) => {
            eprintln!("\n{error}");
            ExitCode::FAILURE
        }
    }
}
