//! Tests that others wrote for any PKCS#11 module, run on ours with a card. A PIV card cannot do all that they ask for:
//! what fails is written down, with the error that it meets, and nothing else may. docs/pkcs11-conformance.md has the same
//! for readers.

mod cryptoki;
mod python_pkcs11;
mod verdict;
