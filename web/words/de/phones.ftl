### Phones that were enrolled.

phones-title = Smartphones
phones-search = Person, Smartphone oder Kartennummer
phones-by-state = Smartphones nach Status
phones-none-found = Keine Smartphones gefunden
phones-none-found-note = Kein Smartphone passt zu Ihrer Suche und dem gewählten Status.
phones-show-all = Alle Smartphones anzeigen
phones-none-yet = Noch keine Smartphones
phones-none-yet-note = Ein Smartphone erscheint hier, sobald es registriert ist.
phones-end = Nächster Ablauf
phones-nothing-ends = keiner
# $digits
phones-card = Karte { $digits }…

## One phone

# $holder
phone-revoked = Dieses Smartphone von { $holder } wird überall abgewiesen: Alle seine Zertifikate sind widerrufen.
# $holder, $certificates (number)
phone-active = { $certificates ->
    [0] { $holder } kann mit diesem Smartphone nichts anfangen: Keines seiner Zertifikate ist gültig.
    [one] { $holder } kann dieses Smartphone als Smartcard verwenden: Es hat { $certificates } gültiges Zertifikat.
   *[other] { $holder } kann dieses Smartphone als Smartcard verwenden: Es hat { $certificates } gültige Zertifikate.
}
# $holder
phone-suspended = Dieses Smartphone von { $holder } ist mit seinen Zertifikaten gesperrt. Es wird abgewiesen, bis es entsperrt wird.
# $holder (element)
phone-suspended-with-holder = Es ist gesperrt, weil die Person gesperrt ist: Entsperren Sie stattdessen { $holder }.
# $holder (element)
phone-suspended-and-holder = Auch die Person ist gesperrt: Es funktioniert wieder, sobald beide entsperrt sind, { $holder } und das Smartphone.
phone-suspend = Sperren
phone-resume = Entsperren
phone-revoke = Dieses Smartphone widerrufen
phone-invite-another = Für weiteres Smartphone einladen
phone-about = Zu diesem Smartphone
phone-guid = Kartennummer (GUID)
phone-last-seen = Zuletzt gesehen
phone-never-seen = Nie
phone-cannot-check-in = Nie: Es wurde ohne Meldeschlüssel registriert. Seine Zertifikate werden erneuert, indem es noch einmal registriert wird.
phone-version = Programm
phone-keys = Schlüssel
phone-keys-software = In Software: Nur die PIN schützt sie
phone-keys-hardware = In seiner Hardware
phone-last-use = Zuletzt verwendet
phone-never-used = Es meldet keine Verwendung
phone-problems = Erneuerung
phone-wiped = Geleert
phone-not-wiped = Noch nicht: Es erfährt davon bei seiner nächsten Meldung
# $slot
renewal-problem-full = Slot { $slot }: Alle 20 Plätze für frühere Schlüssel zum Entschlüsseln sind belegt. Der Schlüssel bleibt also, und nur sein Zertifikat wird erneuert
# $slot
renewal-problem-key = Slot { $slot }: Das Smartphone konnte keinen neuen Schlüssel erzeugen
# $slot
renewal-problem-certificate = Slot { $slot }: Das Smartphone hat das neue Zertifikat abgelehnt
# $slot
renewal-problem-place = Slot { $slot }: Die Karte hat keinen Platz für das neue Zertifikat, denn ihre GIDS-Tabellen sind voll oder beschädigt
# $slot
renewal-problem-ended = Slot { $slot }: Das Zertifikat ist schon zu lange abgelaufen. Laden Sie die Person ein, damit die Karte noch einmal registriert wird
# $slot
renewal-problem-not-due = Slot { $slot }: Das Smartphone hat ein Zertifikat verlangt, das es jetzt nicht erneuern darf
# $slot
renewal-problem-key-refused = Slot { $slot }: Der neue Schlüssel hatte schon ein Zertifikat oder ist nicht in Ordnung. Das Smartphone erzeugt einen anderen
# $slot
renewal-problem-compromised = Slot { $slot }: Der Schlüssel gilt als kompromittiert. Laden Sie die Person ein, damit die Karte noch einmal registriert wird
# $slot
renewal-problem-not-issued = Slot { $slot }: Es konnte kein Zertifikat ausgestellt werden. Warum, steht im Log des Servers
# $slot
renewal-problem-unknown = Slot { $slot }: Das Smartphone konnte nicht erneuern, aus einem Grund, den dieser Server nicht kennt

## Suspending one

# $phone
suspend-phone-title = { $phone } sperren?
# $phone, $holder
suspend-phone-heading = { $phone } von { $holder } sperren?
# $certificates (number)
suspend-phone-certificates = { $certificates ->
    [0] Es hat kein gültiges Zertifikat, das gesperrt werden könnte.
    [one] { $certificates } gültiges Zertifikat wird gesperrt.
   *[other] { $certificates } gültige Zertifikate werden gesperrt.
}
suspend-at-once = Das gilt sofort: OCSP und der nächste Abruf der Widerrufsliste melden es innerhalb einer Sekunde, und ssh-Server, die diesen Server fragen, weisen das Smartphone ab dann ab.
suspend-caution = Programme, die weder eine Widerrufsliste lesen noch nachfragen, merken nichts davon. Wenn jemand anderes das Smartphone und seine PIN haben könnte, widerrufen Sie es.
suspend-phone-undo = Sie können es jederzeit entsperren: Dann funktioniert es wieder wie zuvor.
suspend-phone-submit = Dieses Smartphone sperren
suspend-keep = Lassen, wie es ist
# $certificates (number)
suspend-phone-done = Das Smartphone ist gesperrt: { $certificates ->
    [0] Es hatte kein gültiges Zertifikat.
    [one] { $certificates } Zertifikat ist gesperrt.
   *[other] { $certificates } Zertifikate sind gesperrt.
}
# $certificates (number)
resume-phone-done = Das Smartphone ist entsperrt: { $certificates ->
    [0] Es hat kein Zertifikat.
    [one] { $certificates } Zertifikat gilt wieder.
   *[other] { $certificates } Zertifikate gelten wieder.
}
# $name
resume-phone-still = Das Smartphone selbst ist nicht mehr gesperrt. Es funktioniert wieder, sobald { $name } entsperrt ist.

## Another name

phone-rename = Umbenennen
# $name
rename-title = { $name } umbenennen
# $holder
rename-intro = Damit { $holder } und Sie Smartphones auseinanderhalten. In Zertifikaten steht dieser Name nicht.
rename-hint = Wird das Smartphone neu registriert, gibt es seinen Namen wieder selbst an.
rename-submit = Speichern
rename-done = Der Name ist gespeichert.

## How long it is suspended

suspend-until = Automatisch entsperren am
suspend-until-hint = Optional. Ab 00:00 Uhr UTC dieses Tages funktioniert es wieder. Ohne einen Tag bleibt die Sperre, bis jemand sie aufhebt.
suspend-until-wrong = Geben Sie einen Tag in der Zukunft ein, oder lassen Sie das Feld leer.

## Replacing one

phone-replace = Ersetzen
label-replaces = Ersetzt
label-replaced-by = Ersetzt durch
replaced-by-invitation = Eine Einladung
# $invitation (element)
replaced-by-invited = { $invitation }, die noch niemand verwendet hat
# $invitation (element)
replaced-by-invited-in-use = { $invitation }, die noch niemand verwendet hat. Sobald damit ein Smartphone registriert ist, wird dieses widerrufen
# $phone (element)
replaces-revoked = { $phone }, das widerrufen ist
# $phone (element)
replaces-in-use = { $phone }, das bleibt, wie es ist, bis das neue Smartphone registriert ist, und dann widerrufen wird
# $phone (element)
replaces-kept = { $phone }, das bleibt, wie es ist
# $phone
replace-title = { $phone } ersetzen
# $phone, $holder
replace-heading = { $phone } von { $holder } ersetzen
# $certificates (number)
replace-consequence = { $certificates ->
    [0] Kein gültiges Zertifikat des alten Smartphones wird widerrufen
    [one] { $certificates } gültiges Zertifikat des alten Smartphones wird widerrufen
   *[other] { $certificates } gültige Zertifikate des alten Smartphones werden widerrufen
}
replace-when = Sofort, oder sobald das neue Smartphone registriert ist, falls das alte bis dahin in Gebrauch bleibt. OCSP und der nächste Abruf der Widerrufsliste melden es innerhalb einer Sekunde, und ssh-Server, die diesen Server fragen, weisen das alte Smartphone ab dann ab.
# $holder, $keys
replace-invitation = { $holder } wird eingeladen, ein anderes Smartphone unter denselben Namen und mit denselben Schlüsseln ({ $keys }) zu registrieren. Sie sehen den Link und seinen Code als Nächstes.
# $invitations (number)
replace-earlier-invitations = { $invitations ->
    [one] Die offene Einladung, die dieses Smartphone ersetzen soll, wird zurückgezogen: Ihr Link funktioniert nicht mehr.
   *[other] Die { $invitations } offenen Einladungen, die dieses Smartphone ersetzen sollen, werden zurückgezogen: Ihre Links funktionieren nicht mehr.
}
replace-emptied = Ist das alte Smartphone widerrufen, erfährt es bei seiner nächsten Meldung, dass es seine Karte leeren soll.
# $holder
replace-decryption = Seine Schlüssel gehen nicht auf das neue Smartphone über. Was für { $holder } damit verschlüsselt wurde, lässt sich nur auf dem alten lesen, und nie wieder, sobald es verloren oder geleert ist.
replace-why = Was ist mit dem alten Smartphone?
replace-no-cause = Wählen Sie, was mit dem alten Smartphone ist.
replace-lost = Es ist verloren oder gestohlen
replace-lost-note = Es wird sofort widerrufen: Jemand anderes könnte es haben.
replace-returned = Es ist defekt oder wurde zurückgegeben
replace-returned-note = Es wird sofort widerrufen. Frühere Signaturen bleiben gültig.
replace-in-use = Es ist noch in Gebrauch
replace-in-use-note = Es bleibt, wie es ist, bis das neue Smartphone registriert ist, und wird in diesem Moment widerrufen. Läuft die Einladung ab oder wird sie zurückgezogen, ändert sich nichts.
# $email
replace-by-mail = Den Link per E-Mail an { $email } senden
replace-by-mail-note = Nicht, wenn jemand anderes diese E-Mail auf dem alten Smartphone lesen könnte: Wer den Link hat, kann sich damit registrieren.
replace-submit = Dieses Smartphone ersetzen
# $name
replace-done = Das alte Smartphone ist widerrufen. Geben Sie { $name } den Link.
# $name
replace-begun = Das alte Smartphone wird widerrufen, sobald mit dieser Einladung ein Smartphone registriert ist. Geben Sie { $name } den Link.

## A new PIN

unblocking-help = PIN vergessen
# $name
unblocking-title = Neue PIN für { $name }
# $holder, $name
unblocking-heading = { $holder } eine neue PIN für { $name } erlauben?
# $holder
unblocking-sure = Vergewissern Sie sich zuerst, dass { $holder } selbst darum bittet: persönlich oder durch einen Anruf unter einer Nummer, die Sie kennen.
unblocking-code = Sie bekommen einen Code aus acht Ziffern, der eine Stunde lang gilt. Nennen Sie ihn der Person: Sie gibt ihn auf dem Smartphone ein und wählt dort eine neue PIN.
unblocking-unseen = Die PIN erfahren Sie nicht. Zertifikate und Schlüssel bleiben, wie sie sind.
# $number (number)
unblocking-wrong = { $number ->
    [one] Nach einem falschen Code endet die Erlaubnis.
   *[other] Nach { $number } falschen Codes endet die Erlaubnis.
}
unblocking-submit = Neue PIN erlauben
# $holder
unblocking-tell = Nennen Sie { $holder } diesen Code
unblocking-tell-note = Die Person gibt ihn auf dem Smartphone ein und wählt dort eine neue PIN. Auf einem virtuellen Smartphone ist das „tapcard-phone unblock“.
unblocking-copy = Code kopieren
unblocking-until = Gültig bis
unblocking-allowed-by = Erlaubt von
unblocking-told = Fertig
unblocking-withdraw = Erlaubnis zurücknehmen
unblocking-allowed-done = Eine neue PIN ist erlaubt.
unblocking-withdrawn-done = Die Erlaubnis ist zurückgenommen: Der Code gilt nicht mehr.
