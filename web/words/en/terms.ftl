### The project's terms: states, uses of keys, choices of keys, reasons to revoke.

## Roles

role-administrator = Administrator
role-officer = Officer
role-auditor = Auditor

## States

state-open = Open
state-used = Used
state-expired = Expired
state-cancelled = Cancelled
state-active = Active
state-invited = Invited
state-disabled = Disabled
state-suspended = Suspended
state-gone = Let go
state-revoked = Revoked
state-being-issued = Being issued
state-expires-soon = Expires soon
state-valid = Valid

## Uses of the card's keys: as a title, within a sentence ("issued for ..."), and what each means for the holder

use-9a = Signing in
use-9a-inline = signing in
use-9a-note = Computers, ssh, web sites, VPN. The phone asks for the PIN.
use-9c = Signing documents and mail
use-9c-inline = signing documents and mail
use-9c-note = The phone asks for the PIN before each signature.
use-9d = Decrypting
use-9d-inline = decrypting
use-9d-note = Mail and files that were encrypted for you.
use-9e = Doors and readers
use-9e-inline = doors and readers
use-9e-note = A tap is enough: no PIN.
use-other = Other use
use-other-inline = another use

## Choices of keys

policy-standard = Standard
policy-standard-note = RSA 2048 for signing in and decrypting, P-256 for the rest. Works with every program that supports smart cards.
policy-compact = Compact
policy-compact-note = P-256 for everything. Faster over the air, but some older programs do not support it.

## Reasons to revoke

reason-key-compromise = Somebody else may have the phone or its keys
reason-key-compromise-note = Lost, stolen, PIN seen. The most serious reason: recent signatures should be distrusted too.
reason-privilege-withdrawn = This person may no longer use it
reason-privilege-withdrawn-note = Left, changed role, or broke the rules. Earlier signatures stay valid.
reason-cessation-of-operation = It is retired, and nothing bad happened
reason-cessation-of-operation-note = The phone was replaced or given back.
reason-affiliation-changed = Name or organisation changed
reason-affiliation-changed-note = What the certificate says is no longer true. Invite the person again under the new name.
reason-superseded = A newer one took its place
reason-superseded-note = The person has enrolled again and does not need this one.
reason-unspecified = Another reason
reason-unspecified-note = The revocation list then gives no reason.
reason-certificate-hold = Suspended
reason-certificate-hold-note = It can be resumed.
