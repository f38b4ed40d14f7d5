//! A file, or what is at an address, for commands that take either.

use std::time::Duration;

use enroll_server_service::reconcile::{LONGEST, read_from};

use crate::server::ServeError;

/// How long an address may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The bytes of a file or at an `http://` address. Blocks.
///
/// # Errors
/// If they cannot be read.
pub fn bytes(name: &str) -> Result<Vec<u8>, ServeError> {
    let failed = |reason: String| ServeError::Fetch {
        name: name.to_owned(),
        reason,
    };
    if name.starts_with("https://") {
        return Err(ServeError::FetchHttps(name.to_owned()));
    }
    if !name.starts_with("http://") {
        // It may be a pipe, which another program fills.
        let read = std::fs::File::open(name).and_then(|file| read_from(file, LONGEST));
        return read.map_err(|error| failed(error.to_string()));
    }
    let config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT));
    let agent = ureq::Agent::new_with_config(config.build());
    let answer = agent
        .get(name)
        .call()
        .and_then(|mut answer| answer.body_mut().with_config().limit(LONGEST).read_to_vec());
    answer.map_err(|error| failed(error.to_string()))
}
