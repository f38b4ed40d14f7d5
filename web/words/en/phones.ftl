### Phones that were enrolled.

phones-title = Phones
phones-search = Holder, phone or card number
phones-by-state = Phones by state
phones-none-found = No phones found
phones-none-found-note = No phone matches the search and the state that you chose.
phones-show-all = Show all phones
phones-none-yet = No phones yet
phones-none-yet-note = Invite someone; the phone appears here as soon as it has enrolled.
# $digits
phones-card = Card { $digits }…

## One phone

# $holder
phone-revoked = This phone of { $holder } is refused everywhere: all of its certificates are revoked.
# $holder, $certificates (number)
phone-active = { $certificates ->
    [0] { $holder } can do nothing with this phone: none of its certificates is valid.
    [one] { $holder } can use this phone as a smart card: it has { $certificates } valid certificate.
   *[other] { $holder } can use this phone as a smart card: it has { $certificates } valid certificates.
}
phone-revoke = Revoke this phone
phone-about = About this phone
phone-guid = Card number (GUID)
