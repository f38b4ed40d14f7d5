### The audit trail, and its events as sentences.

audit-title = Audit
audit-intro = Everything that changed something, newest first. Entries cannot be edited: each one seals the one before it.
audit-by-time = Events by time
# $days (number)
audit-last-days = Last { $days } days
audit-by-subject = Events by subject
audit-none = No events
audit-none-note = No event fits what you chose.
audit-show-all = Show all events
audit-table = Audit trail
audit-events = Events
audit-what = What
audit-who = Who
audit-when = When
audit-number = Number
audit-to-whom = To whom or what
audit-details = Details
audit-address = Address
audit-person = Person
audit-person-hint = Name, mail address or account name
audit-actor = Done by
audit-anybody = Anybody
# $name, $email
audit-colleague = { $name } ({ $email })
audit-kind = Kind
audit-anything = Anything
audit-from = From day (UTC)
audit-to = To day (UTC)
audit-filter = Filter
audit-narrowed = Chosen filters
# $filter
audit-without = { $filter }: remove this filter
# $words
audit-chip-person = Person: { $words }
# $address
audit-chip-source = Address: { $address }
# $day
audit-chip-from = From { $day }
# $day
audit-chip-to = To { $day }
# $count (number)
audit-steps = { $count ->
    [one] { $count } step
   *[other] { $count } steps
}
audit-not-checked = The seals of the entries have not been checked since the server started.
# $count (number), $at (element)
audit-whole = All { $count } entries are there and unchanged, up to number { $count }; checked { $at }.
# $number (number), $at (element)
audit-broken = Entry { $number } is missing or was changed; found { $at }. Keep the database as it is and look at a backup.
audit-authority = Authority
audit-administrators = Colleagues
history-title = History
history-none = Nothing yet.

## Events

# $name
event-authority-created = Certificate authority { $name } created
event-setup-link-created = Set-up link printed
# $name
event-administrator-created = Administrator { $name } added
# $name
event-officer-created = Officer { $name } added
# $name
event-auditor-created = Auditor { $name } added
# $name
event-administrator-password-set = Password of { $name } set, sessions ended
# $name
event-administrator-removed = Account of { $name } removed, sessions ended
# $name
event-administrator-unlocked = Limits of sign-ins emptied for { $name }
# $name
event-colleague-invited = Colleague { $name } invited
# $name
event-password-link-created = Link for a new password made for { $name }
# $name
event-password-chosen = Password of { $name } chosen with a link, sessions ended
# $name, $before, $after
event-role-changed = Role of { $name } changed: { $before } → { $after }
# $name
event-colleague-disabled = Account of { $name } disabled, sessions ended
# $name
event-colleague-enabled = Account of { $name } enabled
# $name
event-own-name-changed = Own name changed to { $name }
event-own-password-changed = Own password changed, other sessions ended
event-other-sessions-ended = Signed out everywhere else
# $name
event-second-factor-added = Second factor added to the account of { $name }
# $name
event-second-factor-removed = Second factor of { $name } removed
# $name
event-recovery-codes-made = New recovery codes for { $name }
# $left (number)
event-recovery-code-used = Recovery code used, { $left ->
    [0] none is left
    [one] { $left } is left
   *[other] { $left } are left
}
event-second-factor-refused = Second factor refused
# $passkey
event-passkey-added = Passkey { $passkey } added
# $before, $after
event-passkey-renamed = Passkey renamed: { $before } → { $after }
# $passkey
event-passkey-removed = Passkey { $passkey } removed
# $passkey
event-passkey-copied = Passkey { $passkey } refused: its counter went back, so there may be a copy of it
event-sign-in = Signed in
# $passkey
event-sign-in-passkey = Signed in with the passkey { $passkey }
event-sign-in-refused = Sign-in refused
# $count (number)
event-sign-ins-refused = { $count ->
    [one] Sign-in refused
   *[other] { $count } sign-ins refused
}
# $hours (number)
within-hours = within { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}
event-sign-out = Signed out
# $name
event-holder-created = Holder { $name } added
# $name
event-holder-edited = Holder { $name } corrected
# $name
event-holder-removed = Holder { $name } removed
event-holder-suspended = Holder suspended
event-holder-resumed = Holder resumed
event-holder-taken-back = Holder taken back
event-holder-let-go = Holder let go
# $name
event-invitation-created = { $name } invited
# $name, $phone
event-replacement-invited = { $name } invited to replace the phone { $phone }
# $name, $email
event-invitation-mailed = Invitation for { $name } sent to { $email }
# $name, $email
event-invitation-reminded = Reminder for { $name } sent to { $email }
event-invitation-cancelled = Invitation cancelled
event-invitation-used = Invitation used
# $name
event-phone-enrolled = Phone { $name } enrolled
# $name
event-phone-enrolled-again = Phone { $name } enrolled again
event-phone-reported-lost = Phone reported lost by its holder
event-holder-sign-in = Signed in to their own pages with a link from their mail
# $phone
event-holder-sign-in-phone = Signed in to their own pages with { $phone }
event-request-made = Asked for another phone
event-request-approved-once = Request for another phone approved by a first officer
event-request-approved = Request for another phone approved
event-request-refused = Request for another phone refused
event-request-withdrawn = Request for another phone withdrawn
event-request-expired = Request for another phone expired
event-request-closed = Request for another phone closed
event-phone-revoked = Phone revoked
event-pin-unblocking-allowed = A new PIN was allowed
event-pin-unblocking-withdrawn = What was allowed was taken back: no new PIN
event-pin-unblocking-failed = Too many wrong codes: no new PIN is allowed any more
event-pin-unblocked = The code for a new PIN was accepted
event-phone-suspended = Phone suspended
# $name
event-phone-renamed = Phone renamed to { $name }
event-phone-resumed = Phone resumed
event-phone-wiped = The phone emptied its card
event-renewal-hindered = The phone could not renew as it should
# $certificate
event-certificate-reserved = { $certificate } about to be signed
# $certificate
event-certificate-issued = { $certificate } issued
# $certificate
event-certificate-revoked = { $certificate } revoked
# $certificate
event-certificate-suspended = { $certificate } suspended
# $certificate
event-certificate-resumed = { $certificate } resumed
# $certificate
event-issuance-abandoned = { $certificate } not completed, revoked as a precaution
# $list, $rows (number)
event-list-exported = List { $list } downloaded: { $rows ->
    [one] { $rows } row
   *[other] { $rows } rows
}
event-clock-accepted = Clock accepted although it showed an earlier time than before
# $number
event-crl-taken-over = Revocation list { $number } taken over into this database
# $number
event-crl-published = Revocation list { $number } published
# $host
event-webhook-added = Webhook to { $host } added
# $host
event-webhook-changed = Webhook to { $host } changed
# $host
event-webhook-disabled = Webhook to { $host } disabled
# $host
event-webhook-enabled = Webhook to { $host } enabled
# $host
event-webhook-removed = Webhook to { $host } removed
# $name
event-api-token-made = API token “{ $name }” made
# $name
event-api-token-revoked = API token “{ $name }” revoked

## Which certificate

# $purpose
event-certificate = Certificate “{ $purpose }”
event-certificate-of-server = Certificate of the server
event-certificate-unknown = Certificate

## Who, and what else is known

# $name
by = by { $name }
by-invitation = by invitation
by-check-in = at its check-in
by-setup-link = through the set-up link
by-password-link = through the link
# $user
by-machine = on the server’s machine, by { $user }
# $name
by-api-token = with the API token “{ $name }”
by-unknown = by somebody unknown
# $name
by-claimed = by somebody as { $name }
actor-server = The server
# $name
actor-invited = { $name }, by invitation
# $name
actor-holder = { $name }, on their own pages
# $phone
actor-phone = { $phone }, at its check-in
# $user
actor-machine = { $user }, on the server’s machine
# $name
actor-api-token = API token “{ $name }”
actor-unknown = Somebody unknown
# $name
actor-setup-link = { $name }, through the set-up link
# $name
actor-password-link = { $name }, through the link
# $name
actor-claimed = Somebody as { $name }
# $phone, $holder
phone-of-holder = { $phone } of { $holder }
# $value
fact-reason = reason: { $value }
# $count (number)
fact-certificates = certificates: { $count }
# $count (number)
fact-sessions = sessions: { $count }
# $count (number)
fact-other-phones = other phones revoked with it: { $count }
# $count (number)
fact-invitations = invitations cancelled with it: { $count }
# $value
fact-profile = profile: { $value }
# $value
fact-policy = policy: { $value }
# $value
fact-slot = slot: { $value }
# $value
fact-serial = serial: { $value }
# $value
fact-email = mail address: { $value }
# $value
fact-upn = account name: { $value }
# $before, $after
fact-name-change = name: { $before } → { $after }
# $before, $after
fact-email-change = mail address: { $before } → { $after }
# $before, $after
fact-upn-change = account name: { $before } → { $after }
# $before, $after
fact-language-change = language of mails: { $before } → { $after }
# $value
fact-role = role: { $value }
# $value
fact-known-time = known before: { $value }
# $count (number)
fact-newly-revoked = revoked by it: { $count }
# $count (number)
fact-entries = entries: { $count }
# $count (number)
fact-phones-suspended = phones suspended with it: { $count }
# $count (number)
fact-phones-resumed = phones resumed with it: { $count }
# $count (number)
fact-phones-revoked = phones revoked with it: { $count }
# $value
fact-narrowing = chosen: { $value }
fact-broken-off = broken off before its end
# $value
fact-note = note: { $value }
# $value
fact-until = until { $value }
