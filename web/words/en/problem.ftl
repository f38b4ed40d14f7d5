### What went wrong, as a page: what happened, and what to do.

problem-to-overview = To the overview
# $number (element)
problem-number = If you ask for help, give this number: { $number }
problem-internal = Something went wrong on the server
problem-internal-note = Nothing was changed. Try again. If it happens again, give the number below to whoever runs this server.
problem-timed-out = The server took too long
problem-timed-out-note = What you did may have been done all the same. Look first, then try again.
problem-not-found = Page not found
problem-not-found-note = The address may be mistyped, or the page no longer exists.
problem-method = This action is not available here
problem-method-note = The address exists, but it does not accept this kind of request. Nothing was changed.
problem-unreadable = The request could not be read
problem-unreadable-note = Part of it is missing or invalid. Nothing was changed. Go back and try again.
problem-form = The form was not accepted
problem-form-note = It was not sent by a page of this portal, or the page was opened before you signed in. Nothing was changed.
problem-form-next = Open the page again and repeat what you did.
problem-role = Your role does not allow this
problem-role-administrators = Only administrators may do this. Nothing was changed.
problem-role-officers = Only officers and administrators may do this. Nothing was changed.
# $role
problem-role-next = Your role is: { $role }. If it should be another, ask an administrator to change it.
problem-setup-closed = This set-up link does not work
problem-setup-closed-note = It works once, until the first administrator is set up. If that was you, sign in.
problem-setup-closed-next = If there is no administrator yet, start the server again: it prints a new link.
problem-password-link = This link does not work
problem-limit = Too many requests
problem-unavailable = The server cannot save or read anything at the moment
problem-conflict = This can no longer be done
problem-refused = The request was refused
