### Certificates.

certificates-title = Zertifikate
certificates-search = Person, Seriennummer oder Fingerabdruck
certificates-by-state = Zertifikate nach Status
certificates-none-found = Keine Zertifikate gefunden
certificates-none-found-note = Kein Zertifikat passt zu Ihrer Suche und dem gewählten Status.
certificates-show-all = Alle Zertifikate anzeigen
certificates-none-yet = Noch keine Zertifikate
certificates-none-yet-note = Sie werden ausgestellt, wenn sich ein Smartphone mit seiner Einladung registriert.
certificates-use = Zweck
# $algorithm, $phone
certificates-on-phone = { $algorithm }, auf { $phone }
# $algorithm, $slot
certificates-in-slot = { $algorithm }, Slot { $slot }

## One certificate

# $purpose, $holder
certificate-title = { $purpose }, { $holder }
# $holder, $purpose, $issuer, $when
certificate-valid = Ausgestellt von { $issuer } für { $holder }, { $purpose }. Gültig: Es läuft { $when } ab.
# $holder, $purpose, $issuer, $when
certificate-expired = Ausgestellt von { $issuer } für { $holder }, { $purpose }. Es ist { $when } abgelaufen.
# $holder, $purpose, $issuer, $when
certificate-suspended = Ausgestellt von { $issuer } für { $holder }, { $purpose }. Es wurde { $when } gesperrt und wird abgewiesen, bis es entsperrt wird.
# $holder, $purpose, $issuer, $when
certificate-revoked = Ausgestellt von { $issuer } für { $holder }, { $purpose }. Es wurde { $when } widerrufen und wird seitdem abgewiesen.
certificate-revoke = Dieses Zertifikat widerrufen
certificate-facts = Auf einen Blick
# $slot
certificate-slot = , Slot { $slot }
certificate-uses = Verwendbar für
certificate-names = Namen
# $kind
certificate-name-kind = ({ $kind })
certificate-serial = Seriennummer
certificate-fingerprint = Fingerabdruck (SHA-256)
certificate-copy-fingerprint = Fingerabdruck kopieren
certificate-details = Einzelheiten für Fachleute
# $count (number)
certificate-extensions = { $count ->
    [one] { $count } Erweiterung
   *[other] Alle { $count } Erweiterungen
}
certificate-critical = Kritisch.
certificate-pem = PEM
certificate-pem-label = Zertifikat als PEM
certificate-aside = Kette und Dateien
certificate-chain = Vertrauenskette
# $until (element)
certificate-chain-until = bis { $until }
# $holder, $purpose
certificate-chain-this = { $holder }: { $purpose }
certificate-files = Dateien
certificate-file-pem = Zertifikat, PEM
certificate-file-der = Zertifikat, DER
certificate-file-chain = Ganze Kette, PEM

## What a certificate says

use-client = Anmelden an Websites und VPN
use-server = Als Webserver auftreten
use-mail = E-Mails signieren und verschlüsseln
use-windows = Smartcard-Anmeldung an Windows
use-kerberos = Kerberos-Anmeldung
use-documents = Dokumente signieren
use-doors = Türen und Lesegeräte, ohne PIN
# $oid
use-unknown = Unbekannter Zweck { $oid }
# $operations
key-operations = Schlüsselverwendung: { $operations }
key-signatures = Signaturen
key-commitments = verbindliche Signaturen
key-unwrapping = Entschlüsseln von Schlüsseln
key-agreement = Schlüsselvereinbarung
# $first, $second
list = { $first }, { $second }
name-common = Name
name-email = E-Mail-Adresse
name-host = Hostname
name-card = Kartennummer
name-address = Adresse
name-upn = Kontoname, UPN
name-other = anderer Name, DER
detail-subject = Antragsteller (Subject)
detail-issuer = Aussteller (Issuer)
detail-key = Schlüssel
detail-signature = Signatur
detail-serial = Seriennummer, dezimal
detail-key-identifier = Schlüsselkennung
detail-issuer-key-identifier = Schlüsselkennung des Ausstellers
detail-policy = Richtlinie
detail-revocation-list = Widerrufsliste
detail-ocsp = OCSP
detail-issuer-certificate = Zertifikat des Ausstellers
# $algorithm, $hash
signature-with = { $algorithm } mit { $hash }
