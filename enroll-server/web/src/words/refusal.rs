//! What a service refuses, in words: pages and the API say the same.

use enroll_server_model::{InvitationState, KeyAlgorithm};
use enroll_server_service::error::{Error, whole_seconds};
use enroll_server_service::refusal::{
    Conflict, CsrError, Field, FieldFlaw, Invalid, KeyFlaw, KeyForm, LONGEST_CSR, LinkEnd,
    Malformed, NoIssuance, Object, PublicKeyError, SlotFlaw,
};

use super::{Text, Words};

impl Words {
    /// What happened and what to do; for a failure of the server no more than that it failed. What a parser said is in
    /// the log.
    pub(crate) fn refusal(self, error: &Error) -> Text {
        match error {
            Error::InvitationUnknown => self.refused_invitation_unknown(),
            Error::InvitationUsed => self.refused_invitation_used(),
            Error::InvitationExpired => self.refused_invitation_expired(),
            Error::InvitationCancelled => self.refused_invitation_cancelled(),
            Error::PhoneUnknown => self.refused_phone_unknown(),
            Error::CheckInRefused => self.refused_check_in(),
            Error::UnblockingRefused => self.refused_unblocking(),
            Error::RequestMalformed(malformed) => self.malformed(malformed),
            Error::RequestTooLong => self.request_too_long(),
            Error::RequestInvalid(invalid) => self.invalid(invalid),
            Error::ProtocolUnsupported(version) => self.request_protocol(version.to_string()),
            Error::RateLimited { retry_after } => self.refused_limit(whole_seconds(*retry_after)),
            Error::Busy { retry_after } => self.refused_busy(whole_seconds(*retry_after)),
            Error::Unavailable(_) => self.refused_unavailable(),
            Error::IssuesNothing(NoIssuance::Clock(_)) => self.refused_clock(),
            Error::IssuesNothing(NoIssuance::AuthorityNotValid { name, .. }) => {
                self.refused_authority(name)
            }
            Error::NotFound(object) => self.not_found(*object),
            Error::InvalidField { field, flaw } => self.flaw(*field, flaw),
            Error::Conflict(conflict) => self.conflict(conflict),
            Error::SetupClosed => self.refused_setup_closed(),
            Error::HolderLink => self.me_link_ended_note(),
            Error::PasswordLink(end) => self.password_link(*end),
            Error::NoInstallation
            | Error::TriedInVain(_)
            | Error::Store(_)
            | Error::Ca(_)
            | Error::Profile(_)
            | Error::NoTlsCertificate(_)
            | Error::Task(_)
            | Error::Randomness(_) => self.refused_internal(),
        }
    }

    /// What is wrong with a field, as it stands alone in the summary of a form.
    pub(crate) fn flaw(self, field: Field, flaw: &FieldFlaw) -> Text {
        let message = self.flaw_alone(flaw);
        match field {
            Field::Name
            | Field::Note
            | Field::Scopes
            | Field::Days
            | Field::IdempotencyKey
            | Field::Policy
            | Field::Reason
            | Field::Until
            | Field::Language => message,
            Field::Email => self.field_email(message),
            Field::Upn => self.field_upn(message),
            Field::Url => self.field_url(message),
        }
    }

    /// What is wrong with a field, beside the field.
    pub(crate) fn flaw_alone(self, flaw: &FieldFlaw) -> Text {
        match flaw {
            FieldFlaw::NotToCome => self.suspend_until_wrong(),
            FieldFlaw::NameEmpty => self.field_name_empty(),
            FieldFlaw::NameLong { longest } => self.field_name_long(longest),
            FieldFlaw::NameUnseen { character } => self.field_name_unseen(character),
            FieldFlaw::NoteEmpty => self.field_note_empty(),
            FieldFlaw::NoteLong { longest } => self.field_note_long(longest),
            FieldFlaw::NoteUnseen { character } => self.field_note_unseen(character),
            FieldFlaw::AddressLong { longest } => self.field_address_long(longest),
            FieldFlaw::AddressWithoutAt => self.field_address_no_at(),
            FieldFlaw::MailLocal => self.field_mail_local(),
            FieldFlaw::MailLocalNotAscii => self.field_mail_local_not_ascii(),
            FieldFlaw::AccountLocal => self.field_account_local(),
            FieldFlaw::SystemAccount { username } => self.field_system_account(username),
            FieldFlaw::AccountTaken { name } => self.field_account_taken(name),
            FieldFlaw::MailShared { email, name } => self.field_mail_shared(email, name),
            FieldFlaw::AddressDomain => self.field_address_domain(),
            FieldFlaw::UsernameTaken {
                username,
                name,
                upn,
            } => self.field_username_taken(username, name, upn),
            FieldFlaw::HolderSuspended { name } => self.field_holder_suspended(name),
            FieldFlaw::HolderGone { name } => self.field_holder_gone(name),
            FieldFlaw::UrlMalformed => self.field_url_malformed(),
            FieldFlaw::UrlScheme => self.field_url_scheme(),
            FieldFlaw::UrlParts => self.field_url_parts(),
            FieldFlaw::NoScope => self.field_no_scope(),
            FieldFlaw::Days { most } => self.field_days(most),
            FieldFlaw::KeyMalformed { longest } => self.field_key_malformed(longest),
            FieldFlaw::KeyUsed => self.field_key_used(),
            FieldFlaw::NoPolicy => self.field_no_policy(),
            FieldFlaw::NoLanguage => self.field_no_language(),
            FieldFlaw::NoReason => self.field_no_reason(),
            FieldFlaw::UpnTaken { upn, name, email } => self.field_upn_taken(upn, name, email),
        }
    }

    fn not_found(self, object: Object) -> Text {
        match object {
            Object::Holder => self.refused_no_holder(),
            Object::Invitation => self.refused_no_invitation(),
            Object::Request => self.refused_no_request(),
            Object::Phone => self.refused_no_phone(),
            Object::Certificate => self.refused_no_certificate(),
            Object::Colleague => self.refused_no_colleague(),
            Object::Selection => self.refused_no_selection(),
            Object::Webhook => self.refused_no_webhook(),
            Object::Passkey => self.refused_no_passkey(),
            Object::ApiToken => self.refused_no_api_token(),
            Object::Delivery => self.refused_no_delivery(),
        }
    }

    fn password_link(self, end: LinkEnd) -> Text {
        match end {
            LinkEnd::Unknown => self.refused_password_link_unknown(),
            LinkEnd::Used => self.refused_password_link_used(),
            LinkEnd::Expired => self.refused_password_link_expired(),
            LinkEnd::Replaced => self.refused_password_link_replaced(),
        }
    }

    fn conflict(self, conflict: &Conflict) -> Text {
        match conflict {
            Conflict::NothingChosen => self.refused_nothing_chosen(),
            Conflict::TooManyChosen { most } => self.refused_too_many_chosen(*most),
            Conflict::GuestTwice { upn } => self.refused_guest_twice(upn),
            Conflict::SelectionDone => self.refused_selection_done(),
            Conflict::HolderJustAdded { upn } => self.refused_holder_just_added(upn),
            Conflict::NotPending(InvitationState::Expired) => self.refused_cancel_expired(),
            Conflict::NotPending(InvitationState::Cancelled) => self.refused_cancel_cancelled(),
            Conflict::NotPending(InvitationState::Used | InvitationState::Pending) => {
                self.refused_cancel_used()
            }
            Conflict::RequestWaits => self.refused_request_waits(),
            Conflict::RequestEnded(_) => self.refused_request_ended(),
            Conflict::RequestStale => self.refused_request_stale(),
            Conflict::RequestApprovedBefore => self.refused_request_approved_before(),
            Conflict::RequestApprovedByProgram => self.refused_request_approved_by_program(),
            Conflict::RequestOwn => self.refused_request_own(),
            Conflict::NoApprover => self.refused_no_approver(),
            Conflict::HolderHasPhones => self.refused_holder_has_phones(),
            Conflict::CertificateRevoked => self.refused_certificate_revoked(),
            Conflict::PhoneRevoked => self.refused_phone_revoked(),
            Conflict::PhoneSuspended => self.refused_phone_suspended(),
            Conflict::NoUnblockingKey => self.refused_no_unblocking_key(),
            Conflict::PhoneNotSuspended => self.refused_phone_not_suspended(),
            Conflict::HolderSuspended => self.refused_holder_suspended(),
            Conflict::HolderGone => self.refused_holder_gone(),
            Conflict::HolderActive => self.refused_holder_active(),
            Conflict::SecondFactorOn => self.refused_second_factor_on(),
            Conflict::PasskeyKnown => self.refused_passkey_known(),
            Conflict::TooManyPasskeys { most } => self.refused_too_many_passkeys(*most),
            Conflict::NotProved => self.refused_not_proved(),
            Conflict::NoPasskeysHere => self.refused_no_passkeys_here(),
            Conflict::SecondFactorOff => self.refused_second_factor_off(),
            Conflict::AccountOwn => self.refused_account_own(),
            Conflict::AccountDisabled => self.refused_account_disabled(),
            Conflict::AccountEnabled => self.refused_account_enabled(),
            Conflict::LastAdministrator => self.refused_last_administrator(),
            Conflict::NoAdministrator => self.refused_no_administrator(),
            Conflict::WebhookState => self.refused_webhook_state(),
            Conflict::ApiTokenRevoked => self.refused_api_token_revoked(),
            Conflict::MailedLately => self.refused_mailed_lately(),
            Conflict::NoMail => self.refused_no_mail(),
            Conflict::BeingSent => self.refused_being_sent(),
            Conflict::LinkReplaced => self.refused_link_replaced(),
            Conflict::NotSigned => self.refused_not_signed(),
        }
    }

    fn malformed(self, malformed: &Malformed) -> Text {
        match malformed {
            Malformed::Incomplete => self.request_incomplete(),
            Malformed::Json(detail) => self.request_not_json(detail),
        }
    }

    fn invalid(self, invalid: &Invalid) -> Text {
        match invalid {
            Invalid::NoPhoneName => self.request_no_name(),
            Invalid::GuidTaken => self.request_guid_taken(),
            Invalid::KnownKey { slot } => {
                self.request_known_key(slot.map_or("", |slot| slot.as_str()))
            }
            Invalid::CheckInKey => self.request_check_in_key(),
            Invalid::CompromisedKey { slot } => {
                self.request_compromised_key(slot.map_or("", |slot| slot.as_str()))
            }
            Invalid::Slot { slot, flaw } => self.slot_flaw(slot.as_str(), flaw),
        }
    }

    fn slot_flaw(self, slot: &str, flaw: &SlotFlaw) -> Text {
        match flaw {
            SlotFlaw::NotInvited => self.request_slot_not_invited(slot),
            SlotFlaw::NotOne => self.request_not_one(slot),
            SlotFlaw::OtherAlgorithm { found, wanted } => {
                self.request_other_algorithm(slot, found.as_str(), wanted.as_str())
            }
            SlotFlaw::SameKey => self.request_same_key(slot),
            SlotFlaw::Csr(error) => self.csr(slot, error),
        }
    }

    fn csr(self, slot: &str, error: &CsrError) -> Text {
        match error {
            CsrError::TooLong => self.csr_too_long(slot, LONGEST_CSR),
            CsrError::Malformed(_) => self.csr_malformed(slot),
            CsrError::Key(error) => self.public_key(slot, error),
            CsrError::Flaw(flaw) => self.key_flaw(slot, flaw),
            CsrError::Extensions(extensions) => self.csr_extensions(slot, extensions),
            CsrError::Attributes(attributes) => self.csr_attributes(slot, attributes),
            CsrError::SignatureAlgorithm {
                found,
                key,
                expected,
            } => self.csr_signature_algorithm(slot, found, key.as_str(), expected),
            CsrError::Signature => self.csr_signature(slot),
        }
    }

    fn public_key(self, slot: &str, error: &PublicKeyError) -> Text {
        match error {
            PublicKeyError::Malformed(_) => self.csr_key_malformed(slot),
            PublicKeyError::Unsupported(algorithm) => {
                let supported = KeyAlgorithm::ALL.map(KeyAlgorithm::as_str).join(", ");
                self.csr_key_unsupported(slot, algorithm.to_string(), supported)
            }
            PublicKeyError::RsaSize(bits) => self.csr_rsa_size(slot, bits.to_string()),
            PublicKeyError::MalformedRsa => self.csr_rsa_malformed(slot),
            PublicKeyError::OtherForm(KeyForm::WholeOctets) => self.csr_form_octets(slot),
            PublicKeyError::OtherForm(KeyForm::NullParameters) => self.csr_form_parameters(slot),
            PublicKeyError::OtherForm(KeyForm::UncompressedPoint) => self.csr_form_point(slot),
        }
    }

    fn key_flaw(self, slot: &str, flaw: &KeyFlaw) -> Text {
        match flaw {
            KeyFlaw::InvalidPoint => self.csr_point(slot),
            KeyFlaw::MalformedRsa => self.csr_rsa_malformed(slot),
            KeyFlaw::Exponent => self.csr_exponent(slot),
            KeyFlaw::SmallFactor(factor) => self.csr_small_factor(slot, factor.to_string()),
            KeyFlaw::CloseFactors => self.csr_close_factors(slot),
            KeyFlaw::PrimePower => self.csr_prime_power(slot),
            KeyFlaw::Roca => self.csr_roca(slot),
        }
    }
}
