### Tokens of the API, and the page about it.

## The list

tokens-title = API tokens
tokens-intro = With a token, a program does what officers do here.
tokens-document = What it can do
tokens-make = Make a token
tokens-none = No API tokens yet
tokens-none-note = A token lets a program of yours invite, suspend and revoke without a person.
token-scopes = May
token-end = Works until
token-used = Last used
token-never = Never
token-works = Works

## What a token may do

scope-read = Read
scope-read-note = People, phones, certificates, invitations and the audit trail.
scope-invite = Invite
scope-invite-note = Invite people, and cancel invitations.
scope-approve = Approve
scope-approve-note = Approve and refuse what people ask for. All tokens together count as one approver.
scope-edit = Correct names
scope-edit-note = Names, mail addresses and accounts of people.
scope-suspend = Suspend
scope-suspend-note = Suspend and resume people and phones.
scope-unblock = Allow a new PIN
scope-unblock-note = Allow people who forgot the PIN of a phone to choose another, by a code.
scope-revoke = Revoke
scope-revoke-note = Revoke phones and certificates, let people go and take them back.

## Making one

token-new-intro = What the program does is in the audit trail under the name of its token.
token-name-hint = What will use it, for example “Onboarding script”.
token-days = For how many days
token-days-hint = At most 366. Make another one before it ends.
token-new-submit = Make and show the token

## One token

token-facts = Token
token-made = Made
token-text-title = The token
token-text-intro = Whoever has it can do what it may do. Give it to the program in a way that nobody else reads.
token-text-copy = Copy the token
token-text-note = It is shown in this browser alone, for an hour.

## Revoking

token-revoke = Revoke
# $name
token-revoke-title = Revoke the token “{ $name }”?
token-revoke-note = The program that uses it is refused at once. This cannot be undone: make another token then.
token-revoke-keep = Keep it

## Done

token-made-done = The token is made. It is below.
token-revoked-done = The token is revoked.

## What the API can do

api-title = The API
api-intro = What a program with a token can ask this server for, made from the server’s own code.
api-file = The same for programs (OpenAPI 3.1)
api-example = An example
api-example-note = The file token.header has one line: “Authorization: Bearer”, a space, and the token. The file root.pem has the root certificate.
api-example-copy = Copy the command
api-required = Fields with a * must be there.
api-operations = Addresses
api-parameters = Parameters
api-body = Is sent
api-answer = Answers with
api-types = What is sent and answered
api-fields = Fields
api-kind = Holds
api-meaning = Meaning
