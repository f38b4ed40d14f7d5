### An invitation as the person who holds it sees it.

holder-title = Ihr Smartphone als Smartcard
# $name
holder-heading = { $name }, machen Sie Ihr Smartphone zur Smartcard
# $organisation
holder-intro = { $organisation } lädt Sie ein. Drei Schritte, etwa zwei Minuten, ohne Passwort.
holder-steps = So geht es
holder-scan = Code mit der { -product }-App scannen
holder-scan-note = Oder, wenn Sie dies auf dem Smartphone lesen, den Link unten in die App kopieren.
holder-pin = PIN wählen
holder-pin-note = 6 bis 8 Ziffern. Nur Sie kennen sie; sie verlässt das Smartphone nie.
holder-wait = Einige Sekunden warten
holder-wait-note = Das Smartphone erzeugt seine Schlüssel und holt Ihre Zertifikate. Halten Sie es dann an ein Lesegerät und melden Sie sich an. Die Schlüssel gibt es nur auf diesem Smartphone: Wenn Sie es verlieren, sind E-Mails und Dateien, die für Sie verschlüsselt wurden, nicht mehr lesbar.
holder-link = Der Link
# $expires (element)
holder-link-note = Er funktioniert für ein Smartphone, bis { $expires }. Bis dahin kann, wer ihn hat, ein Smartphone in Ihrem Namen registrieren: Geben Sie ihn nicht weiter.
holder-status = Status
holder-gets = Was das Smartphone erhält
# $algorithm, $slot
holder-key = { $algorithm } · Slot { $slot }
# $name, $upn, $inviter
holder-identity = Auf den Namen { $name }, { $upn }. Wenn Sie das nicht sind, registrieren Sie nichts, und sagen Sie { $inviter } Bescheid; von dort kommt die Einladung.
holder-issuer = Wer die Zertifikate ausstellt, und wie Sie das prüfen
holder-issued-by = Ausgestellt von
holder-fingerprint = Fingerabdruck der Zertifizierungsstelle (SHA-256)
holder-fingerprint-note = Die App prüft den Fingerabdruck selbst, anhand des letzten Teils des Links. Vergleichen Sie ihn nur dann mit eigenen Augen, wenn Sie ihn aus anderer Quelle haben.

## Where it stands

holder-waiting = Wartet auf Ihr Smartphone.
holder-done = Fertig: Ihr Smartphone hat seine Zertifikate. Halten Sie es an ein Lesegerät und melden Sie sich an.
holder-expired = Diese Einladung wurde nicht rechtzeitig verwendet.
holder-cancelled = Diese Einladung wurde zurückgezogen.

## An invitation that cannot be used

closed-used = Mit dieser Einladung wurde ein Smartphone registriert
# $when
closed-used-when = Es wurde { $when } registriert. Wenn Sie das waren, ist nichts mehr zu tun: Halten Sie das Smartphone an ein Lesegerät und melden Sie sich an.
# $inviter
closed-used-not-you = Wenn Sie es nicht waren, sagen Sie es sofort { $inviter }, damit das Smartphone widerrufen wird.
closed-expired = Diese Einladung ist abgelaufen
# $when
closed-expired-when = Sie wurde nicht rechtzeitig verwendet und ist { $when } abgelaufen.
# $inviter
closed-expired-next = Bitten Sie { $inviter } um eine neue. Auf Ihrem Smartphone hat sich nichts geändert.
closed-cancelled = Diese Einladung wurde zurückgezogen
# $organisation, $when
closed-cancelled-when = { $organisation } hat sie { $when } zurückgezogen.
# $inviter
closed-cancelled-next = Wenn Sie damit nicht gerechnet haben, bitten Sie { $inviter } um eine neue.
closed-on-hold = Diese Einladung funktioniert zurzeit nicht
# $organisation
closed-on-hold-why = { $organisation } hat Sie vorübergehend gesperrt. Auf Ihrem Smartphone hat sich nichts geändert.
# $inviter
closed-on-hold-next = Fragen Sie { $inviter }. Sobald Sie entsperrt sind, funktioniert die Einladung wieder, falls sie bis dahin nicht abgelaufen ist.
closed-unknown = Diese Einladung ist hier nicht bekannt
closed-unknown-why = Vielleicht ist der Link unvollständig: E-Mail-Programme trennen lange Links manchmal in zwei Teile.
closed-unknown-next = Kopieren Sie ihn noch einmal am Stück, oder bitten Sie um eine neue Einladung.
