//! Object identifiers that the database of `const-oid` does not have.

use const_oid::ObjectIdentifier;

/// Windows smart-card logon ([MS-WCCE]).
pub const MS_SMART_CARD_LOGON: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.2");
/// id-kp-documentSigning (RFC 9336).
pub const DOCUMENT_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.36");
/// id-PIV-cardAuth (NIST SP 800-73, part 1).
pub const PIV_CARD_AUTHENTICATION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.6.8");
/// The type of an otherName that holds a user principal name ([MS-WCCE]).
pub const MS_UPN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.20.2.3");
