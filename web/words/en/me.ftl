### Holders’ own pages.

me-title = My phones
# $organisation
me-sign-in-intro = What your phones as smart cards at { $organisation } can do, and what to do when one is lost.
me-sign-in-hint = The one that { -product } mails go to.
me-sign-in-submit = Mail me a link
# $minutes (number)
me-sign-in-asked = { $minutes ->
    [one] If a phone owner has this mail address, a link is on its way there. It works once, for { $minutes } minute.
   *[other] If a phone owner has this mail address, a link is on its way there. It works once, for { $minutes } minutes.
}
# $organisation
me-sign-in-no-mail = You cannot read your mail, or no mail comes? Ask { $organisation }: they can suspend a lost phone for you.
# $organisation
me-sign-in-unsent = This server sends no mail, so no link can be mailed to you. If you have lost a phone, tell { $organisation } at once: they can suspend it for you.
me-to-administration = To the administration
me-from-administration = My phones: lost one, or need help with its PIN?
# $name
me-enter-whose = This link leads to the phones of { $name }.
me-enter-submit = Continue
me-enter-not-you = If that is not you, close this page.
me-link-ended = The link to your phones does not work
me-link-ended-note = A link works once, and for a few minutes only. If you copied it, check that it is complete. Otherwise have another one mailed to you.

## Signing in with the phone

me-by-phone = Sign in with your phone
me-by-phone-note = Hold it to a reader of this computer first. The browser asks which certificate to show, and for the PIN.
me-refused-title = Your phone was not accepted
me-refused-no-certificate = The browser showed no certificate. Hold the phone to the reader, choose its certificate when the browser asks, and type the PIN. If the browser asks nothing, it does not know the phone: “tapcard doctor” says what is missing.
# $organisation
me-refused-another-authority = The certificate that the browser showed is not one that is issued here. Choose the one that { $organisation } issued to your phone.
me-refused-another-key = The certificate that the browser showed is not the one for signing in. Choose another one of the phone.
# $organisation
me-refused-expired = The certificate of your phone has expired, or is not valid yet. Check the date on this computer, and whether the phone has renewed it. If it has not, ask { $organisation } for an invitation.
# $organisation
me-refused-suspended = Your phone is suspended. { $organisation } can resume it: ask there.
# $organisation
me-refused-revoked = Your phone, or this certificate of it, is revoked for good. To use a phone again, ask { $organisation } for an invitation.
me-refused-not-checked = The server could not check your phone just now. Try again in a minute.
me-refused-back = Back to signing in
me-refused-again = Browsers remember the choice of a certificate. To choose another one, close the browser and open it again.

## Phones

# $organisation
me-no-phone = You have no phone here yet. Ask { $organisation } for an invitation.
me-phone-active = You can use this phone as a smart card.
me-phone-nothing = This phone has no valid certificate, so it can do nothing at present.
# $organisation
me-phone-suspended = This phone is suspended: it is refused everywhere. Only { $organisation } can resume it. Ask there if you have found it again.
# $organisation, $until
me-phone-suspended-until = This phone is suspended: it is refused everywhere until { $until }. { $organisation } can resume it sooner. If you have lost it, say so here: then it stays suspended.
# $organisation
me-phone-revoked = This phone is revoked for good. To use a phone again, ask { $organisation } for an invitation.
me-valid-until = Valid until
me-lost = I have lost this phone

## A phone is lost

# $phone
me-lost-title = Have you lost { $phone }?
me-lost-stops = It is suspended at once: nobody can sign in or sign with it, whoever has it.
# $organisation
me-lost-told = { $organisation } sees that you reported it.
# $organisation
me-lost-undo = You cannot undo it yourself. If you find the phone again, { $organisation } can resume it, and it works as before.
me-lost-submit = Suspend it now
me-lost-keep = I have it
# $phone, $organisation
me-lost-done = { $phone } is suspended. Tell { $organisation } too, as soon as you can, if somebody may know its PIN.

## Help

me-help-title = Help with your phone
me-help-pin = PIN and PUK
me-help-pin-what = The PIN is the number with which you use the phone as a smart card. You chose it when you enrolled the phone; nobody else knows it, and it is not stored here.
me-help-pin-change = To change it, hold the phone to a reader of your computer and run “tapcard pin change”.
me-help-pin-blocked = After several wrong PINs the card blocks the PIN. Run “tapcard pin unblock”: it asks for the PUK, which the phone showed you once when you enrolled it.
# $organisation
me-help-puk-blocked = If you have no PUK, or it is blocked too, ask { $organisation } for a code: you type it on the phone, and choose a new PIN there. A phone that takes no code is enrolled again, with an invitation.
me-help-renewal = Renewal
# $organisation
me-help-renewal-what = The phone renews its certificates by itself before they end, if it reaches the server. If “Valid until” is near and nothing happens, ask { $organisation }.
me-help-another = Another phone
# $organisation
me-help-another-offer = You need an invitation for each phone, and can make one here. It is in your name: use it yourself, and pass it on to nobody. { $organisation } sees that you made it.
me-help-another-submit = Create an invitation for another phone
# $organisation
me-help-another-with-phone = You need an invitation for each phone. Sign in with a phone that you have, and you can make one here. If you have none, ask { $organisation }.
# $organisation
me-help-another-what = You need an invitation for each phone. Ask { $organisation } for one, and say whether you keep the phone that you have.
