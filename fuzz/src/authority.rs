//! What the fuzz targets of the authority do with their bytes. Two programs share it: the targets themselves, and the
//! test of `enroll-server-ca` that replays the corpus with the stable toolchain.

use enroll_server_ca::csr;
use enroll_server_ca::ocsp::request::Query;

/// A target: its name, which is also its corpus' folder, and its body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target that needs the authority alone.
pub const TARGETS: [Target; 2] = [("csr", request), ("ocsp_request", query)];

/// A certification request, as a phone sends it.
pub fn request(data: &[u8]) {
    match csr::verify(data) {
        Ok(_) => assert!(data.len() <= csr::LONGEST),
        // The log has to hold it, whatever the request holds.
        Err(error) => assert!(error.to_string().len() < 16 * csr::LONGEST),
    }
}

/// An OCSP request, as anybody may send it.
pub fn query(data: &[u8]) {
    if let Ok(query) = Query::from_der(data) {
        for certificate in &query.certificates {
            assert!(
                certificate
                    .serial()
                    .chars()
                    .all(|digit| digit.is_ascii_hexdigit())
            );
        }
    }
}
