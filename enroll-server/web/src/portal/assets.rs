//! Style sheet, script and mark: part of the program, served under names that change with their content.

use std::io::Write as _;
use std::sync::LazyLock;

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use data_encoding::HEXLOWER;
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};

/// A file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    name: String,
    content_type: &'static str,
    body: &'static str,
    /// The same in the format of gzip (RFC 1952).
    compressed: Vec<u8>,
}

impl Asset {
    fn new(stem: &str, extension: &str, content_type: &'static str, body: &'static str) -> Self {
        let hash = HEXLOWER.encode(&Sha256::digest(body));
        let short = hash.get(..12).unwrap_or(&hash);
        Self {
            name: format!("{stem}-{short}.{extension}"),
            content_type,
            body,
            compressed: compressed(body),
        }
    }

    /// Where it is served; another content has another path.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

fn compressed(body: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    // Memory takes everything.
    encoder
        .write_all(body.as_bytes())
        .and_then(|()| encoder.finish())
        .unwrap_or_default()
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

/// The script of the pages that ask for a passkey.
pub static PASSKEY_SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "passkey",
        "js",
        "text/javascript; charset=utf-8",
        include_str!("../../../../web/assets/passkey.js"),
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
pub async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let asset = [&STYLE, &SCRIPT, &PASSKEY_SCRIPT, &LOGO]
        .into_iter()
        .find(|asset| asset.name == name);
    match asset {
        Some(asset) => {
            let headers_of_all = [
                (header::CONTENT_TYPE, asset.content_type),
                (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
                (header::VARY, "accept-encoding"),
            ];
            if takes_gzip(&headers) && !asset.compressed.is_empty() {
                let encoding = [(header::CONTENT_ENCODING, "gzip")];
                (headers_of_all, encoding, asset.compressed.as_slice()).into_response()
            } else {
                (headers_of_all, asset.body).into_response()
            }
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Whether a client takes gzip: it names it, and does not give it the weight 0 (RFC 9110, section 12.5.3).
fn takes_gzip(headers: &HeaderMap) -> bool {
    let asked = headers.get_all(header::ACCEPT_ENCODING).iter();
    let codings = asked.filter_map(|value| value.to_str().ok());
    codings.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let weight = weight.trim().strip_prefix("q=").map(str::parse::<f32>);
        name.trim().eq_ignore_ascii_case("gzip")
            && !matches!(weight, Some(Ok(weight)) if weight <= 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_stay_within_their_budget() {
        assert!(STYLE.body.len() <= 30_000, "{} bytes", STYLE.body.len());
        assert!(SCRIPT.body.len() <= 10_000, "{} bytes", SCRIPT.body.len());
        assert!(
            STYLE.compressed.len() <= 8_000,
            "{} bytes",
            STYLE.compressed.len()
        );
        let scripts = SCRIPT.compressed.len() + PASSKEY_SCRIPT.compressed.len();
        assert!(scripts <= 4_000, "{scripts} bytes");
    }
}
