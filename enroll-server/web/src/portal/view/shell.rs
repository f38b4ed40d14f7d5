//! What surrounds every page of a signed-in administrator.

use super::Icon;

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
const MENU: [(Section, &str, &str, Icon); 6] = [
    (Section::Overview, "/", "Overview", Icon::Overview),
    (
        Section::Invitations,
        "/invitations",
        "Invitations",
        Icon::Invitation,
    ),
    (Section::Holders, "/holders", "Holders", Icon::Holder),
    (Section::Phones, "/phones", "Phones", Icon::Phone),
    (
        Section::Certificates,
        "/certificates",
        "Certificates",
        Icon::Certificate,
    ),
    (Section::Audit, "/audit", "Audit", Icon::Audit),
];

/// An entry of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MenuItem {
    /// Where it leads.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// Its pictogram.
    pub icon: Icon,
    /// Whether the page at hand belongs to it.
    pub current: bool,
}

/// Frame of a signed-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shell {
    /// Whose portal this is.
    pub organisation: String,
    /// Name of the administrator.
    pub name: String,
    /// Email of the administrator.
    pub email: String,
    /// The session's token for forms.
    pub csrf: String,
    /// Said once, after something was done.
    pub notice: Option<String>,
    /// The section that the page belongs to.
    pub section: Section,
}

impl Shell {
    /// The menu, with the section of this page marked.
    pub fn menu(&self) -> impl Iterator<Item = MenuItem> {
        let here = self.section;
        MENU.into_iter()
            .map(move |(section, href, label, icon)| MenuItem {
                href,
                label,
                icon,
                current: section == here,
            })
    }
}
