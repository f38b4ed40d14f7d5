//! The PKCS#11 module libtapcard_pkcs11: any PIV card in a PC/SC reader as a PKCS#11 token.
