//! What a caller wants of a key pair that the card makes (PKCS#11 3.0, 5.18.2).

use card_edge::piv::{AsymmetricKey, Curve, KeyAlgorithm, KeyUse, PinPolicy};
use const_oid::ObjectIdentifier;
use cryptoki_sys::*;
use der::Encode;

use super::naming;
use super::template::TemplateAttribute;
use crate::error::{Error, Result};
use crate::public_key::{KeyType, curve25519, ec};

/// The only public exponent that PIV cards have (SP 800-78-5, table 6-1).
const EXPONENT: [u8; 3] = [0x01, 0x00, 0x01];

/// A key pair that a card can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyPairTemplate {
    /// The slot of the card.
    pub reference: AsymmetricKey,
    /// What kind of key.
    pub algorithm: KeyAlgorithm,
}

/// Which of the two templates.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Public,
    Private,
}

/// What the templates say together.
#[derive(Default)]
struct Wanted {
    reference: Option<AsymmetricKey>,
    is_on_token: bool,
    modulus_bits: Option<CK_ULONG>,
    curve: Option<Curve>,
    /// `CKA_SIGN` and so on, those that the private key is wanted for.
    uses: Vec<CK_ATTRIBUTE_TYPE>,
    always_authenticate: Option<bool>,
}

impl KeyPairTemplate {
    /// Reads the templates. Names and subjects are passed over, for the slot has its own; so are usages beside the one
    /// that the slot is for.
    ///
    /// # Errors
    /// [`Error::TemplateIncomplete`] where slot, length or curve is missing, [`Error::TemplateInconsistent`] where no key
    /// of a card can be meant, or not one of this slot, [`Error::KeySizeRange`], [`Error::Curve`],
    /// [`Error::AttributeValue`], [`Error::AttributeType`], [`Error::AttributeReadOnly`].
    pub fn read(
        key_type: KeyType,
        public: &[TemplateAttribute],
        private: &[TemplateAttribute],
    ) -> Result<Self> {
        let mut wanted = Wanted::default();
        for entry in public {
            wanted.take(key_type, Half::Public, entry)?;
        }
        for entry in private {
            wanted.take(key_type, Half::Private, entry)?;
        }
        // Without it a key of the session is meant, which must not replace one of the card.
        if !wanted.is_on_token {
            return Err(Error::TemplateInconsistent);
        }
        let reference = wanted.reference.ok_or(Error::TemplateIncomplete)?;
        let asks_each_time = reference.pin_policy() == PinPolicy::Always;
        if wanted
            .always_authenticate
            .is_some_and(|wanted| wanted != asks_each_time)
            || !wanted.is_for(reference, key_type)
        {
            return Err(Error::TemplateInconsistent);
        }
        let algorithm = match key_type {
            KeyType::Rsa => match wanted.modulus_bits.ok_or(Error::TemplateIncomplete)? {
                2048 => KeyAlgorithm::Rsa2048,
                3072 => KeyAlgorithm::Rsa3072,
                4096 => KeyAlgorithm::Rsa4096,
                _ => return Err(Error::KeySizeRange),
            },
            KeyType::Ec => wanted.curve.ok_or(Error::TemplateIncomplete)?.algorithm(),
            KeyType::Edwards => KeyAlgorithm::Ed25519,
            KeyType::Montgomery => KeyAlgorithm::X25519,
        };
        Ok(Self {
            reference,
            algorithm,
        })
    }
}

impl Wanted {
    fn take(&mut self, key_type: KeyType, half: Half, entry: &TemplateAttribute) -> Result<()> {
        let class = match half {
            Half::Public => CKO_PUBLIC_KEY,
            Half::Private => CKO_PRIVATE_KEY,
        };
        let must = |is_so: bool| is_so.then_some(()).ok_or(Error::TemplateInconsistent);
        match (entry.attribute, half) {
            (CKA_CLASS, _) => must(entry.number()? == class),
            (CKA_KEY_TYPE, _) => must(entry.number()? == key_type.number()),
            (CKA_TOKEN, Half::Public) => must(entry.flag()?),
            (CKA_TOKEN, Half::Private) => {
                self.is_on_token = entry.flag()?;
                Ok(())
            }
            (CKA_PRIVATE, _) => must(entry.flag()? == (half == Half::Private)),
            (CKA_SENSITIVE, Half::Private) => must(entry.flag()?),
            (CKA_EXTRACTABLE, Half::Private) => must(!entry.flag()?),
            (CKA_ALWAYS_AUTHENTICATE, Half::Private) => {
                self.always_authenticate = Some(entry.flag()?);
                Ok(())
            }
            (CKA_ID, _) => self.take_slot(&entry.value),
            (CKA_MODULUS_BITS, Half::Public) if key_type == KeyType::Rsa => {
                self.modulus_bits = Some(entry.number()?);
                Ok(())
            }
            (CKA_PUBLIC_EXPONENT, Half::Public) if key_type == KeyType::Rsa => {
                let zeros = entry.value.iter().take_while(|byte| **byte == 0).count();
                match entry.value.get(zeros..) {
                    Some(exponent) if exponent == EXPONENT => Ok(()),
                    _ => Err(Error::AttributeValue),
                }
            }
            (CKA_EC_PARAMS, _) if key_type == KeyType::Ec => {
                let is_it = |curve: &Curve| {
                    ec::oid(*curve)
                        .to_der()
                        .is_ok_and(|oid| oid == *entry.value)
                };
                let curve = Curve::ALL.into_iter().find(is_it);
                self.curve = Some(curve.ok_or(Error::Curve)?);
                Ok(())
            }
            (CKA_EC_PARAMS, _) if key_type == KeyType::Edwards => {
                is_curve(&entry.value, curve25519::EDWARDS)
            }
            (CKA_EC_PARAMS, _) if key_type == KeyType::Montgomery => {
                is_curve(&entry.value, curve25519::MONTGOMERY)
            }
            (
                CKA_SIGN | CKA_SIGN_RECOVER | CKA_DECRYPT | CKA_UNWRAP | CKA_DERIVE,
                Half::Private,
            ) => {
                if entry.flag()? {
                    self.uses.push(entry.attribute);
                }
                Ok(())
            }
            (
                CKA_VERIFY | CKA_VERIFY_RECOVER | CKA_ENCRYPT | CKA_WRAP | CKA_DERIVE | CKA_TRUSTED,
                Half::Public,
            )
            | (CKA_WRAP_WITH_TRUSTED, Half::Private)
            | (CKA_MODIFIABLE | CKA_COPYABLE | CKA_DESTROYABLE, _) => entry.flag().map(drop),
            (CKA_LABEL | CKA_SUBJECT | CKA_START_DATE | CKA_END_DATE, _) => Ok(()),
            (
                CKA_LOCAL
                | CKA_KEY_GEN_MECHANISM
                | CKA_ALWAYS_SENSITIVE
                | CKA_NEVER_EXTRACTABLE
                | CKA_MODULUS
                | CKA_EC_POINT
                | CKA_PUBLIC_KEY_INFO
                | CKA_UNIQUE_ID
                | CKA_VALUE,
                _,
            ) => Err(Error::AttributeReadOnly),
            _ => Err(Error::AttributeType),
        }
    }

    fn take_slot(&mut self, id: &[u8]) -> Result<()> {
        if id.is_empty() {
            return Ok(());
        }
        let reference = naming::key_with_id(id).ok_or(Error::AttributeValue)?;
        if self.reference.is_some_and(|known| known != reference) {
            return Err(Error::TemplateInconsistent);
        }
        self.reference = Some(reference);
        Ok(())
    }

    /// Whether a key of this slot can do any of what is wanted, or where nothing is, anything at all.
    fn is_for(&self, reference: AsymmetricKey, key_type: KeyType) -> bool {
        let does: &[CK_ATTRIBUTE_TYPE] = match (reference.key_use(), key_type) {
            (KeyUse::Sign, KeyType::Montgomery) | (KeyUse::DecryptOrAgree, KeyType::Edwards) => {
                return false;
            }
            (KeyUse::Sign, _) => &[CKA_SIGN],
            (KeyUse::DecryptOrAgree, KeyType::Rsa) => &[CKA_DECRYPT, CKA_UNWRAP],
            (KeyUse::DecryptOrAgree, KeyType::Ec | KeyType::Montgomery) => &[CKA_DERIVE],
        };
        self.uses.is_empty() || self.uses.iter().any(|wanted| does.contains(wanted))
    }
}

/// Whether a template names the only curve that it can name.
fn is_curve(parameters: &[u8], curve: ObjectIdentifier) -> Result<()> {
    curve25519::are_parameters_of(parameters, curve)
        .then_some(())
        .ok_or(Error::Curve)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(attribute: CK_ATTRIBUTE_TYPE, value: &[u8]) -> TemplateAttribute {
        TemplateAttribute {
            attribute,
            value: value.to_vec().into(),
        }
    }

    fn number(attribute: CK_ATTRIBUTE_TYPE, number: CK_ULONG) -> TemplateAttribute {
        entry(attribute, &number.to_ne_bytes())
    }

    const P384: [u8; 7] = [0x06, 5, 0x2B, 0x81, 0x04, 0x00, 0x22];
    const SECP256K1: [u8; 7] = [0x06, 5, 0x2B, 0x81, 0x04, 0x00, 0x0A];

    fn rsa(more_public: &[TemplateAttribute], more_private: &[TemplateAttribute]) -> Result<u8> {
        let public = [number(CKA_MODULUS_BITS, 2048)];
        let private = [entry(CKA_TOKEN, &[1]), entry(CKA_ID, &[2])];
        KeyPairTemplate::read(
            KeyType::Rsa,
            &[&public, more_public].concat(),
            &[&private, more_private].concat(),
        )
        .map(|template| {
            assert_eq!(template.algorithm, KeyAlgorithm::Rsa2048);
            template.reference.to_u8()
        })
    }

    #[test]
    fn templates_as_tools_give_them() {
        // pkcs11-tool's default usages are those of all slots together.
        let usages = [entry(CKA_SIGN, &[1]), entry(CKA_DECRYPT, &[1])];
        assert_eq!(rsa(&[entry(CKA_LABEL, b"mine")], &usages), Ok(0x9C));
        assert_eq!(
            rsa(&[entry(CKA_PUBLIC_EXPONENT, &[0, 1, 0, 1])], &[]),
            Ok(0x9C)
        );
        let ec = KeyPairTemplate::read(
            KeyType::Ec,
            &[entry(CKA_EC_PARAMS, &P384), entry(CKA_ID, &[5])],
            &[entry(CKA_TOKEN, &[1]), entry(CKA_DERIVE, &[1])],
        );
        let ec = ec.unwrap();
        assert_eq!(
            (ec.reference.to_u8(), ec.algorithm),
            (0x82, KeyAlgorithm::P384)
        );
    }

    #[test]
    fn what_a_card_cannot_do_is_refused_with_the_reason() {
        let private = |attribute, value| rsa(&[], &[entry(attribute, value)]);
        let public = |attribute, value| rsa(&[entry(attribute, value)], &[]);
        let inconsistent = Err(Error::TemplateInconsistent);
        assert_eq!(private(CKA_ID, &[3]), inconsistent);
        assert_eq!(private(CKA_TOKEN, &[0]), inconsistent);
        assert_eq!(public(CKA_TOKEN, &[0]), inconsistent);
        assert_eq!(private(CKA_EXTRACTABLE, &[1]), inconsistent);
        assert_eq!(private(CKA_SENSITIVE, &[0]), inconsistent);
        assert_eq!(private(CKA_PRIVATE, &[0]), inconsistent);
        assert_eq!(private(CKA_DECRYPT, &[1]), inconsistent);
        assert_eq!(private(CKA_ALWAYS_AUTHENTICATE, &[0]), inconsistent);
        assert_eq!(private(CKA_ALWAYS_AUTHENTICATE, &[1]), Ok(0x9C));
        assert_eq!(public(CKA_ID, &[0x19]), Err(Error::AttributeValue));
        assert_eq!(public(CKA_ID, &[1, 1]), Err(Error::AttributeValue));
        assert_eq!(
            public(CKA_PUBLIC_EXPONENT, &[3]),
            Err(Error::AttributeValue)
        );
        assert_eq!(public(CKA_MODULUS, &[3]), Err(Error::AttributeReadOnly));
        assert_eq!(public(CKA_URL, &[3]), Err(Error::AttributeType));
        assert_eq!(private(CKA_SIGN, &[7]), Err(Error::AttributeValue));
        let small = [number(CKA_MODULUS_BITS, 1024)];
        assert_eq!(rsa(&small, &[]), Err(Error::KeySizeRange));
        let token = [entry(CKA_TOKEN, &[1])];
        let curve = [entry(CKA_EC_PARAMS, &SECP256K1)];
        let read = KeyPairTemplate::read;
        assert_eq!(read(KeyType::Ec, &curve, &token), Err(Error::Curve));
        let incomplete = Err(Error::TemplateIncomplete);
        assert_eq!(read(KeyType::Rsa, &small, &token), incomplete);
        let slot = [entry(CKA_ID, &[1])];
        assert_eq!(read(KeyType::Rsa, &slot, &token), incomplete);
        assert_eq!(read(KeyType::Ec, &slot, &token), incomplete);
    }
}
