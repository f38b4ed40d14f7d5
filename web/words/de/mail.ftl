### Mails, and what pages say of them.

## An invitation

# $name
mail-greeting = Guten Tag, { $name },
# $organisation
mail-invitation-subject = { $organisation } lädt Sie ein: Ihr Smartphone als Smartcard
# $organisation
mail-reminder-subject = Erinnerung: { $organisation } lädt Sie ein, Ihr Smartphone als Smartcard zu nutzen
mail-reminder-what = Sie wurden schon eingeladen und haben die Einladung noch nicht genutzt.
# $inviter, $organisation
mail-invitation-what = { $inviter } ({ $organisation }) lädt Sie ein, Ihr Smartphone zur Smartcard zu machen: Sie melden sich dann mit dem Smartphone und einer PIN an und signieren damit. Das dauert etwa zwei Minuten.
mail-invitation-do = Öffnen Sie diesen Link an einem Computer und scannen Sie den Code mit der { -product }-App. Wenn Sie dies auf dem Smartphone lesen, kopieren Sie den Link in die App:
# $expires
mail-invitation-until = Der Link funktioniert für ein Smartphone, bis { $expires }. Bis dahin kann, wer ihn hat, ein Smartphone in Ihrem Namen registrieren: Leiten Sie diese E-Mail nicht weiter.
mail-invitation-fingerprint = Der letzte Teil des Links, nach dem #, ist der Fingerabdruck der Zertifizierungsstelle. Die App prüft ihn selbst.
# $inviter
mail-invitation-unexpected = Wenn Sie das nicht erwartet haben, öffnen Sie den Link nicht und fragen Sie { $inviter }.

## The link to a holder's own pages

# $organisation
mail-own-pages-subject = { $organisation }: der Link zu Ihren Smartphones
mail-own-pages-what = Sie haben den Link zu Ihren Smartphones angefordert. Dort können Sie melden, dass Sie eines verloren haben: Es wird sofort gesperrt.
# $minutes (number)
mail-own-pages-until = { $minutes ->
    [one] Der Link funktioniert einmal, innerhalb von { $minutes } Minute, nachdem er angefordert wurde. Geben Sie ihn nicht weiter.
   *[other] Der Link funktioniert einmal, innerhalb von { $minutes } Minuten, nachdem er angefordert wurde. Geben Sie ihn nicht weiter.
}
mail-own-pages-unexpected = Wenn Sie ihn nicht angefordert haben, brauchen Sie nichts zu tun.

## What happened to a phone

# $organisation
mail-enrolled-subject = { $organisation }: In Ihrem Namen wurde ein Smartphone registriert
# $phone, $at
mail-enrolled-what = Das Smartphone „{ $phone }“ wurde am { $at } in Ihrem Namen registriert. Es kann sich als Sie anmelden und für Sie signieren.
# $organisation
mail-enrolled-next = Wenn Sie das nicht waren, sagen Sie { $organisation } sofort Bescheid, damit das Smartphone widerrufen werden kann.
# $organisation
mail-suspended-subject = { $organisation }: Ihr Smartphone wurde gesperrt
# $phone, $at
mail-suspended-what = Ihr Smartphone „{ $phone }“ wurde am { $at } gesperrt. Es ist keine Smartcard, bis es entsperrt wird.
# $organisation
mail-suspended-next = Wenn Sie nicht wissen, warum, fragen Sie { $organisation }.
# $organisation
mail-revoked-subject = { $organisation }: Ihr Smartphone wurde widerrufen
# $phone, $at
mail-revoked-what = Ihr Smartphone „{ $phone }“ wurde am { $at } widerrufen. Es ist keine Smartcard mehr.
# $organisation
mail-revoked-next = Wenn Sie nicht wissen, warum, fragen Sie { $organisation }. Um wieder ein Smartphone zu nutzen, brauchen Sie eine neue Einladung.
# $organisation
mail-unblocked-subject = { $organisation }: neue PIN für Ihr Smartphone
# $phone, $at
mail-unblocked-what = Ihr Smartphone „{ $phone }“ hat am { $at } einen Code für eine neue PIN übermittelt: Wer das Smartphone hatte, konnte eine PIN wählen.
# $organisation
mail-unblocked-next = Wenn Sie das nicht waren oder niemanden um einen Code gebeten haben, sagen Sie es { $organisation } sofort.
# $organisation
mail-request-refused-subject = { $organisation }: Ihr Antrag wurde abgelehnt
# $organisation
mail-request-refused-what = { $organisation } hat Ihren Antrag auf ein weiteres Smartphone abgelehnt.
# $note
mail-request-refused-why = Als Grund ist angegeben: { $note }
# $organisation
mail-request-refused-next = Wenn Sie Fragen haben, wenden Sie sich an { $organisation }. Sie können jederzeit einen neuen Antrag stellen.

## Whether mail arrives

mail-trial-subject = E-Mails des Registrierungsservers kommen an
mail-trial-text = Diese E-Mail wurde mit „enroll-server mail-test“ gesendet. E-Mails kommen an.

## On the pages of invitations

mail-language = Sprache der E-Mails an die Person
by-mail = Link per E-Mail senden
by-mail-note = An die E-Mail-Adresse oben. Was aus der E-Mail wurde, steht auf der Seite der Einladung.
by-mail-several = Allen ihren Link per E-Mail senden
by-mail-several-note = An ihre E-Mail-Adressen. Was aus einer E-Mail wurde, steht auf der Seite der Einladung.
mails-title = Per E-Mail
mails-none = Die Einladung wurde nicht per E-Mail gesendet.
mail-to = An
mail-sent = Gesendet
mail-waiting = Unterwegs
mail-delivered = Dem Mailserver übergeben
mail-failed = Nicht zugestellt
mail-is-reminder = Erinnerung
mail-send = Per E-Mail senden
mail-send-again = Erneut senden
mail-remind = Erinnern
mail-link-gone = Der Link wird nicht noch einmal angezeigt, kann aber erneut per E-Mail gesendet werden, solange die Einladung offen ist.
mail-gone = Die Einladung war nicht mehr nutzbar
# $email
mail-done = Die Einladung wird an { $email } gesendet.
