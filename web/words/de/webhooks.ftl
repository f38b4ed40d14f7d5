### Webhooks, and what they are sent.

## The list

webhooks-title = Webhooks
webhooks-intro = Ihre Programme, die sofort erfahren, was hier geschieht.
webhooks-add = Webhook hinzufügen
webhooks-none = Noch keine Webhooks
webhooks-none-note = Ein Webhook ist die Adresse eines Ihrer Programme. Es erhält jedes Ereignis signiert als JSON.
webhook-host = Geht an
webhook-objects = Ereignisse zu

## What events are about

webhook-about-installation = Installation
webhook-about-installation-note = Einrichtung und Uhrzeit.
webhook-about-authorities = Zertifizierungsstellen
webhook-about-authorities-note = Angelegt, und jede veröffentlichte Widerrufsliste.
webhook-about-colleagues-note = Konten, Rollen, Passwörter und jede Anmeldung.
webhook-about-holders-note = Angelegt, bearbeitet, gesperrt, entsperrt, ausgeschieden.
webhook-about-invitations-note = Erstellt, verwendet, zurückgezogen.
webhook-about-phones-note = Registriert, gesperrt, entsperrt, widerrufen.
webhook-about-certificates-note = Ausgestellt, gesperrt, entsperrt, widerrufen.
webhook-about-webhooks-note = Hinzugefügt, geändert, deaktiviert, aktiviert, entfernt.
webhook-about-api-tokens-note = Erstellt, widerrufen.
webhook-choose-objects = Wählen Sie, wovon es erfahren soll.

## Adding and changing

webhook-edit = Webhook ändern
webhook-edit-intro = Jedes Ereignis wird gesendet, bis Ihr Programm mit einem Status 2xx antwortet: der Reihe nach, nötigenfalls mehrmals und immer mit derselben ID.
webhook-url = Adresse
webhook-url-hint = Sie beginnt mit https:// (oder mit http:// bei einem Programm auf dem Server selbst).
webhook-add-submit = Hinzufügen und Geheimnis anzeigen
webhook-edit-submit = Speichern

## One webhook

webhook-facts = Webhook
webhook-added = Hinzugefügt
webhook-edit-button = Ändern
webhook-enable = Aktivieren
webhook-disable = Deaktivieren
webhook-remove = Entfernen
webhook-secret-title = Das Geheimnis
webhook-secret-intro = Damit erkennt Ihr Programm die Nachrichten dieses Servers. Geben Sie es so an das Programm weiter, dass es sonst niemand liest.
webhook-secret-note = Nur dieser Browser zeigt es, eine Stunde lang. Für ein neues entfernen Sie den Webhook und fügen ihn wieder hinzu.
webhook-secret-copy = Geheimnis kopieren
webhook-ready = Aktuell
webhook-sending = Sendet
webhook-held-up = Stockt

## Deliveries

deliveries-title = Letzte Zustellungen
deliveries-none = Bisher ist nichts geschehen, wovon er erfährt.
delivery-event = Ereignis
delivery-attempts = Versuche
delivery-answer = Letzte Antwort
delivery-actions = Was zu tun ist
delivery-next = nächster Versuch
delivery-again = Noch einmal senden
delivery-now = Jetzt senden
delivery-waiting = Wartet
delivery-delivered = Zugestellt
delivery-failed = Aufgegeben
# $answer
outcome-taken = { $answer }
# $answer
outcome-refused = { $answer }
# $answer
outcome-unreachable = Nicht erreichbar: { $answer }
# $address
outcome-not-allowed = { $address } gehört zu einem Netz, in das der Server nicht senden darf (--webhook-networks).
outcome-timed-out = Keine rechtzeitige Antwort
outcome-gone = Das Ereignis gibt es nicht mehr

## Removing

# $host
webhook-remove-title = Webhook an { $host } entfernen?
webhook-remove-note = Was noch wartet, wird nicht mehr gesendet, und das Geheimnis gilt nicht mehr.
webhook-remove-keep = Behalten

## Done

webhook-added-done = Der Webhook ist hinzugefügt. Sein Geheimnis steht unten.
webhook-changed-done = Der Webhook ist geändert.
webhook-disabled-done = Der Webhook ist deaktiviert. Was geschieht, erfährt er erst wieder, wenn Sie ihn aktivieren.
webhook-enabled-done = Der Webhook ist aktiviert. Was auf ihn wartete, wird jetzt gesendet.
webhook-removed-done = Der Webhook ist entfernt.
delivery-again-done = Es wird noch einmal gesendet, mit derselben ID.
