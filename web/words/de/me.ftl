### Holders’ own pages.

me-title = Meine Smartphones
# $organisation
me-sign-in-intro = Was Ihre Smartphones als Smartcards bei { $organisation } können und was zu tun ist, wenn eines verloren geht.
me-sign-in-hint = Die Adresse, an die { -product } Ihnen schreibt.
me-sign-in-submit = Link per E-Mail senden
# $minutes (number)
me-sign-in-asked = { $minutes ->
    [one] Wenn diese E-Mail-Adresse zu einer Person mit Smartphone gehört, ist ein Link dorthin unterwegs. Er funktioniert einmal, { $minutes } Minute lang.
   *[other] Wenn diese E-Mail-Adresse zu einer Person mit Smartphone gehört, ist ein Link dorthin unterwegs. Er funktioniert einmal, { $minutes } Minuten lang.
}
# $organisation
me-sign-in-no-mail = Sie können Ihre E-Mails nicht lesen, oder es kommt keine? Wenden Sie sich an { $organisation }: Dort kann ein verlorenes Smartphone für Sie gesperrt werden.
# $organisation
me-sign-in-unsent = Dieser Server verschickt keine E-Mails und kann Ihnen deshalb keinen Link senden. Wenn Sie ein Smartphone verloren haben, melden Sie es sofort { $organisation }: Dort kann es für Sie gesperrt werden.
me-to-administration = Zur Verwaltung
me-from-administration = Meine Smartphones: eines verloren, oder Fragen zur PIN?
# $name
me-enter-whose = Dieser Link führt zu den Smartphones von { $name }.
me-enter-submit = Weiter
me-enter-not-you = Wenn Sie das nicht sind, schließen Sie diese Seite.
me-link-ended = Der Link zu Ihren Smartphones funktioniert nicht
me-link-ended-note = Ein Link funktioniert einmal und nur einige Minuten lang. Wenn Sie ihn kopiert haben, prüfen Sie, ob er vollständig ist. Lassen Sie sich sonst einen neuen senden.

## Signing in with the phone

me-by-phone = Mit dem Smartphone anmelden
me-by-phone-note = Halten Sie es zuerst an ein Lesegerät dieses Computers. Der Browser fragt, welches Zertifikat er vorzeigen soll, und nach der PIN.
me-refused-title = Ihr Smartphone wurde nicht angenommen
me-refused-no-certificate = Der Browser hat kein Zertifikat vorgezeigt. Halten Sie das Smartphone an das Lesegerät, wählen Sie sein Zertifikat, wenn der Browser fragt, und geben Sie die PIN ein. Wenn der Browser nichts fragt, kennt er das Smartphone nicht: „tapcard doctor“ sagt, was fehlt.
# $organisation
me-refused-another-authority = Das vorgezeigte Zertifikat wurde nicht hier ausgestellt. Wählen Sie dasjenige, das { $organisation } für Ihr Smartphone ausgestellt hat.
me-refused-another-key = Das vorgezeigte Zertifikat ist nicht das zum Anmelden. Wählen Sie ein anderes des Smartphones.
# $organisation
me-refused-expired = Das Zertifikat Ihres Smartphones ist abgelaufen oder noch nicht gültig. Prüfen Sie das Datum dieses Computers und ob das Smartphone es erneuert hat. Wenn nicht, bitten Sie { $organisation } um eine Einladung.
# $organisation
me-refused-suspended = Ihr Smartphone ist gesperrt. { $organisation } kann es entsperren: Fragen Sie dort.
# $organisation
me-refused-revoked = Ihr Smartphone oder dieses Zertifikat ist endgültig widerrufen. Bitten Sie { $organisation } um eine Einladung, um wieder ein Smartphone zu verwenden.
me-refused-not-checked = Der Server konnte Ihr Smartphone gerade nicht prüfen. Versuchen Sie es in einer Minute noch einmal.
me-refused-back = Zurück zur Anmeldung
me-refused-again = Browser merken sich, welches Zertifikat gewählt wurde. Um ein anderes zu wählen, schließen Sie den Browser und öffnen ihn wieder.

## Phones

# $organisation
me-no-phone = Sie haben hier noch kein Smartphone. Bitten Sie { $organisation } um eine Einladung.
me-phone-active = Sie können dieses Smartphone als Smartcard verwenden.
me-phone-nothing = Dieses Smartphone hat kein gültiges Zertifikat und kann zurzeit nicht verwendet werden.
# $organisation
me-phone-suspended = Dieses Smartphone ist gesperrt: Es wird überall abgewiesen. Nur { $organisation } kann es entsperren. Fragen Sie dort, wenn Sie es wiedergefunden haben.
# $organisation, $until
me-phone-suspended-until = Dieses Smartphone ist gesperrt: Es wird bis { $until } überall abgewiesen. { $organisation } kann es früher entsperren. Wenn Sie es verloren haben, melden Sie es hier: Dann bleibt es gesperrt.
# $organisation
me-phone-revoked = Dieses Smartphone ist endgültig widerrufen. Bitten Sie { $organisation } um eine Einladung, um wieder ein Smartphone zu verwenden.
me-valid-until = Gültig bis
me-lost = Ich habe dieses Smartphone verloren

## A phone is lost

# $phone
me-lost-title = Haben Sie { $phone } verloren?
me-lost-stops = Es wird sofort gesperrt: Niemand kann sich damit anmelden oder damit signieren, wer immer es hat.
# $organisation
me-lost-told = { $organisation } sieht, dass Sie es gemeldet haben.
# $organisation
me-lost-undo = Sie selbst können das nicht rückgängig machen. Wenn Sie das Smartphone wiederfinden, kann { $organisation } es entsperren, und es funktioniert wie zuvor.
me-lost-submit = Jetzt sperren
me-lost-keep = Ich habe es noch
# $phone, $organisation
me-lost-done = { $phone } ist gesperrt. Sagen Sie es so bald wie möglich auch { $organisation }, wenn jemand die PIN kennen könnte.

## Help

me-help-title = Hilfe zum Smartphone
me-help-pin = PIN und PUK
me-help-pin-what = Mit der PIN verwenden Sie das Smartphone als Smartcard. Sie haben sie beim Registrieren gewählt. Niemand sonst kennt sie, und sie ist hier nicht gespeichert.
me-help-pin-change = Um sie zu ändern, halten Sie das Smartphone an ein Lesegerät Ihres Computers und rufen dort „tapcard pin change“ auf.
me-help-pin-blocked = Nach mehreren falschen PINs sperrt die Karte die PIN. Rufen Sie „tapcard pin unblock“ auf: Es fragt nach der PUK, die das Smartphone Ihnen beim Registrieren einmal gezeigt hat.
# $organisation
me-help-puk-blocked = Wenn Sie keine PUK haben oder auch sie gesperrt ist, bitten Sie { $organisation } um einen Code: Sie geben ihn auf dem Smartphone ein und wählen dort eine neue PIN. Ein Smartphone, das keinen Code annimmt, wird mit einer Einladung neu registriert.
me-help-renewal = Erneuerung
# $organisation
me-help-renewal-what = Das Smartphone erneuert seine Zertifikate von selbst, bevor sie enden, wenn es den Server erreicht. Wenn „Gültig bis“ nahe ist und nichts geschieht, fragen Sie { $organisation }.
me-help-another = Noch ein Smartphone
# $organisation
me-help-another-offer = Für jedes Smartphone brauchen Sie eine Einladung und können sie hier erstellen. Sie gilt auf Ihren Namen: Verwenden Sie sie selbst und geben Sie sie niemandem. { $organisation } sieht, dass Sie sie erstellt haben.
me-help-another-submit = Einladung für ein weiteres Smartphone erstellen
# $organisation
me-help-another-with-phone = Für jedes Smartphone brauchen Sie eine Einladung. Melden Sie sich mit einem Smartphone an, das Sie haben, dann können Sie hier eine erstellen. Wenn Sie keines haben, bitten Sie { $organisation }.
# $organisation
me-help-another-what = Für jedes Smartphone brauchen Sie eine Einladung. Bitten Sie { $organisation } darum und sagen Sie, ob Sie Ihr bisheriges behalten.
