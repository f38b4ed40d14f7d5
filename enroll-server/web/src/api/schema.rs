//! Words of the model, as the API's document lists them.

use enroll_server_model::{
    ActorKind, CameBy, CertificateState, EventKind, HolderState, InvitationState, KeyAlgorithm,
    ObjectKind, PhoneState, RequestState, RevocationReason, Slot,
};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaType, Type};

/// One of these words.
pub(super) fn one_of(words: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .enum_values(Some(words))
        .build()
}

macro_rules! lists {
    ($($name:ident of $list:ident;)+) => {
        $(pub(super) fn $name() -> Object {
            one_of($list::ALL.iter().map(|word| word.as_str()))
        })+
    };
}

lists! {
    person_state of HolderState;
    phone_state of PhoneState;
    certificate_state of CertificateState;
    invitation_state of InvitationState;
    request_state of RequestState;
    came_by of CameBy;
    slot of Slot;
    algorithm of KeyAlgorithm;
    event_kind of EventKind;
    object_kind of ObjectKind;
    actor_kind of ActorKind;
}

/// Why something is revoked for good.
pub(super) fn reason() -> Object {
    one_of(RevocationReason::finals().map(RevocationReason::as_str))
}

/// The same where it may be left out.
pub(super) fn optional_reason() -> Object {
    let words = RevocationReason::finals().map(|reason| Some(reason.as_str()));
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some(words.chain([None])))
        .build()
}
