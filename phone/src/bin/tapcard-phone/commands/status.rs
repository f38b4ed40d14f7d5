//! `tapcard-phone status`: what is on the card.

use std::io::{self, Write};

use card_edge::piv::{self, AsymmetricKey, ObjectId, PinPolicy, certificate, windows};
use data_encoding::HEXLOWER;
use der::Decode;
use plain_text::{Json, Plain};
use serde::Serialize;
use tapcard_phone::card::dead_keys;
use tapcard_phone::key_store::Consent;
use tapcard_phone::key_store::software::SoftwareKeyStore;
use tapcard_phone::state::reference_data::ReferenceData;
use tapcard_phone::state::{self, CardState, ContactlessPolicy, Origin, PinEntry, Snapshot, Stage};
use x509_cert::Certificate;

use super::{
    CommandError, key_encryption, nothing_over_nfc, number_of_keys, pairing_code, pin_entry,
};
use crate::args;

#[derive(Serialize)]
struct Status {
    guid: Option<String>,
    serial: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    gids: Option<GidsStatus>,
    pin: Tries,
    puk: Tries,
    #[serde(skip_serializing_if = "Option::is_none")]
    global_pin: Option<Tries>,
    management_key: ManagementKey,
    contactless: ContactlessPolicy,
    pin_entry: PinEntry,
    #[serde(skip)]
    pin_entry_not_now: &'static str,
    #[serde(skip)]
    nothing_over_nfc: Option<String>,
    /// The fingerprint of its key for secure messaging, once it has one.
    channel_key: Option<String>,
    /// Whether keys whose use needs the PIN are encrypted under it.
    encrypts_keys: bool,
    #[serde(skip)]
    key_encryption: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pairing_code: Option<String>,
    enrolled: Option<Enrolled>,
    enrollment_interrupted: bool,
    /// For whom they were, and until when their invitations can be used.
    #[serde(skip)]
    interrupted: Vec<(String, String)>,
    slots: Vec<SlotStatus>,
}

#[derive(Serialize)]
struct Tries {
    left: u8,
    of: u8,
    is_default: bool,
}

/// What a card has as a GIDS card.
#[derive(Serialize)]
struct GidsStatus {
    is_blank: bool,
    /// Whether its administrator's key, which resets the PIN, is that of every new card.
    administrator_key_is_default: bool,
    /// The references of its keys.
    keys: Vec<String>,
}

#[derive(Serialize)]
struct ManagementKey {
    algorithm: String,
    is_default: bool,
}

#[derive(Serialize)]
struct Enrolled {
    organisation: String,
    holder: String,
    server: String,
    phone: String,
}

#[derive(Serialize)]
struct SlotStatus {
    slot: String,
    name: &'static str,
    key: Option<String>,
    origin: Option<Origin>,
    /// Whether it is encrypted under the PIN: it cannot be tried then.
    encrypted: Option<bool>,
    works: Option<bool>,
    /// When its use needs the PIN: `never`, `once` or `always`.
    pin: &'static str,
    /// The same in words, where that is more often than the rule of its place.
    #[serde(skip)]
    stricter: Option<&'static str>,
    consent: Consent,
    certificate: Option<CertificateStatus>,
}

#[derive(Serialize)]
struct CertificateStatus {
    subject: String,
    issuer: String,
    serial: String,
    not_before: String,
    not_after: String,
    /// The name of the key's container in Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    windows_container: Option<String>,
}

/// Prints the status.
pub fn run(arguments: &args::Status) -> Result<(), CommandError> {
    let Snapshot { state, tries } = Snapshot::read(&arguments.state.folder)?;
    let dead = dead_keys(&state, &SoftwareKeyStore);
    let dead: Vec<_> = dead.into_iter().map(|(key, _)| key).collect();
    let status = Status::of(&state, tries, &dead);
    let mut out = io::stdout().lock();
    if arguments.json {
        let json = serde_json::to_string_pretty(&status)?;
        writeln!(out, "{}", Json(&json))?;
        return Ok(());
    }
    Ok(status.print(&mut out)?)
}

impl Status {
    fn of(state: &CardState, tries: state::Tries, dead: &[String]) -> Self {
        Self {
            guid: state.guid().map(|guid| guid.simple().to_string()),
            serial: state.serial,
            gids: state.gids.as_ref().map(|gids| GidsStatus {
                is_blank: gids.stage == Stage::Creation,
                administrator_key_is_default: gids
                    .administrator_key()
                    .is_some_and(piv::ManagementKey::is_default),
                keys: gids
                    .key_pairs()
                    .map(|(reference, _)| format!("{reference:02X}"))
                    .collect(),
            }),
            pin: Tries::of(&state.pin, tries.pin),
            puk: Tries::of(&state.puk, tries.puk),
            global_pin: state
                .global_pin
                .as_ref()
                .map(|data| Tries::of(data, tries.global_pin.unwrap_or_default())),
            management_key: ManagementKey {
                algorithm: state.management_key.cipher().to_string(),
                is_default: state.management_key.is_default(),
            },
            contactless: state.contactless,
            pin_entry: state.pin_entry,
            pin_entry_not_now: pin_entry::not_now(state),
            nothing_over_nfc: nothing_over_nfc(state),
            channel_key: state
                .secure_messaging
                .as_ref()
                .and_then(|kept| Some(kept.fingerprint()?.to_string())),
            encrypts_keys: state.sealing.is_some(),
            key_encryption: key_encryption(state),
            pairing_code: pairing_code(state)
                .filter(|_| state.contactless == ContactlessPolicy::Strict),
            enrolled: state.enrollment.as_ref().map(|enrollment| Enrolled {
                organisation: enrollment.organisation.clone(),
                holder: enrollment.holder.clone(),
                server: enrollment.server.clone(),
                phone: enrollment.phone.clone(),
            }),
            enrollment_interrupted: state.begun_enrollments().next().is_some(),
            interrupted: state
                .begun_enrollments()
                .map(|begun| (begun.holder.clone(), begun.expires.clone()))
                .collect(),
            slots: AsymmetricKey::all()
                .map(|key| (key, SlotStatus::of(state, key, dead)))
                .filter(|(key, slot)| AsymmetricKey::MAIN.contains(key) || slot.is_used())
                .map(|(_, slot)| slot)
                .collect(),
        }
    }

    fn print(&self, out: &mut impl Write) -> io::Result<()> {
        let guid = self
            .guid
            .as_deref()
            .unwrap_or("none: the CHUID is missing or damaged");
        writeln!(out, "Card        {guid}")?;
        match &self.gids {
            Some(gids) if gids.is_blank => writeln!(
                out,
                "Card edge   GIDS, blank: a tool (gids-tool --initialize) makes the card"
            )?,
            Some(gids) => {
                writeln!(
                    out,
                    "Card edge   GIDS, with {}",
                    number_of_keys(gids.keys.len())
                )?;
                if gids.administrator_key_is_default {
                    writeln!(
                        out,
                        "            its administrator's key is still that of every new card: whoever has the card can reset the PIN"
                    )?;
                }
            }
            None => {}
        }
        match &self.enrolled {
            Some(by) => writeln!(
                out,
                "Enrolled    by {} for {} ({})",
                Plain(&by.organisation),
                Plain(&by.holder),
                Plain(&by.server)
            )?,
            None => writeln!(
                out,
                "Enrolled    no: `tapcard-phone enroll` with an invitation does it"
            )?,
        }
        for (holder, expires) in &self.interrupted {
            writeln!(
                out,
                "            an enrollment for {} was not finished: the same invitation goes on with it until {}",
                Plain(holder),
                Plain(expires)
            )?;
        }
        self.pin.print(out, "PIN")?;
        if self.pin_entry == PinEntry::Phone {
            writeln!(
                out,
                "            typed at the phone, where a host knows how{}: `tapcard-phone run` or `requests` asks for it",
                self.pin_entry_not_now
            )?;
        }
        self.puk.print(out, "PUK")?;
        if let Some(global_pin) = &self.global_pin {
            global_pin.print(out, "Global PIN")?;
        }
        let default = default_note(self.management_key.is_default);
        writeln!(
            out,
            "Mgmt key    {}{default}",
            self.management_key.algorithm
        )?;
        let pairing = match &self.pairing_code {
            Some(code) => format!(", pairing code {code}"),
            None => String::new(),
        };
        writeln!(out, "Contactless {}{pairing}", self.contactless)?;
        if let Some(why) = &self.nothing_over_nfc {
            writeln!(out, "            over NFC {why}")?;
        }
        if let Some(key) = &self.channel_key {
            writeln!(out, "Channel key {key}")?;
        }
        writeln!(out, "Keys        {}", self.key_encryption)?;
        for slot in &self.slots {
            let key = slot.key.as_deref().unwrap_or("no key");
            let certificate = match &slot.certificate {
                Some(certificate) => {
                    format!(
                        "{} until {}",
                        Plain(&certificate.subject),
                        certificate.not_after
                    )
                }
                None => "no certificate".to_owned(),
            };
            let consent = slot.consent;
            let meaning = match consent {
                Consent::Pin => "",
                Consent::ConfirmOnPhone => ", each use waits for your answer",
                Consent::Never => ", no host can use the key",
            };
            let stricter = match &slot.stricter {
                Some(stricter) => format!("; {stricter}"),
                None => String::new(),
            };
            let dead = match slot.works {
                Some(false) => "; the key does not work",
                Some(true) | None => "",
            };
            writeln!(
                out,
                "{}          {:<19}  {key:<8}  {certificate}; consent: {consent}{meaning}{stricter}{dead}",
                slot.slot, slot.name
            )?;
        }
        Ok(())
    }
}

fn default_note(is_default: bool) -> &'static str {
    if is_default {
        ", the default of every new card"
    } else {
        ""
    }
}

impl Tries {
    fn of(data: &ReferenceData, left: u8) -> Self {
        Self {
            left,
            of: data.limit,
            is_default: data.is_default,
        }
    }

    fn print(&self, out: &mut impl Write, name: &str) -> io::Result<()> {
        let default = default_note(self.is_default);
        match self.left {
            0 if name == "PIN" => writeln!(
                out,
                "{name:<12}blocked{default}; the PUK unblocks it (yubico-piv-tool -a unblock-pin), or a code of your organisation's (tapcard-phone unblock)"
            ),
            0 => writeln!(out, "{name:<12}blocked{default}"),
            left => writeln!(out, "{name:<12}{left} of {} tries left{default}", self.of),
        }
    }
}

impl SlotStatus {
    fn of(state: &CardState, key: AsymmetricKey, dead: &[String]) -> Self {
        let record = state.keys.get(&key);
        let stricter = record.and_then(|record| record.pin_policy);
        let (pin, words) = match record.map_or(key.pin_policy(), |record| record.policy_in(key).pin)
        {
            PinPolicy::Never => ("never", "no use needs the PIN"),
            PinPolicy::Once => ("once", "a use needs the PIN"),
            PinPolicy::Always => ("always", "each use needs the PIN directly before"),
        };
        Self {
            pin,
            stricter: stricter.map(|_| words),
            slot: key.to_string(),
            name: key.name(),
            key: record.map(|record| record.algorithm.to_string()),
            origin: record.map(|record| record.origin),
            encrypted: record.map(|record| record.handle.is_sealed()),
            works: record
                .filter(|record| !record.handle.is_sealed())
                .map(|_| !dead.contains(&key.to_string())),
            consent: state.consent_of(key),
            certificate: CertificateStatus::of(state, key),
        }
    }
}

impl SlotStatus {
    /// Whether anything is in it: a retired key's place that is empty is not shown.
    fn is_used(&self) -> bool {
        self.key.is_some() || self.certificate.is_some() || self.consent != Consent::default()
    }
}

impl CertificateStatus {
    fn of(state: &CardState, key: AsymmetricKey) -> Option<Self> {
        let object = ObjectId::Certificate(key);
        let content = state.object(object)?;
        let der = certificate::decode(content).ok()?;
        let certificate = Certificate::from_der(&der).ok()?;
        let body = certificate.tbs_certificate();
        Some(Self {
            subject: body.subject().to_string(),
            issuer: body.issuer().to_string(),
            serial: HEXLOWER.encode(body.serial_number().as_bytes()),
            not_before: body.validity().not_before.to_string(),
            not_after: body.validity().not_after.to_string(),
            windows_container: state
                .guid()
                .and_then(|guid| windows::container_name(guid, object)),
        })
    }
}
