//! Reading files that somebody else may have put there: a pipe has no end, and a file may have more bytes than there is memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};
use zeroize::Zeroizing;

use crate::error::{FileError, at};

/// Most bytes of a key, a certificate or a passphrase.
pub const SHORT: u64 = 1 << 20;
/// Most bytes of a CRL: one with a million certificates has forty million.
pub const LONG: u64 = 256 << 20;

/// Most bytes of a secret that somebody has put into a file.
const SECRET: usize = 4096;

/// The bytes of a file, which has no more than `most`.
///
/// # Errors
/// If it cannot be read, is not a file or has more; then its kind is [`ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    open_file(path)
        .and_then(|file| read_from(file, most))
        .map_err(at(path))
}

/// The bytes of a file with a secret, which has no more than 4096. The file may be its owner's and a group's alone: who else
/// could read it may have done so, and who else could change it may have put another one there.
///
/// # Errors
/// As [`read`], and if others than the owner and the group have any right to the file.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let read = || {
        let file = open_file(path)?;
        let mode = file.metadata()?.mode() & 0o777;
        if mode & 0o007 != 0 {
            let said = format!(
                "everybody on this machine has rights to it (mode {mode:o}): take them away (chmod o= FILE), and if somebody may \
                 have read it, choose another secret"
            );
            return Err(io::Error::new(ErrorKind::InvalidData, said));
        }
        // Room for all of it at once: a buffer that grows leaves copies behind that nobody wipes.
        let mut bytes = Zeroizing::new(Vec::with_capacity(2 * SECRET));
        let mut beginning = file.take(SECRET as u64 + 1);
        if beginning.read_to_end(&mut bytes)? > SECRET {
            return Err(too_large(SECRET));
        }
        Ok(bytes)
    };
    read().map_err(at(path))
}

fn open_file(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty())?);
    if file.metadata()?.is_file() {
        Ok(file)
    } else {
        Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"))
    }
}

fn too_large(most: impl std::fmt::Display) -> io::Error {
    io::Error::new(
        ErrorKind::FileTooLarge,
        format!("it has more than {most} bytes"),
    )
}

/// What there is to read, of which there are no more than `most` bytes.
///
/// # Errors
/// As [`read`].
pub fn read_from(source: impl io::Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let length = source
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if u64::try_from(length).is_ok_and(|length| length <= most) {
        Ok(bytes)
    } else {
        Err(too_large(most))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn neither_a_pipe_nor_a_device_nor_a_long_file_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"12345").unwrap();
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::FileTooLarge);
        fs::remove_file(&path).unwrap();
        assert_eq!(read(&path, 4).unwrap_err().kind(), ErrorKind::NotFound);
        let kind = rustix::fs::FileType::Fifo;
        rustix::fs::mknodat(rustix::fs::CWD, &path, kind, Mode::RWXU, 0).unwrap();
        for other in [path.as_path(), folder.path(), Path::new("/dev/zero")] {
            let refused = read(other, 4).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{refused}");
        }
    }

    #[test]
    fn a_secret_is_read_from_a_file_that_nobody_else_has_rights_to() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, vec![b'x'; SECRET]).unwrap();
        for mode in [0o400, 0o440, 0o600, 0o660] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_secret(&path).unwrap().len(), SECRET);
        }
        for mode in [0o604, 0o602, 0o644, 0o666] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let refused = read_secret(&path).unwrap_err().to_string();
            assert!(refused.contains(&format!("mode {mode:o}")), "{refused}");
            assert!(refused.contains("chmod o="), "{refused}");
        }
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        fs::write(&path, vec![b'x'; SECRET + 1]).unwrap();
        let refused = read_secret(&path).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FileTooLarge);
        let refused = read_secret(folder.path()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput);
    }
}
