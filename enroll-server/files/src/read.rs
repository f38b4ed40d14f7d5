//! Reading files that somebody else may have put there: a pipe has no end, and a file may have more bytes than there is memory.

use std::fs::File;
use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use crate::error::{FileError, at};

/// Most bytes of a key, a certificate or a passphrase.
pub const SHORT: u64 = 1 << 20;
/// Most bytes of a CRL: one with a million certificates has forty million.
pub const LONG: u64 = 256 << 20;

/// The bytes of a file, which has no more than `most`.
///
/// # Errors
/// If it cannot be read, is not a file or has more; then its kind is [`ErrorKind::FileTooLarge`].
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, FileError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let read = || {
        let file = File::from(open(path, flags, Mode::empty())?);
        if !file.metadata()?.is_file() {
            return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
        }
        read_from(file, most)
    };
    read().map_err(at(path))
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
        let said = format!("it has more than {most} bytes");
        Err(io::Error::new(ErrorKind::FileTooLarge, said))
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
}
