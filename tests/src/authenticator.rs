//! An authenticator app (RFC 6238) on somebody's phone.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use totp_rs::{Builder, Secret, Totp};

use crate::{Result, unexpected};

/// For how long it shows a code.
const STEP: Duration = Duration::from_secs(30);

/// An app that has a key.
pub struct Authenticator {
    totp: Totp,
    at: Duration,
}

impl std::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Authenticator(..)")
    }
}

impl Authenticator {
    /// One that is given the key of a page now, in base32 and in groups.
    ///
    /// # Errors
    /// If it is not a key.
    pub fn given(key: &str) -> Result<Self> {
        let key = key.replace(' ', "");
        let secret =
            Secret::try_from_base32(&key).map_err(|error| unexpected(error.to_string()))?;
        let totp = Builder::new()
            .with_secret(secret)
            .with_account_name("phone")
            .build()
            .map_err(|error| unexpected(error.to_string()))?;
        let at = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_err(|error| unexpected(error.to_string()))?;
        Ok(Self { totp, at })
    }

    /// The next code, beginning with that of the time when it got its key: a server takes each once, and also the one after the present.
    pub fn code(&mut self) -> String {
        let code = self.totp.generate(self.at.as_secs()).to_string();
        self.at += STEP;
        code
    }
}
