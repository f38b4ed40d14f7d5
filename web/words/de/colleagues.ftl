### Who works here, one's own account, and links that set a password.

## The list

colleagues-title = Team
colleagues-intro = Wer mit diesem Portal arbeitet, und mit welchen Rechten.
colleagues-invite = Teammitglied einladen
colleagues-role = Rolle
colleagues-last-seen = Zuletzt gesehen
colleagues-never = nie
colleagues-you = Sie

## Roles

role-administrator-note = Darf alles und entscheidet, wer hier arbeitet.
role-officer-note = Darf alles, was Personen, Smartphones, Einladungen und Zertifikate betrifft.
role-auditor-note = Liest alle Listen und Seiten und das Protokoll, ändert nichts.
role-choose = Wählen Sie eine Rolle.

## Inviting a colleague

colleague-new = Neues Teammitglied
colleague-new-intro = Sie erhalten einen Link zum Weitergeben. Wer ihn hat, wählt das Passwort und ist angemeldet.
colleague-email-hint = Damit meldet sich das Teammitglied an. Sie lässt sich später nicht ändern.
colleague-new-submit = Link erstellen

## One colleague

# $name, $days (number)
colleague-link-intro = Geben Sie diesen Link so an { $name } weiter, dass ihn sonst niemand liest. Er funktioniert einmal, innerhalb von { $days ->
    [one] { $days } Tag
   *[other] { $days } Tagen
}; Ansehen verbraucht ihn nicht.
colleague-link-title = Der Link zur Wahl des Passworts
colleague-link-note = Nur dieser Browser zeigt ihn, eine Stunde lang: Der Server bewahrt nur einen Fingerabdruck auf.
colleague-copy-link = Link kopieren
colleague-link-until = Offener Link
# $time (element)
colleague-link-works-until = funktioniert bis { $time }
# $time (element)
colleague-link-ended = abgelaufen am { $time }
colleague-facts = Konto
colleague-added = Angelegt
colleague-disabled-since = Deaktiviert
colleague-sessions = Offene Sitzungen
# $count (number)
colleague-session-count = { $count }
colleague-make-link = Neuen Passwortlink erstellen
colleague-change-role = Rolle ändern
colleague-disable = Deaktivieren
colleague-enable = Aktivieren
colleague-own = Das sind Sie. Name, Passwort und Sitzungen finden Sie auf Ihrer eigenen Seite; Ihre Rolle kann jemand anderes aus der Administration ändern.
colleague-own-page = Zu Ihrem Konto

## Changing a role

# $name
colleague-role-title = Rolle von { $name } ändern
colleague-role-note = Sie gilt ab der nächsten Seite, die das Teammitglied öffnet. Ein noch nicht verwendeter Link zur Wahl des Passworts funktioniert nicht mehr: Erstellen Sie einen neuen.
colleague-role-submit = Rolle ändern
colleague-role-keep = Nichts ändern

## Disabling

# $name
colleague-disable-title = Konto von { $name } deaktivieren?
colleague-disable-now = Das Teammitglied wird sofort überall abgemeldet und kann sich nicht mehr anmelden. Kein Link, den es hat oder für andere erstellt hat, funktioniert noch.
colleague-disable-stays = Was es getan hat, bleibt, auch im Protokoll. Sie können das Konto wieder aktivieren.
colleague-disable-keep = Behalten

## Second factor

colleague-factor-remove = Zweiten Faktor entfernen
# $name
colleague-factor-title = Zweiten Faktor von { $name } entfernen?
colleague-factor-now = Dann genügt das Passwort zum Anmelden, bis wieder eine Authenticator-App oder ein Passkey hinzugefügt wird. Authenticator-App, Passkeys und Wiederherstellungscodes funktionieren nicht mehr, und alle Sitzungen dieses Kontos enden.
colleague-factor-sure = Tun Sie es nur, wenn Sie sicher sind, wer Sie darum bittet: Rufen Sie an oder treffen Sie sich.

## Done

# $name
colleague-factor-removed-done = Der zweite Faktor von { $name } ist entfernt. Alle Sitzungen dieses Kontos sind beendet.

# $name
colleague-invited-done = { $name } ist eingeladen. Der Link steht unten.
# $name
colleague-link-done = Es gibt einen neuen Link für { $name }. Frühere funktionieren nicht mehr.
# $name, $role
colleague-role-done = Die Rolle von { $name } ist jetzt: { $role }.
colleague-role-same = Die Rolle ist unverändert.
# $name
colleague-disabled-done = Das Konto von { $name } ist deaktiviert.
# $name
colleague-enabled-done = Das Konto von { $name } ist aktiviert, mit dem bisherigen Passwort. Wenn andere es kennen könnten oder es noch keines gab, erstellen Sie einen neuen Passwortlink.
# $passkeys (number)
colleague-enabled-passkeys = { $passkeys ->
    [one] { $passkeys } Passkey öffnet es ohne das Passwort. Wenn andere ihn haben könnten, entfernen Sie unten den zweiten Faktor.
   *[other] { $passkeys } Passkeys öffnen es ohne das Passwort. Wenn andere einen davon haben könnten, entfernen Sie unten den zweiten Faktor.
}

## One's own account

account-title = Ihr Konto
account-name-title = Name
account-name-hint = Andere sehen ihn auf den Einladungen, die Sie erstellen, und im Protokoll.
account-name-submit = Namen speichern
account-language-title = Sprache
account-language-label = Sprache Ihrer Seiten
account-language-browser = Wie im Browser eingestellt
account-language-submit = Sprache speichern
account-password-title = Passwort
account-password-present = Bisheriges Passwort
account-password-new = Neues Passwort
account-password-note = Alle Ihre anderen Sitzungen werden beendet.
account-password-submit = Passwort ändern
account-password-wrong = Das bisherige Passwort ist falsch.
account-sessions-title = Sitzungen
account-session-begun = Begonnen
account-session-used = Zuletzt verwendet
account-session-which = Sitzung
account-session-this = Diese
account-session-other = Anderer Browser
account-sign-out-elsewhere = Überall sonst abmelden
account-name-done = Ihr Name ist geändert.
account-language-done = Ihre Seiten sind jetzt in dieser Sprache.
account-name-same = Ihr Name ist unverändert.
# $sessions (number)
account-password-done = Ihr Passwort ist geändert. { $sessions ->
    [0] Es war keine andere Sitzung offen.
    [one] { $sessions } andere Sitzung wurde beendet.
   *[other] { $sessions } andere Sitzungen wurden beendet.
}
# $sessions (number)
account-sessions-done = { $sessions ->
    [0] Es war keine andere Sitzung offen.
    [one] { $sessions } andere Sitzung wurde beendet.
   *[other] { $sessions } andere Sitzungen wurden beendet.
}

## The page of a link

password-link-title = Passwort wählen
# $name
password-link-heading = Willkommen, { $name }
# $email
password-link-intro = Wählen Sie ein Passwort. Damit melden Sie sich künftig als { $email } an. Der Link funktioniert einmal.
password-link-submit = Speichern und anmelden
