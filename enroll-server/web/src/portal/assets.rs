//! Style sheet, script and mark: part of the program, served under names that change with their content.

use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderName, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    name: String,
    content_type: &'static str,
    body: &'static str,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, body: &'static str) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(body));
        let short = hash.get(..12).unwrap_or(&hash);
        Self {
            name: format!("{stem}-{short}.{extension}"),
            content_type,
            body,
        }
    }

    /// Where it is served; another content has another path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// The style sheet, put together from its chapters.
pub static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "portal",
        "css",
        "text/css; charset=utf-8",
        concat!(
            include_str!("../../../../web/assets/css/tokens.css"),
            include_str!("../../../../web/assets/css/base.css"),
            include_str!("../../../../web/assets/css/layout.css"),
            include_str!("../../../../web/assets/css/components.css"),
            include_str!("../../../../web/assets/css/forms.css"),
            include_str!("../../../../web/assets/css/invitation.css"),
            include_str!("../../../../web/assets/css/print.css"),
        ),
    )
});

/// The script; pages work without it.
pub static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "portal",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../../../web/assets/portal.js"),
    )
});

/// The product's mark, for the browser's tab.
pub static LOGO: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "logo",
        "svg",
        "image/svg+xml",
        include_str!("../../../../web/assets/logo.svg"),
    )
});

/// `GET /assets/{name}`; under one name it never changes.
pub async fn serve(Path(name): Path<String>) -> Response {
    let asset = [&STYLE, &SCRIPT, &LOGO]
        .into_iter()
        .find(|asset| asset.name == name);
    match asset {
        Some(asset) => {
            const HEADERS: [HeaderName; 2] = [header::CONTENT_TYPE, header::CACHE_CONTROL];
            let [content_type, cache_control] = HEADERS;
            (
                [
                    (content_type, asset.content_type),
                    (cache_control, "public, max-age=31536000, immutable"),
                ],
                asset.body,
            )
                .into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_stay_within_their_budget() {
        assert!(STYLE.body.len() <= 30_000, "{} bytes", STYLE.body.len());
        assert!(SCRIPT.body.len() <= 10_000, "{} bytes", SCRIPT.body.len());
    }
}
