### Passkeys of an account: adding, naming, showing and removing them.

passkeys-title = Passkeys
passkeys-intro = A passkey signs you in by itself: you unlock your computer, your phone or a security key, and type neither password nor code. It works on this site alone, so that no other site can ask you for it.
# $count (number)
passkey-count = { $count ->
    [one] { $count } passkey
   *[other] { $count } passkeys
}
# $passkeys (number)
passkeys-still-open = { $passkeys ->
    [one] { $passkeys } passkey opens your account without the password, a new one too. If it is not yours, remove it on the page of your account.
   *[other] { $passkeys } passkeys open your account without the password, a new one too. Remove those that are not yours on the page of your account.
}
passkey-added = Added
passkey-used = Last used
passkey-without = Passkeys need JavaScript and a present version of the browser. All other ways work without.
passkey-failed = The browser gave no passkey: it was called off, took too long, or there is none. Try again, or use another way.

## Adding one

passkey-add = Add a passkey
passkey-add-intro = Your browser asks where it is to be kept: on this computer, on a phone, or on a security key.
passkey-name-hint = By which you tell it from others, for example “Laptop” or “Blue security key”.
# $number (number)
passkey-name = Passkey { $number }
passkey-make = Make the passkey
passkey-not-made = The passkey was not added: it took too long, or the browser answered something else than it was asked. Try again.
passkey-added-done = The passkey is added.

## One of them

passkey-rename = Save the name
passkey-renamed-done = The name of the passkey is changed.
passkey-remove = Remove the passkey
# $name
passkey-remove-title = Remove the passkey { $name }?
passkey-remove-note = It opens nothing here any more, and all your other sessions end. The device keeps it: delete it there too.
passkey-removed-done = The passkey is removed. All your other sessions are ended.

## Showing it

passkey-sign-in = Sign in with a passkey
passkey-show = Use a passkey
passkey-first = Or confirm with a passkey first:
passkey-proved-done = You are not asked again for a while.
passkey-refused = This passkey was not accepted. Try again, or use another way.
passkey-copied = This passkey was refused: its counter went back, so there may be a copy of it. Use another way, remove it, and tell an administrator.
