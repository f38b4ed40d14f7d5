//! What surrounds every page of a signed-in administrator.

use super::icon::Icon;
use crate::auth::form_token::FormToken;
use crate::words::{Text, Words};

/// The parts of the portal that the menu leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `/`
    Overview,
    /// `/invitations`
    Invitations,
    /// `/holders`
    Holders,
    /// `/phones`
    Phones,
    /// `/certificates`
    Certificates,
    /// `/audit`
    Audit,
}

/// Sections in the order of the menu.
const MENU: [(Section, &str, Icon); 6] = [
    (Section::Overview, "/", Icon::Overview),
    (Section::Invitations, "/invitations", Icon::Invitation),
    (Section::Holders, "/holders", Icon::Holder),
    (Section::Phones, "/phones", Icon::Phone),
    (Section::Certificates, "/certificates", Icon::Certificate),
    (Section::Audit, "/audit", Icon::Audit),
];

impl Section {
    fn label(self, words: Words) -> Text {
        match self {
            Self::Overview => words.menu_overview(),
            Self::Invitations => words.menu_invitations(),
            Self::Holders => words.menu_holders(),
            Self::Phones => words.menu_phones(),
            Self::Certificates => words.menu_certificates(),
            Self::Audit => words.menu_audit(),
        }
    }
}

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MenuItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it is called.
    pub label: Text,
    /// Its pictogram.
    pub icon: Icon,
    /// Whether the page at hand belongs to it.
    pub current: bool,
}

/// Frame of a signed-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// The words of the reader's language.
    pub words: Words,
    /// Whose portal this is.
    pub organisation: String,
    /// Name of the administrator.
    pub name: String,
    /// Email of the administrator.
    pub email: String,
    /// The session's token for forms.
    pub csrf: FormToken,
    /// Said once, after something was done.
    pub notice: Option<Text>,
    /// The section that the page belongs to.
    pub section: Section,
}

impl Shell {
    /// The menu, with the section of this page marked.
    pub fn menu(&self) -> impl Iterator<Item = MenuItem> {
        let (here, words) = (self.section, self.words);
        MENU.into_iter().map(move |(section, href, icon)| MenuItem {
            href,
            label: section.label(words),
            icon,
            current: section == here,
        })
    }
}
