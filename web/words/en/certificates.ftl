### Certificates.

certificates-title = Certificates
certificates-search = Holder, serial number or fingerprint
certificates-by-state = Certificates by state
certificates-none-found = No certificates found
certificates-none-found-note = No certificate matches the search and the state that you chose.
certificates-show-all = Show all certificates
certificates-none-yet = No certificates yet
certificates-none-yet-note = They are issued when a phone enrolls with its invitation.
certificates-use = Use
# $algorithm, $phone
certificates-on-phone = { $algorithm }, on { $phone }
# $algorithm, $slot
certificates-in-slot = { $algorithm }, slot { $slot }

## One certificate

# $purpose, $holder
certificate-title = { $purpose }, { $holder }
# $holder, $purpose, $issuer, $when
certificate-valid = Issued to { $holder } for { $purpose } by { $issuer }; valid: it expires { $when }.
# $holder, $purpose, $issuer, $when
certificate-expired = Issued to { $holder } for { $purpose } by { $issuer }; expired { $when }.
# $holder, $purpose, $issuer, $when
certificate-suspended = Issued to { $holder } for { $purpose } by { $issuer }; suspended { $when }, and refused until it is resumed.
# $holder, $purpose, $issuer, $when
certificate-revoked = Issued to { $holder } for { $purpose } by { $issuer }; revoked { $when } and refused since.
certificate-revoke = Revoke this certificate
certificate-facts = At a glance
# $slot
certificate-slot = , slot { $slot }
certificate-uses = Can be used for
certificate-names = Names
# $kind
certificate-name-kind = ({ $kind })
certificate-serial = Serial number
certificate-fingerprint = Fingerprint (SHA-256)
certificate-copy-fingerprint = Copy the fingerprint
certificate-details = Details for experts
# $count (number)
certificate-extensions = { $count ->
    [one] { $count } extension
   *[other] All { $count } extensions
}
certificate-critical = Critical.
certificate-pem = PEM
certificate-pem-label = Certificate as PEM
certificate-aside = Chain and files
certificate-chain = Chain of trust
# $until (element)
certificate-chain-until = until { $until }
# $holder, $purpose
certificate-chain-this = { $holder }: { $purpose }
certificate-files = Files
certificate-file-pem = Certificate, PEM
certificate-file-der = Certificate, DER
certificate-file-chain = Whole chain, PEM

## What a certificate says

use-client = Signing in to web sites and VPN
use-server = Being a web server
use-mail = Signing and encrypting mail
use-windows = Windows smart-card sign-in
use-kerberos = Kerberos sign-in
use-documents = Signing documents
use-doors = Doors and readers, without a PIN
# $oid
use-unknown = Unknown use { $oid }
# $operations
key-operations = Key operations: { $operations }
key-signatures = signatures
key-commitments = signatures that commit the holder
key-unwrapping = unwrapping encrypted keys
key-agreement = agreeing on keys
# $first, $second
list = { $first }, { $second }
name-common = name
name-email = mail address
name-host = host name
name-card = card number
name-address = address
name-upn = account name, UPN
name-other = other name, DER
detail-subject = Subject
detail-issuer = Issuer
detail-key = Key
detail-signature = Signature
detail-serial = Serial number, decimal
detail-key-identifier = Key identifier
detail-issuer-key-identifier = Issuer’s key identifier
detail-policy = Policy
detail-revocation-list = Revocation list
detail-ocsp = OCSP
detail-issuer-certificate = Issuer’s certificate
# $algorithm, $hash
signature-with = { $algorithm } with { $hash }
