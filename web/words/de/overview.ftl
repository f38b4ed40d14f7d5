### The overview.

overview-title = Übersicht

## First steps

first-title = Das erste Smartphone registrieren
first-invite = Person einladen
first-invite-note = Name, E-Mail-Adresse und Kontoname: Sie stehen später in den Zertifikaten.
first-hand-over = Link oder Code weitergeben
first-hand-over-note = Er funktioniert einmal und läuft ab. Ansehen verbraucht ihn nicht.
first-watch = Hier auf das Smartphone warten
first-watch-note = Es erzeugt seine Schlüssel selbst, weist sie nach und erhält seine Zertifikate.

## What needs attention

needs-title = Zu erledigen
needs-nothing = Nichts
# $days (number)
needs-nothing-note = { $days ->
    [one] Am nächsten Tag
   *[other] In den nächsten { $days } Tagen
} läuft kein Zertifikat ab, und keine Einladung steht kurz vor dem Ablauf.
need-wrong = Problem
need-soon = Bald
need-look = Prüfen
# $count (number), $hours (number)
need-refused-sign-ins = { $count } Anmeldungen wurden innerhalb von { $hours ->
    [one] { $hours } Stunde
   *[other] { $hours } Stunden
} abgewiesen: Vielleicht rät jemand ein Passwort
need-changes = Die Datenbank nimmt keine Änderungen an: Registrieren und Widerrufen sind nicht möglich
# $available (number), $total (number)
need-space = Der Speicherplatz auf dem Server wird knapp: noch { $available } MB von { $total } MB frei
# $shown, $known
need-clock-event = Die Uhr des Servers zeigt { $shown }, aber das neueste Ereignis im Protokoll ist von { $known }: Es werden keine Zertifikate ausgestellt. Stellen Sie die Uhr; wenn sie richtig geht, starten Sie den Server mit --accept-clock
# $shown, $known
need-clock-build = Die Uhr des Servers zeigt { $shown }, aber das Programm ist von { $known }: Es werden keine Zertifikate ausgestellt. Stellen Sie die Uhr; wenn sie richtig geht, starten Sie den Server mit --accept-clock
# $name, $when
need-authority-ends = Die Zertifizierungsstelle { $name } läuft { $when } ab, und mit ihr vielleicht jedes Zertifikat, das sie ab jetzt ausstellt: Bereiten Sie ihre Nachfolgerin vor
# $name, $when
need-authority-ended = Die Zertifizierungsstelle { $name } ist { $when } abgelaufen: Es werden keine Zertifikate ausgestellt. Widerrufslisten und OCSP gibt es weiterhin. Richten Sie eine Nachfolgerin ein und registrieren Sie die Smartphones dort
need-stale-list = Eine Widerrufsliste ist veraltet: Dienste, die sie prüfen, weisen vielleicht jedes Zertifikat ab
# $count (number), $days (number)
need-certificates = { $count ->
    [one] { $count } Zertifikat läuft
   *[other] { $count } Zertifikate laufen
} innerhalb von { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
} ab
# $count (number)
need-invitations = { $count ->
    [one] { $count } Einladung läuft innerhalb eines Tages ungenutzt ab
   *[other] { $count } Einladungen laufen innerhalb eines Tages ungenutzt ab
}
# $count (number)
need-requests = { $count ->
    [one] { $count } Antrag wartet auf Genehmigung
   *[other] { $count } Anträge warten auf Genehmigung
}

## Figures

figures-title = In Zahlen
# $number (number)
figure = { $number }
figure-phones = Aktive Smartphones
# $holders (number)
figure-phones-note = { $holders ->
    [0] noch keine Person
    [one] { $holders } Person insgesamt
   *[other] { $holders } Personen insgesamt
}
figure-certificates = Gültige Zertifikate
# $ending (number)
figure-certificates-note = { $ending ->
    [0] keines läuft bald ab
    [one] { $ending } läuft bald ab
   *[other] { $ending } laufen bald ab
}
figure-invitations = Offene Einladungen
figure-invitations-note = warten auf ein Smartphone
# $days (number)
figure-revoked = Widerrufen in { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
}
# $phones (number)
figure-revoked-note = { $phones ->
    [0] bisher kein Smartphone widerrufen
    [one] bisher { $phones } Smartphone widerrufen
   *[other] bisher { $phones } Smartphones widerrufen
}

## Events and authority

recent-title = Letzte Ereignisse
whole-audit = Das ganze Protokoll
authority-title = Zertifizierungsstelle
authority-issues-as = Stellt aus als
authority-fingerprint = Fingerabdruck der Wurzel (SHA-256)
