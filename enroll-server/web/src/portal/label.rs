//! The project's terms as people see them: states, uses of keys, reasons, enrollment policies.

use enroll_server_model::{
    AccountState, BulkAct, CertificateState, DeliveryState, EventKind, HolderState,
    InvitationState, Outcome, PhoneState, Problem, ProblemReason, RequestState, RevocationReason,
    Role, SeededPolicy, Slot, Timestamp,
};
use enroll_server_service::query::{
    self, Certificate, Delivery, EnrollmentPolicy, PolicyTitle, Webhook,
};

use super::view::{Choice, Icon, Tag, Tone};
use crate::words::{Text, Words};

/// A role in a word.
#[must_use]
pub fn role(words: Words, role: Role) -> Text {
    match role {
        Role::Administrator => words.role_administrator(),
        Role::Officer => words.role_officer(),
        Role::Auditor => words.role_auditor(),
    }
}

/// What keeps a phone from renewing.
#[must_use]
pub fn renewal_problem(words: Words, problem: &Problem) -> Text {
    let slot = problem.slot.as_str();
    match problem.reason {
        ProblemReason::RetiredSlotsFull => words.renewal_problem_full(slot),
        ProblemReason::NoKey => words.renewal_problem_key(slot),
        ProblemReason::CertificateRefused => words.renewal_problem_certificate(slot),
        ProblemReason::NoPlace => words.renewal_problem_place(slot),
        ProblemReason::Ended => words.renewal_problem_ended(slot),
        ProblemReason::NotDue => words.renewal_problem_not_due(slot),
        ProblemReason::KeyRefused => words.renewal_problem_key_refused(slot),
        ProblemReason::KeyCompromised => words.renewal_problem_compromised(slot),
        ProblemReason::NotIssued => words.renewal_problem_not_issued(slot),
        ProblemReason::Unknown => words.renewal_problem_unknown(slot),
    }
}

/// The roles to choose from, each with what it may do.
#[must_use]
pub fn roles(words: Words) -> Vec<Choice> {
    let note = |role: Role| match role {
        Role::Administrator => words.role_administrator_note(),
        Role::Officer => words.role_officer_note(),
        Role::Auditor => words.role_auditor_note(),
    };
    let choice = |found: &Role| Choice {
        value: found.as_str().into(),
        name: role(words, *found),
        note: note(*found),
    };
    Role::ALL.iter().map(choice).collect()
}

/// Whether somebody can sign in with an account, as a label.
#[must_use]
pub fn account_tag(words: Words, state: AccountState) -> Tag {
    match state {
        AccountState::Active => Tag::new(Tone::Good, Icon::Check, words.state_active()),
        AccountState::Invited => Tag::new(Tone::Info, Icon::Clock, words.state_invited()),
        AccountState::Disabled => Tag::new(Tone::Bad, Icon::Stop, words.state_disabled()),
    }
}

/// The kind of an event.
#[must_use]
pub fn event_kind(words: Words, kind: EventKind) -> Text {
    match kind {
        EventKind::AuthorityCreated => words.kind_authority_created(),
        EventKind::SetupLinkCreated => words.kind_setup_link_created(),
        EventKind::AdministratorCreated => words.kind_administrator_created(),
        EventKind::AdministratorPasswordSet => words.kind_administrator_password_set(),
        EventKind::AdministratorRemoved => words.kind_administrator_removed(),
        EventKind::AdministratorUnlocked => words.kind_administrator_unlocked(),
        EventKind::ColleagueInvited => words.kind_colleague_invited(),
        EventKind::PasswordLinkCreated => words.kind_password_link_created(),
        EventKind::PasswordChosen => words.kind_password_chosen(),
        EventKind::RoleChanged => words.kind_role_changed(),
        EventKind::ColleagueDisabled => words.kind_colleague_disabled(),
        EventKind::ColleagueEnabled => words.kind_colleague_enabled(),
        EventKind::OwnNameChanged => words.kind_own_name_changed(),
        EventKind::OwnPasswordChanged => words.kind_own_password_changed(),
        EventKind::OtherSessionsEnded => words.kind_other_sessions_ended(),
        EventKind::SecondFactorAdded => words.kind_second_factor_added(),
        EventKind::SecondFactorRemoved => words.kind_second_factor_removed(),
        EventKind::RecoveryCodesMade => words.kind_recovery_codes_made(),
        EventKind::RecoveryCodeUsed => words.kind_recovery_code_used(),
        EventKind::SecondFactorRefused => words.kind_second_factor_refused(),
        EventKind::PasskeyAdded => words.kind_passkey_added(),
        EventKind::PasskeyRenamed => words.kind_passkey_renamed(),
        EventKind::PasskeyRemoved => words.kind_passkey_removed(),
        EventKind::PasskeyCopied => words.kind_passkey_copied(),
        EventKind::SignIn => words.kind_sign_in(),
        EventKind::SignInRefused => words.kind_sign_in_refused(),
        EventKind::SignOut => words.kind_sign_out(),
        EventKind::HolderCreated => words.kind_holder_created(),
        EventKind::HolderEdited => words.kind_holder_edited(),
        EventKind::HolderRemoved => words.kind_holder_removed(),
        EventKind::HolderSuspended => words.kind_holder_suspended(),
        EventKind::HolderResumed => words.kind_holder_resumed(),
        EventKind::HolderTakenBack => words.kind_holder_taken_back(),
        EventKind::HolderLetGo => words.kind_holder_let_go(),
        EventKind::InvitationCreated => words.kind_invitation_created(),
        EventKind::InvitationMailed => words.kind_invitation_mailed(),
        EventKind::InvitationReminded => words.kind_invitation_reminded(),
        EventKind::InvitationCancelled => words.kind_invitation_cancelled(),
        EventKind::InvitationUsed => words.kind_invitation_used(),
        EventKind::PhoneEnrolled => words.kind_phone_enrolled(),
        EventKind::PhoneRevoked => words.kind_phone_revoked(),
        EventKind::PhoneSuspended => words.kind_phone_suspended(),
        EventKind::PhoneRenamed => words.kind_phone_renamed(),
        EventKind::PinUnblockingAllowed => words.kind_pin_unblocking_allowed(),
        EventKind::PinUnblockingWithdrawn => words.kind_pin_unblocking_withdrawn(),
        EventKind::PinUnblockingFailed => words.kind_pin_unblocking_failed(),
        EventKind::PinUnblocked => words.kind_pin_unblocked(),
        EventKind::HolderSignIn => words.kind_holder_sign_in(),
        EventKind::RequestMade => words.kind_request_made(),
        EventKind::RequestApprovedOnce => words.kind_request_approved_once(),
        EventKind::RequestApproved => words.kind_request_approved(),
        EventKind::RequestRefused => words.kind_request_refused(),
        EventKind::RequestWithdrawn => words.kind_request_withdrawn(),
        EventKind::RequestExpired => words.kind_request_expired(),
        EventKind::RequestClosed => words.kind_request_closed(),
        EventKind::PhoneReportedLost => words.kind_phone_reported_lost(),
        EventKind::PhoneWiped => words.kind_phone_wiped(),
        EventKind::RenewalHindered => words.kind_renewal_hindered(),
        EventKind::PhoneResumed => words.kind_phone_resumed(),
        EventKind::CertificateReserved => words.kind_certificate_reserved(),
        EventKind::CertificateIssued => words.kind_certificate_issued(),
        EventKind::CertificateRevoked => words.kind_certificate_revoked(),
        EventKind::CertificateSuspended => words.kind_certificate_suspended(),
        EventKind::CertificateResumed => words.kind_certificate_resumed(),
        EventKind::IssuanceAbandoned => words.kind_issuance_abandoned(),
        EventKind::ListExported => words.kind_list_exported(),
        EventKind::ClockAccepted => words.kind_clock_accepted(),
        EventKind::CrlTakenOver => words.kind_crl_taken_over(),
        EventKind::CrlPublished => words.kind_crl_published(),
        EventKind::WebhookAdded => words.kind_webhook_added(),
        EventKind::WebhookChanged => words.kind_webhook_changed(),
        EventKind::WebhookDisabled => words.kind_webhook_disabled(),
        EventKind::WebhookEnabled => words.kind_webhook_enabled(),
        EventKind::WebhookRemoved => words.kind_webhook_removed(),
        EventKind::ApiTokenMade => words.kind_api_token_made(),
        EventKind::ApiTokenRevoked => words.kind_api_token_revoked(),
    }
}

/// What was done with several.
#[must_use]
pub fn bulk_done(words: Words, act: BulkAct, count: usize) -> Text {
    match act {
        BulkAct::Invite | BulkAct::Import => words.bulk_invited(count),
        BulkAct::SuspendHolders => words.bulk_holders_suspended(count),
        BulkAct::ResumeHolders => words.bulk_holders_resumed(count),
        BulkAct::SuspendPhones => words.bulk_phones_suspended(count),
        BulkAct::ResumePhones => words.bulk_phones_resumed(count),
        BulkAct::CancelInvitations => words.bulk_cancelled(count),
    }
}

/// How a webhook stands, given what it is to be sent next, as a label.
#[must_use]
pub fn webhook_tag(words: Words, webhook: &Webhook, next: Option<&Delivery>) -> Tag {
    match next {
        _ if webhook.disabled.is_some() => {
            Tag::new(Tone::Quiet, Icon::Pause, words.state_disabled())
        }
        None => Tag::new(Tone::Good, Icon::Check, words.webhook_ready()),
        Some(next) if next.outcome.is_none() => {
            Tag::new(Tone::Info, Icon::Clock, words.webhook_sending())
        }
        Some(_) => Tag::new(Tone::Notice, Icon::Warning, words.webhook_held_up()),
    }
}

/// What has become of something that was to be sent, as a label.
#[must_use]
pub fn delivery_tag(words: Words, delivery: &Delivery) -> Tag {
    match delivery.state {
        DeliveryState::Waiting => Tag::new(Tone::Info, Icon::Clock, words.delivery_waiting()),
        DeliveryState::Delivered => Tag::new(Tone::Good, Icon::Check, words.delivery_delivered()),
        DeliveryState::Failed => Tag::new(Tone::Bad, Icon::Warning, words.delivery_failed()),
    }
}

/// How the last attempt to send something ended; empty before there was one.
#[must_use]
pub fn outcome(words: Words, delivery: &Delivery) -> Text {
    let answer = delivery.answer.as_str();
    match delivery.outcome {
        None => Text::default(),
        Some(Outcome::Taken) => words.outcome_taken(answer),
        Some(Outcome::Refused | Outcome::Rejected) => words.outcome_refused(answer),
        Some(Outcome::Unreachable) => words.outcome_unreachable(answer),
        Some(Outcome::NotAllowed) => words.outcome_not_allowed(answer),
        Some(Outcome::TimedOut) => words.outcome_timed_out(),
        Some(Outcome::Gone) => words.outcome_gone(),
    }
}

/// What became of a mail.
#[must_use]
pub fn mail_tag(words: Words, mail: &Delivery) -> Tag {
    match mail.state {
        DeliveryState::Waiting => Tag::new(Tone::Info, Icon::Clock, words.mail_waiting()),
        DeliveryState::Delivered => Tag::new(Tone::Good, Icon::Check, words.mail_delivered()),
        DeliveryState::Failed => Tag::new(Tone::Bad, Icon::Warning, words.mail_failed()),
    }
}

/// Why a mail has not arrived; empty where it has, or nobody knows yet.
#[must_use]
pub fn mail_outcome(words: Words, mail: &Delivery) -> Text {
    match mail.outcome {
        Some(Outcome::Taken) => Text::default(),
        Some(Outcome::Gone) => words.mail_gone(),
        _ => outcome(words, mail),
    }
}

/// The state of an invitation in a word.
#[must_use]
pub fn invitation_state(words: Words, state: InvitationState) -> Text {
    match state {
        InvitationState::Pending => words.state_open(),
        InvitationState::Used => words.state_used(),
        InvitationState::Expired => words.state_expired(),
        InvitationState::Cancelled => words.state_cancelled(),
    }
}

/// The state of an invitation as a label.
#[must_use]
pub fn invitation_tag(words: Words, state: InvitationState) -> Tag {
    let (tone, icon) = match state {
        InvitationState::Pending => (Tone::Info, Icon::Clock),
        InvitationState::Used => (Tone::Good, Icon::Check),
        InvitationState::Expired => (Tone::Quiet, Icon::Clock),
        InvitationState::Cancelled => (Tone::Quiet, Icon::Stop),
    };
    Tag::new(tone, icon, invitation_state(words, state))
}

/// The state of a request in a word.
#[must_use]
pub fn request_state(words: Words, state: RequestState) -> Text {
    match state {
        RequestState::Waiting => words.request_waiting(),
        RequestState::Approved => words.request_approved(),
        RequestState::Refused => words.request_refused(),
        RequestState::Withdrawn => words.request_withdrawn(),
        RequestState::Expired => words.state_expired(),
        RequestState::Closed => words.request_closed(),
    }
}

/// The state of a request as a label.
#[must_use]
pub fn request_tag(words: Words, state: RequestState) -> Tag {
    let (tone, icon) = match state {
        RequestState::Waiting => (Tone::Info, Icon::Clock),
        RequestState::Approved => (Tone::Good, Icon::Check),
        RequestState::Refused => (Tone::Bad, Icon::Stop),
        RequestState::Expired => (Tone::Quiet, Icon::Clock),
        RequestState::Withdrawn | RequestState::Closed => (Tone::Quiet, Icon::Stop),
    };
    Tag::new(tone, icon, request_state(words, state))
}

/// The state of a phone in a word.
#[must_use]
pub fn phone_state(words: Words, state: PhoneState) -> Text {
    match state {
        PhoneState::Active => words.state_active(),
        PhoneState::Suspended => words.state_suspended(),
        PhoneState::Revoked => words.state_revoked(),
    }
}

/// The state of a phone as a label.
#[must_use]
pub fn phone_tag(words: Words, state: PhoneState) -> Tag {
    let (tone, icon) = match state {
        PhoneState::Active => (Tone::Good, Icon::Check),
        PhoneState::Suspended => (Tone::Notice, Icon::Pause),
        PhoneState::Revoked => (Tone::Bad, Icon::Stop),
    };
    Tag::new(tone, icon, phone_state(words, state))
}

/// How a holder stands to the organisation in a word.
#[must_use]
pub fn holder_state(words: Words, state: HolderState) -> Text {
    match state {
        HolderState::Active => words.state_active(),
        HolderState::Suspended => words.state_suspended(),
        HolderState::Gone => words.state_gone(),
    }
}

/// How a holder stands to the organisation as a label; none for one of whom there is nothing to say.
#[must_use]
pub fn holder_tag(words: Words, state: HolderState) -> Option<Tag> {
    match state {
        HolderState::Active => None,
        HolderState::Suspended => {
            Some(Tag::new(Tone::Notice, Icon::Pause, words.state_suspended()))
        }
        HolderState::Gone => Some(Tag::new(Tone::Quiet, Icon::Stop, words.state_gone())),
    }
}

/// The state of a certificate as a label.
#[must_use]
pub fn certificate_tag(words: Words, certificate: &Certificate, now: Timestamp) -> Tag {
    match certificate.state {
        CertificateState::Revoked => Tag::new(Tone::Bad, Icon::Stop, words.state_revoked()),
        CertificateState::Suspended if certificate.not_after < now => {
            Tag::new(Tone::Quiet, Icon::Clock, words.state_expired())
        }
        CertificateState::Suspended => Tag::new(Tone::Notice, Icon::Pause, words.state_suspended()),
        CertificateState::Reserved => Tag::new(Tone::Info, Icon::Clock, words.state_being_issued()),
        CertificateState::Issued if certificate.not_after < now => {
            Tag::new(Tone::Quiet, Icon::Clock, words.state_expired())
        }
        CertificateState::Issued if certificate.not_after < query::soon(now) => {
            Tag::new(Tone::Notice, Icon::Warning, words.state_expires_soon())
        }
        CertificateState::Issued => Tag::new(Tone::Good, Icon::Check, words.state_valid()),
    }
}

/// What the key in a slot is for, as a title.
#[must_use]
pub fn purpose(words: Words, slot: Option<Slot>) -> Text {
    match slot {
        Some(Slot::PivAuthentication) => words.use_9a(),
        Some(Slot::DigitalSignature) => words.use_9c(),
        Some(Slot::KeyManagement) => words.use_9d(),
        Some(Slot::CardAuthentication) => words.use_9e(),
        None => words.use_other(),
    }
}

/// The same within a sentence: "issued for ...".
#[must_use]
pub fn purpose_inline(words: Words, slot: Option<Slot>) -> Text {
    match slot {
        Some(Slot::PivAuthentication) => words.use_9a_inline(),
        Some(Slot::DigitalSignature) => words.use_9c_inline(),
        Some(Slot::KeyManagement) => words.use_9d_inline(),
        Some(Slot::CardAuthentication) => words.use_9e_inline(),
        None => words.use_other_inline(),
    }
}

/// What the key in a slot means for its holder.
#[must_use]
pub fn purpose_note(words: Words, slot: Slot) -> Text {
    match slot {
        Slot::PivAuthentication => words.use_9a_note(),
        Slot::DigitalSignature => words.use_9c_note(),
        Slot::KeyManagement => words.use_9d_note(),
        Slot::CardAuthentication => words.use_9e_note(),
    }
}

/// What a holder can no longer do when the certificate in a slot is revoked.
#[must_use]
pub fn what_stops(words: Words, slot: Option<Slot>, holder: &str) -> Text {
    match slot {
        Some(Slot::PivAuthentication) => words.revoke_stops_9a(holder),
        Some(Slot::DigitalSignature) => words.revoke_stops_9c(holder),
        Some(Slot::KeyManagement) => words.revoke_stops_9d(holder),
        Some(Slot::CardAuthentication) => words.revoke_stops_9e(holder),
        None => words.revoke_stops_other(holder),
    }
}

/// Which keys a phone may be asked to make, with what follows from it.
#[must_use]
pub fn policy(words: Words, policy: &EnrollmentPolicy) -> Choice {
    let note = match &policy.title {
        PolicyTitle::Seeded(SeededPolicy::Standard) => words.policy_standard_note(),
        PolicyTitle::Seeded(SeededPolicy::Compact) => words.policy_compact_note(),
        PolicyTitle::Own(_) => {
            let keys = policy.keys.iter();
            let keys: Vec<_> = keys
                .map(|key| format!("{} {}", key.slot, key.algorithm))
                .collect();
            keys.join(", ").into()
        }
    };
    Choice {
        value: policy.name.to_string().into(),
        name: words.policy_title(policy),
        note,
    }
}

/// A reason to revoke, with what follows from choosing it.
#[must_use]
pub fn reason(words: Words, reason: RevocationReason) -> Choice {
    let (name, note) = match reason {
        RevocationReason::KeyCompromise => (
            words.reason_key_compromise(),
            words.reason_key_compromise_note(),
        ),
        RevocationReason::PrivilegeWithdrawn => (
            words.reason_privilege_withdrawn(),
            words.reason_privilege_withdrawn_note(),
        ),
        RevocationReason::CessationOfOperation => (
            words.reason_cessation_of_operation(),
            words.reason_cessation_of_operation_note(),
        ),
        RevocationReason::AffiliationChanged => (
            words.reason_affiliation_changed(),
            words.reason_affiliation_changed_note(),
        ),
        RevocationReason::Superseded => (words.reason_superseded(), words.reason_superseded_note()),
        RevocationReason::CertificateHold => (
            words.reason_certificate_hold(),
            words.reason_certificate_hold_note(),
        ),
        RevocationReason::Unspecified => {
            (words.reason_unspecified(), words.reason_unspecified_note())
        }
    };
    Choice {
        value: reason.as_str().into(),
        name,
        note,
    }
}

/// The reasons to revoke for good, the likeliest first.
#[must_use]
pub fn reasons(words: Words) -> Vec<Choice> {
    RevocationReason::finals()
        .map(|one| reason(words, one))
        .collect()
}
