### Holders: the people whose phones are enrolled.

holders-title = Holders
holders-search = Name, mail address or account name
holders-none-yet = No holders yet
holders-none-yet-note = A person appears here when you invite them for the first time.
holders-none-found = No holders found
# $query
holders-none-found-note = No holder has “{ $query }” in the name, mail address or account name.
holders-show-all = Show all holders
holders-since = Since

## One holder

# $name, $phones (number)
holder-sentence = { $phones ->
    [0] { $name } has no phone that works as a smart card.
    [one] { $name } has { $phones } phone that can be used as a smart card.
   *[other] { $name } has { $phones } phones that can be used as smart cards.
}
holder-invite = Invite another phone
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
edit-done = The corrections are saved.
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
remove-submit = Remove this holder
remove-keep = Keep this holder
# $name
remove-done = { $name } was removed.
