### What stands on every page: navigation, lists, times.

-product = Tapcard

# The conventions for dates and numbers: a locale (BCP 47).
conventions = de-DE

# What the language calls itself.
language-name = Deutsch
product-name = { -product }
tagline = Das Smartphone als Smartcard.
skip-to-content = Zum Inhalt springen

## Navigation

menu = Hauptmenü
breadcrumb = Sie sind hier
menu-overview = Übersicht
menu-invitations = Einladungen
menu-requests = Anträge
menu-holders = Personen
menu-phones = Smartphones
menu-certificates = Zertifikate
menu-audit = Protokoll
menu-colleagues = Team
menu-webhooks = Webhooks
menu-api-tokens = API-Tokens
sign-out = Abmelden

## Lists

search = Suchen
pages = Seiten
first-page = Erste Seite
previous-page = Vorige Seite
next-page = Nächste Seite
# $count (number)
rows = { $count ->
    [one] { $count } Zeile
   *[other] { $count } Zeilen
}
# $count (number)
more-rows = mehr als { $count } Zeilen
# $count (number)
rows-at-least = mindestens { $count ->
    [one] { $count } Zeile
   *[other] { $count } Zeilen
}
list-files = Exportieren
list-csv = Als CSV herunterladen
list-json-lines = Als JSON Lines herunterladen
list-print = Druckansicht
list-screen = Zurück zur Liste
# $query
with-query = mit „{ $query }“
show-all = alle anzeigen
filter-all = Alle

## Forms and buttons

# $title
title-with-errors = Fehler: { $title }
errors-title = Bitte korrigieren Sie Folgendes
back = Zurück
invite-someone = Person einladen
copied = Kopiert
copy-failed = Kopieren fehlgeschlagen. Markieren Sie stattdessen den Text.

note-hint = Optional. Nur hier und im Protokoll zu sehen, in keinem Zertifikat und keiner Widerrufsliste.

## Labels of facts and columns

label-holder = Person
label-phone = Smartphone
label-name = Name
label-email = E-Mail-Adresse
label-upn = Kontoname (UPN)
label-upn-short = Kontoname
label-state = Status
label-enrolled = Registriert
label-suspended = Gesperrt
label-until = Bis
label-gone = Ausgeschieden
label-revoked = Widerrufen
label-reason = Grund
label-note = Notiz
label-invited = Eingeladen
label-expires = Läuft ab
label-valid-from = Gültig ab
label-valid-until = Gültig bis
about = Details

## Times

# $time
time-utc = { $time } UTC
# $exact (element), $distance
time-with-distance = { $exact } ({ $distance })
time-now = gerade eben
time-soon = in weniger als einer Minute
# $count (number)
time-in-minutes = in { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
# $count (number)
time-in-hours = in { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
# $count (number)
time-in-days = in { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
# $count (number)
time-in-years = in { $count ->
    [one] { $count } Jahr
   *[other] { $count } Jahren
}
# $count (number)
time-minutes-ago = vor { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
# $count (number)
time-hours-ago = vor { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
# $count (number)
time-days-ago = vor { $count ->
    [one] { $count } Tag
   *[other] { $count } Tagen
}
# $count (number)
time-years-ago = vor { $count ->
    [one] { $count } Jahr
   *[other] { $count } Jahren
}
