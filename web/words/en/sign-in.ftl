### Signing in, and setting up the first administrator.

sign-in = Sign in
# $organisation
sign-in-intro = To the administration of { $organisation }.
sign-in-holders = Were you invited to enroll a phone? Open the link in your invitation; you need no password for it.
sign-in-refused = The mail address or the password is not right. Check both and try again.
password = Password

## First administrator

setup-title = Set up the first administrator
setup-heading = Set up { -product }
setup-intro = You are the first one here. This account will invite people, see their phones and revoke what is lost. The link in your address bar works once; after that it is closed for good.
setup-name = Your name
setup-name-hint = Holders see it on the invitations that you send.
setup-email-hint = You sign in with it.
# $shortest (number)
setup-password-hint = At least { $shortest } characters. A few unrelated words are easier to remember than symbols.
setup-submit = Create the administrator

## What is wrong with a password

# $shortest (number)
password-empty = Enter a password of at least { $shortest } characters.
# $length (number), $shortest (number)
password-short = This password has { $length ->
    [one] { $length } character
   *[other] { $length } characters
}. Enter at least { $shortest }.
# $longest (number)
password-long = Enter a password of at most { $longest } characters.
