//! The programs that can be set up.

use clap::ValueEnum;
use serde::Serialize;

use super::surroundings::Surroundings;

/// A program that can be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// Firefox: web sites that want a client certificate
    Firefox,
    /// Chromium and its relatives (Chrome, Edge, Brave): the same
    Chromium,
    /// OpenSSH's ssh: logins with the key on the card
    Ssh,
    /// p11-kit: GnuTLS, GNOME and what else asks it for modules
    P11Kit,
    /// OpenSSL: its provider or engine for PKCS#11
    Openssl,
    /// Java: keytool, jarsigner and programs that take a SunPKCS11 provider
    Java,
    /// PAM: sudo, login and screen locks (pam_pkcs11, pam_p11)
    Pam,
    /// Kerberos: kinit by certificate (PKINIT)
    Krb5,
    /// No program, but all of them: they show the phone while it is away, and a login waits for its tap
    OneTap,
}

impl Program {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Firefox,
        Self::Chromium,
        Self::Ssh,
        Self::P11Kit,
        Self::Openssl,
        Self::Java,
        Self::Pam,
        Self::Krb5,
        Self::OneTap,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Firefox => "firefox",
            Self::Chromium => "chromium",
            Self::Ssh => "ssh",
            Self::P11Kit => "p11-kit",
            Self::Openssl => "openssl",
            Self::Java => "java",
            Self::Pam => "pam",
            Self::Krb5 => "krb5",
            Self::OneTap => "one-tap",
        }
    }

    /// Whether it is installed here.
    #[must_use]
    pub fn is_installed(self, surroundings: &Surroundings) -> bool {
        let program = |names: &[&str]| surroundings.program(names).is_some();
        let library = |names: &[&str]| surroundings.library(names).is_some();
        match self {
            Self::Firefox => program(&["firefox", "firefox-esr"]),
            Self::Chromium => program(&[
                "chromium",
                "chromium-browser",
                "google-chrome",
                "google-chrome-stable",
                "microsoft-edge",
                "brave-browser",
                "vivaldi",
            ]),
            Self::Ssh => program(&["ssh"]),
            Self::P11Kit => program(&["p11-kit", "p11tool"]) || library(&["libp11-kit.so.0"]),
            Self::Openssl => program(&["openssl"]),
            Self::Java => program(&["java", "keytool"]),
            Self::Pam => library(&["security/pam_pkcs11.so", "security/pam_p11.so"]),
            Self::Krb5 => program(&["kinit"]),
            Self::OneTap => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_program_has_one_name() {
        for (program, value) in Program::ALL.iter().zip(Program::value_variants()) {
            assert_eq!(program, value);
            let possible = value.to_possible_value().unwrap();
            assert_eq!(possible.get_name(), program.name());
        }
    }
}
