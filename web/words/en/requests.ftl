### What people ask for on their own pages, and who approves it.

requests-title = Requests
requests-by-state = Requests by state
requests-none-found = No requests found
requests-none-found-note = No request fits the search and the filter that you chose.
requests-show-all = Show all requests
requests-none-yet = No requests yet
requests-none-yet-note = Whoever has a phone can ask for another one on their own pages, where the server is started with --holders-add-phones=one-approval or two-approvals. What they ask for then waits here.
requests-asked = Asked

## States

request-waiting = Waiting
request-approved = Approved
request-refused = Refused
request-withdrawn = Withdrawn
request-closed = Closed

## One request

# $name
request-of = { $name } asks for another phone
request-facts = Request
request-policy = Keys on the phone
request-reason = Reason
request-came-by = Signed in
request-came-by-phone = with a phone
request-came-by-mail = with a link from their mail
# $missing (number)
request-waits = { $missing ->
    [0] It has enough approvals: with one more click on Approve the person is invited.
    [one] { $missing } approval is missing.
   *[other] { $missing } approvals are missing, of different people.
}
request-until = Waits until
request-approved-what = The person is invited, and finds the link on their own pages.
request-refused-what = Nothing was issued.
request-withdrawn-what = The person took it back.
request-expired-what = Nobody decided in time.
request-closed-what = The person was suspended, let go or removed before somebody decided.
request-invitation = Show the invitation
request-ended = Ended
request-note = Note

## What it changes

difference-title = What it changes
# $name
difference-caption = What { $name } has, and would have
difference-what = What
difference-before = Now
difference-after = With this phone
difference-new = New
difference-changed = Changed
difference-none = none
difference-phones = Phones
# $count (number)
difference-phone-count = { $count ->
    [0] none
    [one] { $count } phone
   *[other] { $count } phones
}
# $count (number), $until
difference-had = { $count ->
    [one] { $count } certificate, until { $until }
   *[other] { $count } certificates, the last until { $until }
}
# $days (number)
difference-gets = one more certificate, for { $days ->
    [one] { $days } day
   *[other] { $days } days
}
difference-name = Name in certificates
difference-email = Mail address in certificates
difference-upn = Account name (UPN) in certificates
difference-gone = The keys that were asked for are not in use any more: this request can come to nothing.
# $name
difference-moved = { $name } was corrected since the request was made. What counts is what stands below.

## Approvals

approvals-title = What happened so far
approvals-by = By
approvals-what = What
approvals-when = When
approval-asked = Asked
approval-given = Approved
approval-lost = Approved, which does not count any more: the request would change something else since, or whoever approved may not do so now.

## Deciding

decide-title = Your decision
decide-approve = Approve
decide-refuse = Refuse
decide-note = Note
decide-note-hint = Why it is refused. The person reads it.
decide-approved-before = You have approved this request. Somebody else must approve it too.
decide-own = This is your own request: somebody else decides.
decide-not-yours = Officers and administrators decide.
# $name, $missing (number)
request-approved-once-done = You have approved what { $name } asks for. { $missing ->
    [one] One more approval is missing, of somebody else.
   *[other] { $missing } more approvals are missing, of somebody else.
}
# $name
request-approved-done = Approved: { $name } finds the link for the phone on their own pages.
# $name
request-approved-mailed-done = Approved: { $name } is sent the link for the phone, and finds it on their own pages too.
# $name
request-refused-done = The request of { $name } is refused.

## For the person

me-requests = What you asked for
me-ask = Ask for another phone
me-ask-title = Ask for another phone
# $organisation
me-ask-intro = { $organisation } decides, and you see here what became of it. It is in your name: the phone is for you alone.
me-ask-reason = Why
me-ask-reason-hint = For example: my old phone is broken.
me-ask-submit = Send the request
# $policy
me-request-for = Another phone: { $policy }
me-request-title = Your request for another phone
# $organisation, $missing (number)
me-request-waits = { $organisation } has not decided yet: { $missing ->
    [0] nobody has confirmed the approvals
    [one] { $missing } approval is missing
   *[other] { $missing } approvals are missing
}.
# $organisation
me-request-approved = { $organisation } has approved it. Open this link with the new phone, or let it scan the code there.
me-request-link = The link for the phone
# $organisation
me-request-done = { $organisation } has approved it. The link was used, has expired or was cancelled.
# $organisation
me-request-refused = { $organisation } has refused it.
me-request-withdrawn = You took it back.
# $organisation
me-request-expired = Nobody at { $organisation } decided in time. You can ask again.
# $organisation
me-request-closed = It was closed when { $organisation } suspended you.
me-request-withdraw = Take it back
me-request-to-phones = My phones
# $organisation
me-help-another-ask = You need an invitation for each phone. You can ask { $organisation } for one here.
