//! What an address answers, as it is on the wire.

use std::io::Read;
use std::time::{Duration, Instant};

use ureq::Agent;

use crate::{Error, Result, unexpected};

/// A file of a million rows takes longer than a page.
const TIME_LIMIT: Duration = Duration::from_secs(900);

/// What a browser that takes gzip says.
pub const TAKES_GZIP: (&str, &str) = ("Accept-Encoding", "gzip");

/// An answer, of which nobody reads anything.
#[derive(Clone, Copy, Debug)]
pub struct Fetched {
    /// How long it took from the request to the answer's last byte.
    pub took: Duration,
    /// The bytes of its headers, as HTTP/1.1 writes them.
    pub head: usize,
    /// The bytes of its body, compressed if it came so.
    pub body: usize,
    /// The line breaks of its body.
    pub lines: usize,
}

impl Fetched {
    /// What is at this address; where it leads is not followed.
    ///
    /// # Errors
    /// When there is no answer, or none with status 200.
    pub(super) fn get(agent: &Agent, url: &str, headers: &[(&str, &str)]) -> Result<Self> {
        let failed = |reason: String| Error::Http {
            method: "GET",
            url: url.to_owned(),
            reason,
        };
        let mut request = agent
            .get(url)
            .config()
            .max_redirects(0)
            .timeout_global(Some(TIME_LIMIT))
            .build();
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let begun = Instant::now();
        let answer = request.call().map_err(|error| failed(error.to_string()))?;
        let (parts, body) = answer.into_parts();
        let mut reader = body.into_reader();
        let (mut size, mut lines) = (0, 0);
        let mut part = vec![0; 64 * 1024];
        loop {
            let count = reader
                .read(&mut part)
                .map_err(|error| failed(error.to_string()))?;
            let Some(read) = part.get(..count).filter(|read| !read.is_empty()) else {
                break;
            };
            size += count;
            lines += read.iter().filter(|byte| **byte == b'\n').count();
        }
        let took = begun.elapsed();
        if parts.status != 200 {
            return Err(unexpected(format!("{url} answers {}", parts.status)));
        }
        let head = parts
            .headers
            .iter()
            .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len());
        Ok(Self {
            took,
            head: head.sum::<usize>() + "HTTP/1.1 200 OK\r\n\r\n".len(),
            body: size,
            lines,
        })
    }
}
