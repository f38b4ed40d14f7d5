### Doing something with several at once.

bulk-select = Choose
# $name
bulk-select-row = Choose { $name }
bulk-select-page = Choose all rows of this page
bulk-all = All rows of this list, also those on other pages
bulk-acts = With the chosen rows
bulk-act-invite = Invite
bulk-act-suspend = Suspend
bulk-act-resume = Resume
bulk-act-cancel = Cancel
bulk-several = Several at once
bulk-nothing = Change nothing
bulk-nobody = It can be done with none of the rows that you chose.
# $count (number)
bulk-with = With { $count ->
    [one] this one
   *[other] these { $count }
}
# $count (number)
bulk-without = Not with { $count ->
    [one] this one
   *[other] these { $count }
}
bulk-is-suspended = Suspended: an invitation would not work.
bulk-is-gone = Let go: take them back first.
bulk-not-tried = Not tried: it was broken off before.

# $count (number)
bulk-invite-heading = Invite { $count ->
    [one] { $count } person?
   *[other] { $count } people?
}
bulk-invite-note = Each gets an invitation of their own, which enrolls one phone. Whoever has a phone keeps it. The next page shows the links, once, on sheets that can be printed.
# $count (number)
bulk-invite-verb = Invite { $count ->
    [one] { $count } person
   *[other] { $count } people
}
# $count (number)
bulk-invited = { $count ->
    [one] { $count } person invited
   *[other] { $count } people invited
}
bulk-nobody-invited = Nobody was invited
bulk-sheets-note = Print this page, one sheet for each person, or copy the links. They are not shown again.
# $email, $expires (element)
bulk-sheet-intro = For { $email }. Open the link on the phone, or let its { -product } app scan the code. It works for one phone until { $expires }.
# $count (number)
bulk-suspend-holders-heading = Suspend { $count ->
    [one] { $count } person?
   *[other] { $count } people?
}
bulk-suspend-holders-note = Their phones stop working at once, and no invitation of theirs works until they are resumed.
# $count (number)
bulk-holders-suspended = { $count ->
    [one] { $count } person suspended
   *[other] { $count } people suspended
}
# $count (number)
bulk-resume-holders-heading = Resume { $count ->
    [one] { $count } person?
   *[other] { $count } people?
}
bulk-resume-holders-note = Their phones work again, but for those that were suspended by themselves.
# $count (number)
bulk-holders-resumed = { $count ->
    [one] { $count } person resumed
   *[other] { $count } people resumed
}
# $count (number)
bulk-suspend-phones-heading = Suspend { $count ->
    [one] { $count } phone?
   *[other] { $count } phones?
}
bulk-suspend-phones-note = They stop working at once, until they are resumed.
# $count (number)
bulk-phones-suspended = { $count ->
    [one] { $count } phone suspended
   *[other] { $count } phones suspended
}
# $count (number)
bulk-resume-phones-heading = Resume { $count ->
    [one] { $count } phone?
   *[other] { $count } phones?
}
bulk-resume-phones-note = They work again, but for those whose holder is suspended.
# $count (number)
bulk-phones-resumed = { $count ->
    [one] { $count } phone resumed
   *[other] { $count } phones resumed
}
# $count (number)
bulk-suspend-verb = Suspend { $count }
# $count (number)
bulk-resume-verb = Resume { $count }
# $count (number)
bulk-cancel-heading = Cancel { $count ->
    [one] { $count } invitation?
   *[other] { $count } invitations?
}
bulk-cancel-note = Their links stop working at once. Whoever needs one must be invited again.
# $count (number)
bulk-cancel-verb = Cancel { $count ->
    [one] { $count } invitation
   *[other] { $count } invitations
}
# $count (number)
bulk-cancelled = { $count ->
    [one] { $count } invitation cancelled
   *[other] { $count } invitations cancelled
}

## People from a file

import-title = Invite people from a file
# $most (number)
import-intro = Up to { $most } people at once. Every line is checked first: either all are invited, or nobody.
import-people = People, one in each line
import-hint = Name, mail address and account name (UPN), with commas, semicolons or tabs between them. The first line may name the columns: name, email, upn, language. Without an account name the mail address is taken.
# What columns may be called, in lower case, with commas between the names.
import-columns-name = name, full name, display name
import-columns-email = email, e-mail, mail, mail address, email address, e-mail address
import-columns-upn = upn, account, account name, account name (upn), user principal name, userprincipalname
import-columns-language = language, mail language
import-file = Or take them from a file:
import-submit = Check the lines
import-lines-title = Lines to correct
import-line = Line
import-why = What is wrong
import-empty = Enter at least one person.
# $column
import-no-column = The first line names columns, but none is called “{ $column }”.
# $number (number)
import-line-unreadable = Line { $number } cannot be read: it needs a name and a mail address, and each quotation mark needs a second one.
# $number (number)
import-language-unknown = Line { $number } names a language that mails cannot be in. Write en or de, or leave the cell empty.
# $count (number), $most (number)
import-too-many = These are { $count } people. Invite at most { $most } at once.
# $count (number)
import-lines-wrong = { $count ->
    [one] { $count } line must be corrected
   *[other] { $count } lines must be corrected
} before anybody is invited. See the table above.
