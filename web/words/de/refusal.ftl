### What a service refuses, in one or two sentences: what happened, and what to do.

refused-internal = Auf dem Server ist ein Fehler aufgetreten; es wurde nichts geändert. Versuchen Sie es noch einmal. Wenn es wieder geschieht, nennen Sie der Administration die Nummer der Anfrage.
# $seconds (number)
refused-limit = Zu viele Versuche. Warten Sie { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
} und versuchen Sie es noch einmal.
refused-unavailable = Die Datenbank ist beschäftigt, voll oder nicht erreichbar. Warten Sie einige Sekunden, sehen Sie nach, was ausgeführt wurde, und versuchen Sie es noch einmal. Wenn es andauert, wenden Sie sich an die, die diesen Server betreiben.
# $seconds (number)
refused-busy = Dieselbe Anfrage wird bereits bearbeitet. Versuchen Sie es in { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
} noch einmal.
refused-clock = Die Uhr des Servers geht falsch, deshalb werden keine Zertifikate ausgestellt. Nichts wurde verbraucht. Sagen Sie es denen, die Sie eingeladen haben, und versuchen Sie es später noch einmal.
# $name
refused-authority = Es können keine Zertifikate ausgestellt werden: Die Zertifizierungsstelle { $name } ist nicht mehr oder noch nicht gültig. Nichts wurde verbraucht. Sagen Sie es denen, die Sie eingeladen haben.
# $end
enrolled-cut-short = Diese Zertifikate laufen am { $end } ab, früher als üblich: Dann läuft die Zertifizierungsstelle ab, die sie ausgestellt hat. Sie brauchen vorher eine neue Einladung.
refused-setup-closed = Dieser Einrichtungslink funktioniert nicht: Er funktioniert einmal, und nur bis das erste Konto eingerichtet ist.

## Invitations

refused-invitation-unknown = Diese Einladung ist hier nicht bekannt. Prüfen Sie, ob der Link vollständig ist, oder bitten Sie um eine neue Einladung.
refused-invitation-used = Diese Einladung wurde schon verwendet, und sie funktioniert nur einmal. Bitten Sie um eine neue.
refused-invitation-expired = Diese Einladung ist abgelaufen. Bitten Sie um eine neue.
refused-invitation-cancelled = Diese Einladung wurde zurückgezogen. Bitten Sie um eine neue.

## Check-ins of phones

refused-phone-unknown = Unter dieser ID meldet sich hier kein Smartphone. Registrieren Sie das Smartphone mit einer neuen Einladung.
refused-check-in = Diese Meldung beweist nicht, dass sie vom Smartphone kommt: Ihre Signatur ist nicht von seinem Schlüssel, oder ihre Zufallszahl wurde schon verwendet oder ist zu alt. Wiederholen Sie die Meldung.
refused-unblocking = Für dieses Smartphone ist gerade keine neue PIN erlaubt, oder der Code ist ein anderer. Prüfen Sie den Code: Er gilt eine Stunde lang und höchstens bis zum fünften falschen. Bitten Sie Ihre Organisation um einen neuen.
refused-no-unblocking-key = Das Smartphone hat keinen Schlüssel dafür, weil es registriert wurde, bevor es einen gab: Laden Sie die Person ein, damit die Karte neu registriert wird.
request-check-in-key = Die Anfrage für den Meldeschlüssel muss PKCS#10 sein, für einen eigenen P-256-Schlüssel.
# $slot
request-compromised-key = Slot { $slot }: Der Schlüssel gilt als kompromittiert, und ein Zertifikat für ihn wurde deshalb widerrufen. Erzeugen Sie einen neuen Schlüssel.

## Objects that do not exist

refused-no-holder = Diese Person gibt es nicht.
refused-no-invitation = Diese Einladung gibt es nicht.
refused-no-request = Diesen Antrag gibt es nicht.
refused-no-phone = Dieses Smartphone gibt es nicht.
refused-no-certificate = Dieses Zertifikat gibt es nicht.
refused-no-selection = Ihre Auswahl ist nicht mehr gespeichert, oder sie wurde schon ausgeführt. Wählen Sie noch einmal.
refused-nothing-chosen = Es ist nichts ausgewählt. Gehen Sie zurück und wählen Sie mindestens eine Zeile.
# $most (number)
refused-too-many-chosen = Höchstens { $most } lassen sich auf einmal auswählen. Grenzen Sie die Liste ein, oder wählen Sie weniger.
# $upn
refused-guest-twice = { $upn } steht zweimal in der Liste: Lassen Sie eine Zeile weg.
refused-selection-done = Das wurde schon ausgeführt.
refused-no-colleague = Dieses Konto gibt es nicht.
refused-no-webhook = Diesen Webhook gibt es nicht.
refused-no-passkey = Diesen Passkey haben Sie nicht.
refused-no-api-token = Dieses API-Token gibt es nicht.
refused-no-delivery = Zustellungen bleiben 30 Tage lang bekannt. Diese ist nicht bekannt.

## Objects in another state

# $upn
refused-holder-just-added = { $upn } wurde im selben Augenblick von jemand anderem angelegt. Versuchen Sie es noch einmal.
refused-holder-has-phones = Diese Person lässt sich nicht entfernen: Ein Smartphone wurde registriert, und in seinen Zertifikaten steht ihr Name.
refused-cancel-used = Diese Einladung lässt sich nicht zurückziehen: Sie ist verwendet.
refused-cancel-expired = Diese Einladung lässt sich nicht zurückziehen: Sie ist abgelaufen.
refused-cancel-cancelled = Diese Einladung ist schon zurückgezogen.
refused-request-waits = Sie haben schon einen Antrag gestellt: Warten Sie auf die Antwort oder ziehen Sie ihn zurück.
refused-request-ended = Der Antrag wartet nicht mehr: Jemand hat entschieden, er wurde zurückgezogen oder er ist abgelaufen.
refused-request-stale = Die Person oder ihre Smartphones wurden geändert, seit Sie dies gesehen haben. Sehen Sie sich an, was der Antrag jetzt ändert, und entscheiden Sie noch einmal.
refused-request-approved-before = Sie haben diesen Antrag schon genehmigt. Jemand anderes muss ihn auch genehmigen.
refused-request-approved-by-program = Ein Token der API hat diesen Antrag schon genehmigt. Jemand, der im Portal arbeitet, muss ihn auch genehmigen.
refused-request-own = Sie können Ihren eigenen Antrag nicht genehmigen. Jemand anderes entscheidet.
refused-no-approver = Ihr Konto oder Token darf über Anträge nicht mehr entscheiden.
refused-certificate-revoked = Dieses Zertifikat ist schon widerrufen.
refused-phone-revoked = Dieses Smartphone ist schon widerrufen.
refused-phone-suspended = Dieses Smartphone ist gesperrt. Es kann verwendet und noch einmal registriert werden, sobald es entsperrt ist.
refused-phone-not-suspended = Dieses Smartphone ist nicht selbst gesperrt: Wenn es gesperrt ist, dann mit der Person.
refused-holder-suspended = Die Person ist gesperrt. Sobald sie entsperrt ist, funktionieren ihre Smartphones und Einladungen wieder.
refused-holder-gone = Die Person ist ausgeschieden. Nur wer wieder aufgenommen ist, kann ein Smartphone registrieren.
refused-holder-active = Die Person ist weder gesperrt noch ausgeschieden: Jemand hat sie entsperrt oder wieder aufgenommen.
refused-second-factor-on = Das Konto hat schon eine Authenticator-App. Entfernen Sie diese, bevor Sie eine andere hinzufügen.
refused-passkey-known = Dieser Passkey ist schon hinzugefügt.
# $most (number)
refused-too-many-passkeys = Ein Konto hat höchstens { $most } Passkeys. Entfernen Sie einen, bevor Sie einen weiteren hinzufügen.
refused-not-proved = Bestätigen Sie zuerst, dass Sie es sind.
refused-no-passkeys-here = Für eine Website, die über eine IP-Adresse erreicht wird, haben Browser keine Passkeys.
refused-second-factor-off = Das Konto hat keinen zweiten Faktor.
refused-account-own = Niemand ändert die Rolle des eigenen Kontos, deaktiviert es oder erstellt Links dafür. Jemand anderes aus der Administration kann es.
refused-account-disabled = Dieses Konto ist deaktiviert. Aktivieren Sie es zuerst.
refused-account-enabled = Dieses Konto ist nicht deaktiviert.
refused-last-administrator = Das ist das letzte Konto der Administration, das sich anmelden kann. Geben Sie zuerst jemand anderem diese Rolle.
refused-password-link-unknown = Dieser Link ist hier nicht bekannt. Prüfen Sie, ob er vollständig ist, oder bitten Sie die Administration um einen neuen.
refused-password-link-used = Mit diesem Link wurde ein Passwort gewählt, und er funktioniert nur einmal. Wenn Sie das nicht waren, sagen Sie es sofort der Administration.
refused-password-link-expired = Dieser Link wurde nicht rechtzeitig verwendet. Bitten Sie die Administration um einen neuen.
refused-password-link-replaced = Inzwischen gibt es einen neueren Link oder ein anderes Passwort, oder das Konto ist deaktiviert. Wenden Sie sich an die Administration.
refused-no-administrator = Das dürfen Sie nicht mehr: Jemand hat Ihre Rolle geändert oder Ihr Konto deaktiviert.
refused-webhook-state = Das hat schon jemand getan.
refused-api-token-revoked = Das Token ist bereits widerrufen.
refused-mailed-lately = Es wurde gerade erst per E-Mail gesendet. Warten Sie fünf Minuten, bevor Sie es erneut senden.
refused-no-mail = Es kann nicht per E-Mail gesendet werden: Als die Einladung erstellt wurde, war kein Mailserver eingerichtet, oder jetzt ist keiner eingerichtet.
refused-being-sent = Es wird gerade gesendet. Sehen Sie in einer Minute wieder nach.
refused-link-replaced = Die Einladung hat jetzt einen anderen Link, weil die E-Mail-Adresse berichtigt wurde. Er geht an die richtige Adresse.
refused-not-signed = Dieses Zertifikat ist verzeichnet, aber noch nicht signiert. Sehen Sie in einer Minute wieder nach.

## Fields of forms; in the summary of a form each stands alone

# $message
field-email = E-Mail-Adresse: { $message }
# $message
field-url = Adresse: { $message }
# $message
field-upn = Kontoname: { $message }
field-name-empty = Geben Sie einen Namen ein, zum Beispiel Alice Example.
# $longest (number)
field-name-long = Geben Sie einen Namen mit höchstens { $longest } Zeichen ein: Längere passen nicht in ein Zertifikat.
# $character
field-name-unseen = Geben Sie den Namen ohne das Zeichen { $character } ein. Es ist unsichtbar und kam vielleicht beim Kopieren mit.
field-note-empty = Nennen Sie den Grund in ein paar Worten.
# $longest (number)
field-note-long = Geben Sie eine Notiz mit höchstens { $longest } Zeichen ein.
# $character
field-note-unseen = Geben Sie die Notiz ohne das Zeichen { $character } ein. Es ist unsichtbar und kam vielleicht beim Kopieren mit.
field-url-malformed = Geben Sie eine Adresse wie https://hooks.example.org/tapcard ein.
field-url-scheme = Geben Sie eine Adresse ein, die mit https:// beginnt. Mit http:// wird nur an den Server selbst (localhost) gesendet.
field-url-parts = Lassen Sie Benutzername, Passwort und den Teil nach # weg.
field-no-scope = Wählen Sie mindestens eines aus, was das Token darf.
# $most (number)
field-days = Geben Sie eine Anzahl von Tagen von 1 bis { $most } ein.
# $longest (number)
field-key-malformed = Der Schlüssel einer Anfrage hat 1 bis { $longest } sichtbare ASCII-Zeichen.
field-key-used = Der Schlüssel wurde innerhalb des letzten Tages für eine andere Anfrage verwendet. Denken Sie sich für jede Anfrage einen neuen aus.
field-no-policy = Eine Registrierungsrichtlinie dieses Namens gibt es nicht. Die Liste der Richtlinien nennt die Namen.
field-no-language = Geben Sie das Kürzel einer Sprache an, die der Server hat, etwa en oder de.
field-no-reason = Geben Sie einen der Gründe an, aus denen etwas endgültig widerrufen wird.
# $longest (number)
field-address-long = Geben Sie höchstens { $longest } Zeichen ein.
field-address-no-at = Geben Sie eine Adresse mit @ ein, zum Beispiel alice@example.org.
field-mail-local = Vor dem @ hat eine E-Mail-Adresse Buchstaben, Ziffern und Zeichen, aber keine Leerzeichen, Klammern, Anführungszeichen und Kommas; Punkte dürfen nur einzeln zwischen anderen stehen. Zum Beispiel alice@example.org.
field-mail-local-not-ascii = Verwenden Sie vor dem @ Buchstaben von A bis Z ohne Umlaute und Akzente: Andere kann ein Zertifikat nicht enthalten. Nach dem @ ist jeder Domainname möglich.
field-account-local = Verwenden Sie vor dem @ nur Buchstaben von A bis Z, Ziffern, Bindestriche, Pluszeichen und Unterstriche; Punkte dürfen nur einzeln zwischen anderen stehen. Zum Beispiel alice@example.org.
# $username
field-system-account = { $username } heißt ein Konto, das Systeme für sich selbst haben. Wählen Sie einen anderen Namen, oder bestätigen Sie unten, dass es so gemeint ist.
# $email, $name
field-mail-shared = { $email } ist schon die E-Mail-Adresse von { $name }. Geben Sie eine andere ein, oder bestätigen Sie unten, dass beide sie haben.
field-address-domain = Geben Sie nach dem @ einen Domainnamen ein, zum Beispiel alice@example.org.
# $name
field-account-taken = { $name } meldet sich mit dieser E-Mail-Adresse an. Geben Sie eine andere ein.
# $username, $name, $upn
field-username-taken = Der Kontoname { $username } gehört schon { $name } ({ $upn }), und sshd unterscheidet Personen nur danach. Wählen Sie einen anderen.
# $name
field-holder-suspended = { $name } ist gesperrt. Entsperren Sie die Person auf ihrer Seite, bevor Sie sie einladen.
# $name
field-holder-gone = { $name } ist ausgeschieden. Nehmen Sie die Person auf ihrer Seite wieder auf, bevor Sie sie einladen.
# $upn, $name, $email
field-upn-taken = { $upn } gehört schon { $name }, { $email }. Geben Sie denselben Namen und dieselbe E-Mail-Adresse ein, oder einen anderen Kontonamen.

## Requests that no service saw

request-no-token = Senden Sie ein API-Token im Kopf „Authorization“: „Bearer“, ein Leerzeichen und das Token. Die Administration erstellt Tokens.
request-token-not-working = Das Token ist unbekannt, abgelaufen oder widerrufen. Die Administration erstellt ein neues.
# $scope
request-no-scope = Das Token darf dies nicht: Ihm fehlt die Berechtigung „{ $scope }“. Die Administration erstellt ein anderes.
request-media-type = Senden Sie den Inhalt als JSON, mit dem Kopf „Content-Type: application/json“.
# $most (number)
request-limit = Der Parameter „limit“ ist eine Zahl von 1 bis { $most }.
request-after = Der Parameter „after“ ist, was die Seite davor als „next“ nennt, in derselben Liste.
# $name
request-word = Der Parameter „{ $name }“ nimmt eines der Wörter, die das Dokument der API aufführt.
request-method = Diese Adresse nimmt keine Anfragen dieser Art an.
request-nowhere = Unter dieser Adresse gibt es nichts.
request-body-timed-out = Die Anfrage kam nicht rechtzeitig an. Senden Sie sie noch einmal.
request-unreadable = Die Anfrage ist nicht lesbar: Ihre Adresse oder ihr Inhalt ist ungültig.
request-timed-out = Der Server hat zu lange gebraucht. Vielleicht wurde die Anfrage trotzdem ausgeführt. Versuchen Sie es noch einmal.

## Enrollment requests

# $version
request-protocol = Dieser Server unterstützt Version 1 des Registrierungsprotokolls, die Anfrage verwendet Version { $version }. Aktualisieren Sie, was von beidem älter ist.
request-incomplete = Die Anfrage kam nicht vollständig an. Versuchen Sie es noch einmal.
request-too-long = Die Anfrage ist länger als 64 KiB. Registrierungsanfragen sind viel kürzer.
# $detail
request-not-json = Die Anfrage ist nicht lesbar: { $detail }.
request-no-name = Das Smartphone hat keinen Namen angegeben. Geben Sie ihm einen Namen und versuchen Sie es noch einmal.
request-guid-taken = Die GUID des Smartphones gehört zum Smartphone einer anderen Person. Setzen Sie die Karte des Smartphones zurück und versuchen Sie es noch einmal.
# $slot
request-slot-not-invited = Slot { $slot }: Die Einladung verlangt diesen Slot nicht.
# $slot
request-not-one = Slot { $slot }: Es muss genau eine Anfrage geben.
# $slot, $found, $wanted
request-other-algorithm = Slot { $slot }: Der Schlüssel ist { $found }, die Einladung verlangt { $wanted }.
# $slot
request-same-key = Slot { $slot }: Derselbe Schlüssel ist in zwei Slots. Erzeugen Sie für jeden einen eigenen.
# $slot
request-known-key = Slot { $slot }: Dieser Schlüssel hat oder hatte schon ein Zertifikat. Erzeugen Sie einen neuen Schlüssel und versuchen Sie es noch einmal.

## Certification requests

# $slot, $longest (number)
csr-too-long = Slot { $slot }: Die Anfrage ist länger als { $longest } Bytes.
# $slot
csr-malformed = Slot { $slot }: Die Anfrage ist nicht PKCS#10 in DER.
# $slot, $extensions
csr-extensions = Slot { $slot }: Die Anfrage verlangt die Erweiterungen { $extensions }. Eine Anfrage bringt nur einen Schlüssel mit; was im Zertifikat steht, kommt aus den Angaben zur Person.
# $slot, $attributes
csr-attributes = Slot { $slot }: Die Anfrage hat die Attribute { $attributes }. Eine Anfrage bringt nur einen Schlüssel mit.
# $slot, $found, $key, $expected
csr-signature-algorithm = Slot { $slot }: Die Anfrage ist mit dem Algorithmus { $found } signiert; ein { $key }-Schlüssel signiert mit { $expected }.
# $slot
csr-signature = Slot { $slot }: Die Signatur der Anfrage ist nicht von ihrem eigenen Schlüssel: Damit ist nicht gezeigt, dass der private Schlüssel vorhanden ist.
# $slot
csr-key-malformed = Slot { $slot }: Der öffentliche Schlüssel ist fehlerhaft.
# $slot, $algorithm, $supported
csr-key-unsupported = Slot { $slot }: Der Algorithmus { $algorithm } des öffentlichen Schlüssels wird nicht unterstützt; verwenden Sie einen von { $supported }.
# $slot, $bits
csr-rsa-size = Slot { $slot }: Der RSA-Schlüssel hat { $bits } Bit; er muss 2048, 3072 oder 4096 haben.
# $slot
csr-rsa-malformed = Slot { $slot }: Der RSA-Schlüssel ist fehlerhaft.
# $slot
csr-form-octets = Slot { $slot }: Der öffentliche Schlüssel muss in ganzen Oktetten kodiert sein.
# $slot
csr-form-parameters = Slot { $slot }: Die Parameter von rsaEncryption müssen NULL sein.
# $slot
csr-form-point = Slot { $slot }: Der Punkt des öffentlichen Schlüssels muss unkomprimiert sein.
# $slot
csr-point = Slot { $slot }: Der Punkt des Schlüssels liegt nicht auf seiner Kurve.
# $slot
csr-exponent = Slot { $slot }: Der öffentliche Exponent des RSA-Schlüssels muss 65537 sein.
# $slot, $factor
csr-small-factor = Slot { $slot }: Der Modulus des RSA-Schlüssels ist durch { $factor } teilbar. Erzeugen Sie einen neuen Schlüssel.
# $slot
csr-close-factors = Slot { $slot }: Die Faktoren des RSA-Schlüssels liegen so nah beieinander, dass man sie finden kann. Erzeugen Sie einen neuen Schlüssel.
# $slot
csr-prime-power = Slot { $slot }: Der Modulus des RSA-Schlüssels ist eine Primzahl oder eine Potenz davon, sodass jeder den privaten Schlüssel finden kann. Erzeugen Sie einen neuen Schlüssel.
# $slot
csr-roca = Slot { $slot }: Der RSA-Schlüssel stammt von einer Bibliothek, deren Schlüssel sich faktorisieren lassen (ROCA, CVE-2017-15361). Erzeugen Sie den Schlüssel mit einer anderen.
