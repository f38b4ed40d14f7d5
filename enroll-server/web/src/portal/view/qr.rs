//! A link as a QR code, for phones to scan.

use std::fmt;

use qrcode::{EcLevel, QrCode as Matrix, render::svg, types::QrError};

use crate::words::{Words, escaped};

/// A QR code as inline SVG that the content policy lets through: presentation attributes only.
#[derive(Clone, PartialEq, Eq)]
pub struct QrCode(String);

/// Whoever has the picture has the link.
impl fmt::Debug for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("QrCode(..)")
    }
}

impl QrCode {
    /// Encodes `link`; `purpose` is what a screen reader says instead of the picture.
    ///
    /// # Errors
    /// When the link is longer than a QR code can hold.
    pub fn new(link: &str, purpose: &str) -> Result<Self, QrError> {
        let drawn = Matrix::with_error_correction_level(link, EcLevel::M)?
            .render::<svg::Color<'_>>()
            .dark_color(svg::Color("#000"))
            .light_color(svg::Color("#fff"))
            .quiet_zone(true)
            .build();
        // An XML prolog has no place inside a page.
        let body = drawn.split_once("<svg").map_or("", |(_, rest)| rest);
        Ok(Self(format!(
            r#"<svg role="img" aria-label="{}"{body}"#,
            escaped(purpose)
        )))
    }
}

impl fmt::Display for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for QrCode {}

/// A link, and the same as a code.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkWithCode {
    /// The whole link.
    pub url: String,
    /// The link as a QR code.
    pub qr: QrCode,
}

/// Whoever has the link has the invitation.
impl fmt::Debug for LinkWithCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkWithCode(..)")
    }
}

impl LinkWithCode {
    /// Draws the code for `url`.
    ///
    /// # Errors
    /// When the link is longer than a QR code can hold.
    pub fn new(words: Words, url: String) -> Result<Self, QrError> {
        let qr = QrCode::new(&url, &words.invitation_code())?;
        Ok(Self { url, qr })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_a_name_and_nothing_that_the_content_policy_blocks() -> Result<(), QrError> {
        let code = QrCode::new(
            "https://localhost:8443/invitation/ABC#sha256=DEF",
            "Scan \"me\"",
        )?;
        let text = code.to_string();
        assert!(text.starts_with(r#"<svg role="img" aria-label="Scan &#34;me&#34;""#));
        assert!(!text.contains("style"));
        assert!(!text.contains("<?xml"));
        Ok(())
    }

    #[test]
    fn a_link_is_in_no_log() -> Result<(), QrError> {
        let url = "https://localhost:8443/invitation/ABC#sha256=DEF".to_owned();
        let link = LinkWithCode::new(Words::english(), url)?;
        assert_eq!(
            format!("{link:?} {:?}", link.qr),
            "LinkWithCode(..) QrCode(..)"
        );
        Ok(())
    }
}
