### Holders: the people whose phones are enrolled.

holders-title = Personen
holders-search = Name, E-Mail oder Kontoname
holders-none-yet = Noch niemand
holders-none-yet-note = Eine Person erscheint hier, sobald Sie sie zum ersten Mal einladen.
holders-none-found = Niemand gefunden
holders-none-found-note = Niemand passt zu Ihrer Suche und dem gewählten Filter.
holders-show-all = Alle Personen anzeigen
holders-filters = Personen nach dem, was sie haben
holders-without-phone = Ohne Smartphone
holders-several-phones = Mehrere Smartphones
# $days (number)
holders-ending = Ablauf in { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
}
holders-phones = Smartphones
holders-next-end = Nächster Ablauf
holders-nothing-ends = keiner

## One holder

# $name, $phones (number)
holder-sentence = { $phones ->
    [0] { $name } hat kein Smartphone, das als Smartcard funktioniert.
    [one] { $name } hat { $phones } Smartphone, das als Smartcard funktioniert.
   *[other] { $name } hat { $phones } Smartphones, die als Smartcard funktionieren.
}
# $name, $phones (number)
holder-suspended-sentence = { $name } ist gesperrt: { $phones ->
    [0] Es gibt kein Smartphone, und keine Einladung funktioniert.
    [one] Das Smartphone ist ebenfalls gesperrt, und keine Einladung funktioniert.
   *[other] { $phones } Smartphones sind ebenfalls gesperrt, und keine Einladung funktioniert.
}
# $name
holder-gone-sentence = { $name } ist ausgeschieden: Kein Smartphone funktioniert, und keines kann registriert werden.
holder-invite = Für weiteres Smartphone einladen
holder-suspend = Sperren
holder-resume = Entsperren
holder-let-go = Ausscheiden lassen
holder-take-back = Wieder aufnehmen
holder-edit = Bearbeiten
holder-remove = Entfernen
holder-outdated = Zertifikate mit anderen Angaben
# $name
holder-outdated-note = Sie sind gültig und bleiben, wie sie sind. Damit sie neu ausgestellt werden, registriert { $name } das Smartphone mit einer neuen Einladung noch einmal; die alten werden dann widerrufen.
holder-outdated-invite = Neu einladen
# $phone
holder-outdated-on = auf { $phone }
# $names
holder-outdated-says = Darin steht { $names }.
holder-no-phones = Noch keines. Ein Smartphone erscheint hier, sobald es registriert ist.
holder-no-invitations = Keine.
# $when (element)
holder-invited = Eingeladen am { $when }
holder-about = Zu dieser Person
holder-username = Benutzername für ssh
holder-added = Angelegt

## Correcting one

# $name
edit-title = { $name } bearbeiten
edit-intro = Was Sie hier eingeben, steht in den Zertifikaten, die ab jetzt ausgestellt werden. Ein neuer Kontoname gilt für ssh sofort: Die Smartphones dieser Person melden sich damit an und nicht mehr mit dem alten. Das Protokoll behält die bisherigen Angaben.
edit-submit = Speichern
# $mailed (number)
edit-done = { $mailed ->
    [0] Die Änderungen sind gespeichert.
    [one] Die Änderungen sind gespeichert. Die offene Einladung geht mit einem neuen Link an die neue E-Mail-Adresse; der alte Link öffnet nichts mehr.
   *[other] Die Änderungen sind gespeichert. Die offenen Einladungen gehen mit neuen Links an die neue E-Mail-Adresse; die alten Links öffnen nichts mehr.
}
edit-nothing = Es wurde nichts geändert.
# $username
system-account = Ja, diese Person ist { $username }
# $username
system-account-note = Wer das Smartphone dieser Person hat, kann sich, sobald Sie speichern, auf jedem Host, der diesen Server fragt, als { $username } anmelden.
# $email
shared-mail = Ja, beide haben { $email }
shared-mail-note = In den Zertifikaten zum Signieren von E-Mails steht dann bei beiden dieselbe Adresse.

## Removing one

# $name
remove-title = { $name } entfernen?
# $invitations (number)
remove-consequence = { $invitations ->
    [0] Es gibt keine offene Einladung.
    [one] { $invitations } offene Einladung wird zurückgezogen: Ihr Link funktioniert nicht mehr.
   *[other] { $invitations } offene Einladungen werden zurückgezogen: Ihre Links funktionieren nicht mehr.
}
remove-final = Name, E-Mail-Adresse und Kontoname werden hier gelöscht, und der Kontoname kann an jemand anderen vergeben werden. Das Protokoll behält, was geschehen ist, mit diesen Namen.
remove-submit = Diese Person entfernen
remove-keep = Diese Person behalten
# $name
remove-done = { $name } wurde entfernt.

## Suspending one

# $name
suspend-holder-title = { $name } sperren?
# $phones (number)
suspend-holder-phones = { $phones ->
    [0] Es gibt kein Smartphone, das gesperrt werden könnte.
    [one] { $phones } Smartphone wird mit seinen Zertifikaten gesperrt.
   *[other] { $phones } Smartphones werden mit ihren Zertifikaten gesperrt.
}
# $invitations (number)
suspend-holder-invitations = { $invitations ->
    [0] Es gibt keine offene Einladung.
    [one] { $invitations } offene Einladung funktioniert solange nicht.
   *[other] { $invitations } offene Einladungen funktionieren solange nicht.
}
suspend-holder-undo = Sie können die Person jederzeit entsperren: Dann funktioniert alles wieder wie zuvor, außer Smartphones, die einzeln gesperrt wurden.
suspend-holder-submit = Diese Person sperren
# $name, $phones (number)
suspend-holder-done = { $phones ->
    [0] { $name } ist gesperrt. Ein Smartphone gab es nicht.
    [one] { $name } ist gesperrt, zusammen mit { $phones } Smartphone.
   *[other] { $name } ist gesperrt, zusammen mit { $phones } Smartphones.
}
# $name, $phones (number)
resume-holder-done = { $phones ->
    [0] { $name } ist wieder aktiv. Ein Smartphone gab es nicht.
    [one] { $name } ist wieder aktiv, zusammen mit { $phones } Smartphone.
   *[other] { $name } ist wieder aktiv, zusammen mit { $phones } Smartphones.
}

## Letting one go

# $name
let-go-title = { $name } ausscheiden lassen?
# $phones (number)
let-go-phones = { $phones ->
    [0] Es gibt kein Smartphone, das widerrufen werden könnte.
    [one] { $phones } Smartphone wird mit allen seinen Zertifikaten widerrufen.
   *[other] { $phones } Smartphones werden mit allen ihren Zertifikaten widerrufen.
}
let-go-at-once = Das gilt sofort: OCSP und der nächste Abruf der Widerrufsliste melden es innerhalb einer Sekunde, und ssh-Server, die diesen Server fragen, weisen die Smartphones ab dann ab.
let-go-earlier = Frühere Signaturen bleiben gültig. Bei seiner nächsten Meldung erfährt jedes Smartphone, dass es seine Karte leeren soll: Was für sie verschlüsselt wurde, lässt sich dann nie wieder lesen.
let-go-final = Widerrufene Zertifikate kommen nicht zurück. Sie können die Person später wieder aufnehmen und neu einladen.
let-go-submit = Diese Person ausscheiden lassen
# $name, $phones (number), $invitations (number)
let-go-done = { $name } ist ausgeschieden: { $phones ->
    [0] kein Smartphone
    [one] { $phones } Smartphone
   *[other] { $phones } Smartphones
} widerrufen, { $invitations ->
    [0] keine Einladung
    [one] { $invitations } Einladung
   *[other] { $invitations } Einladungen
} zurückgezogen.
# $name
take-back-done = { $name } ist wieder aktiv und kann eingeladen werden.
