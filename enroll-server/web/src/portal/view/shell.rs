//! What surrounds every page of whoever is signed in.

use enroll_server_model::Role;

use super::icon::Icon;
use crate::access::Access;
use crate::auth::form_token::FormToken;
use crate::words::{Text, Words};

/// The parts of the portal that the menu leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Section {
    /// `/`
    Overview,
    /// `/invitations`
    Invitations,
    /// `/requests`
    Requests,
    /// `/holders`
    Holders,
    /// `/phones`
    Phones,
    /// `/certificates`
    Certificates,
    /// `/audit`
    Audit,
    /// `/colleagues`
    Colleagues,
    /// `/webhooks`
    Webhooks,
    /// `/api-tokens`
    ApiTokens,
    /// `/account`, which the name at the foot of the menu leads to.
    Account,
}

/// Sections in the order of the menu.
const MENU: [(Section, &str, Icon, Access); 10] = [
    (Section::Overview, "/", Icon::Overview, Access::Everyone),
    (
        Section::Invitations,
        "/invitations",
        Icon::Invitation,
        Access::Everyone,
    ),
    (
        Section::Requests,
        "/requests",
        Icon::Check,
        Access::Everyone,
    ),
    (Section::Holders, "/holders", Icon::Holder, Access::Everyone),
    (Section::Phones, "/phones", Icon::Phone, Access::Everyone),
    (
        Section::Certificates,
        "/certificates",
        Icon::Certificate,
        Access::Everyone,
    ),
    (Section::Audit, "/audit", Icon::Audit, Access::Everyone),
    (
        Section::Colleagues,
        "/colleagues",
        Icon::Colleagues,
        Access::Administrators,
    ),
    (
        Section::Webhooks,
        "/webhooks",
        Icon::Webhook,
        Access::Administrators,
    ),
    (
        Section::ApiTokens,
        "/api-tokens",
        Icon::Key,
        Access::Administrators,
    ),
];

impl Section {
    fn label(self, words: Words) -> Text {
        match self {
            Self::Overview => words.menu_overview(),
            Self::Invitations => words.menu_invitations(),
            Self::Requests => words.menu_requests(),
            Self::Holders => words.menu_holders(),
            Self::Phones => words.menu_phones(),
            Self::Certificates => words.menu_certificates(),
            Self::Audit => words.menu_audit(),
            Self::Colleagues => words.menu_colleagues(),
            Self::Webhooks => words.menu_webhooks(),
            Self::ApiTokens => words.menu_api_tokens(),
            Self::Account => words.account_title(),
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
    /// Name of whoever is signed in.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Their role.
    pub role: Role,
    /// The session's token for forms.
    pub csrf: FormToken,
    /// Said once, after something was done.
    pub notice: Option<Text>,
    /// The section that the page belongs to.
    pub section: Section,
}

impl Shell {
    /// Whether the reader may change people, phones, invitations and certificates: only then are there buttons for it.
    pub fn may_change(&self) -> bool {
        Access::Officers.admits(self.role)
    }

    /// Whether the reader decides who works here, people and programs.
    pub fn is_administrator(&self) -> bool {
        Access::Administrators.admits(self.role)
    }

    /// Whether the page at hand is the reader's own account.
    pub fn is_account(&self) -> bool {
        self.section == Section::Account
    }

    /// The menu as far as the reader may use it, with the section of this page marked.
    pub fn menu(&self) -> impl Iterator<Item = MenuItem> {
        let (here, words) = (self.section, self.words);
        let role = self.role;
        let allowed = MENU
            .into_iter()
            .filter(move |(.., access)| access.admits(role));
        allowed.map(move |(section, href, icon, _)| MenuItem {
            href,
            label: section.label(words),
            icon,
            current: section == here,
        })
    }
}
