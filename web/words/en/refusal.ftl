### What a service refuses, in one or two sentences: what happened, and what to do. Pages and the API say the same.

refused-internal = The server failed; nothing was changed. Try again. If it happens again, tell the administrator the request’s id.
# $seconds (number)
refused-limit = Too many attempts. Wait { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
} and try again.
refused-unavailable = The database is busy, full or cannot be reached. Wait a few seconds, look what was done, and try again. If it lasts, tell whoever runs this server.
# $seconds (number)
refused-busy = The same request is already being processed. Try again in { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
refused-clock = The server’s clock is wrong, so no certificates are issued. Nothing was used up. Tell whoever invited you, and try again later.
# $name
refused-authority = No certificates can be issued: the certificate authority { $name } is not valid any more, or not yet. Nothing was used up. Tell whoever invited you.
# $end
enrolled-cut-short = These certificates expire on { $end }, earlier than usual: the authority that issued them expires then. You will need a new invitation before that.
refused-setup-closed = This set-up link does not work: it works once, and only until the first administrator is set up.

## Invitations

refused-invitation-unknown = This invitation is not known here. Check that the link is complete, or ask whoever invited you for a new one.
refused-invitation-used = This invitation has already been used, and it works only once. Ask whoever invited you for a new one.
refused-invitation-expired = This invitation has expired. Ask whoever invited you for a new one.
refused-invitation-cancelled = This invitation was cancelled. Ask whoever invited you for a new one.

## Check-ins of phones

refused-phone-unknown = No phone with this id checks in here. Enroll the phone with a new invitation.
refused-check-in = This check-in does not prove that it comes from the phone: its signature is not by the phone’s key, or its challenge was used or is too old. Check in again.
refused-unblocking = No new PIN is allowed for this phone now, or the code is another one. Check the code; a code is good for an hour, or until the fifth wrong code. Ask your organisation for another.
refused-no-unblocking-key = The phone has no unblocking key, since it was enrolled before there was one: invite its holder, so that the card is enrolled again.
request-check-in-key = The request for the check-in key must be PKCS#10 for a P-256 key of its own.
# $slot
request-compromised-key = Slot { $slot }: this key was given up as compromised, and a certificate for it was revoked for that reason. Make a new key.

## Objects that do not exist

refused-no-holder = This holder does not exist.
refused-no-invitation = This invitation does not exist.
refused-no-request = This request does not exist.
refused-no-phone = This phone does not exist.
refused-no-certificate = This certificate does not exist.
refused-no-selection = What you chose is not kept any longer, or it was done already. Choose again.
refused-nothing-chosen = Nothing was chosen. Go back and choose at least one row.
# $most (number)
refused-too-many-chosen = At most { $most } can be chosen at once. Narrow the list, or choose fewer.
# $upn
refused-guest-twice = { $upn } stands in the list twice: leave one line out.
refused-selection-done = This was done already.
refused-no-colleague = This account does not exist.
refused-no-webhook = This webhook does not exist.
refused-no-passkey = You have no such passkey.
refused-no-api-token = This API token does not exist.
refused-no-delivery = What was sent is known for 30 days. This is not known.

## Objects in another state

# $upn
refused-holder-just-added = { $upn } was added by somebody else at the same moment. Try again.
refused-holder-has-phones = This holder cannot be removed: a phone was enrolled, and its certificates name the holder.
refused-cancel-used = This invitation cannot be cancelled: it is used.
refused-cancel-expired = This invitation cannot be cancelled: it is expired.
refused-cancel-cancelled = This invitation cannot be cancelled: it is cancelled already.
refused-request-waits = You have asked already: wait for the answer, or take that request back.
refused-request-ended = The request does not wait any more: somebody has decided, it was withdrawn, or it has expired.
refused-request-stale = The person or their phones were changed since you saw this. Look at what the request changes now, and decide again.
refused-request-approved-before = You have approved this request already. Somebody else must approve it too.
refused-request-approved-by-program = A token of the API has approved this request already. Somebody who works in the portal must approve it too.
refused-request-own = You cannot approve your own request. Somebody else decides.
refused-no-approver = Your account or token may not decide about requests any more.
refused-certificate-revoked = This certificate is already revoked.
refused-phone-revoked = This phone is already revoked.
refused-phone-suspended = This phone is suspended. It can be used and enrolled again once an administrator has resumed it.
refused-phone-not-suspended = Nobody has suspended this phone by itself: if it is suspended, its holder is.
refused-holder-suspended = The holder is suspended. Once an administrator has resumed them, their phones and invitations work again.
refused-holder-gone = The holder was let go. Only who is taken back can enroll a phone.
refused-holder-active = The holder is neither suspended nor gone: somebody has resumed them, or taken them back.
refused-second-factor-on = The account has an authenticator app already. Remove it before you add another.
refused-passkey-known = This passkey was added already.
# $most (number)
refused-too-many-passkeys = An account has { $most } passkeys at most. Remove one before you add another.
refused-not-proved = Confirm first that it is you.
refused-no-passkeys-here = Browsers have no passkeys for a site that is reached by an IP address.
refused-second-factor-off = The account has no second factor.
refused-account-own = Nobody changes the role of their own account, disables it or makes links for it. Another administrator can.
refused-account-disabled = This account is disabled. Enable it first.
refused-account-enabled = This account is not disabled.
refused-last-administrator = This is the last administrator who can sign in. Make somebody else an administrator first.
refused-password-link-unknown = This link is not known here. Check that it is complete, or ask an administrator for a new one.
refused-password-link-used = A password was chosen with this link, and it works only once. If it was not you, tell an administrator at once.
refused-password-link-expired = This link was not used in time. Ask an administrator for a new one.
refused-password-link-replaced = There is a newer link or another password since, or the account is disabled. Ask an administrator.
refused-no-administrator = You may not do this any more: somebody has changed your role or disabled your account.
refused-webhook-state = Somebody has done that already.
refused-api-token-revoked = The token is already revoked.
refused-mailed-lately = It was sent by mail a moment ago. Wait five minutes before you send it again.
refused-no-mail = It cannot be sent by mail: the invitation was made when no mail server was set up, or none is set up now.
refused-being-sent = It is being sent at this moment. Look again in a minute.
refused-link-replaced = The invitation has another link now, as the mail address was corrected. Whoever has the right address gets it.
refused-not-signed = This certificate is on record but not signed yet. Look again in a minute.

## Fields of forms; in the summary of a form each stands alone

# $message
field-email = Mail address: { $message }
# $message
field-url = Address: { $message }
# $message
field-upn = Account name: { $message }
field-name-empty = Enter a name, for example Alice Example.
# $longest (number)
field-name-long = Enter a name of at most { $longest } characters: longer names do not fit into a certificate.
# $character
field-name-unseen = Enter a name without the character { $character }, which nobody can see: it may have come along with a copied text.
field-note-empty = Say why, in a few words.
# $longest (number)
field-note-long = Enter a note of at most { $longest } characters.
# $character
field-note-unseen = Enter a note without the character { $character }, which nobody can see: it may have come along with a copied text.
field-url-malformed = Enter an address such as https://hooks.example.org/tapcard.
field-url-scheme = Enter an address that begins with https://. With http:// nothing is sent but to the server itself (localhost).
field-url-parts = Leave out user, password and the part after #.
field-no-scope = Choose at least one thing that the token may do.
# $most (number)
field-days = Enter a number of days from 1 to { $most }.
# $longest (number)
field-key-malformed = The key of a request has 1 to { $longest } visible ASCII characters.
field-key-used = The key was used for another request within the last day. Make up a new key for each request.
field-no-policy = There is no enrollment policy of this name. The list of policies has their names.
field-no-language = Give the tag of a language that the server has, such as en or de.
field-no-reason = Give one of the reasons for which something is revoked for good.
# $longest (number)
field-address-long = Enter at most { $longest } characters.
field-address-no-at = Enter an address with an @, for example alice@example.org.
field-mail-local = Before the @, a mail address has letters, digits and signs, without spaces, brackets, quotation marks and commas; dots may stand between others, one at a time. For example alice@example.org.
field-mail-local-not-ascii = Before the @, use letters from A to Z without accents: certificates cannot carry others. After the @, any domain name will do.
field-account-local = Before the @, use letters from A to Z, digits, dashes, plus signs and underscores only; dots may stand between others, one at a time. For example alice@example.org.
# $username
field-system-account = { $username } is the name of an account that systems have for themselves. Choose another one, or confirm below that it is meant.
# $email, $name
field-mail-shared = { $email } is already the mail address of { $name }. Enter another one, or confirm below that both have it.
field-address-domain = After the @, enter a domain name, for example alice@example.org.
# $name
field-account-taken = { $name } signs in with this mail address. Enter another one.
# $username, $name, $upn
field-username-taken = The account name { $username } already belongs to { $name } ({ $upn }), and sshd tells people apart by it alone. Choose another one.
# $name
field-holder-suspended = { $name } is suspended. Resume them on their page before you invite them.
# $name
field-holder-gone = { $name } was let go. Take them back on their page before you invite them.
# $upn, $name, $email
field-upn-taken = { $upn } already belongs to { $name }, { $email }. Give the same name and mail address, or another account name.

## Requests that no service saw

request-no-token = Send a token of the API in the header Authorization: “Bearer”, a space, and the token. An administrator makes tokens.
request-token-not-working = The token is not known, has ended or was revoked. An administrator makes another one.
# $scope
request-no-scope = The token may not do this: it lacks the scope “{ $scope }”. An administrator makes another one.
request-media-type = Send the content as JSON, with the header “Content-Type: application/json”.
# $most (number)
request-limit = The parameter “limit” is a number from 1 to { $most }.
request-after = The parameter “after” is what the page before says in “next”, of the same list.
# $name
request-word = The parameter “{ $name }” takes one of the words that the document of the API lists.
request-method = This address does not accept requests of this kind.
request-nowhere = There is nothing at this address.
request-body-timed-out = The request did not arrive in time. Send it again.
request-unreadable = The request cannot be read: its address or its content is not valid.
request-timed-out = The server took too long, and what was asked for may have been done all the same. Try again.

## Enrollment requests

# $version
request-protocol = This server supports version 1 of the enrollment protocol, the request uses version { $version }. Update whichever of the two is older.
request-incomplete = The request did not arrive whole. Try again.
request-too-long = The request is longer than 64 KiB. Enrollment requests are much shorter.
# $detail
request-not-json = The request cannot be read: { $detail }.
request-no-name = The phone did not send a name for itself. Give the phone a name and try again.
request-guid-taken = The phone’s GUID belongs to another holder’s phone. Reset the phone’s card and try again.
# $slot
request-slot-not-invited = Slot { $slot }: the invitation does not ask for this slot.
# $slot
request-not-one = Slot { $slot }: there must be exactly one request.
# $slot, $found, $wanted
request-other-algorithm = Slot { $slot }: the key is { $found }, the invitation asks for { $wanted }.
# $slot
request-same-key = Slot { $slot }: the same key is in two slots. Make a key for each.
# $slot
request-known-key = Slot { $slot }: this key already has a certificate, or had one. Make a new key and try again.

## Certification requests

# $slot, $longest (number)
csr-too-long = Slot { $slot }: the request is longer than { $longest } bytes.
# $slot
csr-malformed = Slot { $slot }: the request is not PKCS#10 in DER.
# $slot, $extensions
csr-extensions = Slot { $slot }: the request asks for the extensions { $extensions }. A request brings only a key; what the certificate says comes from the holder’s record.
# $slot, $attributes
csr-attributes = Slot { $slot }: the request has the attributes { $attributes }. A request brings only a key.
# $slot, $found, $key, $expected
csr-signature-algorithm = Slot { $slot }: the request is signed with the algorithm { $found }; a { $key } key signs with { $expected }.
# $slot
csr-signature = Slot { $slot }: the request’s signature is not by its own key: the sender has not shown that they have the private key.
# $slot
csr-key-malformed = Slot { $slot }: the public key is malformed.
# $slot, $algorithm, $supported
csr-key-unsupported = Slot { $slot }: the public key’s algorithm { $algorithm } is not supported; use one of { $supported }.
# $slot, $bits
csr-rsa-size = Slot { $slot }: the RSA key has { $bits } bits; it must have 2048, 3072 or 4096.
# $slot
csr-rsa-malformed = Slot { $slot }: the RSA key is malformed.
# $slot
csr-form-octets = Slot { $slot }: the public key must be encoded in whole octets.
# $slot
csr-form-parameters = Slot { $slot }: the parameters of rsaEncryption must be NULL.
# $slot
csr-form-point = Slot { $slot }: the point of the public key must be uncompressed.
# $slot
csr-point = Slot { $slot }: the key’s point is not on its curve.
# $slot
csr-exponent = Slot { $slot }: the RSA key’s public exponent must be 65537.
# $slot, $factor
csr-small-factor = Slot { $slot }: the RSA key’s modulus can be divided by { $factor }. Make a new key.
# $slot
csr-close-factors = Slot { $slot }: the RSA key’s factors are so close together that they can be found. Make a new key.
# $slot
csr-prime-power = Slot { $slot }: the RSA key’s modulus is a prime or a power of one, so that anybody can find the private key. Make a new key.
# $slot
csr-roca = Slot { $slot }: the RSA key was made by a library whose keys can be factored (ROCA, CVE-2017-15361). Make the key with another one.
