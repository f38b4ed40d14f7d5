### What went wrong, as a page: what happened, and what to do.

problem-to-overview = Zur Übersicht
# $number (element)
problem-number = Wenn Sie um Hilfe bitten, geben Sie diese Nummer an: { $number }
problem-internal = Auf dem Server ist ein Fehler aufgetreten
problem-internal-note = Es wurde nichts geändert. Versuchen Sie es noch einmal. Wenn es wieder geschieht, nennen Sie die Nummer unten denen, die diesen Server betreiben.
problem-timed-out = Der Server hat zu lange gebraucht
problem-timed-out-note = Vielleicht wurde Ihre Eingabe trotzdem ausgeführt. Sehen Sie erst nach, bevor Sie es noch einmal versuchen.
problem-not-found = Seite nicht gefunden
problem-not-found-note = Vielleicht enthält die Adresse einen Tippfehler, oder die Seite gibt es nicht mehr.
problem-method = Das ist hier nicht möglich
problem-method-note = Die Adresse gibt es, aber nicht für diese Art von Anfrage. Es wurde nichts geändert.
problem-unreadable = Die Anfrage konnte nicht gelesen werden
problem-unreadable-note = Ein Teil fehlt oder ist ungültig. Es wurde nichts geändert. Gehen Sie zurück und versuchen Sie es noch einmal.
problem-form = Das Formular wurde nicht angenommen
problem-form-note = Es kam nicht von einer Seite dieses Portals, oder die Seite war schon offen, bevor Sie sich angemeldet haben. Es wurde nichts geändert.
problem-form-next = Öffnen Sie die Seite neu und wiederholen Sie Ihre Eingabe.
problem-role = Ihre Rolle erlaubt das nicht
problem-role-administrators = Das darf nur die Administration. Es wurde nichts geändert.
problem-role-officers = Das dürfen nur Sachbearbeitung und Administration. Es wurde nichts geändert.
# $role
problem-role-next = Ihre Rolle ist: { $role }. Wenn Sie eine andere brauchen, wenden Sie sich an die Administration.
problem-setup-closed = Dieser Einrichtungslink funktioniert nicht
problem-setup-closed-note = Er funktioniert einmal, bis das erste Konto eingerichtet ist. Wenn Sie das waren, melden Sie sich an.
problem-setup-closed-next = Wenn es noch kein Konto gibt, starten Sie den Server neu: Er gibt dann einen neuen Link aus.
problem-password-link = Dieser Link funktioniert nicht
problem-limit = Zu viele Anfragen
problem-unavailable = Der Server kann im Moment nichts speichern oder lesen
problem-conflict = Das ist nicht mehr möglich
problem-refused = Die Anfrage wurde abgewiesen
