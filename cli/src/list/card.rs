//! What a PIV card tells of itself and of its keys. Pure over a [`Transmit`].

use card_edge::Transmit;
use card_edge::piv::chuid::Chuid;
use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::history::KeyHistory;
use card_edge::piv::{AsymmetricKey, ObjectId, pkcs11};
use time::OffsetDateTime;

use super::report::{CardListing, KeyListing, ReaderListing, ReaderState};
use crate::doctor::finding::Finding;
use crate::doctor::link::{CardDisposition, LinkError, answer_fault};
use crate::doctor::piv::certificate;
use crate::doctor::piv::{CertificateReport, ObjectState};

/// Reads the card behind `link` into `listing`. A link that breaks leaves what was read before, and a finding.
pub fn read<T>(link: T, now: OffsetDateTime, listing: &mut ReaderListing) -> CardDisposition
where
    T: Transmit<Error = LinkError>,
{
    let mut client = Client::new(link);
    if let Err(error) = read_from(&mut client, now, listing) {
        if listing.card.is_none() {
            listing.state = ReaderState::Inaccessible;
        }
        listing.findings.push(error.into());
    }
    CardDisposition::Leave
}

fn read_from<T>(
    client: &mut Client<T>,
    now: OffsetDateTime,
    listing: &mut ReaderListing,
) -> Result<(), LinkError>
where
    T: Transmit<Error = LinkError>,
{
    match client.select() {
        // What SELECT answers beside its status is not needed here.
        Ok(_) | Err(ClientError::Malformed(..)) => {}
        Err(ClientError::NoPivApplication(_)) => {
            listing.state = ReaderState::NotPiv;
            return Ok(());
        }
        Err(error) => {
            listing.state = ReaderState::Inaccessible;
            let words = answer_fault(error)?;
            listing.findings.push(Finding::AnswerMalformed(words));
            return Ok(());
        }
    }
    listing.state = ReaderState::Piv;
    let chuid = chuid(client)?;
    let (mut keys, mut first, mut holder) = (Vec::new(), None, None);
    for key in keys_to_read(client)? {
        let read = certificate::examine(client, key, now)?;
        if key == AsymmetricKey::PivAuthentication {
            first = read.der;
            holder = read
                .certificate
                .as_ref()
                .and_then(|certificate| certificate.common_name.clone());
        }
        match read.object.state {
            ObjectState::Protected => listing.findings.push(Finding::CertificatesProtected),
            // What else there is to say of a certificate, the doctor says.
            ObjectState::Unreadable => listing.findings.extend(read.findings),
            ObjectState::Present | ObjectState::Absent => {}
        }
        keys.extend(read.certificate.map(|report| describe(key, report)));
    }
    listing.findings.dedup();
    let number = chuid.as_ref().and_then(Chuid::card_number);
    let identity = pkcs11::identity(number, first.as_deref());
    listing.card = Some(CardListing {
        label: pkcs11::token_label(holder.as_deref().filter(|name| !name.is_empty()), &identity),
        serial_number: pkcs11::serial_number(&identity),
        guid: chuid.map(|chuid| chuid.guid.simple().to_string()),
        keys,
    });
    Ok(())
}

/// The CHUID; one that is malformed counts as none.
fn chuid<T>(client: &mut Client<T>) -> Result<Option<Chuid>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    match client.chuid() {
        Ok(chuid) => Ok(chuid),
        Err(error) => answer_fault(error).map(|_| None),
    }
}

/// The four main keys, and as many retired ones as the Key History Object counts on the card.
fn keys_to_read<T>(client: &mut Client<T>) -> Result<Vec<AsymmetricKey>, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let content = match client.get_data(ObjectId::KeyHistory) {
        Ok(content) => content,
        Err(error) => answer_fault(error).map(|_| None)?,
    };
    let retired = content
        .and_then(|content| KeyHistory::decode(&content).ok())
        .map_or(0, |history| history.on_card);
    Ok(AsymmetricKey::usable()
        .take(AsymmetricKey::MAIN.len() + usize::from(retired))
        .collect())
}

fn describe(key: AsymmetricKey, report: CertificateReport) -> KeyListing {
    KeyListing {
        slot: report.slot,
        id: format!("{:02X}", pkcs11::id(key)),
        label: pkcs11::label(key),
        algorithm: report.key,
        subject: report.subject,
        common_name: report.common_name,
        issuer: report.issuer,
        issuer_common_name: report.issuer_common_name,
        not_after: report.not_after,
        days_left: report.days_left,
        validity: report.validity,
    }
}
