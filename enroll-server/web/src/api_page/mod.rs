//! The API's document as a page, for people: it stands above the API and the portal, which know nothing of each other.

mod schema;

use std::sync::{Arc, LazyLock};

use askama::Template;
use axum::extract::State;
use serde_json::Value;

use enroll_server_service::App;

use self::schema::{Field, Kind, fields, name_of, text};
use crate::api::document::document;
use crate::portal::guard::SignedIn;
use crate::portal::page::{Answer, page};
use crate::portal::view::{Section, Shell};
use crate::words::Words;

/// Something that programs can ask for.
struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    description: String,
    /// What a token must be allowed to do.
    scope: String,
    parameters: Vec<Field>,
    /// The type of what is sent.
    body: Option<Kind>,
    /// The type of what is answered.
    answer: Option<Kind>,
}

impl Operation {
    fn new(path: &str, method: &str, operation: &Value) -> Self {
        let parameters = operation.get("parameters").and_then(Value::as_array);
        let body = operation.pointer("/requestBody/content/application~1json/schema");
        let answer = ["200", "201"].iter().find_map(|status| {
            let at = format!("/responses/{status}/content/application~1json/schema");
            operation.pointer(&at)
        });
        Self {
            id: text(operation, "operationId"),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: text(operation, "summary"),
            description: text(operation, "description"),
            scope: operation
                .pointer("/security/0/token/0")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            parameters: parameters
                .into_iter()
                .flatten()
                .map(|parameter| Field {
                    name: text(parameter, "name"),
                    kind: Kind::of(parameter.get("schema").unwrap_or(&Value::Null)),
                    is_required: parameter.get("required") == Some(&Value::Bool(true)),
                    description: text(parameter, "description"),
                })
                .collect(),
            body: body.map(Kind::of),
            answer: answer.filter(|one| name_of(one).is_some()).map(Kind::of),
        }
    }
}

/// What is sent or answered.
struct Type {
    name: String,
    description: String,
    fields: Vec<Field>,
}

/// What the page shows of the document.
struct Contents {
    operations: Vec<Operation>,
    types: Vec<Type>,
}

static CONTENTS: LazyLock<Contents> = LazyLock::new(|| {
    let document = serde_json::to_value(document()).unwrap_or_default();
    let members = |at: &str| document.pointer(at).and_then(Value::as_object);
    let operations = members("/paths")
        .into_iter()
        .flatten()
        .flat_map(|(path, all)| {
            let all = all.as_object().into_iter().flatten();
            all.map(|(method, operation)| Operation::new(path, method, operation))
        });
    let types = members("/components/schemas").into_iter().flatten();
    Contents {
        operations: operations.collect(),
        types: types
            .map(|(name, schema)| Type {
                name: name.clone(),
                description: text(schema, "description"),
                fields: fields(schema),
            })
            .collect(),
    }
});

#[derive(Template)]
#[template(path = "api_tokens/document.html")]
struct DocumentPage {
    words: Words,
    shell: Shell,
    example: String,
    operations: &'static [Operation],
    types: &'static [Type],
}

/// `GET /api-document`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let portal = &app.addresses.portal;
    page(&DocumentPage {
        words,
        shell: signed_in.shell(&app, words, Section::ApiTokens),
        example: format!(
            "curl --cacert root.pem --header @token.header '{portal}/api/v1/people?limit=10'"
        ),
        operations: &CONTENTS.operations,
        types: &CONTENTS.types,
    })
}
