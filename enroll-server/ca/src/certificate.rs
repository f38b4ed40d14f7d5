//! From the facts about a subject to a signed certificate, in two steps: [`prepare`] builds what will be signed and
//! lints it under a throw-away key's signature; [`Prepared::sign`] uses that up and signs the very same bytes.

use data_encoding::HEXLOWER;
use der::{Decode, Encode};
use rcgen::{
    CertificateParams, CrlDistributionPoint, DistinguishedName, DnType, DnValue, Issuer,
    KeyIdMethod, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber,
};
use x509_cert::Certificate;

use enroll_server_model::random::{self, sha256_hex};
use enroll_server_model::{Guid, Timestamp};

use super::authority::Authority;
use super::profile::{AltName, Profile, Revocable, SubjectRule};
use super::public_key::PublicKey;
use super::{CaError, Result, csr, extension, lint};

/// How far back a certificate's validity begins, for clocks that are behind.
pub const BACKDATE: std::time::Duration = std::time::Duration::from_secs(5 * 60);

/// Attribute type serialNumber (X.520).
const SERIAL_NUMBER_ATTRIBUTE: &[u64] = &[2, 5, 4, 5];

/// What is known of the subject: the holder's record, the card, the server. A profile takes of it what it needs.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The organisation.
    pub organisation: String,
    /// The holder's name.
    pub name: String,
    /// The holder's mail address.
    pub email: String,
    /// The holder's user principal name.
    pub upn: String,
    /// The card's GUID.
    pub guid: Guid,
    /// The server's host name or address.
    pub host: String,
}

/// A certificate that is ready to be signed, once.
#[derive(Debug)]
pub struct Prepared {
    parameters: CertificateParams,
    key: PublicKey,
    recorded: Certificate,
    recorded_der: Vec<u8>,
    /// The serial number's octets, lower-case hexadecimal.
    pub serial: String,
    /// The subject as RFC 4514 writes it.
    pub subject: String,
    /// From when it will be valid.
    pub not_before: Timestamp,
    /// Until when it will be valid.
    pub not_after: Timestamp,
    /// Its profile.
    pub profile: &'static Profile,
}

/// A signed certificate.
#[derive(Clone, Debug)]
pub struct Signed {
    /// DER.
    pub der: Vec<u8>,
    /// SHA-256 of that, lower-case hexadecimal.
    pub fingerprint: String,
}

/// Builds a certificate for a key and lints it; nothing is signed by the authority yet.
///
/// # Errors
/// [`CaError::Lint`] if the result would break a rule.
pub fn prepare(
    authority: &Authority,
    profile: &'static Profile,
    facts: &Facts,
    key: &PublicKey,
    now: Timestamp,
) -> Result<Prepared> {
    let issuer = &authority.issuing;
    let not_before = now.minus(BACKDATE).whole_seconds();
    let not_after = now
        .plus(profile.lifetime)
        .whole_seconds()
        .min(issuer.not_after);
    let serial = serial_number()?;

    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.not_before = not_before.date_time();
    parameters.not_after = not_after.date_time();
    parameters.distinguished_name = subject(profile.subject, facts)?;
    parameters.key_usages = profile.purpose.key_usages(key.algorithm()).to_vec();
    parameters.use_authority_key_identifier_extension = true;
    parameters.custom_extensions = vec![
        extension::subject_key_identifier(&key.key_identifier())?,
        extension::extended_key_usage(
            profile.extended_key_usage,
            profile.extended_key_usage_critical,
        )?,
    ];
    if !profile.alt_names.is_empty() {
        let names: Result<Vec<_>, der::Error> = profile
            .alt_names
            .iter()
            .map(|name| alt_name(*name, facts))
            .collect();
        parameters
            .custom_extensions
            .push(extension::subject_alt_name(names?)?);
    }
    match profile.revocable {
        Revocable::Yes => {
            parameters.crl_distribution_points = vec![CrlDistributionPoint {
                uris: vec![authority.addresses.issuing_crl()],
            }];
            parameters
                .custom_extensions
                .push(extension::authority_info_access(
                    &authority.addresses.issuing_certificate(),
                    Some(&authority.addresses.ocsp()),
                )?);
        }
        Revocable::NoCheck => parameters
            .custom_extensions
            .push(extension::ocsp_no_check()?),
    }

    let recorded_der = sign_with_throw_away_key(authority, &parameters, key)?;
    let recorded = Certificate::from_der(&recorded_der)?;
    lint::check(&recorded, &recorded_der, profile, key, issuer)?;
    Ok(Prepared {
        parameters,
        key: key.clone(),
        subject: recorded.tbs_certificate().subject().to_string(),
        recorded,
        recorded_der,
        serial: HEXLOWER.encode(&serial),
        not_before,
        not_after,
        profile,
    })
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

    /// Signs, and checks that what was signed is what was recorded, byte for byte.
    ///
    /// # Errors
    /// If the signature fails or is not over what was recorded.
    pub fn sign(self, authority: &Authority) -> Result<Signed> {
        let issuer = authority.issuing.issuer(&authority.issuing_key)?;
        let der = self
            .parameters
            .signed_by(&self.key, &issuer)?
            .der()
            .to_vec();
        let signed = Certificate::from_der(&der)?;
        let message = signed.tbs_certificate().to_der()?;
        if message != self.recorded.tbs_certificate().to_der()? {
            return Err(CaError::Lint(lint::LintError::NotAsRecorded));
        }
        csr::verify_with(
            &authority.issuing.key,
            &message,
            signed.signature().raw_bytes(),
        )
        .map_err(|_| CaError::Lint(lint::LintError::SignatureInvalid))?;
        Ok(Signed {
            fingerprint: sha256_hex(&der),
            der,
        })
    }
}

/// Sixteen random octets whose first bit is 0 and whose first octet is not: positive, and of one length.
fn serial_number() -> Result<[u8; 16]> {
    let mut serial = random::bytes::<16>()?;
    let [first, ..] = &mut serial;
    *first = *first & 0x7F | 0x40;
    Ok(serial)
}

fn sign_with_throw_away_key(
    authority: &Authority,
    parameters: &CertificateParams,
    key: &PublicKey,
) -> Result<Vec<u8>> {
    let throw_away = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    if throw_away.algorithm() != authority.issuing_key.algorithm() {
        return Err(CaError::Mismatch(
            "the issuing authority's key has to be a P-256 key".to_owned(),
        ));
    }
    let issuer: Issuer<'_, _> = authority.issuing.issuer(throw_away)?;
    Ok(parameters.signed_by(key, &issuer)?.der().to_vec())
}

fn subject(rule: SubjectRule, facts: &Facts) -> Result<DistinguishedName> {
    let mut name = DistinguishedName::new();
    name.push(DnType::OrganizationName, facts.organisation.as_str());
    match rule {
        SubjectRule::Person => name.push(DnType::CommonName, facts.name.as_str()),
        SubjectRule::Host => name.push(DnType::CommonName, facts.host.as_str()),
        SubjectRule::OcspResponder => name.push(DnType::CommonName, "OCSP responder"),
        SubjectRule::Card => name.push(
            DnType::CustomDnType(SERIAL_NUMBER_ATTRIBUTE.to_vec()),
            DnValue::PrintableString(format!("{:X}", facts.guid).try_into()?),
        ),
    }
    Ok(name)
}

fn alt_name(name: AltName, facts: &Facts) -> der::Result<x509_cert::ext::pkix::name::GeneralName> {
    match name {
        AltName::Upn => extension::upn(&facts.upn),
        AltName::Mail => extension::mail(&facts.email),
        AltName::Host => extension::host(&facts.host),
        AltName::CardUuid => extension::uri(&facts.guid.urn()),
    }
}

/// The parameters of a certificate authority's own certificate that its kind decides.
pub(super) fn authority_parameters(
    name: DistinguishedName,
    key: &impl PublicKeyData,
    not_before: Timestamp,
    not_after: Timestamp,
) -> Result<CertificateParams> {
    let mut parameters = CertificateParams::default();
    parameters.serial_number = Some(SerialNumber::from_slice(&serial_number()?));
    parameters.not_before = not_before.date_time();
    parameters.not_after = not_after.date_time();
    parameters.distinguished_name = name;
    parameters.key_usages = vec![
        rcgen::KeyUsagePurpose::KeyCertSign,
        rcgen::KeyUsagePurpose::CrlSign,
    ];
    parameters.key_identifier_method =
        KeyIdMethod::PreSpecified(super::public_key::key_identifier(key.der_bytes()));
    Ok(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_is_positive_and_has_sixteen_octets() {
        for _ in 0..100 {
            let serial = serial_number().unwrap();
            assert!((0x40..0x80).contains(&serial[0]));
        }
    }
}
