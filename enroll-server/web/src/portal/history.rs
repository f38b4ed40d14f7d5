//! Events of the audit trail as sentences.

use enroll_server_model::event_detail::CertificateFacts;
use enroll_server_model::{
    ActorKind, Event, EventKind, ObjectKind, RevocationReason, Role, Timestamp,
};
use enroll_server_service::query::{Deed, EventSummary, REFUSALS_HOURS, RecordedEvent};

use super::label;
use super::view::Moment;
use crate::words::{Text, Words, isolated};

/// An event as a line of a list.
#[derive(Debug, Clone)]
pub struct EventLine {
    /// What happened.
    pub text: Text,
    /// The page of what it happened to, where that is another page.
    pub href: Option<String>,
    /// What it happened to, and who did it, where the reader cannot know it.
    pub about: String,
    /// When.
    pub at: Moment,
}

/// An event as a row of the audit page.
#[derive(Debug, Clone)]
pub struct Row {
    /// Its number.
    pub sequence: i64,
    /// What happened.
    pub text: Text,
    /// The page of what it happened to.
    pub href: Option<String>,
    /// To whom or what, where the sentence does not say it.
    pub about: String,
    /// What else there is to know.
    pub detail: String,
    /// Who did it.
    pub actor: Text,
    /// From which address.
    pub source: String,
    /// When.
    pub at: Moment,
}

/// A deed as a row of the audit page.
#[derive(Debug, Clone)]
pub struct DeedRow {
    /// What happened.
    pub row: Row,
    /// Its steps.
    pub steps: Vec<Row>,
}

impl DeedRow {
    /// The row for a deed.
    #[must_use]
    pub fn new(words: Words, deed: &Deed, now: Timestamp) -> Self {
        let steps = deed.steps.iter();
        let mut row = Row::new(words, &deed.event, now);
        if deed.event.event.kind == EventKind::SignInRefused && !deed.steps.is_empty() {
            let count = i64::try_from(deed.steps.len()).unwrap_or(i64::MAX);
            row.text = words.event_sign_ins_refused(count.saturating_add(1));
        }
        Self {
            row,
            steps: steps.map(|step| Row::new(words, step, now)).collect(),
        }
    }
}

impl EventLine {
    /// The lines for events on the page of what they happened to.
    #[must_use]
    pub fn at_home(words: Words, events: &[RecordedEvent], now: Timestamp) -> Vec<Self> {
        events
            .iter()
            .map(|event| Self::new(words, event, now))
            .collect()
    }

    /// The line for an event elsewhere.
    #[must_use]
    pub fn elsewhere(words: Words, summary: &EventSummary, now: Timestamp) -> Self {
        let event = &summary.event;
        let parts = [subject(words, summary), by(words, event)];
        Self {
            href: href(summary),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            ..Self::new(words, event, now)
        }
    }

    /// The line for an event on the page of the holder whose it is.
    #[must_use]
    pub fn of_holder(words: Words, summary: &EventSummary, now: Timestamp) -> Self {
        let event = &summary.event;
        let phone = match event.kind {
            // Its sentence has the name already.
            EventKind::PhoneEnrolled => None,
            _ => summary.phone_name.as_deref().map(alone),
        };
        let detail = match event.kind {
            EventKind::InvitationCreated => None,
            _ => Some(detail(words, &event.event()).into()).filter(|text: &Text| !text.is_empty()),
        };
        let parts = [phone, by(words, event), detail];
        let href = (event.object_kind != ObjectKind::Holder).then(|| href(summary));
        Self {
            href: href.flatten(),
            about: parts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            ..Self::new(words, event, now)
        }
    }

    /// One line for the sign-ins that were refused lately, the last of them at `latest`.
    #[must_use]
    pub fn refused_sign_ins(words: Words, count: i64, latest: Timestamp, now: Timestamp) -> Self {
        Self {
            text: words.event_sign_ins_refused(count),
            href: Some("/audit?about=administrator".to_owned()),
            about: words.within_hours(REFUSALS_HOURS).into_owned(),
            at: Moment::new(words, latest, now),
        }
    }

    fn new(words: Words, event: &RecordedEvent, now: Timestamp) -> Self {
        Self {
            text: sentence(words, &event.event()),
            href: None,
            about: by(words, event).unwrap_or_default().into_owned(),
            at: Moment::new(words, event.at, now),
        }
    }
}

/// Who did it, or how, unless it was the server itself.
pub(super) fn by(words: Words, event: &RecordedEvent) -> Option<Text> {
    match (event.kind, event.actor_kind) {
        (_, ActorKind::System) => None,
        (_, ActorKind::Phone) => Some(words.by_check_in()),
        (EventKind::AdministratorCreated, ActorKind::Anonymous) => Some(words.by_setup_link()),
        (EventKind::PasswordChosen, ActorKind::Anonymous) => Some(words.by_password_link()),
        // Their sentences say it.
        (EventKind::HolderSignIn | EventKind::PhoneReportedLost, ActorKind::Holder) => None,
        (_, ActorKind::Holder) => Some(words.by(&event.actor_name)),
        (_, ActorKind::Invitation) => Some(words.by_invitation()),
        (_, ActorKind::Administrator) => Some(words.by(&event.actor_name)),
        (_, ActorKind::ApiToken) => Some(words.by_api_token(&event.actor_name)),
        (_, ActorKind::Machine) => Some(words.by_machine(&event.actor_name)),
        (_, ActorKind::Anonymous) if event.actor_name.is_empty() => Some(words.by_unknown()),
        (_, ActorKind::Anonymous) => Some(words.by_claimed(&event.actor_name)),
    }
}

/// What it happened to, where the sentence does not say it.
fn subject(words: Words, summary: &EventSummary) -> Option<Text> {
    let phone = summary.phone_name.clone();
    let holder = summary.holder_name.clone();
    match (summary.event.kind, phone, holder) {
        // Their sentences have the name already.
        (
            EventKind::InvitationCreated
            | EventKind::InvitationMailed
            | EventKind::InvitationReminded,
            ..,
        ) => None,
        (EventKind::PhoneEnrolled, _, holder) => holder.as_deref().map(alone),
        (_, Some(phone), Some(holder)) => Some(words.phone_of_holder(&phone, &holder)),
        (_, phone, holder) => phone.or(holder).as_deref().map(alone),
    }
}

/// A name between others, which it must not put in another order.
fn alone(name: &str) -> Text {
    isolated(name).into_owned().into()
}

impl Row {
    /// The row for an event.
    #[must_use]
    pub fn new(words: Words, summary: &EventSummary, now: Timestamp) -> Self {
        let recorded = &summary.event;
        let event = recorded.event();
        Self {
            sequence: recorded.sequence,
            text: sentence(words, &event),
            href: href(summary),
            about: subject(words, summary).unwrap_or_default().into_owned(),
            detail: detail(words, &event),
            actor: actor(words, recorded),
            source: recorded.source.clone(),
            at: Moment::new(words, recorded.at, now),
        }
    }
}

/// A role in a word; empty where an event does not say it.
fn role(words: Words, role: Option<Role>) -> Text {
    role.map_or_else(Text::default, |role| label::role(words, role))
}

/// What happened, in one sentence.
pub(super) fn sentence(words: Words, event: &Event) -> Text {
    match event {
        Event::AuthorityCreated(created) => words.event_authority_created(&created.name),
        Event::SetupLinkCreated(_) => words.event_setup_link_created(),
        Event::AdministratorCreated(created) => match created.role {
            Some(Role::Officer) => words.event_officer_created(&created.name),
            Some(Role::Auditor) => words.event_auditor_created(&created.name),
            Some(Role::Administrator) | None => words.event_administrator_created(&created.name),
        },
        Event::AdministratorPasswordSet(set) => {
            words.event_administrator_password_set(&set.account.name)
        }
        Event::AdministratorRemoved(removed) => words.event_administrator_removed(&removed.name),
        Event::AdministratorUnlocked(account) => words.event_administrator_unlocked(&account.name),
        Event::ColleagueInvited(invited) => words.event_colleague_invited(&invited.name),
        Event::PasswordLinkCreated(of) => words.event_password_link_created(&of.name),
        Event::PasswordChosen(chosen) => words.event_password_chosen(&chosen.account.name),
        Event::RoleChanged(changed) => words.event_role_changed(
            &changed.account.name,
            role(words, changed.before),
            role(words, changed.after),
        ),
        Event::ColleagueDisabled(disabled) => {
            words.event_colleague_disabled(&disabled.account.name)
        }
        Event::ColleagueEnabled(enabled) => words.event_colleague_enabled(&enabled.name),
        Event::OwnNameChanged(renamed) => words.event_own_name_changed(&renamed.after),
        Event::OwnPasswordChanged(_) => words.event_own_password_changed(),
        Event::OtherSessionsEnded(_) => words.event_other_sessions_ended(),
        Event::SecondFactorAdded(of) => words.event_second_factor_added(&of.name),
        Event::SecondFactorRemoved(of) => words.event_second_factor_removed(&of.name),
        Event::RecoveryCodesMade(of) => words.event_recovery_codes_made(&of.name),
        Event::RecoveryCodeUsed(used) => words.event_recovery_code_used(used.left),
        Event::SecondFactorRefused(_) => words.event_second_factor_refused(),
        Event::PasskeyAdded(of) => words.event_passkey_added(&of.passkey),
        Event::PasskeyRenamed(of) => words.event_passkey_renamed(&of.before, &of.after),
        Event::PasskeyRemoved(of) => words.event_passkey_removed(&of.passkey),
        Event::PasskeyCopied(of) => words.event_passkey_copied(&of.passkey),
        Event::SignIn(how) if how.passkey.is_empty() => words.event_sign_in(),
        Event::SignIn(how) => words.event_sign_in_passkey(&how.passkey),
        Event::SignInRefused(_) => words.event_sign_in_refused(),
        Event::SignOut(_) => words.event_sign_out(),
        Event::HolderCreated(created) => words.event_holder_created(&created.name),
        Event::HolderEdited(edited) => words.event_holder_edited(&edited.after.name),
        Event::HolderRemoved(removed) => words.event_holder_removed(&removed.holder.name),
        Event::InvitationCreated(created) => match &created.replaces {
            Some(old) => words.event_replacement_invited(&created.name, &old.name),
            None => words.event_invitation_created(&created.name),
        },
        Event::InvitationMailed(mailed) => {
            words.event_invitation_mailed(&mailed.name, &mailed.email)
        }
        Event::InvitationReminded(mailed) => {
            words.event_invitation_reminded(&mailed.name, &mailed.email)
        }
        Event::InvitationCancelled(_) => words.event_invitation_cancelled(),
        Event::InvitationUsed(_) => words.event_invitation_used(),
        Event::PhoneEnrolled(enrolled) if enrolled.again => {
            words.event_phone_enrolled_again(&enrolled.name)
        }
        Event::PhoneEnrolled(enrolled) => words.event_phone_enrolled(&enrolled.name),
        Event::PhoneRevoked(_) => words.event_phone_revoked(),
        Event::PhoneSuspended(_) => words.event_phone_suspended(),
        Event::PhoneRenamed(renamed) => words.event_phone_renamed(&renamed.after),
        Event::PinUnblockingAllowed(_) => words.event_pin_unblocking_allowed(),
        Event::PinUnblockingWithdrawn(_) => words.event_pin_unblocking_withdrawn(),
        Event::PinUnblockingFailed(_) => words.event_pin_unblocking_failed(),
        Event::PinUnblocked(_) => words.event_pin_unblocked(),
        Event::PhoneResumed(_) => words.event_phone_resumed(),
        Event::HolderSignIn(signed_in) if signed_in.phone.is_empty() => {
            words.event_holder_sign_in()
        }
        Event::HolderSignIn(signed_in) => words.event_holder_sign_in_phone(&signed_in.phone),
        Event::RequestMade(_) => words.event_request_made(),
        Event::RequestApprovedOnce(_) => words.event_request_approved_once(),
        Event::RequestApproved(_) => words.event_request_approved(),
        Event::RequestRefused(_) => words.event_request_refused(),
        Event::RequestWithdrawn(_) => words.event_request_withdrawn(),
        Event::RequestExpired(_) => words.event_request_expired(),
        Event::RequestClosed(_) => words.event_request_closed(),
        Event::PhoneReportedLost(_) => words.event_phone_reported_lost(),
        Event::PhoneWiped(_) => words.event_phone_wiped(),
        Event::RenewalHindered(_) => words.event_renewal_hindered(),
        Event::HolderSuspended(_) => words.event_holder_suspended(),
        Event::HolderResumed(_) => words.event_holder_resumed(),
        Event::HolderTakenBack(_) => words.event_holder_taken_back(),
        Event::HolderLetGo(_) => words.event_holder_let_go(),
        Event::CertificateReserved(reserved) => {
            words.event_certificate_reserved(certificate(words, &reserved.certificate))
        }
        Event::CertificateIssued(issued) => {
            words.event_certificate_issued(certificate(words, &issued.certificate))
        }
        Event::CertificateRevoked(revoked) => {
            words.event_certificate_revoked(certificate(words, &revoked.certificate))
        }
        Event::CertificateSuspended(held) => {
            words.event_certificate_suspended(certificate(words, &held.certificate))
        }
        Event::CertificateResumed(held) => {
            words.event_certificate_resumed(certificate(words, &held.certificate))
        }
        Event::IssuanceAbandoned(abandoned) => {
            words.event_issuance_abandoned(certificate(words, &abandoned.certificate))
        }
        Event::ListExported(exported) => words.event_list_exported(&exported.list, exported.rows),
        Event::ClockAccepted(_) => words.event_clock_accepted(),
        Event::CrlTakenOver(list) => words.event_crl_taken_over(number(list.number)),
        Event::CrlPublished(list) => words.event_crl_published(number(list.number)),
        Event::WebhookAdded(webhook) => words.event_webhook_added(&webhook.host),
        Event::WebhookChanged(webhook) => words.event_webhook_changed(&webhook.host),
        Event::WebhookDisabled(webhook) => words.event_webhook_disabled(&webhook.host),
        Event::WebhookEnabled(webhook) => words.event_webhook_enabled(&webhook.host),
        Event::WebhookRemoved(webhook) => words.event_webhook_removed(&webhook.host),
        Event::ApiTokenMade(token) => words.event_api_token_made(&token.name),
        Event::ApiTokenRevoked(token) => words.event_api_token_revoked(&token.name),
    }
}

/// A number that an earlier version may not have written.
fn number(number: i64) -> String {
    if number == 0 {
        String::new()
    } else {
        number.to_string()
    }
}

/// A certificate by what it is for, where an event tells.
fn certificate(words: Words, facts: &CertificateFacts) -> Text {
    match (facts.slot, &facts.profile) {
        (Some(slot), _) => words.event_certificate(label::purpose(words, Some(slot))),
        (None, Some(profile)) if profile.is_servers_own() => words.event_certificate_of_server(),
        (None, _) => words.event_certificate_unknown(),
    }
}

/// What else an event says, for whoever looks closely.
fn detail(words: Words, event: &Event) -> String {
    let reason = |reason: &Option<RevocationReason>| {
        reason.map(|reason| words.fact_reason(label::reason(words, reason).name))
    };
    let note = |note: &str| (!note.is_empty()).then(|| words.fact_note(note));
    let until = |until: &str| {
        let at = Timestamp::from_rfc3339(until)?.date_time();
        Some(words.fact_until(words.time_utc(words.date_time(at))))
    };
    let facts = |facts: &CertificateFacts| {
        [
            facts
                .profile
                .as_ref()
                .map(|profile| words.fact_profile(profile.as_str())),
            facts.slot.map(|slot| words.fact_slot(slot.as_str())),
            (!facts.serial.is_empty()).then(|| words.fact_serial(&facts.serial)),
        ]
    };
    let parts: Vec<Option<Text>> = match event {
        Event::PhoneRevoked(revoked) => vec![
            reason(&revoked.reason),
            Some(words.fact_certificates(revoked.certificates)),
            (!revoked.phones.is_empty()).then(|| words.fact_other_phones(revoked.phones.len())),
            (!revoked.invitations.is_empty())
                .then(|| words.fact_invitations(revoked.invitations.len())),
            note(&revoked.note),
        ],
        Event::PhoneSuspended(suspended) => vec![
            Some(words.fact_certificates(suspended.certificates)),
            until(&suspended.until),
            note(&suspended.note),
        ],
        Event::PhoneRenamed(renamed) => {
            vec![Some(
                words.fact_name_change(&renamed.before, &renamed.after),
            )]
        }
        Event::PhoneResumed(resumed) => vec![Some(words.fact_certificates(resumed.certificates))],
        Event::HolderSuspended(suspended) => vec![
            Some(words.fact_phones_suspended(suspended.phones.len())),
            until(&suspended.until),
            note(&suspended.note),
        ],
        Event::HolderResumed(resumed) => {
            vec![Some(words.fact_phones_resumed(resumed.phones.len()))]
        }
        Event::HolderLetGo(gone) => vec![
            reason(&gone.reason),
            (!gone.phones.is_empty()).then(|| words.fact_phones_revoked(gone.phones.len())),
            (!gone.invitations.is_empty()).then(|| words.fact_invitations(gone.invitations.len())),
            note(&gone.note),
        ],
        Event::CertificateSuspended(held) | Event::CertificateResumed(held) => {
            facts(&held.certificate).into()
        }
        Event::CertificateReserved(reserved) => facts(&reserved.certificate).into(),
        Event::CertificateIssued(issued) => facts(&issued.certificate).into(),
        Event::IssuanceAbandoned(abandoned) => facts(&abandoned.certificate).into(),
        Event::CertificateRevoked(revoked) => [reason(&revoked.reason)]
            .into_iter()
            .chain(facts(&revoked.certificate))
            .chain([note(&revoked.note)])
            .collect(),
        Event::RenewalHindered(hindered) => hindered
            .problems
            .iter()
            .map(|problem| Some(label::renewal_problem(words, problem)))
            .collect(),
        Event::InvitationCreated(created) => vec![
            created
                .policy
                .as_ref()
                .map(|policy| words.fact_policy(policy.as_str())),
            created
                .replaces
                .as_ref()
                .and_then(|old| reason(&old.reason)),
            created
                .replaces
                .as_ref()
                .filter(|old| !old.cancelled.is_empty())
                .map(|old| words.fact_invitations(old.cancelled.len())),
        ],
        Event::RequestMade(made) => vec![
            made.policy
                .as_ref()
                .map(|policy| words.fact_policy(policy.as_str())),
            note(&made.reason),
        ],
        Event::RequestRefused(ended)
        | Event::RequestWithdrawn(ended)
        | Event::RequestExpired(ended)
        | Event::RequestClosed(ended) => vec![note(&ended.note)],
        Event::RequestApprovedOnce(approved) | Event::RequestApproved(approved) => {
            vec![Some(approved.approved_by.join(", ").into())]
        }
        Event::AdministratorCreated(created) => vec![Some(words.fact_email(&created.email))],
        Event::HolderEdited(edited) => {
            let (before, after) = (&edited.before, &edited.after);
            vec![
                (before.name != after.name)
                    .then(|| words.fact_name_change(&before.name, &after.name)),
                (before.email != after.email)
                    .then(|| words.fact_email_change(&before.email, &after.email)),
                (before.upn != after.upn).then(|| words.fact_upn_change(&before.upn, &after.upn)),
                (before.language != after.language).then(|| {
                    let name = |tag: &str| Words::of(tag).map(Words::language_name);
                    words.fact_language_change(
                        name(&before.language).unwrap_or_default(),
                        name(&after.language).unwrap_or_default(),
                    )
                }),
            ]
        }
        Event::HolderRemoved(removed) => vec![
            Some(words.fact_email(&removed.holder.email)),
            Some(words.fact_upn(&removed.holder.upn)),
            (!removed.invitations.is_empty())
                .then(|| words.fact_invitations(removed.invitations.len())),
        ],
        Event::HolderCreated(created) => vec![
            Some(words.fact_email(&created.email)),
            Some(words.fact_upn(&created.upn)),
        ],
        Event::AdministratorRemoved(removed) => vec![
            Some(words.fact_email(&removed.email)),
            Some(words.fact_sessions(removed.sessions)),
        ],
        Event::ColleagueInvited(invited) => vec![
            Some(words.fact_email(&invited.email)),
            Some(words.fact_role(role(words, invited.role))),
        ],
        Event::PasswordLinkCreated(of)
        | Event::ColleagueEnabled(of)
        | Event::SecondFactorAdded(of)
        | Event::SecondFactorRemoved(of)
        | Event::RecoveryCodesMade(of) => {
            vec![Some(words.fact_email(&of.email))]
        }
        Event::RoleChanged(changed) => vec![Some(words.fact_email(&changed.account.email))],
        Event::PasswordChosen(ended) | Event::ColleagueDisabled(ended) => vec![
            Some(words.fact_email(&ended.account.email)),
            Some(words.fact_sessions(ended.sessions)),
        ],
        Event::OwnNameChanged(renamed) => {
            vec![Some(
                words.fact_name_change(&renamed.before, &renamed.after),
            )]
        }
        Event::OwnPasswordChanged(ended) | Event::OtherSessionsEnded(ended) => {
            vec![Some(words.fact_sessions(ended.sessions))]
        }
        Event::AdministratorPasswordSet(set) => vec![
            (!set.account.email.is_empty()).then(|| words.fact_email(&set.account.email)),
            Some(words.fact_sessions(set.sessions)),
        ],
        Event::ListExported(exported) => vec![
            (!exported.narrowing.is_empty()).then(|| words.fact_narrowing(&exported.narrowing)),
            exported.broken_off.then(|| words.fact_broken_off()),
        ],
        Event::ClockAccepted(accepted) => vec![Some(words.fact_known_time(&accepted.known))],
        Event::CrlTakenOver(list) => vec![
            Some(words.fact_entries(list.entries)),
            Some(words.fact_newly_revoked(list.revoked)),
        ],
        Event::CrlPublished(list) => vec![Some(words.fact_entries(list.entries))],
        Event::WebhookAdded(webhook) | Event::WebhookChanged(webhook) => {
            vec![Some(webhook.objects.join(", ").into())]
        }
        Event::ApiTokenMade(token) => vec![Some(token.scopes.join(", ").into())],
        Event::ApiTokenRevoked(_)
        | Event::WebhookDisabled(_)
        | Event::WebhookEnabled(_)
        | Event::WebhookRemoved(_)
        | Event::AuthorityCreated(_)
        | Event::SetupLinkCreated(_)
        | Event::AdministratorUnlocked(_)
        | Event::RecoveryCodeUsed(_)
        | Event::SecondFactorRefused(_)
        | Event::PasskeyAdded(_)
        | Event::PasskeyRenamed(_)
        | Event::PasskeyRemoved(_)
        | Event::PasskeyCopied(_)
        | Event::SignIn(_)
        | Event::SignInRefused(_)
        | Event::SignOut(_)
        | Event::InvitationCancelled(_)
        | Event::InvitationMailed(_)
        | Event::InvitationReminded(_)
        | Event::InvitationUsed(_)
        | Event::HolderTakenBack(_)
        | Event::HolderSignIn(_)
        | Event::PhoneReportedLost(_)
        | Event::PhoneWiped(_)
        | Event::PinUnblockingAllowed(_)
        | Event::PinUnblockingWithdrawn(_)
        | Event::PinUnblockingFailed(_)
        | Event::PinUnblocked(_)
        | Event::PhoneEnrolled(_) => Vec::new(),
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn actor(words: Words, event: &RecordedEvent) -> Text {
    match event.actor_kind {
        ActorKind::System => words.actor_server(),
        ActorKind::Administrator => event.actor_name.clone().into(),
        ActorKind::Invitation => words.actor_invited(&event.actor_name),
        ActorKind::Holder => words.actor_holder(&event.actor_name),
        ActorKind::Phone => words.actor_phone(&event.actor_name),
        ActorKind::ApiToken => words.actor_api_token(&event.actor_name),
        ActorKind::Machine => words.actor_machine(&event.actor_name),
        ActorKind::Anonymous if event.actor_name.is_empty() => words.actor_unknown(),
        ActorKind::Anonymous if event.kind == EventKind::AdministratorCreated => {
            words.actor_setup_link(&event.actor_name)
        }
        ActorKind::Anonymous if event.kind == EventKind::PasswordChosen => {
            words.actor_password_link(&event.actor_name)
        }
        ActorKind::Anonymous => words.actor_claimed(&event.actor_name),
    }
}

/// The page of what an event is about, unless there is none, or none any more.
fn href(summary: &EventSummary) -> Option<String> {
    let event = &summary.event;
    let id = summary.home.as_ref()?;
    if let Some(request) = request(&event.event()) {
        return Some(format!("/requests/{request}"));
    }
    let path = match event.object_kind {
        ObjectKind::Holder => "holders",
        ObjectKind::Invitation => "invitations",
        ObjectKind::Phone => "phones",
        // The server's own certificates have no page, and those that are not signed yet have none either.
        ObjectKind::Certificate
            if event.kind != EventKind::CertificateReserved
                && event.actor_kind != ActorKind::System =>
        {
            "certificates"
        }
        ObjectKind::Certificate
        | ObjectKind::Installation
        | ObjectKind::Issuer
        | ObjectKind::Administrator
        | ObjectKind::Webhook
        | ObjectKind::ApiToken => return None,
    };
    Some(format!("/{path}/{id}"))
}

/// The request that an event is about.
fn request(event: &Event) -> Option<String> {
    match event {
        Event::RequestMade(made) => Some(made.request.clone()),
        Event::RequestApprovedOnce(approved) | Event::RequestApproved(approved) => {
            Some(approved.request.clone())
        }
        Event::RequestRefused(ended)
        | Event::RequestWithdrawn(ended)
        | Event::RequestExpired(ended)
        | Event::RequestClosed(ended) => Some(ended.request.clone()),
        _ => None,
    }
}
