### Signing in, and setting up the first administrator.

sign-in = Anmelden
# $organisation
sign-in-intro = Zur Verwaltung von { $organisation }.
sign-in-holders = Sie wurden eingeladen, ein Smartphone zu registrieren? Öffnen Sie den Link in Ihrer Einladung. Ein Passwort brauchen Sie dafür nicht.
sign-in-refused = E-Mail-Adresse oder Passwort ist falsch. Prüfen Sie beides und versuchen Sie es noch einmal.
password = Passwort

## First administrator

setup-title = Erstes Konto einrichten
setup-heading = { -product } einrichten
setup-intro = Sie sind hier die erste Person. Mit diesem Konto laden Sie Personen ein, sehen deren Smartphones und widerrufen, was verloren geht. Der Link in Ihrer Adresszeile funktioniert einmal und danach nie wieder.
setup-name = Ihr Name
setup-name-hint = Er steht auf den Einladungen, die Sie verschicken.
setup-email-hint = Damit melden Sie sich an.
# $shortest (number)
setup-password-hint = Mindestens { $shortest } Zeichen. Einige Wörter ohne Zusammenhang merkt man sich leichter als Sonderzeichen.
setup-submit = Konto anlegen

## What is wrong with a password

# $shortest (number)
password-empty = Geben Sie ein Passwort mit mindestens { $shortest } Zeichen ein.
# $length (number), $shortest (number)
password-short = Dieses Passwort hat { $length } Zeichen. Geben Sie mindestens { $shortest } ein.
# $longest (number)
password-long = Geben Sie ein Passwort mit höchstens { $longest } Zeichen ein.
