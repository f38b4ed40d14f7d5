### Mails, and what pages say of them.

## An invitation

# $name
mail-greeting = Hello { $name },
# $organisation
mail-invitation-subject = { $organisation } invites you: your phone as a smart card
# $organisation
mail-reminder-subject = Reminder: { $organisation } invites you to use your phone as a smart card
mail-reminder-what = You were invited before, and have not used the invitation yet.
# $inviter, $organisation
mail-invitation-what = { $inviter } ({ $organisation }) invites you to make your phone your smart card: you then sign in and sign with the phone and a PIN. It takes about two minutes.
mail-invitation-do = Open this link on a computer and scan its code with the { -product } app. If you read this on the phone, copy the link into the app:
# $expires
mail-invitation-until = The link works for one phone, until { $expires }. Until then, whoever has it can enroll in your name: do not pass this mail on.
mail-invitation-fingerprint = The last part of the link, after the #, is the fingerprint of the authority. The app checks it by itself.
# $inviter
mail-invitation-unexpected = If you did not expect this, do not open the link, and ask { $inviter }.

## The link to a holder's own pages

# $organisation
mail-own-pages-subject = { $organisation }: the link to your phones
mail-own-pages-what = You asked for the link to your phones. There you can say that you have lost one: it is suspended at once.
# $minutes (number)
mail-own-pages-until = { $minutes ->
    [one] The link works once, within { $minutes } minute after it was asked for. Do not pass it on.
   *[other] The link works once, within { $minutes } minutes after it was asked for. Do not pass it on.
}
mail-own-pages-unexpected = If you did not ask for it, you need not do anything.

## What happened to a phone

# $organisation
mail-enrolled-subject = { $organisation }: a phone was enrolled in your name
# $phone, $at
mail-enrolled-what = The phone “{ $phone }” was enrolled in your name on { $at }. It can sign in and sign as you.
# $organisation
mail-enrolled-next = If that was not you, tell { $organisation } at once, so that the phone can be revoked.
# $organisation
mail-suspended-subject = { $organisation }: your phone was suspended
# $phone, $at
mail-suspended-what = Your phone “{ $phone }” was suspended on { $at }. It cannot be used as a smart card until it is resumed.
# $organisation
mail-suspended-next = If you do not know why, ask { $organisation }.
# $organisation
mail-revoked-subject = { $organisation }: your phone was revoked
# $phone, $at
mail-revoked-what = Your phone “{ $phone }” was revoked on { $at }. It is not a smart card any more.
# $organisation
mail-revoked-next = If you do not know why, ask { $organisation }. To use a phone again, you need a new invitation.
# $organisation
mail-unblocked-subject = { $organisation }: a new PIN for your phone
# $phone, $at
mail-unblocked-what = Your phone “{ $phone }” brought a code for a new PIN on { $at }: whoever had the phone could choose a PIN.
# $organisation
mail-unblocked-next = If that was not you, or you asked nobody for a code, tell { $organisation } at once.
# $organisation
mail-request-refused-subject = { $organisation }: your request was refused
# $organisation
mail-request-refused-what = { $organisation } has refused your request for another phone.
# $note
mail-request-refused-why = The reason given: { $note }
# $organisation
mail-request-refused-next = If you have questions, ask { $organisation }. You can make another request at any time.

## Whether mail arrives

mail-trial-subject = Mail of the enrollment server arrives
mail-trial-text = This mail was sent with “enroll-server mail-test”. Mail arrives.

## On the pages of invitations

mail-language = Language of their mails
by-mail = Send the link by mail
by-mail-note = To the mail address above. What happened to the mail is on the page of the invitation.
by-mail-several = Send each the link by mail
by-mail-several-note = To their mail addresses. What happened to each mail is on the page of the invitation.
mails-title = By mail
mails-none = The invitation was not sent by mail.
mail-to = To
mail-sent = Sent
mail-waiting = On its way
mail-delivered = Given to the mail server
mail-failed = Not delivered
mail-is-reminder = Reminder
mail-send = Send by mail
mail-send-again = Send again
mail-remind = Remind
mail-link-gone = The link is not shown again, but it can be sent by mail again, as long as the invitation is open.
mail-gone = The invitation could not be used any more
# $email
mail-done = The invitation is sent to { $email }.
