//! The form of a webhook: where it is told, and of what.

use enroll_server_model::ObjectKind;
use enroll_server_service::webhook::{self as service, NewWebhook};

use crate::portal::view::{Choice, FormErrors};
use crate::words::{Text, Words};

/// The field of the kinds of objects.
const OBJECTS: &str = "objects";

/// What was typed and chosen.
#[derive(Debug, Default)]
pub struct WebhookForm {
    /// The address.
    pub url: String,
    /// The kinds of objects.
    pub objects: Vec<ObjectKind>,
}

impl WebhookForm {
    /// Reads a form, in which each check box that is ticked has its own pair.
    #[must_use]
    pub fn read(fields: Vec<(String, String)>) -> Self {
        let mut form = Self::default();
        for (name, value) in fields {
            match name.as_str() {
                "url" => form.url = value,
                OBJECTS => form.objects.extend(value.parse::<ObjectKind>().ok()),
                _ => {}
            }
        }
        form
    }

    /// What is wrong with it.
    pub fn mistakes(&self, words: Words) -> FormErrors {
        let mut errors = FormErrors::none();
        errors.add_refused(words, service::address(&self.url).err());
        if self.objects.is_empty() {
            let first = ObjectKind::ALL.first().map(|kind| kind.as_str());
            let first = format!("{OBJECTS}-{}", first.unwrap_or_default());
            errors.add_in_group(OBJECTS, first, words.webhook_choose_objects());
        }
        errors
    }

    /// What is to be stored.
    #[must_use]
    pub fn webhook(self) -> NewWebhook {
        NewWebhook {
            url: self.url,
            objects: self.objects,
        }
    }
}

/// One of the kinds to choose from, and whether it is chosen.
pub struct Object {
    /// The kind.
    pub choice: Choice,
    /// Whether it is chosen.
    pub is_chosen: bool,
}

/// The kinds of objects to choose from.
pub fn objects(words: Words, chosen: &[ObjectKind]) -> Vec<Object> {
    let object = |kind: &ObjectKind| Object {
        choice: Choice {
            value: kind.as_str().into(),
            name: object_name(words, *kind),
            note: object_note(words, *kind),
        },
        is_chosen: chosen.contains(kind),
    };
    ObjectKind::ALL.iter().map(object).collect()
}

/// What events of a kind of object are about, in a word or two.
pub fn object_name(words: Words, kind: ObjectKind) -> Text {
    match kind {
        ObjectKind::Installation => words.webhook_about_installation(),
        ObjectKind::Issuer => words.webhook_about_authorities(),
        ObjectKind::Administrator => words.colleagues_title(),
        ObjectKind::Holder => words.holders_title(),
        ObjectKind::Invitation => words.invitations_title(),
        ObjectKind::Phone => words.phones_title(),
        ObjectKind::Certificate => words.certificates_title(),
        ObjectKind::Webhook => words.webhooks_title(),
        ObjectKind::ApiToken => words.tokens_title(),
    }
}

fn object_note(words: Words, kind: ObjectKind) -> Text {
    match kind {
        ObjectKind::Installation => words.webhook_about_installation_note(),
        ObjectKind::Issuer => words.webhook_about_authorities_note(),
        ObjectKind::Administrator => words.webhook_about_colleagues_note(),
        ObjectKind::Holder => words.webhook_about_holders_note(),
        ObjectKind::Invitation => words.webhook_about_invitations_note(),
        ObjectKind::Phone => words.webhook_about_phones_note(),
        ObjectKind::Certificate => words.webhook_about_certificates_note(),
        ObjectKind::Webhook => words.webhook_about_webhooks_note(),
        ObjectKind::ApiToken => words.webhook_about_api_tokens_note(),
    }
}
