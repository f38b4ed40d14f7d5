//! What a certificate says, in words.

use data_encoding::HEXUPPER;

use enroll_server_service::query::{
    Certificate, Decoded as Read, NameKind, Operation, Purpose, SignedWith,
};

use crate::portal::view::fingerprint;
use crate::serial;
use crate::words::{Text, Words};

/// A name that the certificate gives its holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameOfHolder {
    /// The name.
    pub text: String,
    /// What kind of name it is.
    pub kind: Text,
}

/// A fact for experts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detail {
    /// What it is.
    pub label: Text,
    /// Its value.
    pub text: String,
    /// Whether it is to be read digit by digit.
    pub code: bool,
}

/// An extension as it stands in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawExtension {
    /// Its name, or its number where it has none.
    pub label: String,
    /// Whether it must be understood.
    pub critical: bool,
    /// Its DER in hexadecimal.
    pub text: String,
}

/// What a certificate says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decoded {
    /// What the key may be used for.
    pub uses: Vec<Text>,
    /// Names in the subjectAltName.
    pub names: Vec<NameOfHolder>,
    /// Everything else that a person may ask for.
    pub details: Vec<Detail>,
    /// All extensions.
    pub extensions: Vec<RawExtension>,
}

impl Decoded {
    /// What the certificate of a row says.
    pub fn new(words: Words, row: &Certificate, read: &Read) -> Self {
        let names = read.names.iter().map(|name| NameOfHolder {
            text: name.text.clone(),
            kind: name_kind(words, name.kind),
        });
        let extensions = read.extensions.iter().map(|extension| RawExtension {
            label: extension.label.clone(),
            critical: extension.critical,
            text: HEXUPPER.encode(&extension.value),
        });
        Self {
            uses: uses(words, read),
            names: names.collect(),
            details: details(words, row, read),
            extensions: extensions.collect(),
        }
    }
}

fn uses(words: Words, read: &Read) -> Vec<Text> {
    let purposes = read.purposes.iter().map(|one| purpose(words, *one));
    let operations = read
        .operations
        .iter()
        .map(|one| operation(words, *one))
        .reduce(|first, second| words.list(&first, &second));
    purposes
        .chain(operations.map(|operations| words.key_operations(&operations)))
        .collect()
}

fn purpose(words: Words, purpose: Purpose) -> Text {
    match purpose {
        Purpose::Client => words.use_client(),
        Purpose::Server => words.use_server(),
        Purpose::Mail => words.use_mail(),
        Purpose::WindowsLogon => words.use_windows(),
        Purpose::Kerberos => words.use_kerberos(),
        Purpose::Documents => words.use_documents(),
        Purpose::CardAuthentication => words.use_doors(),
        Purpose::Other(other) => words.use_unknown(other.to_string()),
    }
}

fn operation(words: Words, operation: Operation) -> Text {
    match operation {
        Operation::Sign => words.key_signatures(),
        Operation::Commit => words.key_commitments(),
        Operation::UnwrapKeys => words.key_unwrapping(),
        Operation::AgreeOnKeys => words.key_agreement(),
    }
}

fn name_kind(words: Words, kind: NameKind) -> Text {
    match kind {
        NameKind::Common => words.name_common(),
        NameKind::Mail => words.name_email(),
        NameKind::Host => words.name_host(),
        NameKind::Card => words.name_card(),
        NameKind::Address => words.name_address(),
        NameKind::Upn => words.name_upn(),
        NameKind::Other => words.name_other(),
    }
}

fn details(words: Words, row: &Certificate, read: &Read) -> Vec<Detail> {
    let mut details = vec![
        plain(words.detail_subject(), read.subject.clone()),
        plain(words.detail_issuer(), read.issuer.clone()),
        plain(words.detail_key(), row.algorithm.to_string()),
        plain(
            words.detail_signature(),
            signed_with(words, read.signed_with),
        ),
        code(words.detail_serial(), serial::decimal(&row.serial)),
    ];
    let identifiers = [
        (words.detail_key_identifier(), &read.key_identifier),
        (
            words.detail_issuer_key_identifier(),
            &read.issuer_key_identifier,
        ),
    ];
    for (label, identifier) in identifiers {
        let identifier = identifier.as_deref().map(fingerprint);
        details.extend(identifier.map(|text| code(label, text)));
    }
    let lists = [
        (words.detail_policy(), &read.policies),
        (words.detail_revocation_list(), &read.revocation_lists),
        (words.detail_ocsp(), &read.ocsp),
        (words.detail_issuer_certificate(), &read.issuer_certificates),
    ];
    for (label, texts) in lists {
        details.extend(texts.iter().map(|text| code(label.clone(), text.clone())));
    }
    details
}

const fn plain(label: Text, text: String) -> Detail {
    Detail {
        label,
        text,
        code: false,
    }
}

const fn code(label: Text, text: String) -> Detail {
    Detail {
        label,
        text,
        code: true,
    }
}

fn signed_with(words: Words, signed_with: SignedWith) -> String {
    match signed_with {
        SignedWith::Known(known) => words.signature_with(known.scheme, known.hash).into_owned(),
        SignedWith::Other(other) => other.to_string(),
    }
}
