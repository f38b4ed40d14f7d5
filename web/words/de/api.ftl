### Tokens of the API, and the page about it.

## The list

tokens-title = API-Tokens
tokens-intro = Mit einem Token tut ein Programm, was hier die Sachbearbeitung tut.
tokens-document = Was es kann
tokens-make = Token erstellen
tokens-none = Noch keine API-Tokens
tokens-none-note = Mit einem Token kann eines Ihrer Programme ohne eine Person einladen, sperren und widerrufen.
token-scopes = Darf
token-end = Gilt bis
token-used = Zuletzt verwendet
token-never = Nie
token-works = Gültig

## What a token may do

scope-read = Lesen
scope-read-note = Personen, Smartphones, Zertifikate, Einladungen und das Protokoll.
scope-invite = Einladen
scope-invite-note = Personen einladen und Einladungen zurückziehen.
scope-approve = Genehmigen
scope-approve-note = Anträge genehmigen und ablehnen. Alle Token zusammen zählen als eine Genehmigung.
scope-edit = Namen berichtigen
scope-edit-note = Namen, E-Mail-Adressen und Konten von Personen.
scope-suspend = Sperren
scope-suspend-note = Personen und Smartphones sperren und entsperren.
scope-unblock = Neue PIN erlauben
scope-unblock-note = Personen, die die PIN eines Smartphones vergessen haben, mit einem Code eine neue erlauben.
scope-revoke = Widerrufen
scope-revoke-note = Smartphones und Zertifikate widerrufen, Personen ausscheiden lassen und wieder aufnehmen.

## Making one

token-new-intro = Was das Programm tut, steht im Protokoll unter dem Namen seines Tokens.
token-name-hint = Was es verwenden wird, zum Beispiel „Skript für neue Personen“.
token-days = Für wie viele Tage
token-days-hint = Höchstens 366. Erstellen Sie ein neues, bevor es endet.
token-new-submit = Token erstellen und anzeigen

## One token

token-facts = Angaben
token-made = Erstellt
token-text-title = Das Token
token-text-intro = Wer es hat, kann tun, was es darf. Geben Sie es so an das Programm weiter, dass es sonst niemand liest.
token-text-copy = Token kopieren
token-text-note = Nur dieser Browser zeigt es, eine Stunde lang.

## Revoking

token-revoke = Widerrufen
# $name
token-revoke-title = Token „{ $name }“ widerrufen?
token-revoke-note = Das Programm, das es verwendet, wird sofort abgewiesen. Das lässt sich nicht rückgängig machen: Erstellen Sie dann ein neues Token.
token-revoke-keep = Behalten

## Done

token-made-done = Das Token ist erstellt. Es steht unten.
token-revoked-done = Das Token ist widerrufen.

## What the API can do

api-title = Die API
api-intro = Was ein Programm mit einem Token von diesem Server verlangen kann, aus dem Code des Servers erzeugt (auf Englisch).
api-file = Dasselbe für Programme (OpenAPI 3.1)
api-example = Ein Beispiel
api-example-note = Die Datei token.header hat eine Zeile: „Authorization: Bearer“, ein Leerzeichen und das Token. Die Datei root.pem enthält das Stammzertifikat.
api-example-copy = Befehl kopieren
api-required = Felder mit * sind Pflicht.
api-operations = Adressen
api-parameters = Parameter
api-body = Gesendet wird
api-answer = Die Antwort ist
api-types = Was gesendet und geantwortet wird
api-fields = Felder
api-kind = Inhalt
api-meaning = Bedeutung
