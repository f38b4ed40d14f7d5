//! What has become of a token, and what it may do, in words.

use enroll_server_model::{Scope, Timestamp};
use enroll_server_service::api_token::works;
use enroll_server_service::query::ApiToken;

use crate::portal::view::{Icon, Tag, Tone};
use crate::words::{Text, Words};

/// What has become of a token, as a label.
#[must_use]
pub fn tag(words: Words, token: &ApiToken, now: Timestamp) -> Tag {
    if token.revoked.is_some() {
        Tag::new(Tone::Bad, Icon::Stop, words.state_revoked())
    } else if works(token, now) {
        Tag::new(Tone::Good, Icon::Check, words.token_works())
    } else {
        Tag::new(Tone::Quiet, Icon::Clock, words.state_expired())
    }
}

/// What a token may do, in a word or two.
pub fn scope_name(words: Words, scope: Scope) -> Text {
    match scope {
        Scope::Read => words.scope_read(),
        Scope::Invite => words.scope_invite(),
        Scope::Approve => words.scope_approve(),
        Scope::Edit => words.scope_edit(),
        Scope::Suspend => words.scope_suspend(),
        Scope::Unblock => words.scope_unblock(),
        Scope::Revoke => words.scope_revoke(),
    }
}

/// The same in a sentence.
pub fn scope_note(words: Words, scope: Scope) -> Text {
    match scope {
        Scope::Read => words.scope_read_note(),
        Scope::Invite => words.scope_invite_note(),
        Scope::Approve => words.scope_approve_note(),
        Scope::Edit => words.scope_edit_note(),
        Scope::Suspend => words.scope_suspend_note(),
        Scope::Unblock => words.scope_unblock_note(),
        Scope::Revoke => words.scope_revoke_note(),
    }
}

/// All that a token may do.
#[must_use]
pub fn scope_names(words: Words, token: &ApiToken) -> String {
    let scopes = token.scopes.iter();
    let names: Vec<_> = scopes.map(|scope| scope_name(words, *scope)).collect();
    names.join(", ")
}
