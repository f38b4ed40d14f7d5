//! What the next page says once, after something was done. It is kept with the session, without its words: those are
//! chosen when it is read.

use serde::{Deserialize, Serialize};

use enroll_server_model::Role;

use super::label;
use crate::words::{Text, Words};

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "done", rename_all = "snake_case")]
pub enum Notice {
    /// An invitation was cancelled.
    InvitationCancelled {
        /// Who was invited.
        name: String,
    },
    /// A phone was revoked.
    PhoneRevoked {
        /// How many certificates were revoked, of all phones together.
        certificates: usize,
        /// The names of other phones that were revoked with it.
        #[serde(default)]
        phones: Vec<String>,
        /// How many invitations were cancelled with it.
        #[serde(default)]
        invitations: usize,
        /// How many active phones its holder has left.
        #[serde(default)]
        phones_left: usize,
        /// How many invitations its holder has left that can be used.
        #[serde(default)]
        invitations_left: usize,
    },
    /// A phone is replaced: another one is invited.
    PhoneReplaced {
        /// The name of its holder.
        name: String,
        /// Whether it is revoked.
        at_once: bool,
    },
    /// A certificate was revoked.
    CertificateRevoked {
        /// The names of other phones that were revoked with it.
        #[serde(default)]
        phones: Vec<String>,
        /// How many invitations were cancelled with it.
        #[serde(default)]
        invitations: usize,
        /// How many invitations its holder has left that can be used.
        #[serde(default)]
        invitations_left: usize,
    },
    /// A phone was suspended.
    PhoneSuspended {
        /// How many certificates were put on hold.
        certificates: usize,
    },
    /// A phone was resumed.
    PhoneResumed {
        /// How many certificates are good again.
        certificates: usize,
        /// The name of its holder, if they are suspended still.
        still_suspended: Option<String>,
    },
    /// A request was approved.
    RequestApproved {
        /// Whose.
        name: String,
        /// How many more approvals it needs.
        missing: i64,
        /// Whether the link is sent by mail.
        is_mailed: bool,
    },
    /// A request was refused.
    RequestRefused {
        /// Whose.
        name: String,
    },
    /// A holder was suspended.
    HolderSuspended {
        /// Who.
        name: String,
        /// How many phones were suspended with them.
        phones: usize,
    },
    /// A holder was resumed.
    HolderResumed {
        /// Who.
        name: String,
        /// How many phones work again.
        phones: usize,
    },
    /// A holder was taken back.
    HolderTakenBack {
        /// Who.
        name: String,
    },
    /// A holder was let go.
    HolderLetGo {
        /// Who.
        name: String,
        /// How many phones were revoked.
        phones: usize,
        /// How many invitations were cancelled.
        invitations: usize,
    },
    /// A holder's names were corrected.
    HolderEdited {
        /// How many invitations went to the new mail address.
        mailed: usize,
    },
    /// A holder's names are what they were.
    HolderNotEdited,
    /// A phone has another name.
    PhoneRenamed,
    /// A new PIN is allowed.
    PinUnblockingAllowed,
    /// It was taken back.
    PinUnblockingWithdrawn,
    /// A phone's name is what it was.
    PhoneNotRenamed,
    /// A colleague was invited.
    ColleagueInvited {
        /// Who.
        name: String,
    },
    /// A link was made for a colleague.
    LinkMade {
        /// For whom.
        name: String,
    },
    /// A colleague has another role.
    RoleChanged {
        /// Who.
        name: String,
        /// Which.
        role: Role,
    },
    /// A colleague's role is what it was.
    RoleNotChanged,
    /// A colleague's account was disabled.
    ColleagueDisabled {
        /// Whose.
        name: String,
    },
    /// A colleague's account was enabled.
    ColleagueEnabled {
        /// Whose.
        name: String,
        /// How many passkeys open it.
        #[serde(default)]
        passkeys: usize,
    },
    /// Somebody changed their own name.
    OwnNameChanged,
    /// One's own name is what it was.
    OwnNameNotChanged,
    /// One's own language was chosen.
    OwnLanguageChosen,
    /// Somebody changed their own password.
    OwnPasswordChanged {
        /// How many sessions ended.
        sessions: u64,
        /// How many passkeys open the account without it.
        #[serde(default)]
        passkeys: usize,
    },
    /// Somebody ended their other sessions.
    OtherSessionsEnded {
        /// How many.
        sessions: u64,
    },
    /// Somebody removed their second factor.
    SecondFactorRemoved,
    /// Somebody added a passkey.
    PasskeyAdded,
    /// A passkey is called otherwise.
    PasskeyRenamed,
    /// A passkey is called what it was.
    PasskeyNotRenamed,
    /// Somebody removed a passkey.
    PasskeyRemoved,
    /// Somebody showed again who they are.
    Proved,
    /// Somebody has new recovery codes.
    RecoveryCodesMade,
    /// The second factor of a colleague was removed.
    ColleagueFactorRemoved {
        /// Whose.
        name: String,
    },
    /// Something was done with several.
    Bulk {
        /// What ([`BulkAct`]).
        act: String,
        /// With how many.
        count: usize,
    },
    /// A webhook was added.
    WebhookAdded,
    /// A webhook was changed.
    WebhookChanged,
    /// A webhook was disabled.
    WebhookDisabled,
    /// A webhook was enabled.
    WebhookEnabled,
    /// A webhook was removed.
    WebhookRemoved,
    /// A token of the API was made.
    ApiTokenMade,
    /// A token of the API was revoked.
    ApiTokenRevoked,
    /// An invitation is sent by mail.
    InvitationMailed {
        /// Where it goes.
        email: String,
    },
    /// Something is sent again.
    SentAgain,
    /// A holder was removed.
    HolderRemoved {
        /// Who.
        name: String,
    },
}

impl Notice {
    /// The notice as it is kept.
    #[must_use]
    pub fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The notice that a text stands for; [`None`] for one of an earlier version of the server that cannot be read.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The notice in words.
    #[must_use]
    pub fn said(&self, words: Words) -> Text {
        match self {
            Self::InvitationCancelled { name } => words.cancel_done(name),
            Self::RequestApproved {
                name,
                missing,
                is_mailed,
            } => match (*missing, is_mailed) {
                (0, false) => words.request_approved_done(name),
                (0, true) => words.request_approved_mailed_done(name),
                (missing, _) => words.request_approved_once_done(name, missing),
            },
            Self::RequestRefused { name } => words.request_refused_done(name),
            Self::Bulk { act, count } => act.parse().map_or_else(
                |_| Text::default(),
                |act| label::bulk_done(words, act, *count),
            ),
            Self::PhoneRevoked {
                certificates,
                phones,
                invitations,
                phones_left,
                invitations_left,
            } => {
                let mut said = vec![words.revoke_phone_done(*certificates)];
                said.extend(also_ended(words, phones, *invitations));
                said.push(match (*phones_left, *invitations_left) {
                    (0, 0) => words.revoke_phone_nothing_left(),
                    (phones, 0) => words.revoke_phone_phones_left(phones),
                    (0, invitations) => words.revoke_phone_invitations_left(invitations),
                    (phones, invitations) => words.revoke_phone_both_left(phones, invitations),
                });
                said.join(" ").into()
            }
            Self::PhoneReplaced {
                name,
                at_once: true,
            } => words.replace_done(name),
            Self::PhoneReplaced { name, .. } => words.replace_begun(name),
            Self::PhoneSuspended { certificates } => words.suspend_phone_done(*certificates),
            Self::PhoneResumed {
                still_suspended: Some(name),
                ..
            } => words.resume_phone_still(name),
            Self::PhoneResumed { certificates, .. } => words.resume_phone_done(*certificates),
            Self::HolderSuspended { name, phones } => words.suspend_holder_done(name, *phones),
            Self::HolderResumed { name, phones } => words.resume_holder_done(name, *phones),
            Self::HolderTakenBack { name } => words.take_back_done(name),
            Self::HolderLetGo {
                name,
                phones,
                invitations,
            } => words.let_go_done(name, *phones, *invitations),
            Self::HolderEdited { mailed } => words.edit_done(*mailed),
            Self::HolderNotEdited => words.edit_nothing(),
            Self::PhoneRenamed => words.rename_done(),
            Self::PinUnblockingAllowed => words.unblocking_allowed_done(),
            Self::PinUnblockingWithdrawn => words.unblocking_withdrawn_done(),
            Self::PhoneNotRenamed => words.edit_nothing(),
            Self::ColleagueInvited { name } => words.colleague_invited_done(name),
            Self::LinkMade { name } => words.colleague_link_done(name),
            Self::RoleChanged { name, role } => {
                words.colleague_role_done(name, label::role(words, *role))
            }
            Self::RoleNotChanged => words.colleague_role_same(),
            Self::ColleagueDisabled { name } => words.colleague_disabled_done(name),
            Self::ColleagueEnabled { name, passkeys } => {
                let mut said = vec![words.colleague_enabled_done(name)];
                said.extend((*passkeys > 0).then(|| words.colleague_enabled_passkeys(*passkeys)));
                said.join(" ").into()
            }
            Self::OwnNameChanged => words.account_name_done(),
            Self::OwnNameNotChanged => words.account_name_same(),
            Self::OwnLanguageChosen => words.account_language_done(),
            Self::OwnPasswordChanged { sessions, passkeys } => {
                let mut said = vec![words.account_password_done(*sessions)];
                said.extend((*passkeys > 0).then(|| words.passkeys_still_open(*passkeys)));
                said.join(" ").into()
            }
            Self::OtherSessionsEnded { sessions } => words.account_sessions_done(*sessions),
            Self::SecondFactorRemoved => words.factor_removed_done(),
            Self::PasskeyAdded => words.passkey_added_done(),
            Self::PasskeyRenamed => words.passkey_renamed_done(),
            Self::PasskeyNotRenamed => words.edit_nothing(),
            Self::PasskeyRemoved => words.passkey_removed_done(),
            Self::Proved => words.passkey_proved_done(),
            Self::RecoveryCodesMade => words.recovery_made_done(),
            Self::ColleagueFactorRemoved { name } => words.colleague_factor_removed_done(name),
            Self::WebhookAdded => words.webhook_added_done(),
            Self::WebhookChanged => words.webhook_changed_done(),
            Self::WebhookDisabled => words.webhook_disabled_done(),
            Self::WebhookEnabled => words.webhook_enabled_done(),
            Self::WebhookRemoved => words.webhook_removed_done(),
            Self::ApiTokenMade => words.token_made_done(),
            Self::ApiTokenRevoked => words.token_revoked_done(),
            Self::InvitationMailed { email } => words.mail_done(email),
            Self::SentAgain => words.delivery_again_done(),
            Self::HolderRemoved { name } => words.remove_done(name),
            Self::CertificateRevoked {
                phones,
                invitations,
                invitations_left,
            } => {
                let mut said = vec![words.revoke_certificate_done()];
                said.extend(also_ended(words, phones, *invitations));
                if *invitations_left > 0 {
                    said.push(words.revoke_certificate_invitations_left(*invitations_left));
                }
                said.join(" ").into()
            }
        }
    }
}

/// What ended with something that was revoked.
fn also_ended(words: Words, phones: &[String], invitations: usize) -> Vec<Text> {
    let phones = phones.iter().map(|name| words.revoke_also_phone_done(name));
    let invitations = (invitations > 0).then(|| words.revoke_also_invitations_done(invitations));
    phones.chain(invitations).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_as_it_was_written() {
        let notice = Notice::PhoneRevoked {
            certificates: 4,
            phones: Vec::new(),
            invitations: 0,
            phones_left: 0,
            invitations_left: 0,
        };
        assert_eq!(Notice::read(&notice.written()), Some(notice.clone()));
        let earlier = r#"{"done":"phone_revoked","certificates":4}"#;
        assert_eq!(Notice::read(earlier), Some(notice));
        assert_eq!(Notice::read("The phone is revoked."), None);
    }
}
