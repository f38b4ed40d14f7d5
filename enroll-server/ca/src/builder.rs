//! From the facts about a subject to a signed certificate, in two steps: [`prepare`] builds what will be signed and
//! lints it under a throw-away key's signature; [`Prepared::sign`] uses that up and signs the very same bytes.

use std::sync::Arc;

use const_oid::db::rfc4519;
use der::{Decode, Encode};
use rcgen::{
    CertificateParams, CrlDistributionPoint, DistinguishedName, DnType, DnValue, KeyUsagePurpose,
};
use x509_cert::Certificate;
use x509_cert::ext::pkix::KeyUsages;
use x509_cert::ext::pkix::name::GeneralName;

use enroll_server_model::random::sha256_hex;
use enroll_server_model::{Timestamp, Validity};

use crate::addresses::{IssuerAddresses, Shard};
use crate::authorities::authority::Authority;
use crate::error::{LintError, Result};
use crate::extension;
use crate::facts::Facts;
use crate::lint::{self, Expected};
use crate::profile::definition::{AlternativeName, Definition, Profile, Revocation, SubjectRule};
use crate::public_key::PublicKey;
use crate::serial_number::SerialNumber;
use crate::signer::rcgen_key::RcgenKey;
use crate::signer::sign::Signer;
use crate::validity::BACKDATE;

/// A certificate that is ready to be signed, by the authority that it was prepared for. Signing uses it up; the copies are
/// for a transaction that is done once more.
#[derive(Clone, Debug)]
pub struct Prepared {
    parameters: CertificateParams,
    issuer: Arc<Authority>,
    profile: Arc<Profile>,
    key: PublicKey,
    recorded: Certificate,
    recorded_der: Vec<u8>,
    serial: SerialNumber,
    subject: String,
    not_before: Timestamp,
    not_after: Timestamp,
}

/// A signed certificate.
#[derive(Clone, Debug)]
pub struct Signed {
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256 of that, lower-case hexadecimal.
    pub fingerprint: String,
    /// From when until when it is valid.
    pub validity: Validity,
}

/// Builds a certificate for a key and lints it; nothing is signed by the authority yet. Blocks for a signature.
///
/// # Errors
/// [`CaError::Lint`](crate::error::CaError::Lint) if the result would break a rule.
pub fn prepare(
    issuer: &Arc<Authority>,
    profile: &Arc<Profile>,
    facts: &Facts,
    key: &PublicKey,
    now: Timestamp,
) -> Result<Prepared> {
    let definition = &profile.definition;
    if !definition.algorithms.contains(&key.algorithm()) {
        return Err(LintError::Algorithm(key.algorithm()).into());
    }
    let not_before = now.minus(BACKDATE).whole_seconds();
    let not_after = end(issuer, profile, now);
    let serial = SerialNumber::generate()?;

    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(serial.to_rcgen());
    parameters.not_before = not_before.date_time();
    parameters.not_after = not_after.date_time();
    parameters.distinguished_name = subject(definition.subject, facts)?;
    describe(&mut parameters, definition, facts, key, issuer.addresses())?;

    let recorded_der = sign(issuer, &issuer.throw_away_signer()?, &parameters, key)?;
    let recorded = Certificate::from_der(&recorded_der)?;
    let expected = Expected {
        profile: definition,
        facts,
        serial,
        not_before,
        not_after,
        key,
        issuer: issuer.certificate(),
        addresses: issuer.addresses(),
    };
    lint::check(&recorded, &recorded_der, expected)?;
    Ok(Prepared {
        parameters,
        issuer: issuer.clone(),
        profile: profile.clone(),
        key: key.clone(),
        subject: recorded.tbs_certificate().subject().to_string(),
        recorded,
        recorded_der,
        serial,
        not_before,
        not_after,
    })
}

/// Until when a certificate of a profile would be valid that an authority issues now: no longer than the authority's.
#[must_use]
pub fn end(issuer: &Authority, profile: &Profile, now: Timestamp) -> Timestamp {
    now.plus(profile.definition.lifetime())
        .whole_seconds()
        .min(issuer.certificate().not_after)
}

impl Prepared {
    /// What will be signed, under a throw-away key's signature, DER: what is put on record first.
    #[must_use]
    pub fn recorded(&self) -> &[u8] {
        &self.recorded_der
    }

    /// The key that will be certified.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Who will sign.
    #[must_use]
    pub fn issuer(&self) -> &Arc<Authority> {
        &self.issuer
    }

    /// The profile.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The serial number.
    #[must_use]
    pub fn serial(&self) -> SerialNumber {
        self.serial
    }

    /// The subject as RFC 4514 writes it.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// From when it will be valid.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Until when it will be valid.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Signs, and checks that what was signed is what was recorded, byte for byte. Blocks.
    ///
    /// # Errors
    /// If the signature fails or is not over what was recorded.
    pub fn sign(self) -> Result<Signed> {
        let der = sign(
            &self.issuer,
            &self.issuer.signer()?,
            &self.parameters,
            &self.key,
        )?;
        let signed = Certificate::from_der(&der)?;
        let message = signed.tbs_certificate().to_der()?;
        if message != self.recorded.tbs_certificate().to_der()? {
            return Err(LintError::NotAsRecorded.into());
        }
        let issuer_key = &self.issuer.certificate().key;
        issuer_key
            .verify(&message, signed.signature().raw_bytes())
            .map_err(|_| LintError::SignatureInvalid)?;
        Ok(Signed {
            fingerprint: sha256_hex(&der),
            validity: Validity {
                not_before: self.not_before,
                not_after: self.not_after,
            },
            der,
        })
    }
}

fn sign(
    issuer: &Authority,
    signer: &Signer,
    parameters: &CertificateParams,
    key: &PublicKey,
) -> Result<Vec<u8>> {
    let signer = RcgenKey::new(signer);
    let signed = parameters
        .signed_by(key, &issuer.certificate().issuer(&signer)?)
        .map_err(|error| signer.explain(error))?;
    Ok(signed.der().to_vec())
}

/// The extensions of a profile.
fn describe(
    parameters: &mut CertificateParams,
    profile: &Definition,
    facts: &Facts,
    key: &PublicKey,
    addresses: &IssuerAddresses,
) -> Result<()> {
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = profile
        .key_usage
        .iter()
        .map(|key_use| key_usage_purpose(key_use.key_usage(key.algorithm())))
        .collect();
    let extensions = &mut parameters.custom_extensions;
    extensions.push(extension::subject_key_identifier(&key.key_identifier())?);
    extensions.push(extension::extended_key_usage(
        &profile.extended_key_usage,
        profile.extended_key_usage_critical,
    )?);
    if !profile.alternative_names.is_empty() {
        let names: der::Result<Vec<_>> = profile
            .alternative_names
            .iter()
            .map(|name| alternative_name(*name, facts))
            .collect();
        extensions.push(extension::subject_alt_name(names?)?);
    }
    match profile.revocation {
        Revocation::Published => {
            extensions.push(extension::authority_info_access(
                &addresses.certificate(),
                Some(&addresses.ocsp()),
            )?);
            parameters.crl_distribution_points = vec![CrlDistributionPoint {
                uris: vec![addresses.crl(Shard::SOLE)],
            }];
        }
        Revocation::NoCheck => extensions.push(extension::ocsp_no_check()?),
    }
    Ok(())
}

/// A bit of keyUsage as `rcgen` has it.
fn key_usage_purpose(usage: KeyUsages) -> KeyUsagePurpose {
    match usage {
        KeyUsages::DigitalSignature => KeyUsagePurpose::DigitalSignature,
        KeyUsages::NonRepudiation => KeyUsagePurpose::ContentCommitment,
        KeyUsages::KeyEncipherment => KeyUsagePurpose::KeyEncipherment,
        KeyUsages::DataEncipherment => KeyUsagePurpose::DataEncipherment,
        KeyUsages::KeyAgreement => KeyUsagePurpose::KeyAgreement,
        KeyUsages::KeyCertSign => KeyUsagePurpose::KeyCertSign,
        KeyUsages::CRLSign => KeyUsagePurpose::CrlSign,
        KeyUsages::EncipherOnly => KeyUsagePurpose::EncipherOnly,
        KeyUsages::DecipherOnly => KeyUsagePurpose::DecipherOnly,
    }
}

fn subject(rule: SubjectRule, facts: &Facts) -> Result<DistinguishedName> {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, facts.organisation.as_str());
    match rule {
        SubjectRule::Person => name.push(DnType::CommonName, facts.name.as_str()),
        SubjectRule::Host => name.push(DnType::CommonName, facts.host.as_str()),
        SubjectRule::OcspResponder => name.push(DnType::CommonName, "OCSP responder"),
        SubjectRule::Card => name.push(
            DnType::CustomDnType(rfc4519::SERIAL_NUMBER.arcs().map(u64::from).collect()),
            DnValue::PrintableString(format!("{:X}", facts.guid).try_into()?),
        ),
    }
    Ok(name)
}

fn alternative_name(name: AlternativeName, facts: &Facts) -> der::Result<GeneralName> {
    match name {
        AlternativeName::Upn => extension::upn(&facts.upn),
        AlternativeName::Mail => extension::mail(&facts.email),
        AlternativeName::Host => extension::host(&facts.host),
        AlternativeName::CardUuid => extension::uri(&facts.guid.urn()),
    }
}
