//! What of the authorities' folder must not go back when a backup is restored: the records of newer CRLs, and what the
//! backup does not have.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use enroll_server_ca::authorities::folder::{self, InFolder};
use enroll_server_ca::signer::file::FileKey;
use enroll_server_files::{SHORT, User, at, read};
use enroll_server_model::IssuerRole;

use super::copy::{Hands, copy_at_rest, names, remove};
use super::error::Result;
use super::place::is_there;
use super::report::{Kept, Step, Was};

/// The root and the issuing authority of a folder, if both certificates can be read.
pub(super) fn certificates(authority: &Path) -> Option<[InFolder; 2]> {
    folder::read_all(authority).ok()
}

/// The newest CRLs that a folder knows: the authority's name, the CRL's number.
pub(super) fn lists(authority: &Path) -> Vec<(String, i64)> {
    let issuers = certificates(authority).into_iter().flatten();
    issuers
        .filter_map(|one| {
            let (list, _) = folder::kept_crl(authority, &one.certificate).ok()??;
            Some((one.certificate.name, list.number))
        })
        .collect()
}

/// The keys and certificates of a folder that are there and are not what they should be.
pub(super) fn damaged(authority: &Path) -> Result<Vec<String>> {
    let mut names = names(authority)?;
    names.retain(|name| {
        let path = authority.join(name);
        is_known(name) && path.exists() && !is_whole(&path)
    });
    Ok(names)
}

/// Puts what must not go back from the folder that is there, `old`, into the backup's that is about to take its place,
/// `new`; says so, and what the backup brings back. Both are of the same user, who does it.
pub(super) fn keep(old: &Path, new: &Path, user: User, done: &mut dyn FnMut(Step)) -> Result<()> {
    keep_newer_lists(old, new, user, done)?;
    if !is_same(old, new) {
        return Ok(());
    }
    for name in names(old)?.into_iter().filter(|name| is_known(name)) {
        let (here, backup) = (old.join(&name), new.join(&name));
        let is_link = here.is_symlink();
        if is_link
            && read(&here, SHORT).is_ok_and(|it| read(&backup, SHORT).is_ok_and(|own| own == it))
        {
            // The same file at a place of its own.
            take(&here, &backup, user)?;
        } else if !is_whole(&backup) && (is_whole(&here) || is_link && !is_there(&backup)) {
            take(&here, &backup, user)?;
            let why = Kept::NotInBackup;
            done(Step::Kept { name, why });
        }
    }
    for name in names(new)?.into_iter().filter(|name| is_known(name)) {
        let here = old.join(&name);
        if is_whole(&here) || !is_whole(&new.join(&name)) {
            continue;
        }
        let was = if here.exists() {
            Was::Damaged
        } else {
            Was::Missing
        };
        done(Step::BroughtBack { name, was });
    }
    Ok(())
}

/// A CRL's signature says whose it is, so its record stays also where all else of the old folder is lost.
fn keep_newer_lists(old: &Path, new: &Path, user: User, done: &mut dyn FnMut(Step)) -> Result<()> {
    for issuer in certificates(new).into_iter().flatten() {
        let number = |folder: &Path| {
            let kept = folder::kept_crl(folder, &issuer.certificate).ok().flatten();
            kept.map(|(list, _)| list.number)
        };
        let in_backup = number(new);
        let Some(number) = number(old).filter(|number| Some(*number) > in_backup) else {
            continue;
        };
        let name = format!("{}.crl", issuer.certificate.key_id);
        take(&old.join(&name), &new.join(&name), user)?;
        let why = Kept::Newer { number, in_backup };
        done(Step::Kept { name, why });
    }
    Ok(())
}

/// Copies a file, or the link that it is.
fn take(from: &Path, to: &Path, user: User) -> Result<()> {
    remove(to)?;
    match fs::read_link(from) {
        Ok(target) => Ok(symlink(target, to).map_err(at(to))?),
        Err(_) => {
            let hands = Hands {
                from: user,
                to: user,
            };
            copy_at_rest(from, to, None, hands)
        }
    }
}

/// Whether two folders are of one authority. Where the root's certificate is lost, the issuing authority's tells.
fn is_same(old: &Path, new: &Path) -> bool {
    let same = |role| {
        let read = |folder| read(&folder::certificate_path(folder, role), SHORT).ok();
        let of_old = folder::certificate_path(old, role);
        is_whole(&of_old).then(|| read(old) == read(new))
    };
    let root = same(IssuerRole::Root);
    root.or_else(|| same(IssuerRole::Issuing)).unwrap_or(false)
}

/// Whether it is a key or a certificate by its name.
fn is_known(name: &str) -> bool {
    name.ends_with(".key") || name.ends_with(".pem")
}

/// Whether a key or a certificate is what its name says.
fn is_whole(path: &Path) -> bool {
    if path.extension().is_some_and(|extension| extension == "key") {
        FileKey::is_one(path)
    } else {
        folder::is_certificate(path)
    }
}
