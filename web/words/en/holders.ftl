### Holders: the people whose phones are enrolled.

holders-title = People
holders-search = Name, mail address or account name
holders-none-yet = Nobody yet
holders-none-yet-note = A person appears here when you invite them for the first time.
holders-none-found = Nobody found
holders-none-found-note = Nobody matches the search and the filter that you chose.
holders-show-all = Show all people
holders-filters = People by what they have
holders-without-phone = Without a phone
holders-several-phones = More than one phone
# $days (number)
holders-ending = Expires within { $days ->
    [one] { $days } day
   *[other] { $days } days
}
holders-phones = Phones
holders-next-end = Next expiry
holders-nothing-ends = none

## One holder

# $name, $phones (number)
holder-sentence = { $phones ->
    [0] { $name } has no phone that works as a smart card.
    [one] { $name } has { $phones } phone that can be used as a smart card.
   *[other] { $name } has { $phones } phones that can be used as smart cards.
}
# $name, $phones (number)
holder-suspended-sentence = { $name } is suspended: { $phones ->
    [0] there is no phone, and no invitation works.
    [one] the phone is on hold, and no invitation works.
   *[other] { $phones } phones are on hold, and no invitation works.
}
# $name
holder-gone-sentence = { $name } was let go: no phone works, and none can be enrolled.
holder-invite = Invite another phone
holder-suspend = Suspend
holder-resume = Resume
holder-let-go = Let go
holder-take-back = Take back
holder-edit = Correct
holder-remove = Remove
holder-outdated = Certificates that say something else
# $name
holder-outdated-note = These are valid and stay what they are. To have them issued again, { $name } enrolls the phone again, with a new invitation; the old ones are then revoked.
holder-outdated-invite = Invite to enroll again
# $phone
holder-outdated-on = on { $phone }
# $names
holder-outdated-says = It says { $names }.
holder-no-phones = None yet. A phone appears here as soon as it has enrolled.
holder-no-invitations = None.
# $when (element)
holder-invited = Invited { $when }
holder-about = About this person
holder-username = User name for ssh
holder-added = Added

## Correcting one

# $name
edit-title = Correct { $name }
edit-intro = Certificates issued from now on carry what you enter here. A new account name holds for ssh at once: the phones that this person has log in under it, and no longer under the old one. The audit trail keeps what it was before.
edit-submit = Save
# $mailed (number)
edit-done = { $mailed ->
    [0] The corrections are saved.
    [one] The corrections are saved. The open invitation goes to the new mail address with a new link; the old link opens nothing any more.
   *[other] The corrections are saved. The open invitations go to the new mail address with new links; the old links open nothing any more.
}
edit-nothing = Nothing was changed.
# $username
system-account = Yes, this person is { $username }
# $username
system-account-note = Whoever has this person’s phone can log in as { $username }, from the moment you save, on every host that asks this server.
# $email
shared-mail = Yes, both have { $email }
shared-mail-note = Certificates for signing mail will name the same address for both.

## Removing one

# $name
remove-title = Remove { $name }?
# $invitations (number)
remove-consequence = { $invitations ->
    [0] There is no open invitation.
    [one] { $invitations } open invitation is cancelled: its link no longer works.
   *[other] { $invitations } open invitations are cancelled: their links no longer work.
}
remove-final = Name, mail address and account name are deleted here, and the account name can be given to somebody else. The audit trail keeps what happened, with these names.
remove-submit = Remove this person
remove-keep = Keep this person
# $name
remove-done = { $name } was removed.

## Suspending one

# $name
suspend-holder-title = Suspend { $name }?
# $phones (number)
suspend-holder-phones = { $phones ->
    [0] There is no phone to suspend.
    [one] { $phones } phone is suspended: its certificates are on hold.
   *[other] { $phones } phones are suspended: their certificates are on hold.
}
# $invitations (number)
suspend-holder-invitations = { $invitations ->
    [0] There is no open invitation.
    [one] { $invitations } open invitation does not work meanwhile.
   *[other] { $invitations } open invitations do not work meanwhile.
}
suspend-holder-undo = You can resume them at any time: then all works again as before, except phones that were suspended by themselves.
suspend-holder-submit = Suspend this person
# $name, $phones (number)
suspend-holder-done = { $name } is suspended, and with them { $phones ->
    [0] no phone
    [one] { $phones } phone
   *[other] { $phones } phones
}.
# $name, $phones (number)
resume-holder-done = { $name } is active again, and with them { $phones ->
    [0] no phone
    [one] { $phones } phone
   *[other] { $phones } phones
}.

## Letting one go

# $name
let-go-title = Let { $name } go?
# $phones (number)
let-go-phones = { $phones ->
    [0] There is no phone to revoke.
    [one] { $phones } phone is revoked, with all of its certificates.
   *[other] { $phones } phones are revoked, with all of their certificates.
}
let-go-at-once = It takes effect at once: OCSP and the next CRL download report it within a second, and ssh servers that ask this server refuse the phones from then on.
let-go-earlier = Signatures made before stay valid. At its next check-in each phone is told to empty its card: what was encrypted for it can then never be read again.
let-go-final = Revoked certificates cannot come back. You can take the person back later, and invite them again.
let-go-submit = Let this person go
# $name, $phones (number), $invitations (number)
let-go-done = { $name } was let go: { $phones ->
    [0] no phones
    [one] { $phones } phone
   *[other] { $phones } phones
} revoked, { $invitations ->
    [0] no invitations
    [one] { $invitations } invitation
   *[other] { $invitations } invitations
} cancelled.
# $name
take-back-done = { $name } is active again and can be invited.
