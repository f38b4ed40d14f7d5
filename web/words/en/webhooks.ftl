### Webhooks, and what they are sent.

## The list

webhooks-title = Webhooks
webhooks-intro = Programs of yours that are told at once of what happens here.
webhooks-add = Add a webhook
webhooks-none = No webhooks yet
webhooks-none-note = A webhook is an address of a program of yours. It is sent each event as JSON, signed.
webhook-host = Goes to
webhook-objects = Events about

## What events are about

webhook-about-installation = The installation
webhook-about-installation-note = Set-up, and the clock.
webhook-about-authorities = Authorities
webhook-about-authorities-note = Created, and each revocation list that is published.
webhook-about-colleagues-note = Accounts, roles, passwords, and each sign-in.
webhook-about-holders-note = Added, corrected, suspended, resumed, let go.
webhook-about-invitations-note = Made, used, cancelled.
webhook-about-phones-note = Enrolled, suspended, resumed, revoked.
webhook-about-certificates-note = Issued, on hold, good again, revoked.
webhook-about-webhooks-note = Added, changed, disabled, enabled, removed.
webhook-about-api-tokens-note = Made, revoked.
webhook-choose-objects = Choose what it is told of.

## Adding and changing

webhook-edit = Change the webhook
webhook-edit-intro = Each event is sent until your program answers with a status of 2xx, in order, and more than once if need be, always with the same id.
webhook-url = Address
webhook-url-hint = It begins with https:// (or with http:// for a program on the server itself).
webhook-add-submit = Add and show the secret
webhook-edit-submit = Save

## One webhook

webhook-facts = Webhook
webhook-added = Added
webhook-edit-button = Change
webhook-enable = Enable
webhook-disable = Disable
webhook-remove = Remove
webhook-secret-title = The secret
webhook-secret-intro = Your program needs it to tell messages of this server from others. Give it to the program in a way that nobody else reads.
webhook-secret-note = It is shown in this browser alone, for an hour. For a new one, remove the webhook and add it again.
webhook-secret-copy = Copy the secret
webhook-ready = Up to date
webhook-sending = Sending
webhook-held-up = Held up

## Deliveries

deliveries-title = Latest deliveries
deliveries-none = Nothing has happened yet that it is told of.
delivery-event = Event
delivery-attempts = Attempts
delivery-answer = Last answer
delivery-actions = What to do
delivery-next = next
delivery-again = Send again
delivery-now = Send now
delivery-waiting = Waiting
delivery-delivered = Delivered
delivery-failed = Given up
# $answer
outcome-taken = { $answer }
# $answer
outcome-refused = { $answer }
# $answer
outcome-unreachable = Cannot be reached: { $answer }
# $address
outcome-not-allowed = { $address } is an address of a network that the server may not send to (--webhook-networks).
outcome-timed-out = No answer in time
outcome-gone = The event is gone

## Removing

# $host
webhook-remove-title = Remove the webhook to { $host }?
webhook-remove-note = What waits for it is not sent any more, and its secret works no longer.
webhook-remove-keep = Keep it

## Done

webhook-added-done = The webhook is added. Its secret is below.
webhook-changed-done = The webhook is changed.
webhook-disabled-done = The webhook is disabled. It is not told of what happens until you enable it.
webhook-enabled-done = The webhook is enabled. What waited for it is sent now.
webhook-removed-done = The webhook is removed.
delivery-again-done = It is sent again, with the same id.
