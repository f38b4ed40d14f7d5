### Invitations as administrators see them.

invitations-title = Einladungen
invitations-by-state = Einladungen nach Status
invitations-none-found = Keine Einladungen gefunden
invitations-none-found-note = Keine Einladung passt zu Ihrer Suche und dem gewählten Filter.
invitations-show-all = Alle Einladungen anzeigen
invitations-none-yet = Noch keine Einladungen
invitations-none-yet-note = Eine Einladung ist ein Link, mit dem ein Smartphone registriert wird. Sie bleibt in dieser Liste, auch wenn sie verwendet, abgelaufen oder zurückgezogen ist.
invitations-for = Für
invitations-by = Eingeladen von
invitations-search = Name, E-Mail oder Kontoname
# $name
invited-by = von { $name }

## One invitation

# $name
invitation-title = Einladung für { $name }
invitation-cancel = Einladung zurückziehen
# $name
invitation-again = { $name } neu einladen
invitation-link-title = Der Link für das Smartphone
# $name, $one-phone (element), $expires (element)
invitation-link-intro = Geben Sie diesen Link an { $name } weiter, oder lassen Sie den Code mit der { -product }-App scannen. Er funktioniert für { $one-phone }, bis { $expires }.
invitation-one-phone = ein Smartphone
invitation-link-note = Nur dieser Browser kann den Link anzeigen, und nur eine Stunde lang: Der Server bewahrt keine lesbare Kopie auf. Öffnen verbraucht den Link nicht. An seinem letzten Teil erkennt das Smartphone, dass es mit dem richtigen Server spricht.
# $name, $new-one (element)
invitation-link-gone = Der Link wird nicht noch einmal angezeigt: Der Server bewahrt nur einen Fingerabdruck auf. Wenn { $name } ihn verloren hat, ziehen Sie diese Einladung zurück und { $new-one }.
invitation-link-not-shown = Er wird einmal angezeigt, und zwar nur dort, wo die Einladung erstellt wurde: Der Server bewahrt nur einen Fingerabdruck auf.
invitation-link-gone-new-one = erstellen Sie eine neue
invitation-facts = Einzelheiten
invitation-keys = Schlüssel auf dem Smartphone
invitation-invited-by = Eingeladen von
invitation-code = Code des Einladungslinks zum Scannen mit dem Smartphone
invitation-copy-link = Link kopieren

## Where it stands

invitation-waiting = Wartet auf das Smartphone.
invitation-enrolling = Das Smartphone wird gerade registriert.
# $when
invitation-lapsed = Nicht rechtzeitig verwendet, { $when } abgelaufen.
# $when
invitation-cancelled-at = Zurückgezogen { $when }.
# $phone, $when, $certificates (number)
invitation-enrolled = { $phone } wurde { $when } registriert und hat { $certificates ->
    [0] keine Zertifikate
    [one] { $certificates } Zertifikat
   *[other] { $certificates } Zertifikate
}.
invitation-show-phone = Smartphone anzeigen
invitation-check-again = Noch einmal prüfen

## Inviting

new-invitation = Neu
new-invitation-intro = Sie erhalten einen Link und einen Code für ein Smartphone. Was Sie hier eingeben, steht später in den Zertifikaten: Das Smartphone selbst steuert nur seine Schlüssel bei.
new-invitation-name-hint = Wie andere diese Person kennen, zum Beispiel Alice Example.
new-invitation-email-hint = Sie steht im Zertifikat zum Signieren.
new-invitation-upn-hint = Zum Beispiel alice@example.org. Der Teil vor dem @ ist der Benutzername für ssh.
new-invitation-no-policy = Wählen Sie, welche Schlüssel das Smartphone erzeugen soll.
new-invitation-submit = Einladung erstellen

## Cancelling

# $name
cancel-title = Einladung für { $name } zurückziehen?
cancel-consequence = Link und Code funktionieren sofort nicht mehr. Bereits registrierte Smartphones sind nicht betroffen. Eine zurückgezogene Einladung lässt sich nicht wiederherstellen; Sie können jederzeit eine neue erstellen.
cancel-keep = Behalten
# $name
cancel-done = Die Einladung für { $name } ist zurückgezogen.
