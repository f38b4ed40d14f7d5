//! What was answered for, and whether it is still so.

use std::fmt;

use rig::folder::Folder;
use rig::portal::Portal;
use rig::{Result, unexpected};

use super::site::{Newcomer, Site};

/// Phones that stay enrolled, so that there is always one to revoke in the next round.
const KEPT: usize = 2;

/// What the server has answered for.
#[derive(Default)]
pub struct Ledger {
    /// Pages of phones that are enrolled.
    enrolled: Vec<String>,
    /// Pages of phones whose revocation was answered with success.
    revoked: Vec<String>,
    /// A phone whose revocation was asked for, and no answer came.
    unanswered: Option<String>,
    enrollments: usize,
    repeated: usize,
    crl_number: u64,
}

impl Ledger {
    /// Revokes phones of earlier rounds until the server answers no more.
    pub fn revoke_until_the_kill(&mut self, portal: &Portal) {
        while self.enrolled.len() > KEPT {
            let phone = self.enrolled.remove(0);
            match portal.revoke(&phone, "superseded") {
                Ok(_) => self.revoked.push(phone),
                Err(_) => {
                    self.unanswered = Some(phone);
                    return;
                }
            }
        }
    }

    /// Brings everything that was cut to its end and checks all that was answered for.
    pub fn settle(&mut self, folder: &Folder, site: &Site<'_>, newcomers: Vec<Newcomer>) -> Result {
        site.verify_audit_trail()?;
        for mut newcomer in newcomers {
            self.enrollments += 1;
            self.repeated += usize::from(newcomer.finish(folder)?);
            let found = site
                .portal
                .get_ok(&format!("/phones?q={}", newcomer.name))?
                .links_under("/phones/");
            let [phone] = found.as_slice() else {
                return Err(unexpected(format!(
                    "{} has {} phones",
                    newcomer.name,
                    found.len()
                )));
            };
            says(&site.portal, phone, "4 valid certificates")?;
            self.enrolled.push(phone.clone());
        }
        for phone in &self.revoked {
            says(&site.portal, phone, "Revoked")?;
        }
        // Without an answer it may have been done or not; in between is nothing.
        if let Some(phone) = self.unanswered.take() {
            let page = site.portal.get_ok(&phone)?.document().text;
            if page.contains("4 valid certificates") {
                self.enrolled.push(phone);
            } else {
                says(&site.portal, &phone, "Revoked")?;
                self.revoked.push(phone);
            }
        }
        let number = site.crl_number()?;
        if number < self.crl_number {
            return Err(unexpected(format!(
                "the CRL's number went from {} back to {number}",
                self.crl_number
            )));
        }
        self.crl_number = number;
        Ok(())
    }
}

fn says(portal: &Portal, phone: &str, words: &str) -> Result {
    let page = portal.get_ok(phone)?;
    if page.document().text.contains(words) {
        Ok(())
    } else {
        Err(page.unlike(&format!("does not say \"{words}\"")))
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} enrollments ({} cut and repeated), {} phones revoked, CRL number {}",
            self.enrollments,
            self.repeated,
            self.revoked.len(),
            self.crl_number
        )
    }
}
