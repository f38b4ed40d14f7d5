### Who works here, one's own account, and links that set a password.

## The list

colleagues-title = Colleagues
colleagues-intro = Who works with this portal, and what they may do.
colleagues-invite = Invite a colleague
colleagues-role = Role
colleagues-last-seen = Last seen
colleagues-never = never
colleagues-you = you

## Roles

role-administrator-note = Does everything, and decides who works here.
role-officer-note = Does everything with people, phones, invitations and certificates.
role-auditor-note = Reads every list and page and the audit trail, and changes nothing.
role-choose = Choose a role.

## Inviting a colleague

colleague-new = New colleague
colleague-new-intro = You get a link to pass on. Whoever has it chooses the password and is signed in.
colleague-email-hint = They sign in with it. It cannot be changed later.
colleague-new-submit = Make the link

## One colleague

# $name, $days (number)
colleague-link-intro = Give this link to { $name } in a way that nobody else reads. It works once, within { $days ->
    [one] { $days } day
   *[other] { $days } days
}; looking at it uses nothing up.
colleague-link-title = The link to choose a password
colleague-link-note = It is shown in this browser alone, for an hour: the server keeps only a fingerprint of it.
colleague-copy-link = Copy the link
colleague-link-until = Open link
# $time (element)
colleague-link-works-until = works until { $time }
# $time (element)
colleague-link-ended = expired { $time }
colleague-facts = Account
colleague-added = Added
colleague-disabled-since = Disabled
colleague-sessions = Open sessions
# $count (number)
colleague-session-count = { $count }
colleague-make-link = Make a new password link
colleague-change-role = Change role
colleague-disable = Disable
colleague-enable = Enable
colleague-own = This is you. Your name, password and sessions are on your own page; another administrator can change your role.
colleague-own-page = To your account

## Changing a role

# $name
colleague-role-title = Change the role of { $name }
colleague-role-note = It holds from the next page on that they open. A link to choose a password that they have not used yet no longer works: make a new one.
colleague-role-submit = Change the role
colleague-role-keep = Change nothing

## Disabling

# $name
colleague-disable-title = Disable the account of { $name }?
colleague-disable-now = They are signed out everywhere at once and cannot sign in, and no link works that they have or that they made for others.
colleague-disable-stays = What they did stays as it is, in the audit trail too. You can enable the account again.
colleague-disable-keep = Keep it

## Second factor

colleague-factor-remove = Remove the second factor
# $name
colleague-factor-title = Remove the second factor of { $name }?
colleague-factor-now = Their password is enough to sign in then, until they add an authenticator app or a passkey again. Their authenticator app, their passkeys and their recovery codes no longer work, and they are signed out everywhere.
colleague-factor-sure = Do it only if you are sure that it is they who ask for it: call them, or meet them.

## Done

# $name
colleague-factor-removed-done = The second factor of { $name } is removed. All their sessions are ended.

# $name
colleague-invited-done = { $name } is invited. The link is below.
# $name
colleague-link-done = There is a new link for { $name }. Earlier ones no longer work.
# $name, $role
colleague-role-done = The role of { $name } is now: { $role }.
colleague-role-same = The role is what it was.
# $name
colleague-disabled-done = The account of { $name } is disabled.
# $name
colleague-enabled-done = The account of { $name } is enabled, with the password of before. If others may know that, or there was none yet, make a new password link.
# $passkeys (number)
colleague-enabled-passkeys = { $passkeys ->
    [one] { $passkeys } passkey opens it without the password. If others may have it, remove the second factor below.
   *[other] { $passkeys } passkeys open it without the password. If others may have one of them, remove the second factor below.
}

## One's own account

account-title = Your account
account-name-title = Name
account-name-hint = Others see it on the invitations that you make and in the audit trail.
account-name-submit = Save the name
account-language-title = Language
account-language-label = Language of your pages
account-language-browser = The browser’s choice
account-language-submit = Save the language
account-password-title = Password
account-password-present = Present password
account-password-new = New password
account-password-note = All your other sessions end.
account-password-submit = Change the password
account-password-wrong = The present password is not right.
account-sessions-title = Sessions
account-session-begun = Begun
account-session-used = Last used
account-session-which = Session
account-session-this = This one
account-session-other = Another browser
account-sign-out-elsewhere = Sign out everywhere else
account-name-done = Your name is changed.
account-language-done = Your pages are in this language now.
account-name-same = Your name is what it was.
# $sessions (number)
account-password-done = Your password is changed. { $sessions ->
    [0] No other session was open.
    [one] { $sessions } other session was ended.
   *[other] { $sessions } other sessions were ended.
}
# $sessions (number)
account-sessions-done = { $sessions ->
    [0] No other session was open.
    [one] { $sessions } other session was ended.
   *[other] { $sessions } other sessions were ended.
}

## The page of a link

password-link-title = Choose your password
# $name
password-link-heading = Welcome, { $name }
# $email
password-link-intro = Choose a password. From then on you sign in with { $email }. The link works once.
password-link-submit = Save and sign in
