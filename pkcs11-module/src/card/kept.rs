//! The public objects of a card that announces nothing, kept on disk for the next program that meets it.
//!
//! They are found by the first 256 bytes of its CHUID, which anybody can copy: before a key is used, the first 256 bytes of
//! its certificate's object are read again, with serial number and validity in them, and before a list is given in another
//! insertion, or ten minutes later, those of all.
//!
//! ```text
//! 16 bytes     the first of the SHA-256 of the rest: a torn file does not have it
//! 16 bytes     the insertion in which all was checked
//! 8 bytes      when that was, seconds since 1970
//! the objects  for each 5C { tag } 53 { answer to GET DATA }: the CHUID's first 256 bytes, the others whole
//! ```

use std::ffi::CStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use card_edge::piv::ObjectId;
use card_edge::tlv::{self, Reader, Tag};

use super::public_objects::{Containers, PublicObjects};
use crate::cache::Cache;
use crate::hash::start_of_sha256;
use crate::pcsc::Insertion;

/// How long a list is taken as it is in one insertion.
const TRUST: Duration = Duration::from_secs(600);
const TAG_OBJECT: Tag = Tag::new(0x5C);
const TAG_ANSWER: Tag = Tag::new(0x53);
const HASH: usize = 16;
const TIME: usize = 8;

/// An insertion of a card, by the daemon's word.
#[must_use]
pub fn insertion_hash(reader: &CStr, insertion: &Insertion) -> [u8; HASH] {
    start_of_sha256(&[
        reader.to_bytes_with_nul(),
        &insertion.count.to_be_bytes(),
        &insertion.atr,
    ])
}

/// What is kept of the card whose CHUID begins so, if anything is; in this insertion.
#[must_use]
pub fn get(cache: &Cache, chuid: &[u8], insertion: [u8; HASH]) -> Option<PublicObjects> {
    let file = cache.get_bytes(start_of_sha256(&[chuid]))?;
    let (sum, rest) = file.split_at_checked(HASH)?;
    if sum != start_of_sha256(&[rest]) {
        return None;
    }
    let (checked_in, rest) = rest.split_at_checked(HASH)?;
    let (time, list) = rest.split_at_checked(TIME)?;
    let time = Duration::from_secs(u64::from_be_bytes(time.try_into().ok()?));
    let checked = UNIX_EPOCH.checked_add(time)?;
    let mut containers = Containers::default();
    let mut elements = Reader::new(list);
    while let Some(object) = elements.next() {
        let object = object.ok().filter(|object| object.tag == TAG_OBJECT)?;
        let answer = elements.next()?.ok()?;
        let answer = answer.value.to_vec();
        match ObjectId::from_tag(Tag::parse(object.value).ok()?)? {
            ObjectId::Chuid => containers.chuid = answer,
            ObjectId::Certificate(key) => {
                containers.certificates.insert(key, answer);
            }
            _ => return None,
        }
    }
    let is_recent = SystemTime::now()
        .duration_since(checked)
        .is_ok_and(|age| age < TRUST);
    (containers.chuid == chuid).then(|| {
        let is_due = checked_in != insertion || !is_recent;
        PublicObjects::of_containers(containers, is_due)
    })
}

/// Keeps the objects of a card, all of which were checked just now in this insertion.
pub fn put(cache: &Cache, public: &PublicObjects, insertion: [u8; HASH]) {
    let Some(containers) = public.containers().filter(|kept| !kept.chuid.is_empty()) else {
        return;
    };
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let mut body = insertion.to_vec();
    body.extend(now.as_secs().to_be_bytes());
    let certificates = containers
        .certificates
        .iter()
        .map(|(key, answer)| (ObjectId::Certificate(*key), answer));
    for (object, answer) in
        std::iter::once((ObjectId::Chuid, &containers.chuid)).chain(certificates)
    {
        let written = tlv::write(&mut body, TAG_OBJECT, &object.tag().to_bytes())
            .and_then(|()| tlv::write(&mut body, TAG_ANSWER, answer));
        if written.is_err() {
            return;
        }
    }
    let file = [&start_of_sha256(&[&body])[..], &body].concat();
    cache.put_bytes(start_of_sha256(&[&containers.chuid]), &file);
}

/// Keeps nothing any more of the card whose CHUID begins so.
pub fn forget(cache: &Cache, chuid: &[u8]) {
    if !chuid.is_empty() {
        cache.remove(start_of_sha256(&[chuid]));
    }
}
