//! The document of the API (OpenAPI 3.1), made from the code that serves it.

use std::sync::LazyLock;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{self, Content, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi, ToSchema as _};

use super::problem::{MEDIA_TYPE, Problem};
use super::resources::{certificate, event, invitation, person, phone, policy, request};

#[derive(OpenApi)]
#[openapi(
    info(title = "Tapcard enrollment server", description = "People, their phones and certificates."),
    paths(
        person::list,
        person::show,
        person::edit,
        person::suspend,
        person::resume,
        person::let_go,
        person::take_back,
        phone::list,
        phone::show,
        phone::rename,
        phone::allow_unblocking,
        phone::withdraw_unblocking,
        phone::suspend,
        phone::resume,
        phone::revoke,
        certificate::list,
        certificate::show,
        certificate::revoke,
        invitation::list,
        invitation::invite,
        invitation::show,
        invitation::cancel,
        request::list,
        request::show,
        request::approve,
        request::refuse,
        event::list,
        policy::list,
        show,
    ),
    components(schemas(Problem)),
    modifiers(&Common)
)]
struct Document;

/// What all operations have in common: the token, and the form of errors.
struct Common;

impl Modify for Common {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", token);
        let problem = RefOr::Ref(Ref::from_schema_name(Problem::name()));
        let problem = ResponseBuilder::new()
            .description("problem")
            .content(MEDIA_TYPE, Content::new(Some(problem)))
            .build();
        for path in document.paths.paths.values_mut() {
            let operations = [&mut path.get, &mut path.put, &mut path.post];
            for operation in operations.into_iter().flatten() {
                let responses = &mut operation.responses.responses;
                responses.insert("default".to_owned(), problem.clone().into());
            }
        }
    }
}

/// The document.
#[must_use]
pub fn document() -> openapi::OpenApi {
    Document::openapi()
}

static JSON: LazyLock<Option<String>> = LazyLock::new(|| document().to_json().ok());

/// This document
#[utoipa::path(get, path = "/api/v1/openapi.json", tag = "document", operation_id = "show_document",
    responses((status = 200, description = "The document (OpenAPI 3.1)", body = Object)))]
pub async fn show() -> Response {
    let media_type = [(header::CONTENT_TYPE, "application/json")];
    match JSON.as_deref() {
        Some(text) => (media_type, text).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
