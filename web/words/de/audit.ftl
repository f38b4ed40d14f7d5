### The audit trail, and its events as sentences.

audit-title = Protokoll
audit-intro = Alles, was etwas geändert hat, das Neueste zuerst. Einträge lassen sich nicht ändern: Jeder versiegelt den vorigen.
audit-by-time = Ereignisse nach Zeit
# $days (number)
audit-last-days = Letzte { $days } Tage
audit-by-subject = Ereignisse nach Gegenstand
audit-none = Keine Ereignisse
audit-none-note = Zu Ihrer Auswahl gibt es kein Ereignis.
audit-show-all = Alle Ereignisse anzeigen
audit-table = Protokoll
audit-events = Ereignisse
audit-what = Was
audit-who = Wer
audit-when = Wann
audit-number = Nummer
audit-to-whom = Wen oder was betrifft es
audit-details = Einzelheiten
audit-address = Adresse
audit-person = Person
audit-person-hint = Name, E-Mail oder Kontoname
audit-actor = Wer es tat
audit-anybody = Alle
# $name, $email
audit-colleague = { $name } ({ $email })
audit-kind = Art
audit-anything = Alles
audit-from = Ab Tag (UTC)
audit-to = Bis Tag (UTC)
audit-filter = Filtern
audit-narrowed = Gewählte Filter
# $filter
audit-without = { $filter }: diesen Filter entfernen
# $words
audit-chip-person = Person: { $words }
# $address
audit-chip-source = Adresse: { $address }
# $day
audit-chip-from = Ab { $day }
# $day
audit-chip-to = Bis { $day }
# $count (number)
audit-steps = { $count ->
    [one] { $count } Schritt
   *[other] { $count } Schritte
}
audit-not-checked = Seit dem Start des Servers wurden die Siegel der Einträge noch nicht geprüft.
# $count (number), $at (element)
audit-whole = Alle { $count } Einträge sind vorhanden und unverändert, bis Nummer { $count }; geprüft am { $at }.
# $number (number), $at (element)
audit-broken = Eintrag { $number } fehlt oder wurde verändert; entdeckt am { $at }. Lassen Sie die Datenbank, wie sie ist, und sehen Sie in einer Sicherung nach.
audit-authority = Zertifizierungsstelle
audit-administrators = Team
history-title = Verlauf
history-none = Noch nichts.

## Events

# $name
event-authority-created = Zertifizierungsstelle { $name } angelegt
event-setup-link-created = Einrichtungslink ausgegeben
# $name
event-administrator-created = Konto von { $name } angelegt (Administration)
# $name
event-officer-created = Konto von { $name } angelegt (Sachbearbeitung)
# $name
event-auditor-created = Konto von { $name } angelegt (Revision)
# $name
event-administrator-password-set = Passwort von { $name } gesetzt, Sitzungen beendet
# $name
event-administrator-removed = Konto von { $name } entfernt, Sitzungen beendet
# $name
event-administrator-unlocked = Anmeldelimits von { $name } zurückgesetzt
# $name
event-colleague-invited = Teammitglied { $name } eingeladen
# $name
event-password-link-created = Link für ein neues Passwort für { $name } erstellt
# $name
event-password-chosen = Passwort von { $name } über einen Link gewählt, Sitzungen beendet
# $name, $before, $after
event-role-changed = Rolle von { $name } geändert: { $before } → { $after }
# $name
event-colleague-disabled = Konto von { $name } deaktiviert, Sitzungen beendet
# $name
event-colleague-enabled = Konto von { $name } aktiviert
# $name
event-own-name-changed = Eigenen Namen in { $name } geändert
event-own-password-changed = Eigenes Passwort geändert, andere Sitzungen beendet
event-other-sessions-ended = Überall sonst abgemeldet
# $name
event-second-factor-added = Zweiter Faktor zum Konto von { $name } hinzugefügt
# $name
event-second-factor-removed = Zweiter Faktor von { $name } entfernt
# $name
event-recovery-codes-made = Neue Wiederherstellungscodes für { $name }
# $left (number)
event-recovery-code-used = Wiederherstellungscode verwendet, { $left ->
    [0] keiner ist übrig
    [one] { $left } ist übrig
   *[other] { $left } sind übrig
}
event-second-factor-refused = Zweiter Faktor abgelehnt
# $passkey
event-passkey-added = Passkey { $passkey } hinzugefügt
# $before, $after
event-passkey-renamed = Passkey umbenannt: { $before } → { $after }
# $passkey
event-passkey-removed = Passkey { $passkey } entfernt
# $passkey
event-passkey-copied = Passkey { $passkey } abgelehnt: Sein Zähler ist zurückgegangen, also gibt es vielleicht eine Kopie
event-sign-in = Angemeldet
# $passkey
event-sign-in-passkey = Mit dem Passkey { $passkey } angemeldet
event-sign-in-refused = Anmeldung abgewiesen
# $count (number)
event-sign-ins-refused = { $count ->
    [one] Anmeldung abgewiesen
   *[other] { $count } Anmeldungen abgewiesen
}
# $hours (number)
within-hours = innerhalb von { $hours ->
    [one] { $hours } Stunde
   *[other] { $hours } Stunden
}
event-sign-out = Abgemeldet
# $name
event-holder-created = { $name } angelegt
# $name
event-holder-edited = { $name } bearbeitet
# $name
event-holder-removed = { $name } entfernt
event-holder-suspended = Person gesperrt
event-holder-resumed = Person entsperrt
event-holder-taken-back = Person wieder aufgenommen
event-holder-let-go = Person ausgeschieden
# $name
event-invitation-created = { $name } eingeladen
# $name, $phone
event-replacement-invited = { $name } eingeladen, um das Smartphone { $phone } zu ersetzen
# $name, $email
event-invitation-mailed = Einladung für { $name } an { $email } gesendet
# $name, $email
event-invitation-reminded = Erinnerung für { $name } an { $email } gesendet
event-invitation-cancelled = Einladung zurückgezogen
event-invitation-used = Einladung verwendet
# $name
event-phone-enrolled = Smartphone { $name } registriert
# $name
event-phone-enrolled-again = Smartphone { $name } noch einmal registriert
event-phone-reported-lost = Smartphone von der Person als verloren gemeldet
event-holder-sign-in = Mit einem Link aus einer E-Mail auf den eigenen Seiten angemeldet
# $phone
event-holder-sign-in-phone = Mit { $phone } auf den eigenen Seiten angemeldet
event-request-made = Weiteres Smartphone beantragt
event-request-approved-once = Antrag auf ein weiteres Smartphone zum ersten Mal genehmigt
event-request-approved = Antrag auf ein weiteres Smartphone genehmigt
event-request-refused = Antrag auf ein weiteres Smartphone abgelehnt
event-request-withdrawn = Antrag auf ein weiteres Smartphone zurückgezogen
event-request-expired = Antrag auf ein weiteres Smartphone abgelaufen
event-request-closed = Antrag auf ein weiteres Smartphone geschlossen
event-phone-revoked = Smartphone widerrufen
event-pin-unblocking-allowed = Eine neue PIN wurde erlaubt
event-pin-unblocking-withdrawn = Die Erlaubnis für eine neue PIN wurde zurückgenommen
event-pin-unblocking-failed = Zu viele falsche Codes: Eine neue PIN ist nicht mehr erlaubt
event-pin-unblocked = Der Code für eine neue PIN wurde angenommen
event-phone-suspended = Smartphone gesperrt
# $name
event-phone-renamed = Smartphone umbenannt in { $name }
event-phone-resumed = Smartphone entsperrt
event-phone-wiped = Das Smartphone hat seine Karte geleert
event-renewal-hindered = Das Smartphone konnte nicht wie vorgesehen erneuern
# $certificate
event-certificate-reserved = { $certificate } vor der Signatur
# $certificate
event-certificate-issued = { $certificate } ausgestellt
# $certificate
event-certificate-revoked = { $certificate } widerrufen
# $certificate
event-certificate-suspended = { $certificate } gesperrt
# $certificate
event-certificate-resumed = { $certificate } entsperrt
# $certificate
event-issuance-abandoned = { $certificate } nicht abgeschlossen, vorsorglich widerrufen
# $list, $rows (number)
event-list-exported = Liste { $list } heruntergeladen: { $rows ->
    [one] { $rows } Zeile
   *[other] { $rows } Zeilen
}
event-clock-accepted = Uhrzeit bestätigt, obwohl sie früher war als zuvor
# $number
event-crl-taken-over = Widerrufsliste { $number } in diese Datenbank übernommen
# $number
event-crl-published = Widerrufsliste { $number } veröffentlicht
# $host
event-webhook-added = Webhook an { $host } hinzugefügt
# $host
event-webhook-changed = Webhook an { $host } geändert
# $host
event-webhook-disabled = Webhook an { $host } deaktiviert
# $host
event-webhook-enabled = Webhook an { $host } aktiviert
# $host
event-webhook-removed = Webhook an { $host } entfernt
# $name
event-api-token-made = API-Token „{ $name }“ erstellt
# $name
event-api-token-revoked = API-Token „{ $name }“ widerrufen

## Which certificate

# $purpose
event-certificate = Zertifikat „{ $purpose }“
event-certificate-of-server = Zertifikat des Servers
event-certificate-unknown = Zertifikat

## Who, and what else is known

# $name
by = von { $name }
by-invitation = durch die Einladung
by-check-in = bei seiner Meldung
by-setup-link = über den Einrichtungslink
by-password-link = über den Link
# $user
by-machine = auf dem Server, von { $user }
# $name
by-api-token = mit dem API-Token „{ $name }“
by-unknown = von einer unbekannten Person
# $name
by-claimed = von einer unbekannten Person als { $name }
actor-server = Der Server
# $name
actor-invited = { $name }, mit der Einladung
# $name
actor-holder = { $name }, auf den eigenen Seiten
# $phone
actor-phone = { $phone }, bei seiner Meldung
# $user
actor-machine = { $user }, auf dem Server
# $name
actor-api-token = API-Token „{ $name }“
actor-unknown = Unbekannte Person
# $name
actor-setup-link = { $name }, über den Einrichtungslink
# $name
actor-password-link = { $name }, über den Link
# $name
actor-claimed = Unbekannte Person als { $name }
# $phone, $holder
phone-of-holder = { $phone } von { $holder }
# $value
fact-reason = Grund: { $value }
# $count (number)
fact-certificates = Zertifikate: { $count }
# $count (number)
fact-sessions = Sitzungen: { $count }
# $count (number)
fact-other-phones = dabei widerrufene andere Smartphones: { $count }
# $count (number)
fact-invitations = dabei zurückgezogene Einladungen: { $count }
# $value
fact-profile = Profil: { $value }
# $value
fact-policy = Schlüsselwahl: { $value }
# $value
fact-slot = Slot: { $value }
# $value
fact-serial = Seriennummer: { $value }
# $value
fact-email = E-Mail-Adresse: { $value }
# $value
fact-upn = Kontoname: { $value }
# $before, $after
fact-name-change = Name: { $before } → { $after }
# $before, $after
fact-email-change = E-Mail-Adresse: { $before } → { $after }
# $before, $after
fact-upn-change = Kontoname: { $before } → { $after }
# $before, $after
fact-language-change = Sprache der E-Mails: { $before } → { $after }
# $value
fact-role = Rolle: { $value }
# $value
fact-known-time = zuvor bekannt: { $value }
# $count (number)
fact-newly-revoked = dadurch widerrufen: { $count }
# $count (number)
fact-entries = Einträge: { $count }
# $count (number)
fact-phones-suspended = dabei gesperrte Smartphones: { $count }
# $count (number)
fact-phones-resumed = dabei entsperrte Smartphones: { $count }
# $count (number)
fact-phones-revoked = dabei widerrufene Smartphones: { $count }
# $value
fact-narrowing = Auswahl: { $value }
fact-broken-off = vor dem Ende abgebrochen
# $value
fact-note = Notiz: { $value }
# $value
fact-until = bis { $value }
