### Doing something with several at once.

bulk-select = Auswählen
# $name
bulk-select-row = { $name } auswählen
bulk-select-page = Alle Zeilen dieser Seite auswählen
bulk-all = Alle Zeilen dieser Liste, auch auf anderen Seiten
bulk-acts = Mit den ausgewählten Zeilen
bulk-act-invite = Einladen
bulk-act-suspend = Sperren
bulk-act-resume = Entsperren
bulk-act-cancel = Zurückziehen
bulk-several = Mehrere auf einmal
bulk-nothing = Nichts ändern
bulk-nobody = Mit keiner der ausgewählten Zeilen ist das möglich.
# $count (number)
bulk-with = Mit { $count ->
    [one] diesem Eintrag
   *[other] diesen { $count } Einträgen
}
# $count (number)
bulk-without = Nicht mit { $count ->
    [one] diesem Eintrag
   *[other] diesen { $count } Einträgen
}
bulk-is-suspended = Gesperrt: Eine Einladung würde nicht funktionieren.
bulk-is-gone = Ausgeschieden: Nehmen Sie die Person erst wieder auf.
bulk-not-tried = Nicht versucht: Der Vorgang wurde vorher abgebrochen.

# $count (number)
bulk-invite-heading = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} einladen?
bulk-invite-note = Jede Person erhält eine eigene Einladung, mit der sie ein Smartphone registriert. Wer schon ein Smartphone hat, behält es. Die nächste Seite zeigt die Links einmal, auf Blättern zum Ausdrucken.
# $count (number)
bulk-invite-verb = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} einladen
# $count (number)
bulk-invited = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} eingeladen
bulk-nobody-invited = Niemand wurde eingeladen
bulk-sheets-note = Drucken Sie diese Seite aus, ein Blatt für jede Person, oder kopieren Sie die Links. Sie werden nicht noch einmal angezeigt.
# $email, $expires (element)
bulk-sheet-intro = Für { $email }. Öffnen Sie den Link auf dem Smartphone oder scannen Sie den Code mit der { -product }-App. Er funktioniert für ein Smartphone, bis { $expires }.
# $count (number)
bulk-suspend-holders-heading = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} sperren?
bulk-suspend-holders-note = Ihre Smartphones funktionieren sofort nicht mehr und ihre Einladungen auch nicht, bis sie entsperrt werden.
# $count (number)
bulk-holders-suspended = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} gesperrt
# $count (number)
bulk-resume-holders-heading = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} entsperren?
bulk-resume-holders-note = Ihre Smartphones funktionieren wieder, außer denen, die einzeln gesperrt wurden.
# $count (number)
bulk-holders-resumed = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
} entsperrt
# $count (number)
bulk-suspend-phones-heading = { $count ->
    [one] { $count } Smartphone
   *[other] { $count } Smartphones
} sperren?
bulk-suspend-phones-note = Sie funktionieren sofort nicht mehr, bis sie entsperrt werden.
# $count (number)
bulk-phones-suspended = { $count ->
    [one] { $count } Smartphone
   *[other] { $count } Smartphones
} gesperrt
# $count (number)
bulk-resume-phones-heading = { $count ->
    [one] { $count } Smartphone
   *[other] { $count } Smartphones
} entsperren?
bulk-resume-phones-note = Sie funktionieren wieder, außer denen von gesperrten Personen.
# $count (number)
bulk-phones-resumed = { $count ->
    [one] { $count } Smartphone
   *[other] { $count } Smartphones
} entsperrt
# $count (number)
bulk-suspend-verb = { $count } sperren
# $count (number)
bulk-resume-verb = { $count } entsperren
# $count (number)
bulk-cancel-heading = { $count ->
    [one] { $count } Einladung
   *[other] { $count } Einladungen
} zurückziehen?
bulk-cancel-note = Die Links funktionieren sofort nicht mehr. Wer einen braucht, muss neu eingeladen werden.
# $count (number)
bulk-cancel-verb = { $count ->
    [one] { $count } Einladung
   *[other] { $count } Einladungen
} zurückziehen
# $count (number)
bulk-cancelled = { $count ->
    [one] { $count } Einladung
   *[other] { $count } Einladungen
} zurückgezogen

## People from a file

import-title = Personen aus einer Datei einladen
# $most (number)
import-intro = Bis zu { $most } Personen auf einmal. Zuerst wird jede Zeile geprüft: Entweder werden alle eingeladen oder niemand.
import-people = Personen, eine pro Zeile
import-hint = Name, E-Mail-Adresse und Kontoname (UPN), getrennt durch Kommas, Semikolons oder Tabulatoren. Die erste Zeile kann die Spalten benennen: Name, E-Mail, UPN, Sprache. Ohne Kontonamen gilt die E-Mail-Adresse.
# What columns may be called, in lower case, with commas between the names.
import-columns-name = name, vollständiger name, anzeigename, full name, display name
import-columns-email = e-mail, email, mail, e-mail-adresse, mailadresse, mail address, email address, e-mail address
import-columns-upn = upn, konto, kontoname, kontoname (upn), benutzerprinzipalname, account, account name, account name (upn), user principal name, userprincipalname
import-columns-language = sprache, language
import-file = Oder aus einer Datei übernehmen:
import-submit = Zeilen prüfen
import-lines-title = Zu korrigierende Zeilen
import-line = Zeile
import-why = Was nicht stimmt
import-empty = Geben Sie mindestens eine Person ein.
# $column
import-no-column = Die erste Zeile benennt Spalten, aber keine heißt „{ $column }“.
# $number (number)
import-line-unreadable = Zeile { $number } ist nicht lesbar: Sie braucht einen Namen und eine E-Mail-Adresse, und zu jedem Anführungszeichen gehört ein zweites.
# $number (number)
import-language-unknown = In Zeile { $number } steht eine Sprache, in der es keine E-Mails gibt. Schreiben Sie de oder en, oder lassen Sie die Zelle leer.
# $count (number), $most (number)
import-too-many = Das sind { $count } Personen. Laden Sie höchstens { $most } auf einmal ein.
# $count (number)
import-lines-wrong = { $count ->
    [one] { $count } Zeile muss
   *[other] { $count } Zeilen müssen
} korrigiert werden, bevor jemand eingeladen wird. Siehe die Tabelle oben.
