### Phones that were enrolled.

phones-title = Phones
phones-search = Holder, phone or card number
phones-by-state = Phones by state
phones-none-found = No phones found
phones-none-found-note = No phone matches the search and the state that you chose.
phones-show-all = Show all phones
phones-none-yet = No phones yet
phones-none-yet-note = A phone appears here as soon as it has enrolled.
phones-end = Next expiry
phones-nothing-ends = none
# $digits
phones-card = Card { $digits }…

## One phone

# $holder
phone-revoked = This phone of { $holder } is refused everywhere: all of its certificates are revoked.
# $holder, $certificates (number)
phone-active = { $certificates ->
    [0] { $holder } can do nothing with this phone: none of its certificates is valid.
    [one] { $holder } can use this phone as a smart card: it has { $certificates } valid certificate.
   *[other] { $holder } can use this phone as a smart card: it has { $certificates } valid certificates.
}
# $holder
phone-suspended = This phone of { $holder } is suspended: its certificates are on hold, and it is refused until it is resumed.
# $holder (element)
phone-suspended-with-holder = It is suspended because its holder is: resume { $holder } instead.
# $holder (element)
phone-suspended-and-holder = Its holder is suspended too: it works again once both are resumed, { $holder } and the phone.
phone-suspend = Suspend
phone-resume = Resume
phone-revoke = Revoke this phone
phone-invite-another = Invite another phone
phone-about = About this phone
phone-guid = Card number (GUID)
phone-last-seen = Last seen
phone-never-seen = Never
phone-cannot-check-in = Never: it enrolled without a key to check in with. Its certificates are renewed by enrolling it again.
phone-version = Program
phone-keys = Keys
phone-keys-software = In software: nothing but the PIN protects them
phone-keys-hardware = In its hardware
phone-last-use = Last used
phone-never-used = Not that it says
phone-problems = Renewal
phone-wiped = Emptied
phone-not-wiped = Not yet: it is told at its next check-in
# $slot
renewal-problem-full = Slot { $slot }: all 20 places for earlier decryption keys are taken, so the key stays and its certificate alone is renewed
# $slot
renewal-problem-key = Slot { $slot }: the phone could not make a new key
# $slot
renewal-problem-certificate = Slot { $slot }: the phone refused the new certificate
# $slot
renewal-problem-place = Slot { $slot }: the card has no place for the new certificate, since its GIDS tables are full or damaged
# $slot
renewal-problem-ended = Slot { $slot }: the certificate ended too long ago. Invite its holder, so that the card is enrolled again
# $slot
renewal-problem-not-due = Slot { $slot }: the phone asked for a certificate that it may not renew now
# $slot
renewal-problem-key-refused = Slot { $slot }: the new key was certified before, or is not good. The phone makes another
# $slot
renewal-problem-compromised = Slot { $slot }: the key was given up as compromised. Invite the holder, so that the card is enrolled again
# $slot
renewal-problem-not-issued = Slot { $slot }: no certificate could be issued. The server’s log says why
# $slot
renewal-problem-unknown = Slot { $slot }: the phone could not renew, for a reason that this server does not know

## Suspending one

# $phone
suspend-phone-title = Suspend { $phone }?
# $phone, $holder
suspend-phone-heading = Suspend { $phone } of { $holder }?
# $certificates (number)
suspend-phone-certificates = { $certificates ->
    [0] No valid certificate is put on hold.
    [one] { $certificates } valid certificate is put on hold.
   *[other] { $certificates } valid certificates are put on hold.
}
suspend-at-once = It takes effect at once: OCSP and the next CRL download report it within a second, and ssh servers that ask this server refuse the phone from then on.
suspend-caution = Programs that look at no revocation list and ask nobody notice nothing. If somebody may have the phone and its PIN, revoke it.
suspend-phone-undo = You can resume it at any time: then it works again as before.
suspend-phone-submit = Suspend this phone
suspend-keep = Leave it as it is
# $certificates (number)
suspend-phone-done = The phone is suspended: { $certificates ->
    [0] it had no valid certificate.
    [one] { $certificates } certificate is on hold.
   *[other] { $certificates } certificates are on hold.
}
# $certificates (number)
resume-phone-done = The phone is resumed: { $certificates ->
    [0] it has no certificate.
    [one] { $certificates } certificate is good again.
   *[other] { $certificates } certificates are good again.
}
# $name
resume-phone-still = The phone is no longer suspended by itself. It works again once { $name } is resumed.

## Another name

phone-rename = Rename
# $name
rename-title = Rename { $name }
# $holder
rename-intro = So that { $holder } and you tell phones apart. Certificates do not carry this name.
rename-hint = Once the phone is enrolled again, it says itself what it is called.
rename-submit = Save
rename-done = The name is saved.

## How long it is suspended

suspend-until = Resume automatically on
suspend-until-hint = Optional. It works again from 00:00 UTC on that day. Without a day it stays suspended until somebody resumes it.
suspend-until-wrong = Enter a day that is still to come, or leave the field empty.

## Replacing one

phone-replace = Replace
label-replaces = Replaces
label-replaced-by = Replaced by
replaced-by-invitation = an invitation
# $invitation (element)
replaced-by-invited = { $invitation }, which nobody has used yet
# $invitation (element)
replaced-by-invited-in-use = { $invitation }, which nobody has used yet. Once a phone is enrolled with it, this one is revoked
# $phone (element)
replaces-revoked = { $phone }, which is revoked
# $phone (element)
replaces-in-use = { $phone }, which stays as it is until the new phone is enrolled, and is then revoked
# $phone (element)
replaces-kept = { $phone }, which stays as it is
# $phone
replace-title = Replace { $phone }
# $phone, $holder
replace-heading = Replace { $phone } of { $holder }
# $certificates (number)
replace-consequence = { $certificates ->
    [0] No valid certificate of the old phone will be revoked
    [one] { $certificates } valid certificate of the old phone will be revoked
   *[other] { $certificates } valid certificates of the old phone will be revoked
}
replace-when = At once, or when the new phone is enrolled if the old one stays in use until then. OCSP and the next CRL download report it within a second, and ssh servers that ask this server refuse the old phone from then on.
# $holder, $keys
replace-invitation = { $holder } is invited to enroll another phone under the same names, with the same keys ({ $keys }). You see the link and its code next.
# $invitations (number)
replace-earlier-invitations = { $invitations ->
    [one] The open invitation to replace this phone is cancelled: its link stops working.
   *[other] The { $invitations } open invitations to replace this phone are cancelled: their links stop working.
}
replace-emptied = Once the old phone is revoked, it is told to empty its card at its next check-in.
# $holder
replace-decryption = Its keys do not move to the new phone. What was encrypted for { $holder } with the old one can be read on the old one alone, and never again once it is lost or emptied.
replace-why = What has become of the old phone?
replace-no-cause = Choose what has become of the old phone.
replace-lost = It is lost or stolen
replace-lost-note = It is revoked at once: somebody else may have it.
replace-returned = It is broken or was handed back
replace-returned-note = It is revoked at once. Signatures made before stay valid.
replace-in-use = It is still in use
replace-in-use-note = It stays as it is until the new phone is enrolled, and is revoked at that moment. If the invitation expires or is cancelled, nothing changes.
# $email
replace-by-mail = Send the link by mail to { $email }
replace-by-mail-note = Not if somebody else may read that mail on the old phone: whoever has the link can enroll.
replace-submit = Replace this phone
# $name
replace-done = The old phone is revoked. Give the link to { $name }.
# $name
replace-begun = The old phone is revoked once a phone is enrolled with this invitation. Give the link to { $name }.

## A new PIN

unblocking-help = Forgotten PIN
# $name
unblocking-title = A new PIN for { $name }
# $holder, $name
unblocking-heading = Allow { $holder } a new PIN for { $name }?
# $holder
unblocking-sure = Make sure first that it is { $holder } who asks: see them, or call them on a number that you know.
unblocking-code = You get a code of eight digits that is good for an hour. Tell it to them: they type it on the phone, and choose a new PIN there.
unblocking-unseen = You do not learn the PIN. Certificates and keys stay as they are.
# $number (number)
unblocking-wrong = { $number ->
    [one] One wrong code ends it.
   *[other] { $number } wrong codes end it.
}
unblocking-submit = Allow a new PIN
# $holder
unblocking-tell = Tell { $holder } this code
unblocking-tell-note = They type it on the phone, and choose a new PIN there. On a virtual phone that is “tapcard-phone unblock”.
unblocking-copy = Copy the code
unblocking-until = Good until
unblocking-allowed-by = Allowed by
unblocking-told = Done
unblocking-withdraw = Take it back
unblocking-allowed-done = A new PIN is allowed.
unblocking-withdrawn-done = It was taken back: the code no longer works.
