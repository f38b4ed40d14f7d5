//! What is measured: a task of everyday use, each done by a process of its own.

/// How many are on the card.
const CERTIFICATES: usize = 4;

/// A task with an enrolled card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// Which tokens are there?
    ListSlots,
    /// What is on them?
    ListObjects,
    /// The public keys, as ssh has them.
    PublicKeys,
    /// A login at an sshd.
    SshLogin,
    /// The PIN, then this number of signatures with 9A in one session.
    Signatures(usize),
}

impl Task {
    /// All.
    pub const ALL: [Self; 6] = [
        Self::ListSlots,
        Self::ListObjects,
        Self::PublicKeys,
        Self::SshLogin,
        Self::Signatures(1),
        Self::Signatures(20),
    ];

    /// Its name in the table.
    pub fn name(self) -> String {
        match self {
            Self::ListSlots => "`pkcs11-tool -L`".to_owned(),
            Self::ListObjects => "`pkcs11-tool -O`".to_owned(),
            Self::PublicKeys => "`ssh-keygen -D`".to_owned(),
            Self::SshLogin => "ssh login".to_owned(),
            Self::Signatures(1) => "PIN, 1 signature".to_owned(),
            Self::Signatures(times) => format!("PIN, {times} signatures"),
        }
    }

    /// Whether it has been done, by what the program says: a module that shows nothing of the card needs few commands.
    pub fn is_told_by(self, text: &str) -> bool {
        match self {
            Self::ListSlots => text.contains("token label"),
            Self::ListObjects => text.matches("Certificate Object").count() >= CERTIFICATES,
            Self::PublicKeys => text.contains("ssh-rsa ") || text.contains("ecdsa-sha2-nistp256 "),
            Self::SshLogin => text.contains("hello from"),
            Self::Signatures(times) => text.contains(&format!("signed {times} times")),
        }
    }
}
