### The second factor of an account, and showing again who one is.

factor-title = Zweiter Faktor
factor-intro = Mit einer Authenticator-App oder einem Passkey kann sich niemand als Sie anmelden, der nur Ihr Passwort kennt.
factor-off = Keiner
# $at (element)
factor-since = Authenticator-App, seit { $at }
# $at (element)
factor-on = Authenticator-App, hinzugefügt am { $at }.
# $left (number)
factor-codes-left = { $left ->
    [0] Kein Wiederherstellungscode ist übrig: Erstellen Sie neue.
    [one] { $left } Wiederherstellungscode ist übrig.
   *[other] { $left } Wiederherstellungscodes sind übrig.
}
factor-code = Code
factor-code-hint = Die 6 Ziffern, die Ihre Authenticator-App jetzt zeigt, oder einer Ihrer Wiederherstellungscodes.
factor-code-wrong = Dieser Code ist falsch oder wurde schon verwendet. Warten Sie auf den nächsten und prüfen Sie, ob die Uhr Ihres Smartphones richtig geht.

## Adding one

factor-add-title = Authenticator-App hinzufügen
factor-add-intro = Jede App für Einmalcodes (TOTP) eignet sich.
factor-scan-title = 1. Code scannen
factor-code-picture = QR-Code für Ihre Authenticator-App
factor-scan-intro = Scannen Sie ihn mit der App.
factor-scan-link = Ist die App auf diesem Gerät?
factor-scan-open = App öffnen
factor-scan-type = Oder geben Sie diesen Schlüssel ein:
factor-copy-secret = Schlüssel kopieren
factor-first-title = 2. Eingeben, was sie zeigt
factor-first-hint = Die 6 Ziffern, die die App jetzt zeigt.
factor-first-code-wrong = Das ist nicht der Code, den die App jetzt zeigen müsste. Prüfen Sie, ob sie den Code oben gescannt hat und ob die Uhr Ihres Smartphones richtig geht.
factor-add = Hinzufügen
factor-cancel = Abbrechen

## Removing it

factor-remove = Authenticator-App entfernen
factor-remove-title = Authenticator-App entfernen?
factor-remove-last = Das ist Ihr letzter zweiter Faktor: Dann genügt Ihr Passwort zum Anmelden, und Ihre Wiederherstellungscodes funktionieren nicht mehr.
# $passkeys (number)
factor-remains-passkeys = Zum Anmelden behalten Sie { $passkeys ->
    [one] { $passkeys } Passkey
   *[other] { $passkeys } Passkeys
} und Ihre Wiederherstellungscodes.
factor-remains-app = Zum Anmelden behalten Sie Ihre Authenticator-App und Ihre Wiederherstellungscodes.
factor-keep = Behalten
factor-removed-done = Die Authenticator-App ist entfernt.

## Recovery codes

recovery-title = Wiederherstellungscodes
recovery-intro = Jeder von ihnen ersetzt einmal einen Code Ihrer Authenticator-App oder einen Passkey, wenn Sie diese verloren haben.
recovery-note = Drucken Sie sie aus oder bewahren Sie sie in einem Passwortmanager auf: nicht auf dem Gerät mit der Authenticator-App oder dem Passkey.
recovery-used = (verwendet)
recovery-copy = Alle kopieren
recovery-saved = Ich habe sie gespeichert
recovery-show = Meine Wiederherstellungscodes anzeigen
recovery-new-intro = Hat jemand anderes sie gesehen, oder sind nur noch wenige übrig? Erstellen Sie neue: Die bisherigen funktionieren dann nicht mehr.
recovery-new = Neue Wiederherstellungscodes erstellen
recovery-made-done = Das sind Ihre neuen Wiederherstellungscodes. Die bisherigen funktionieren nicht mehr.

## Signing in

factor-step-title = Zweiter Faktor
factor-step-intro = Ihr Passwort ist richtig.
factor-step-lost = App, Passkeys und Wiederherstellungscodes verloren? Die Administration kann Ihren zweiten Faktor entfernen, oder wer den Server betreibt.

## Showing again who one is

proof-title = Bestätigen Sie, dass Sie es sind
# $minutes (number)
proof-intro = Diese Aktion hat weitreichende Folgen. { $minutes ->
    [one] In der nächsten Minute
   *[other] In den nächsten { $minutes } Minuten
} werden Sie nicht noch einmal gefragt.
proof-password-wrong = Das Passwort ist falsch.
proof-factor-wrong = Der Passkey oder der Code ist falsch oder wurde schon verwendet. Versuchen Sie es noch einmal.
proof-or-code = Oder mit einem Code:
proof-submit = Bestätigen
proof-cancel = Abbrechen
