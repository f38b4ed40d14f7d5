### Revoking a phone or one certificate.

revoke-why = Why?
revoke-why-note = The reason is part of the public revocation list.
revoke-no-reason = Choose a reason.
revoke-keep = Keep it

## A phone

# $phone
revoke-phone-title = Revoke { $phone }?
# $phone, $holder
revoke-phone-heading = Revoke { $phone } of { $holder }?
# $certificates (number)
revoke-phone-consequence = { $certificates ->
    [0] No valid certificates will be revoked
    [one] { $certificates } valid certificate will be revoked
   *[other] { $certificates } valid certificates will be revoked
}
# $holder
revoke-phone-holder = { $holder } can no longer sign in, sign or open doors with this phone.
revoke-phone-at-once = It takes effect at once: OCSP and the next CRL download report it within a second, and ssh servers that ask this server refuse the phone from then on.
revoke-phone-earlier = Signatures made before stay valid. At its next check-in the phone is told to empty its card: what was encrypted for it can then never be read again.
# $holder
revoke-phone-final = This cannot be undone. To come back, { $holder } needs an invitation: an open one that is not cancelled below works for any phone.
revoke-also = What else ends
revoke-also-note = What is checked here ends as well.
# $when
revoke-also-invitation = The open invitation made { $when }
# $name, $when
revoke-also-invitation-note = By { $name }; it expires { $when }. Whoever has its link can enroll a phone until then.
# $phone
revoke-also-phone = The phone { $phone }
# $when
revoke-also-phone-suspended-note = Enrolled { $when }, and suspended. All of its certificates are revoked for the same reason.
# $when
revoke-also-phone-note = Enrolled { $when }, and in use. All of its certificates are revoked for the same reason.
# $certificates (number)
revoke-phone-done = The phone is revoked, and with it { $certificates ->
    [0] no certificates
    [one] { $certificates } certificate
   *[other] { $certificates } certificates
}. OCSP and the revocation list report it from now on.
# $phone
revoke-also-phone-done = { $phone } was revoked with it.
# $invitations (number)
revoke-also-invitations-done = { $invitations ->
    [one] { $invitations } open invitation was cancelled.
   *[other] { $invitations } open invitations were cancelled.
}
revoke-phone-nothing-left = The holder has no other phone and no open invitation.
# $phones (number)
revoke-phone-phones-left = The holder still has { $phones ->
    [one] { $phones } active phone
   *[other] { $phones } active phones
}, and no open invitation.
# $invitations (number)
revoke-phone-invitations-left = The holder has no other phone, and still { $invitations ->
    [one] { $invitations } open invitation
   *[other] { $invitations } open invitations
}.
# $phones (number), $invitations (number)
revoke-phone-both-left = The holder still has { $phones ->
    [one] { $phones } active phone
   *[other] { $phones } active phones
} and { $invitations ->
    [one] { $invitations } open invitation
   *[other] { $invitations } open invitations
}.

## A certificate

revoke-certificate-title = Revoke this certificate?
# $purpose, $holder
revoke-certificate-heading = Revoke “{ $purpose }” of { $holder }?
# $holder
revoke-stops-9a = { $holder } can no longer sign in with it.
# $holder
revoke-stops-9c = { $holder } can no longer sign documents and mail with it.
# $holder
revoke-stops-9d = { $holder } should no longer be sent anything encrypted with it.
# $holder
revoke-stops-9e = { $holder } can no longer open doors and readers with it.
# $holder
revoke-stops-other = { $holder } can no longer use it.
revoke-certificate-at-once = It takes effect at once: OCSP and the next CRL download report it within a second.
# $others (number)
revoke-certificate-remaining = { $others ->
    [0] The phone then has no valid certificate left.
    [one] The phone keeps { $others } other valid certificate, which continues to work.
   *[other] The phone keeps { $others } other valid certificates, which continue to work.
}
# $whole-phone (element)
revoke-certificate-final = This cannot be undone. If the phone is lost or stolen, { $whole-phone } instead.
revoke-certificate-whole-phone = revoke the whole phone
revoke-certificate-done = The certificate is revoked. OCSP and the revocation list report it from now on.
# $invitations (number)
revoke-certificate-invitations-left = The holder still has { $invitations ->
    [one] { $invitations } open invitation
   *[other] { $invitations } open invitations
}.
