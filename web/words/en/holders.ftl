### Holders: the people whose phones are enrolled.

holders-title = Holders
holders-search = Name, email or account name
holders-none-yet = No holders yet
holders-none-yet-note = A person appears here when you invite them for the first time.
holders-none-found = No holders found
# $query
holders-none-found-note = No holder has “{ $query }” in the name, email or account name.
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
holder-no-phones = None yet. A phone appears here as soon as it has enrolled.
holder-no-invitations = None.
# $when (element)
holder-invited = Invited { $when }
holder-about = About this person
holder-username = User name for ssh
holder-added = Added
