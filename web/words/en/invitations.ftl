### Invitations as administrators see them.

invitations-title = Invitations
invitations-by-state = Invitations by state
invitations-none-found = No invitations found
invitations-none-found-note = No invitation fits the search and the filter that you chose.
invitations-show-all = Show all invitations
invitations-none-yet = No invitations yet
invitations-none-yet-note = An invitation is a link that enrolls one phone. It stays in this list after it is used, expires or is cancelled.
invitations-for = For
invitations-by = Invited by
invitations-search = Name, mail address or account name
# $name
invited-by = by { $name }

## One invitation

# $name
invitation-title = Invitation for { $name }
invitation-cancel = Cancel the invitation
# $name
invitation-again = Invite { $name } again
invitation-link-title = The link for the phone
# $name, $one-phone (element), $expires (element)
invitation-link-intro = Give this link to { $name }, or let the phone’s { -product } app scan the code. It works for { $one-phone }, until { $expires }.
invitation-one-phone = one phone
invitation-link-note = Only this browser can show the link, and only for an hour: the server keeps no copy that could be read. Opening the link does not use it up. Its last part lets the phone check that it talks to the right server.
# $name, $new-one (element)
invitation-link-gone = The link is not shown again: the server keeps only a fingerprint of it. If { $name } has lost it, cancel this invitation and { $new-one }.
invitation-link-not-shown = It is shown once, to whoever makes the invitation: the server keeps only a fingerprint of it.
invitation-link-gone-new-one = make a new one
invitation-facts = Details
invitation-keys = Keys on the phone
invitation-invited-by = Invited by
invitation-code = Code of the invitation link, for the phone to scan
invitation-copy-link = Copy the link

## Where it stands

invitation-waiting = Waiting for the phone.
invitation-enrolling = The phone is being enrolled.
# $when
invitation-lapsed = Nobody used it in time: it expired { $when }.
# $when
invitation-cancelled-at = Cancelled { $when }.
# $phone, $when, $certificates (number)
invitation-enrolled = { $phone } was enrolled { $when } and has { $certificates ->
    [0] no certificates
    [one] { $certificates } certificate
   *[other] { $certificates } certificates
}.
invitation-show-phone = Show the phone
invitation-check-again = Check again

## Inviting

new-invitation = New
new-invitation-intro = You get a link and a code for one phone. What you enter here is what the certificates will say: the phone itself contributes only its keys.
new-invitation-name-hint = As others know this person, for example Alice Example.
new-invitation-email-hint = It is written into the certificate for signing.
new-invitation-upn-hint = For example alice@example.org. The part before the @ is the user name for ssh.
new-invitation-no-policy = Choose which keys the phone is to make.
new-invitation-submit = Create the invitation

## Cancelling

# $name
cancel-title = Cancel the invitation for { $name }?
cancel-consequence = The link and its code stop working at once. Phones that are already enrolled are not affected. A cancelled invitation cannot be restored; you can send a new one at any time.
cancel-keep = Keep it
# $name
cancel-done = The invitation for { $name } is cancelled.
