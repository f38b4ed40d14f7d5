//! The command line of `tapcard-phone`.

use std::path::PathBuf;

use card_edge::piv::AsymmetricKey;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use tapcard_phone::key_store::{Consent as Policy, KeyPlace};
use tapcard_phone::link::nfc_model::NfcModel;
use tapcard_phone::state::{ContactlessPolicy, PinEntry as PinPlace};

/// A phone that is a PIV smart card, without the phone.
#[derive(Debug, Parser)]
#[command(
    name = "tapcard-phone",
    version,
    about = "A phone that is a PIV smart card, without the phone: it puts its card into a virtual reader.",
    after_help = "\
The card lives in a folder (--state). Begin with `run`, which makes a new card there and puts it
into the reader; `enroll` gives it certificates while it runs:

  tapcard-phone run --state ~/.local/share/tapcard/phone
  tapcard-phone enroll --state ~/.local/share/tapcard/phone

A new card has PIN 123456, PUK 12345678 and the management key that PIV tools know; enrollment
replaces all three. Log output goes to the standard error; TAPCARD_LOG=debug makes it say more.

Exit status: 0 when all went well, 1 for a failure, 2 for a wrong command line."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Put the card into a virtual reader and keep it there until a signal ends this program
    Run(Run),
    /// Turn an invitation into keys and certificates on the card
    Enroll(Enroll),
    /// Check in with the server that enrolled the card: renew certificates that end soon, and do what it says
    CheckIn(CheckIn),
    /// Give the card a new PIN with a code of the organisation's, where the present PIN is forgotten or blocked
    Unblock(Unblock),
    /// Give the card a second PIN, the global PIN of PIV, or take it away
    GlobalPin(GlobalPin),
    /// Choose what each use of a key by a host needs: the PIN alone, your answer on the phone too, or no use at all
    Consent(Consent),
    /// Show what waits for your answer, and answer it
    Requests(Requests),
    /// Show every use of a key by a host
    Log(Log),
    /// Choose what hosts may do with the card over NFC
    Contactless(Contactless),
    /// Choose where the PIN can be typed that a host asks for: at the host alone, or at the phone too
    PinEntry(PinEntry),
    /// Choose whether the card is a PIV card, as it is at first, or a GIDS card
    CardEdge(CardEdge),
    /// Show what is on the card, and what is left to do
    Status(Status),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// Where the card is.
#[derive(Debug, Args)]
pub struct State {
    /// The folder that holds the card: its keys, certificates and PIN counters, readable by you alone
    #[arg(long = "state", env = "TAPCARD_PHONE_STATE", value_name = "DIR")]
    pub folder: PathBuf,
}

/// `run`.
#[derive(Debug, Args)]
#[command(after_help = "\
The virtual reader is vpcd (Debian: vsmartcard-vpcd), a driver of the PC/SC daemon. When the daemon
is not there or is restarted, the phone looks for it until it is back.

With --nfc the phone behaves as over NFC: each exchange takes as long as it would over the air, and
the last try of PIN and PUK cannot be used up, so that a stranger with a reader cannot block them.

Where a key asks for your answer (`tapcard-phone consent`), each use of it is shown and asked here if
this is a terminal, and anywhere else by `tapcard-phone requests`.")]
pub struct Run {
    #[command(flatten)]
    pub state: State,
    /// Where vpcd's reader listens
    #[arg(
        long,
        env = "TAPCARD_PHONE_VPCD",
        value_name = "HOST:PORT",
        default_value = "127.0.0.1:35963",
        value_parser = host_and_port
    )]
    pub vpcd: String,
    /// Model NFC: bit rate on the air in kbit/s (106k) and latency of each command in ms (20ms); alone it is 106k,20ms.
    /// Without it the card is at contacts
    #[arg(long, env = "TAPCARD_PHONE_NFC", value_name = "RATE,LATENCY", num_args = 0..=1, default_missing_value = "106k,20ms")]
    pub nfc: Option<NfcModel>,
    /// How many seconds a request waits for your answer, where a key asks for it
    #[arg(
        long,
        env = "TAPCARD_PHONE_CONSENT_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(1..=600)
    )]
    pub consent_timeout: u64,
    /// Check in with the server every SECONDS, in place of when it wants it; 0: never. A card that was not enrolled
    /// checks in nowhere
    #[arg(
        long,
        env = "TAPCARD_PHONE_CHECK_IN_EVERY",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(..=604_800)
    )]
    pub check_in_every: Option<u64>,
}

/// `consent`.
#[derive(Debug, Args)]
#[command(after_help = "\
The policy is the slot's, whichever key is in it:

  pin               the slot's PIN rule decides alone; so it is unless you say otherwise
  confirm-on-phone  after the PIN rule, each use waits for your answer on the phone
  never             no host can use the key

  tapcard-phone consent --state DIR                       shows them all
  tapcard-phone consent --state DIR 9C                    shows this one
  tapcard-phone consent --state DIR 9C confirm-on-phone   sets it

A host can ask for confirm-on-phone when it makes a key (a touch policy, as `ykman` names it); only
this command takes it back. `run` may go on meanwhile; what a host has proved before ends.")]
pub struct Consent {
    #[command(flatten)]
    pub state: State,
    /// The slot: 9A, 9C, 9D, 9E or 82 to 95, or of a GIDS card the file of a key, as B081
    #[arg(value_parser = place)]
    pub slot: Option<KeyPlace>,
    /// What a use of its key by a host needs; without it, what is in force is shown
    #[arg(value_parser = PossibleValuesParser::new(Policy::ALL.map(Policy::name)).try_map(|name| name.parse::<Policy>()))]
    pub policy: Option<Policy>,
}

/// `requests`.
#[derive(Debug, Args)]
#[command(after_help = "\
A use of a key whose policy is confirm-on-phone waits for your answer while `run` has the card in a
reader, and so does a host that has you type the PIN here (`tapcard-phone pin-entry`). `run` asks at
its own terminal; this command asks from anywhere else, and shows what waits where there is no
terminal to ask at:

  tapcard-phone requests --state DIR
  tapcard-phone requests --state DIR --approve 3f2a9c01

What the host says of itself is what it says: nothing proves it. Programs can use the socket
consent.sock in the card's folder; docs/phone.md describes it.")]
pub struct Requests {
    #[command(flatten)]
    pub state: State,
    /// Wait for a request where none is there yet
    #[arg(long, conflicts_with_all = ["approve", "refuse"])]
    pub wait: bool,
    /// Allow the request of this name. Where it is for the PIN, that is asked for, or taken from TAPCARD_PRESENT_PIN or from
    /// the file that TAPCARD_PRESENT_PIN_FILE names
    #[arg(long, value_name = "ID", conflicts_with = "refuse")]
    pub approve: Option<String>,
    /// Refuse the request of this name
    #[arg(long, value_name = "ID")]
    pub refuse: Option<String>,
    /// As JSON, for programs; asks nothing
    #[arg(long, conflicts_with_all = ["approve", "refuse"])]
    pub json: bool,
}

/// `log`.
#[derive(Debug, Args)]
#[command(after_help = "\
Every use of a key by a host, with what became of it, by the phone's clock (UTC). What a host said
of itself is what it said: nothing proves it. The latest two thousand uses or so are kept.")]
pub struct Log {
    #[command(flatten)]
    pub state: State,
    /// As JSON, for programs
    #[arg(long)]
    pub json: bool,
}

/// `enroll`.
#[derive(Debug, Args)]
#[command(after_help = "\
The invitation is the whole link that your administrator gave you, with what follows the #; the QR
code holds the same. It is asked for, or read from the standard input or a file:

  tapcard-phone enroll --state DIR
  tapcard-phone enroll --state DIR < invitation.txt
  zbarimg --quiet --raw code.png | tapcard-phone enroll --state DIR

Whoever has the link can use it, once: on the command line other users of this machine can read it.
The phone makes its keys itself, asks the server for certificates, and gives the card a new PIN, PUK
and management key. `run` may go on meanwhile.

The PIN is asked for, or taken from TAPCARD_PIN or from the file that TAPCARD_PIN_FILE names; digits
that are all the same or in a row are refused. Where keys that the card keeps, or its global PIN, depend on the
present PIN, that one is asked for too (TAPCARD_PRESENT_PIN, TAPCARD_PRESENT_PIN_FILE); whoever has
lost it enrolls the card without them (--forget-keys). The new PUK, which unblocks the PIN, is shown once:
write it down.

If it is interrupted, run it again with the same invitation: it takes up where it was.")]
pub struct Enroll {
    #[command(flatten)]
    pub state: State,
    /// The link, https://HOST:PORT/invitation/TOKEN#sha256=FINGERPRINT, or - for the standard input;
    /// better not given here
    #[arg(value_name = "INVITATION-URL", conflicts_with = "invitation_file")]
    pub invitation: Option<String>,
    /// A file that holds the link, or - for the standard input
    #[arg(long, env = "TAPCARD_INVITATION_FILE", value_name = "FILE")]
    pub invitation_file: Option<PathBuf>,
    /// Do without the present PIN: keys and a global PIN that the card would keep with it are given up
    #[arg(long)]
    pub forget_keys: bool,
}

/// `check-in`.
#[derive(Debug, Args)]
#[command(after_help = "\
An enrolled phone checks in with the server by itself while `run` has the card in a reader; this
command does it once, at once. Nobody is asked for anything, and no PIN is needed:

  tapcard-phone check-in --state DIR

The phone says which version it is, where its keys are, when one was last used, and which certificates
it has. The server says which of them end soon: the phone makes new keys, or keeps them if the server
says so, and puts the new certificates on the card. An earlier decryption key moves with its
certificate to the next of the card's 20 places for retired keys, so that old mail stays readable; when
those are full the key stays, and its certificate alone is new.

A phone that was revoked is told to empty its card: all keys and certificates are deleted, and the
server learns of it. What was encrypted for them can never be read again.

If it is interrupted, run it again. `run` may go on meanwhile; what a host has proved before ends where
something changed on the card.")]
pub struct CheckIn {
    #[command(flatten)]
    pub state: State,
}

/// `unblock`.
#[derive(Debug, Args)]
#[command(after_help = "\
If you have forgotten the PIN, or have blocked it, ask the organisation that enrolled the phone. Somebody
there makes sure that it is you, allows a new PIN, and tells you a code of eight digits, which is good for
an hour:

  tapcard-phone unblock --state DIR

The code is asked for, and then the new PIN, which nobody but you learns: the server sends the phone the
half of a key that it keeps for this, and the phone has the other. Keys and certificates stay as they are,
and so does the PUK. Whoever has the PUK needs none of this: programs for PIV cards unblock the PIN with it.

The code is taken from TAPCARD_UNBLOCKING_CODE or the file that TAPCARD_UNBLOCKING_CODE_FILE names, and the
PIN from TAPCARD_PIN or the file that TAPCARD_PIN_FILE names, where they are set. `run` may go on meanwhile;
what a host has proved before ends.")]
pub struct Unblock {
    #[command(flatten)]
    pub state: State,
}

/// `global-pin`.
#[derive(Debug, Args)]
#[command(after_help = "\
A PIV card may have a global PIN (key reference 00), which its applications share: wherever the card
asks for the PIN, either will do. This card has one only if you give it one here; it has five tries,
and hosts learn of it from the Discovery Object. The PUK does not unblock it; this command does.

The PIN is asked for, or taken from TAPCARD_GLOBAL_PIN or the file that TAPCARD_GLOBAL_PIN_FILE names,
and so is the card's present PIN (not its global one) before it: TAPCARD_PRESENT_PIN or
TAPCARD_PRESENT_PIN_FILE. That of a new card is known, and taking the global PIN away needs none. `run` may go on meanwhile; what a host has proved before ends.")]
pub struct GlobalPin {
    #[command(flatten)]
    pub state: State,
    /// Take it away
    #[arg(long)]
    pub remove: bool,
}

/// `contactless`.
#[derive(Debug, Args)]
#[command(after_help = "\
contact-like             over NFC the card behaves as over contact: every host can work with it.
                         A new card is like that
strict                   the rules of the PIV standard: over NFC anybody reads the card's number
                         and the certificate for doors, and uses the key for doors. Everything
                         else, the PIN among it, goes through an encrypted channel, from hosts
                         that know the pairing code. Few programs can do that: OpenSC, where it
                         was built with PIV secure messaging
strict-without-pairing   the same, without the pairing code

The pairing code is eight digits; `status` and this command without a policy show it. `run` may go on meanwhile; what a host has
proved before ends.")]
pub struct Contactless {
    #[command(flatten)]
    pub state: State,
    /// contact-like, strict or strict-without-pairing; without it, what is in force is shown
    #[arg(value_name = "POLICY")]
    pub policy: Option<ContactlessPolicy>,
}

/// `pin-entry`.
#[derive(Debug, Args)]
#[command(after_help = "\
host    hosts ask for the PIN themselves and send it. A new card is like that
phone   a host that knows how has the phone ask for the PIN, and never learns it: this project's own
        module for ssh, browsers and others. Other programs ask for it and send it as before

`run` asks for the PIN at its own terminal, `tapcard-phone requests` at any other, and both tell what
the host says of itself, which nothing proves. Nobody who asks unexpectedly should get it: whoever
has it typed can use the keys until the card is taken away.

A GIDS card does not ask at the phone. `run` may go on meanwhile; what a host has proved before ends.")]
pub struct PinEntry {
    #[command(flatten)]
    pub state: State,
    /// host or phone; without it, what is in force is shown
    #[arg(value_name = "PLACE")]
    pub place: Option<PinPlace>,
}

/// `card-edge`.
#[derive(Debug, Args)]
#[command(after_help = "\
A card is a PIV card or a GIDS card, never both: Windows would take it for the one in one place and
for the other in another. GIDS is what Windows itself can write to: it makes keys and stores
certificates with the PIN alone.

As a GIDS card it has its PIN and tries as before, and a container for each RSA key that it has as a
PIV card, with its certificate: a phone that is enrolled stays enrolled. Those keys are used over
GIDS, and not replaced or deleted. Run it again after keys have changed. The key of whoever
administers the GIDS card is the management key of a new card, and nobody's of an enrolled one.

Whoever administers a GIDS card can set a new PIN without the old one, so its keys are not encrypted under
the PIN, as those of a PIV card are: where the card has such keys the present PIN is asked for
(TAPCARD_PRESENT_PIN, TAPCARD_PRESENT_PIN_FILE), and they are decrypted. The next enrollment as a PIV
card without a global PIN encrypts them again.

GIDS knows no encrypted channel: with `contactless strict` a GIDS card does nothing over NFC.

With --blank the card has no files, and whoever comes first makes it a card (`gids-tool --initialize`).

What hosts have written to a GIDS card (Windows: roots, certificates) is lost with `piv` and with --blank, and so
both are refused where there is something: --forget-files lets it go. Keys that hosts have made are never lost
so: delete their containers first.

The card must not be in a reader meanwhile.")]
pub struct CardEdge {
    #[command(flatten)]
    pub state: State,
    /// What the card becomes
    pub card_edge: CardEdgeChoice,
    /// Leave it to a tool to make the GIDS card
    #[arg(long)]
    pub blank: bool,
    /// Let go what hosts have written to the GIDS card; works with `piv` and with --blank
    #[arg(long)]
    pub forget_files: bool,
}

/// What a card can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CardEdgeChoice {
    /// A PIV card (SP 800-73-5)
    Piv,
    /// A GIDS card (Generic Identity Device Specification)
    Gids,
}

/// `status`.
#[derive(Debug, Args)]
pub struct Status {
    #[command(flatten)]
    pub state: State,
    /// As JSON, for programs
    #[arg(long)]
    pub json: bool,
}

/// A place whose key hosts can use: F9 is the card's own.
fn place(text: &str) -> Result<KeyPlace, &'static str> {
    text.parse()
        .ok()
        .filter(|place| *place != KeyPlace::Slot(AsymmetricKey::Attestation))
        .ok_or("expected 9A, 9C, 9D, 9E or 82 to 95, or of a GIDS card the file of a key, as B081")
}

/// The name is looked up when the reader is: it may be unknown at the moment, and known later.
fn host_and_port(text: &str) -> Result<String, &'static str> {
    let (host, port) = text.rsplit_once(':').unwrap_or_default();
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err("expected a host and a port, as in 127.0.0.1:35963");
    }
    Ok(text.to_owned())
}
