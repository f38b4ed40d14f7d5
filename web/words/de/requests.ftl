### What people ask for on their own pages, and who approves it.

requests-title = Anträge
requests-by-state = Anträge nach Status
requests-none-found = Keine Anträge gefunden
requests-none-found-note = Kein Antrag passt zur Suche und zum gewählten Filter.
requests-show-all = Alle Anträge zeigen
requests-none-yet = Noch keine Anträge
requests-none-yet-note = Wer ein Smartphone hat, kann auf den eigenen Seiten ein weiteres beantragen, wenn der Server mit --holders-add-phones=one-approval oder two-approvals gestartet ist. Was beantragt wird, wartet dann hier.
requests-asked = Beantragt

## States

request-waiting = Wartet
request-approved = Genehmigt
request-refused = Abgelehnt
request-withdrawn = Zurückgezogen
request-closed = Geschlossen

## One request

# $name
request-of = { $name } beantragt ein weiteres Smartphone
request-facts = Antrag
request-policy = Schlüssel auf dem Smartphone
request-reason = Grund
request-came-by = Angemeldet
request-came-by-phone = mit einem Smartphone
request-came-by-mail = mit einem Link aus einer E-Mail
# $missing (number)
request-waits = { $missing ->
    [0] Es liegen genug Genehmigungen vor: Ein weiterer Klick auf „Genehmigen“ lädt die Person ein.
    [one] { $missing } Genehmigung fehlt.
   *[other] { $missing } Genehmigungen verschiedener Personen fehlen.
}
request-until = Wartet bis
request-approved-what = Die Person ist eingeladen und findet den Link auf ihren eigenen Seiten.
request-refused-what = Es wurde nichts ausgestellt.
request-withdrawn-what = Die Person hat ihn zurückgezogen.
request-expired-what = Niemand hat rechtzeitig entschieden.
request-closed-what = Die Person wurde gesperrt, ist ausgeschieden oder wurde entfernt, bevor jemand entschied.
request-invitation = Einladung zeigen
request-ended = Beendet
request-note = Notiz

## What it changes

difference-title = Was sich ändert
# $name
difference-caption = Was { $name } hat und dann hätte
difference-what = Was
difference-before = Jetzt
difference-after = Mit diesem Smartphone
difference-new = Neu
difference-changed = Geändert
difference-none = nichts
difference-phones = Smartphones
# $count (number)
difference-phone-count = { $count ->
    [0] keines
    [one] { $count } Smartphone
   *[other] { $count } Smartphones
}
# $count (number), $until
difference-had = { $count ->
    [one] { $count } Zertifikat, bis { $until }
   *[other] { $count } Zertifikate, das letzte bis { $until }
}
# $days (number)
difference-gets = ein weiteres Zertifikat, für { $days ->
    [one] { $days } Tag
   *[other] { $days } Tage
}
difference-name = Name in Zertifikaten
difference-email = E-Mail-Adresse in Zertifikaten
difference-upn = Kontoname (UPN) in Zertifikaten
difference-gone = Die beantragten Schlüssel sind nicht mehr in Gebrauch: Aus diesem Antrag kann nichts werden.
# $name
difference-moved = Die Angaben zu { $name } wurden berichtigt, seit der Antrag gestellt wurde. Es gilt, was unten steht.

## Approvals

approvals-title = Was bisher geschah
approvals-by = Von
approvals-what = Was
approvals-when = Wann
approval-asked = Beantragt
approval-given = Genehmigt
approval-lost = Genehmigt, zählt aber nicht mehr: Der Antrag würde seither etwas anderes ändern, oder wer genehmigt hat, darf es jetzt nicht mehr.

## Deciding

decide-title = Ihre Entscheidung
decide-approve = Genehmigen
decide-refuse = Ablehnen
decide-note = Notiz
decide-note-hint = Warum der Antrag abgelehnt wird. Die Person liest es.
decide-approved-before = Sie haben diesen Antrag genehmigt. Jemand anderes muss ihn auch genehmigen.
decide-own = Das ist Ihr eigener Antrag: Jemand anderes entscheidet.
decide-not-yours = Sachbearbeitung und Administration entscheiden.
# $name, $missing (number)
request-approved-once-done = Sie haben den Antrag von { $name } genehmigt. { $missing ->
    [one] Eine weitere Genehmigung von jemand anderem fehlt.
   *[other] { $missing } weitere Genehmigungen von anderen fehlen.
}
# $name
request-approved-done = Genehmigt: { $name } findet den Link für das Smartphone auf den eigenen Seiten.
# $name
request-approved-mailed-done = Genehmigt: { $name } bekommt den Link für das Smartphone per E-Mail und findet ihn auch auf den eigenen Seiten.
# $name
request-refused-done = Der Antrag von { $name } ist abgelehnt.

## For the person

me-requests = Was Sie beantragt haben
me-ask = Weiteres Smartphone beantragen
me-ask-title = Ein weiteres Smartphone beantragen
# $organisation
me-ask-intro = { $organisation } entscheidet, und Sie sehen hier, was daraus geworden ist. Der Antrag gilt auf Ihren Namen: Das Smartphone ist nur für Sie.
me-ask-reason = Warum
me-ask-reason-hint = Zum Beispiel: Mein altes Smartphone ist kaputt.
me-ask-submit = Antrag senden
# $policy
me-request-for = Ein weiteres Smartphone: { $policy }
me-request-title = Ihr Antrag auf ein weiteres Smartphone
# $organisation, $missing (number)
me-request-waits = { $organisation } hat noch nicht entschieden: { $missing ->
    [0] die Genehmigungen sind noch nicht bestätigt
    [one] { $missing } Genehmigung fehlt
   *[other] { $missing } Genehmigungen fehlen
}.
# $organisation
me-request-approved = { $organisation } hat ihn genehmigt. Öffnen Sie diesen Link mit dem neuen Smartphone oder scannen Sie damit den Code, der dort steht.
me-request-link = Der Link für das Smartphone
# $organisation
me-request-done = { $organisation } hat ihn genehmigt. Der Link ist verwendet, abgelaufen oder zurückgezogen.
# $organisation
me-request-refused = { $organisation } hat ihn abgelehnt.
me-request-withdrawn = Sie haben ihn zurückgezogen.
# $organisation
me-request-expired = Bei { $organisation } hat niemand rechtzeitig entschieden. Sie können es noch einmal beantragen.
# $organisation
me-request-closed = Er wurde geschlossen, als { $organisation } Sie gesperrt hat.
me-request-withdraw = Zurückziehen
me-request-to-phones = Meine Smartphones
# $organisation
me-help-another-ask = Für jedes Smartphone brauchen Sie eine Einladung. Sie können sie hier bei { $organisation } beantragen.
