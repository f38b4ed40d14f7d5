### The second factor of an account, and showing again who one is.

factor-title = Second factor
factor-intro = With an authenticator app or a passkey, nobody signs in as you who knows your password alone.
factor-off = None
# $at (element)
factor-since = Authenticator app, since { $at }
# $at (element)
factor-on = Authenticator app, added { $at }.
# $left (number)
factor-codes-left = { $left ->
    [0] No recovery code is left: make new ones.
    [one] { $left } recovery code is left.
   *[other] { $left } recovery codes are left.
}
factor-code = Code
factor-code-hint = The 6 digits that your authenticator app shows now, or one of your recovery codes.
factor-code-wrong = This code is not right, or it was used before. Wait for the next one, and check that the clock of your phone is right.

## Adding one

factor-add-title = Add an authenticator app
factor-add-intro = Any app for one-time codes (TOTP) will do.
factor-scan-title = 1. Scan the code
factor-code-picture = QR code for your authenticator app
factor-scan-intro = Scan it with the app.
factor-scan-link = Is the app on this device?
factor-scan-open = Open it
factor-scan-type = Or type this key:
factor-copy-secret = Copy the key
factor-first-title = 2. Type what it shows
factor-first-hint = The 6 digits that the app shows now.
factor-first-code-wrong = This is not the code that the app should show now. Check that it has scanned the code above, and that the clock of your phone is right.
factor-add = Add it
factor-cancel = Cancel

## Removing it

factor-remove = Remove the authenticator app
factor-remove-title = Remove the authenticator app?
factor-remove-last = It is your last second factor: your password is enough to sign in then, and your recovery codes no longer work.
# $passkeys (number)
factor-remains-passkeys = You still have { $passkeys ->
    [one] { $passkeys } passkey
   *[other] { $passkeys } passkeys
} to sign in with, and your recovery codes.
factor-remains-app = You still have your authenticator app to sign in with, and your recovery codes.
factor-keep = Keep it
factor-removed-done = The authenticator app is removed.

## Recovery codes

recovery-title = Recovery codes
recovery-intro = Each of them works once in place of a code of your authenticator app or a passkey, when you have lost it.
recovery-note = Print them or keep them in a password manager: not on the device that has the authenticator app or the passkey.
recovery-used = (used)
recovery-copy = Copy all
recovery-saved = I have saved them
recovery-show = Show my recovery codes
recovery-new-intro = Did somebody else see them, or are few left? Make new ones: those of before no longer work.
recovery-new = Make new recovery codes
recovery-made-done = These are your new recovery codes. Those of before no longer work.

## Signing in

factor-step-title = Second factor
factor-step-intro = Your password is right.
factor-step-lost = Have you lost the app, the passkeys and the recovery codes? An administrator can remove your second factor, or whoever runs the server.

## Showing again who one is

proof-title = Confirm that it is you
# $minutes (number)
proof-intro = What you are about to do has weight. You are not asked again for { $minutes ->
    [one] { $minutes } minute
   *[other] { $minutes } minutes
}.
proof-password-wrong = The password is not right.
proof-factor-wrong = The passkey or the code is not right, or it was used before. Try again.
proof-or-code = Or with a code:
proof-submit = Confirm
proof-cancel = Cancel
