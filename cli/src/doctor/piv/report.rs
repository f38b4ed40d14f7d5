//! What the doctor found in a PIV application, as data.

use card_edge::piv::property_template::PropertyTemplate;
use card_edge::piv::{Algorithm, Cipher, ObjectId};
use serde::Serialize;

/// What is known of a PIV application.
#[derive(Debug, Default, Serialize)]
pub struct PivReport {
    /// Its name, where it gives one.
    pub label: Option<String>,
    /// The address of its specification, where it gives one.
    pub url: Option<String>,
    /// The algorithms that it says it knows; empty where it does not say.
    pub algorithms: Vec<String>,
    /// The identity in its CHUID.
    pub identity: Option<Identity>,
    /// The PINs that it has, and its PUK where it tells of it.
    pub pins: Vec<PinReport>,
    /// What is known of the card management key.
    pub management_key: ManagementKey,
    /// What it holds.
    pub objects: Vec<ObjectReport>,
    /// Its Key History Object.
    pub key_history: Option<KeyHistoryReport>,
    /// Its certificates, one for each slot that has one.
    pub certificates: Vec<CertificateReport>,
}

impl PivReport {
    /// What the answer to SELECT tells.
    #[must_use]
    pub fn new(template: &PropertyTemplate) -> Self {
        let text = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).into_owned();
        Self {
            label: template.label.as_ref().map(text),
            url: template.url.as_ref().map(text),
            algorithms: template.algorithms.iter().map(algorithm_name).collect(),
            ..Self::default()
        }
    }
}

fn algorithm_name(identifier: &u8) -> String {
    match (Algorithm::try_from(*identifier), identifier) {
        (Ok(algorithm), _) => algorithm.to_string(),
        (Err(_), 0x27) => "secure messaging CS2".to_owned(),
        (Err(_), 0x2E) => "secure messaging CS7".to_owned(),
        (Err(_), other) => format!("{other:02X}"),
    }
}

/// Whether an object is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectState {
    /// It is, and could be read.
    Present,
    /// It is not, or is empty.
    Absent,
    /// The card wants a PIN or key first.
    Protected,
    /// It is, but is not what it should be.
    Unreadable,
}

/// One object of the PIV data model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectReport {
    /// Its name in SP 800-73.
    pub name: String,
    /// Its tag in hexadecimal.
    pub tag: String,
    /// Whether it is there.
    pub state: ObjectState,
    /// Bytes of its content.
    pub bytes: usize,
}

impl ObjectReport {
    /// A report of this object.
    #[must_use]
    pub fn new(object: ObjectId, state: ObjectState, bytes: usize) -> Self {
        Self {
            name: object.name(),
            tag: object.tag().to_string(),
            state,
            bytes,
        }
    }
}

/// Who the card is, by its CHUID.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Its GUID, 32 hexadecimal digits.
    pub guid: String,
    /// The day on which the card expires, YYYY-MM-DD, where the CHUID has a valid date.
    pub expires: Option<String>,
    /// Whether an issuer signed the CHUID.
    pub signed: bool,
}

/// How many retired keys there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyHistoryReport {
    /// Keys whose certificates are on the card.
    pub on_card: u8,
    /// Keys whose certificates are elsewhere.
    pub off_card: u8,
    /// Where those are.
    pub url: Option<String>,
}

/// What the card says of a PIN or PUK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PinState {
    /// The number of tries that are left, at least one.
    TriesLeft(u8),
    /// Another program verified it, and the card still counts that.
    Verified,
    /// No tries are left.
    Blocked,
    /// The card does not say.
    Unknown,
}

/// One PIN of the card, or its PUK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PinReport {
    /// `PIV`, `global` or `PUK`.
    pub reference: &'static str,
    /// Its state.
    pub state: PinState,
    /// Tries left, where the card says.
    pub tries_left: Option<u8>,
    /// Whether it is the one of a new card, where the card says.
    pub is_default: Option<bool>,
}

/// What is known of the card management key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ManagementKey {
    /// The card left before it was asked for.
    #[default]
    NotAsked,
    /// The card does not let us find out.
    Unknown,
    /// The default, as AES-192.
    DefaultAes192,
    /// The default, as 3DES.
    DefaultTripleDes,
    /// Another one.
    Changed,
}

impl ManagementKey {
    /// The algorithm under which the default key was accepted, if it was.
    #[must_use]
    pub fn default_algorithm(self) -> Option<Cipher> {
        match self {
            Self::DefaultAes192 => Some(Cipher::Aes192),
            Self::DefaultTripleDes => Some(Cipher::TripleDes),
            Self::NotAsked | Self::Unknown | Self::Changed => None,
        }
    }
}

/// Whether a certificate is valid now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Validity {
    /// It is.
    Valid,
    /// It is, for less than 30 days.
    ExpiresSoon,
    /// It was.
    Expired,
    /// It will be.
    NotYetValid,
}

/// A certificate on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CertificateReport {
    /// The slot's key reference in hexadecimal: `9A`.
    pub slot: String,
    /// The slot's name.
    pub slot_name: &'static str,
    /// Whose it is, as a distinguished name (RFC 4514).
    pub subject: String,
    /// The common name in it, if there is one.
    pub common_name: Option<String>,
    /// Who issued it, as a distinguished name.
    pub issuer: String,
    /// The common name of the issuer, if there is one.
    pub issuer_common_name: Option<String>,
    /// Its serial number in hexadecimal.
    pub serial: String,
    /// The key: `RSA-2048`, `P-256`, or an object identifier.
    pub key: String,
    /// User principal names: by these Windows knows the holder.
    pub logon_names: Vec<String>,
    /// Mail addresses.
    pub mail: Vec<String>,
    /// The first moment of its validity, RFC 3339.
    pub not_before: String,
    /// The last moment of its validity, RFC 3339.
    pub not_after: String,
    /// Whole days until it expires; negative where it has.
    pub days_left: i64,
    /// Whether it is valid now.
    pub validity: Validity,
    /// Bytes of its DER form.
    pub bytes: usize,
}
