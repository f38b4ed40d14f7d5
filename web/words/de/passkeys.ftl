### Passkeys of an account: adding, naming, showing and removing them.

passkeys-title = Passkeys
passkeys-intro = Ein Passkey genügt zum Anmelden: Sie entsperren Ihren Computer, Ihr Smartphone oder einen Sicherheitsschlüssel und geben weder Passwort noch Code ein. Er funktioniert nur auf dieser Website, sodass keine andere danach fragen kann.
# $count (number)
passkey-count = { $count ->
    [one] { $count } Passkey
   *[other] { $count } Passkeys
}
# $passkeys (number)
passkeys-still-open = { $passkeys ->
    [one] { $passkeys } Passkey öffnet Ihr Konto ohne das Passwort, auch nach einer Änderung. Wenn es nicht Ihrer ist, entfernen Sie ihn auf der Seite Ihres Kontos.
   *[other] { $passkeys } Passkeys öffnen Ihr Konto ohne das Passwort, auch nach einer Änderung. Entfernen Sie auf der Seite Ihres Kontos die, die nicht Ihre sind.
}
passkey-added = Hinzugefügt
passkey-used = Zuletzt verwendet
passkey-without = Passkeys brauchen JavaScript und eine aktuelle Version des Browsers. Alles andere funktioniert ohne.
passkey-failed = Der Browser hat keinen Passkey gegeben: Es wurde abgebrochen, hat zu lange gedauert, oder es gibt keinen. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.

## Adding one

passkey-add = Passkey hinzufügen
passkey-add-intro = Ihr Browser fragt, wo er aufbewahrt wird: auf diesem Computer, auf einem Smartphone oder auf einem Sicherheitsschlüssel.
passkey-name-hint = Daran erkennen Sie ihn, zum Beispiel „Laptop“ oder „Blauer Sicherheitsschlüssel“.
# $number (number)
passkey-name = Passkey { $number }
passkey-make = Passkey erstellen
passkey-not-made = Der Passkey wurde nicht hinzugefügt: Es hat zu lange gedauert, oder der Browser hat etwas anderes geantwortet, als er gefragt wurde. Versuchen Sie es noch einmal.
passkey-added-done = Der Passkey ist hinzugefügt.

## One of them

passkey-rename = Namen speichern
passkey-renamed-done = Der Name des Passkeys ist geändert.
passkey-remove = Passkey entfernen
# $name
passkey-remove-title = Passkey { $name } entfernen?
passkey-remove-note = Er öffnet hier nichts mehr, und alle Ihre anderen Sitzungen enden. Das Gerät behält ihn: Löschen Sie ihn auch dort.
passkey-removed-done = Der Passkey ist entfernt. Alle Ihre anderen Sitzungen sind beendet.

## Showing it

passkey-sign-in = Mit einem Passkey anmelden
passkey-show = Passkey verwenden
passkey-first = Oder bestätigen Sie zuerst mit einem Passkey:
passkey-proved-done = Sie werden eine Weile nicht noch einmal gefragt.
passkey-refused = Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal oder wählen Sie einen anderen Weg.
passkey-copied = Dieser Passkey wurde abgelehnt: Sein Zähler ist zurückgegangen, also gibt es vielleicht eine Kopie. Wählen Sie einen anderen Weg, entfernen Sie ihn und sagen Sie der Administration Bescheid.
