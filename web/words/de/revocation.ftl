### Revoking a phone or one certificate.

revoke-why = Warum?
revoke-why-note = Der Grund steht in der öffentlichen Widerrufsliste.
revoke-no-reason = Wählen Sie einen Grund.
revoke-keep = Behalten

## A phone

# $phone
revoke-phone-title = { $phone } widerrufen?
# $phone, $holder
revoke-phone-heading = { $phone } von { $holder } widerrufen?
# $certificates (number)
revoke-phone-consequence = { $certificates ->
    [0] Kein gültiges Zertifikat wird widerrufen
    [one] { $certificates } gültiges Zertifikat wird widerrufen
   *[other] { $certificates } gültige Zertifikate werden widerrufen
}
# $holder
revoke-phone-holder = { $holder } kann sich mit diesem Smartphone nicht mehr anmelden, nicht mehr signieren und keine Türen mehr öffnen.
revoke-phone-at-once = Das gilt sofort: OCSP und der nächste Abruf der Widerrufsliste melden es innerhalb einer Sekunde, und ssh-Server, die diesen Server fragen, weisen das Smartphone ab dann ab.
revoke-phone-earlier = Frühere Signaturen bleiben gültig. Bei seiner nächsten Meldung erfährt das Smartphone, dass es seine Karte leeren soll: Was für sie verschlüsselt wurde, lässt sich dann nie wieder lesen.
# $holder
revoke-phone-final = Das lässt sich nicht rückgängig machen. Um wieder dabei zu sein, braucht { $holder } eine Einladung: Eine offene, die unten nicht zurückgezogen wird, funktioniert für jedes Smartphone.
revoke-also = Was sonst noch endet
revoke-also-note = Was hier angekreuzt ist, endet ebenfalls.
# $when
revoke-also-invitation = Die offene Einladung, erstellt { $when }
# $name, $when
revoke-also-invitation-note = Von { $name }; sie läuft { $when } ab. Wer ihren Link hat, kann bis dahin ein Smartphone registrieren.
# $phone
revoke-also-phone = Das Smartphone { $phone }
# $when
revoke-also-phone-suspended-note = Registriert { $when }, gesperrt. Alle seine Zertifikate werden aus demselben Grund widerrufen.
# $when
revoke-also-phone-note = Registriert { $when }, in Gebrauch. Alle seine Zertifikate werden aus demselben Grund widerrufen.
# $certificates (number)
revoke-phone-done = Das Smartphone ist widerrufen und mit ihm { $certificates ->
    [0] kein Zertifikat
    [one] { $certificates } Zertifikat
   *[other] { $certificates } Zertifikate
}. OCSP und die Widerrufsliste melden es ab jetzt.
# $phone
revoke-also-phone-done = Auch { $phone } wurde widerrufen.
# $invitations (number)
revoke-also-invitations-done = { $invitations ->
    [one] { $invitations } offene Einladung wurde zurückgezogen.
   *[other] { $invitations } offene Einladungen wurden zurückgezogen.
}
revoke-phone-nothing-left = Die Person hat kein anderes Smartphone und keine offene Einladung.
# $phones (number)
revoke-phone-phones-left = Die Person hat noch { $phones ->
    [one] { $phones } aktives Smartphone
   *[other] { $phones } aktive Smartphones
} und keine offene Einladung.
# $invitations (number)
revoke-phone-invitations-left = Die Person hat kein anderes Smartphone, aber noch { $invitations ->
    [one] { $invitations } offene Einladung
   *[other] { $invitations } offene Einladungen
}.
# $phones (number), $invitations (number)
revoke-phone-both-left = Die Person hat noch { $phones ->
    [one] { $phones } aktives Smartphone
   *[other] { $phones } aktive Smartphones
} und { $invitations ->
    [one] { $invitations } offene Einladung
   *[other] { $invitations } offene Einladungen
}.

## A certificate

revoke-certificate-title = Dieses Zertifikat widerrufen?
# $purpose, $holder
revoke-certificate-heading = „{ $purpose }“ von { $holder } widerrufen?
# $holder
revoke-stops-9a = { $holder } kann sich damit nicht mehr anmelden.
# $holder
revoke-stops-9c = { $holder } kann damit keine Dokumente und E-Mails mehr signieren.
# $holder
revoke-stops-9d = Für { $holder } soll nichts mehr damit verschlüsselt werden.
# $holder
revoke-stops-9e = { $holder } kann damit keine Türen mehr öffnen und keine Lesegeräte mehr verwenden.
# $holder
revoke-stops-other = { $holder } kann es nicht mehr verwenden.
revoke-certificate-at-once = Das gilt sofort: OCSP und der nächste Abruf der Widerrufsliste melden es innerhalb einer Sekunde.
# $others (number)
revoke-certificate-remaining = { $others ->
    [0] Das Smartphone hat dann kein gültiges Zertifikat mehr.
    [one] Das Smartphone behält { $others } anderes gültiges Zertifikat, das weiter funktioniert.
   *[other] Das Smartphone behält { $others } andere gültige Zertifikate, die weiter funktionieren.
}
# $whole-phone (element)
revoke-certificate-final = Das lässt sich nicht rückgängig machen. Wenn das Smartphone verloren ist oder gestohlen wurde, { $whole-phone }.
revoke-certificate-whole-phone = widerrufen Sie stattdessen das ganze Smartphone
revoke-certificate-done = Das Zertifikat ist widerrufen. OCSP und die Widerrufsliste melden es ab jetzt.
# $invitations (number)
revoke-certificate-invitations-left = Die Person hat noch { $invitations ->
    [one] { $invitations } offene Einladung
   *[other] { $invitations } offene Einladungen
}.
