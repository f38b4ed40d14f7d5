### The project's terms: states, uses of keys, choices of keys, reasons to revoke.
###
### German says, everywhere and for one thing only:
###
### holder                    Person (never "Inhaber")
### phone                     Smartphone
### smart card                Smartcard; the card on the phone: Karte
### slot                      Slot, with the numbers of PIV (9A, 9C, 9D, 9E)
### certificate               Zertifikat; issue: ausstellen; sign: signieren
### authority                 Zertifizierungsstelle
### enroll, enrollment        registrieren, Registrierung
### check in, check-in        sich melden, Meldung
### renew                     erneuern
### invite, invitation        einladen, Einladung; cancel one: zurückziehen
### request                   Antrag; approve: genehmigen; refuse: ablehnen; withdraw: zurückziehen
### suspend, resume           sperren (for a while), entsperren
### revoke, revocation list   widerrufen (for good), Widerrufsliste
### let go, take back         ausscheiden lassen, ausgeschieden; wieder aufnehmen
### audit trail               Protokoll; entry: Eintrag; event: Ereignis
### colleague, account        Teammitglied, Team; Konto; disable, enable: deaktivieren, aktivieren
### administrator             Administration  (roles are named by what they do: so they are
### officer                   Sachbearbeitung  right for everybody)
### auditor                   Revision
### mail address              E-Mail-Adresse
### account name (UPN)        Kontoname (UPN); for ssh: Benutzername
### sign in, sign out         sich anmelden, sich abmelden
### passkey                   Passkey, Passkeys

## Roles

role-administrator = Administration
role-officer = Sachbearbeitung
role-auditor = Revision

## States

state-open = Offen
state-used = Verwendet
state-expired = Abgelaufen
state-cancelled = Zurückgezogen
state-active = Aktiv
state-invited = Eingeladen
state-disabled = Deaktiviert
state-suspended = Gesperrt
state-gone = Ausgeschieden
state-revoked = Widerrufen
state-being-issued = Wird ausgestellt
state-expires-soon = Läuft bald ab
state-valid = Gültig

## Uses of the card's keys: as a title, within a sentence ("issued for ..."), and what each means for the holder

use-9a = Anmelden
use-9a-inline = zum Anmelden
use-9a-note = Computer, ssh, Websites, VPN. Das Smartphone fragt nach der PIN.
use-9c = Dokumente und E-Mails signieren
use-9c-inline = zum Signieren von Dokumenten und E-Mails
use-9c-note = Das Smartphone fragt vor jeder Signatur nach der PIN.
use-9d = Entschlüsseln
use-9d-inline = zum Entschlüsseln
use-9d-note = E-Mails und Dateien, die für Sie verschlüsselt wurden.
use-9e = Türen und Lesegeräte
use-9e-inline = für Türen und Lesegeräte
use-9e-note = Antippen genügt, ohne PIN.
use-other = Anderer Zweck
use-other-inline = für einen anderen Zweck

## Choices of keys

policy-standard = Standard
policy-standard-note = RSA 2048 zum Anmelden und Entschlüsseln, sonst P-256. Funktioniert mit jedem Programm, das Smartcards unterstützt.
policy-compact = Kompakt
policy-compact-note = Durchgehend P-256. Über Funk schneller, aber manche älteren Programme unterstützen es nicht.

## Reasons to revoke

reason-key-compromise = Jemand anderes hat vielleicht das Smartphone oder seine Schlüssel
reason-key-compromise-note = Verloren, gestohlen, PIN gesehen. Der schwerwiegendste Grund: Auch den letzten Signaturen soll niemand mehr trauen.
reason-privilege-withdrawn = Diese Person darf es nicht mehr verwenden
reason-privilege-withdrawn-note = Ausgeschieden, neue Aufgabe oder Regelverstoß. Frühere Signaturen bleiben gültig.
reason-cessation-of-operation = Es wird nicht mehr gebraucht, und nichts ist passiert
reason-cessation-of-operation-note = Das Smartphone wurde ersetzt oder zurückgegeben.
reason-affiliation-changed = Name oder Organisation hat sich geändert
reason-affiliation-changed-note = Was im Zertifikat steht, stimmt nicht mehr. Laden Sie die Person unter dem neuen Namen wieder ein.
reason-superseded = Ein neueres ist an seine Stelle getreten
reason-superseded-note = Die Person hat sich noch einmal registriert und braucht dieses nicht mehr.
reason-unspecified = Anderer Grund
reason-unspecified-note = In der Widerrufsliste steht dann kein Grund.
reason-certificate-hold = Vorübergehend gesperrt
reason-certificate-hold-note = Es kann entsperrt werden.
