//! The enrollment service: certificate authority, enrollment, revocation, CRL, OCSP and the portal.

fn main() {}
