### An invitation as the person who holds it sees it.

holder-title = Your phone as a smart card
# $name
holder-heading = { $name }, make your phone your smart card
# $organisation
holder-intro = { $organisation } invites you. Three steps, about two minutes, no password needed.
holder-steps = What to do
holder-scan = Scan the code with the { -product } app
holder-scan-note = Or, if you are reading this on the phone, copy the link below into the app.
holder-pin = Choose a PIN
holder-pin-note = 6 to 8 digits. Only you know it; it never leaves the phone.
holder-wait = Wait a few seconds
holder-wait-note = The phone makes its keys and fetches your certificates. Then hold it to a reader and sign in. The keys are on this phone alone: if you lose it, mail and files that were encrypted for you cannot be read any more.
holder-link = The link
# $expires (element)
holder-link-note = It works for one phone, until { $expires }. Until then, whoever has it can enroll in your name: do not pass it on.
holder-status = Status
holder-gets = What the phone will get
# $algorithm, $slot
holder-key = { $algorithm } · slot { $slot }
# $name, $upn, $inviter
holder-identity = In the name of { $name }, { $upn }. If that is not you, tell { $inviter }, who invited you, and do not enroll.
holder-issuer = Who issues this, and how to check it
holder-issued-by = Issued by
holder-fingerprint = Fingerprint of the authority (SHA-256)
holder-fingerprint-note = The app checks the fingerprint by itself, from the last part of the link. Compare it by eye only if you have it from another source.

## Where it stands

holder-waiting = Waiting for your phone.
holder-done = Done: your phone has its certificates. Hold it to a reader and sign in.
holder-expired = Nobody used this invitation in time.
holder-cancelled = This invitation was cancelled.

## An invitation that cannot be used

closed-used = A phone was enrolled with this invitation
# $when
closed-used-when = It was enrolled { $when }. If that was you, there is nothing left to do: hold the phone to a reader and sign in.
# $inviter
closed-used-not-you = If it was not you, tell { $inviter } at once, so that the phone can be revoked.
closed-expired = This invitation has expired
# $when
closed-expired-when = Nobody used it in time: it expired { $when }.
# $inviter
closed-expired-next = Ask { $inviter } for a new one. Nothing on your phone has changed.
closed-cancelled = This invitation was cancelled
# $organisation, $when
closed-cancelled-when = { $organisation } cancelled it { $when }.
# $inviter
closed-cancelled-next = If you expected it to work, ask { $inviter } for a new one.
closed-on-hold = This invitation does not work at present
# $organisation
closed-on-hold-why = { $organisation } has suspended your access. Nothing on your phone has changed.
# $inviter
closed-on-hold-next = Ask { $inviter }. The invitation works again once your access does, if it has not expired by then.
closed-unknown = This invitation is not known here
closed-unknown-why = The link may be incomplete: mail programs sometimes cut long links in two.
closed-unknown-next = Copy it again in one piece, or ask whoever invited you for a new one.
