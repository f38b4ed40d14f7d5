### What stands on every page: navigation, lists, times.
###
### A comment before a message declares its variables, in the order in which the program gives them: "$name" is a
### text, "(number)" a whole number, "(element)" a part of the page such as a link or a time. A message has no markup.

-product = Tapcard

# The conventions for dates and numbers: a locale (BCP 47).
conventions = en-GB

# What the language calls itself.
language-name = English
product-name = { -product }
tagline = The phone as a smart card.
skip-to-content = Skip to content

## Navigation

menu = Main
breadcrumb = Breadcrumb
menu-overview = Overview
menu-invitations = Invitations
menu-requests = Requests
menu-holders = People
menu-phones = Phones
menu-certificates = Certificates
menu-audit = Audit
menu-colleagues = Colleagues
menu-webhooks = Webhooks
menu-api-tokens = API tokens
sign-out = Sign out

## Lists

search = Search
pages = Pages
first-page = First page
previous-page = Previous page
next-page = Next page
# $count (number)
rows = { $count ->
    [one] { $count } row
   *[other] { $count } rows
}
# $count (number)
more-rows = more than { $count } rows
# $count (number)
rows-at-least = at least { $count ->
    [one] { $count } row
   *[other] { $count } rows
}
list-files = Take away
list-csv = Download as CSV
list-json-lines = Download as JSON lines
list-print = Print view
list-screen = Back to the list
# $query
with-query = with “{ $query }”
show-all = show all
filter-all = All

## Forms and buttons

# $title
title-with-errors = Error: { $title }
errors-title = Please correct the following
back = Back
invite-someone = Invite someone
copied = Copied
copy-failed = Copying failed. Select the text instead.

note-hint = Optional. Administrators see it here and in the audit trail; it goes into no certificate and no revocation list.

## Labels of facts and columns

label-holder = Holder
label-phone = Phone
label-name = Name
label-email = Mail address
label-upn = Account name (UPN)
label-upn-short = Account name
label-state = State
label-enrolled = Enrolled
label-suspended = Suspended
label-until = Until
label-gone = Let go
label-revoked = Revoked
label-reason = Reason
label-note = Note
label-invited = Invited
label-expires = Expires
label-valid-from = Valid from
label-valid-until = Valid until
about = About

## Times

# $time
time-utc = { $time } UTC
# $exact (element), $distance
time-with-distance = { $exact } ({ $distance })
time-now = just now
time-soon = in less than a minute
# $count (number)
time-in-minutes = in { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
# $count (number)
time-in-hours = in { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
# $count (number)
time-in-days = in { $count ->
    [one] { $count } day
   *[other] { $count } days
}
# $count (number)
time-in-years = in { $count ->
    [one] { $count } year
   *[other] { $count } years
}
# $count (number)
time-minutes-ago = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
} ago
# $count (number)
time-hours-ago = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
} ago
# $count (number)
time-days-ago = { $count ->
    [one] { $count } day
   *[other] { $count } days
} ago
# $count (number)
time-years-ago = { $count ->
    [one] { $count } year
   *[other] { $count } years
} ago
