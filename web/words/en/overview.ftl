### The overview.

overview-title = Overview

## First steps

first-title = Enroll the first phone
first-invite = Invite its holder
first-invite-note = A name, a mail address and an account name: they become the name on the certificates.
first-hand-over = Hand over the link or its code
first-hand-over-note = It works once and expires. Looking at it does not use it up.
first-watch = Watch the phone arrive here
first-watch-note = It makes its own keys, proves that it has them, and receives its certificates.

## What needs attention

needs-title = Needs attention
needs-nothing = Nothing
# $days (number)
needs-nothing-note = No certificate expires in the next { $days ->
    [one] { $days } day
   *[other] { $days } days
} and no invitation is about to expire.
need-wrong = Problem
need-soon = Soon
need-look = Look
# $count (number), $hours (number)
need-refused-sign-ins = { $count } sign-ins were refused within { $hours ->
    [one] { $hours } hour
   *[other] { $hours } hours
}: somebody may be guessing a password
need-changes = The database takes no changes: nobody can be enrolled, and nothing can be revoked
# $available (number), $total (number)
need-space = Disk space is low on the server: { $available } MB of { $total } MB are left
# $shown, $known
need-clock-event = The server’s clock shows { $shown }, but the audit trail’s newest event is of { $known }: no certificates are issued. Set the clock, or, if it is right, start the server with --accept-clock
# $shown, $known
need-clock-build = The server’s clock shows { $shown }, but the program was built { $known }: no certificates are issued. Set the clock, or, if it is right, start the server with --accept-clock
# $name, $when
need-authority-ends = The authority { $name } expires { $when }, and every certificate that it issues from now on may expire with it: prepare its successor
# $name, $when
need-authority-ended = The authority { $name } expired { $when }: no certificates are issued. Revocation lists and OCSP go on. Set up a successor and enroll the phones there
need-stale-list = A revocation list is out of date: relying parties may refuse every certificate
# $count (number), $days (number)
need-certificates = { $count ->
    [one] { $count } certificate expires
   *[other] { $count } certificates expire
} within { $days ->
    [one] { $days } day
   *[other] { $days } days
}
# $count (number)
need-invitations = { $count ->
    [one] { $count } invitation expires within a day and nobody has used it
   *[other] { $count } invitations expire within a day and nobody has used them
}
# $count (number)
need-requests = { $count ->
    [one] { $count } request waits for approval
   *[other] { $count } requests wait for approval
}

## Figures

figures-title = In figures
# $number (number)
figure = { $number }
figure-phones = Active phones
# $holders (number)
figure-phones-note = { $holders ->
    [0] nobody yet
    [one] { $holders } person in all
   *[other] { $holders } people in all
}
figure-certificates = Valid certificates
# $ending (number)
figure-certificates-note = { $ending ->
    [0] none expires soon
   *[other] { $ending } expiring soon
}
figure-invitations = Open invitations
figure-invitations-note = waiting for a phone
# $days (number)
figure-revoked = Revoked in { $days ->
    [one] { $days } day
   *[other] { $days } days
}
# $phones (number)
figure-revoked-note = { $phones ->
    [0] no phone was revoked so far
    [one] { $phones } phone was revoked so far
   *[other] { $phones } phones were revoked so far
}

## Events and authority

recent-title = Latest events
whole-audit = The whole audit trail
authority-title = Certificate authority
authority-issues-as = Issues as
authority-fingerprint = Fingerprint of the root (SHA-256)
