//! The pictograms of the portal, as inline SVG with presentation attributes only (the content policy allows no styles).

use std::fmt;

/// A pictogram beside words; it says nothing of its own to a screen reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// The product's mark.
    Logo,
    /// The overview.
    Overview,
    /// An invitation.
    Invitation,
    /// A person who holds phones.
    Holder,
    /// Those who work here.
    Colleagues,
    /// A phone.
    Phone,
    /// A certificate.
    Certificate,
    /// The audit trail.
    Audit,
    /// Somebody who is told.
    Webhook,
    /// What a program shows to be let in.
    Key,
    /// All is well, or done.
    Check,
    /// Something wants attention.
    Warning,
    /// Stopped for a while.
    Pause,
    /// Stopped for good.
    Stop,
    /// Time runs, or ran out.
    Clock,
    /// Copy to the clipboard.
    Copy,
    /// Fetch a file.
    Download,
    /// Nothing was found.
    Search,
}

impl Icon {
    /// What is drawn on a field of 20 by 20, in strokes of the current colour.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Logo => "",
            Self::Overview => {
                r#"<rect x="3" y="3" width="6" height="7" rx="1.5"/><rect x="11" y="3" width="6" height="4" rx="1.5"/><rect x="3" y="12.5" width="6" height="4.5" rx="1.5"/><rect x="11" y="9.5" width="6" height="7.5" rx="1.5"/>"#
            }
            Self::Invitation => {
                r#"<rect x="2.5" y="4.5" width="15" height="11" rx="2"/><path d="m3 6 7 5 7-5"/>"#
            }
            Self::Holder => {
                r#"<circle cx="10" cy="6.5" r="3.25"/><path d="M3.75 16.75c.6-3.3 3.1-5 6.25-5s5.65 1.7 6.25 5"/>"#
            }
            Self::Colleagues => {
                r#"<circle cx="7" cy="7" r="2.75"/><path d="M1.75 16.25c.5-2.75 2.6-4.25 5.25-4.25s4.75 1.5 5.25 4.25"/><circle cx="13.75" cy="6" r="2.25"/><path d="M14.25 11c2.2.2 3.6 1.6 4 4"/>"#
            }
            Self::Webhook => {
                r#"<path d="M2.5 10h11"/><path d="M10 6l4 4-4 4"/><path d="M17.5 4v12"/>"#
            }
            Self::Key => {
                r#"<circle cx="6.5" cy="13.5" r="3.5"/><path d="m9 11 7.5-7.5"/><path d="m13 7 2.5 2.5"/>"#
            }
            Self::Phone => {
                r#"<rect x="5" y="2" width="10" height="16" rx="2.25"/><path d="M9 15.25h2"/>"#
            }
            Self::Certificate => {
                r#"<path d="M8.5 14.5h-4a1.75 1.75 0 0 1-1.75-1.75v-8C2.75 3.8 3.5 3 4.5 3h11c1 0 1.75.8 1.75 1.75v3"/><path d="M6 6.75h6M6 10h3"/><circle cx="13.75" cy="12" r="2.75"/><path d="m12.25 14.5-.5 3.25 2-1 2 1-.5-3.25"/>"#
            }
            Self::Audit => {
                r#"<path d="M7 5h10M7 10h10M7 15h10M3.25 5h.01M3.25 10h.01M3.25 15h.01"/>"#
            }
            Self::Check => {
                r#"<circle cx="10" cy="10" r="7.25"/><path d="m6.75 10.25 2.25 2.25 4.25-4.75"/>"#
            }
            Self::Warning => {
                r#"<path d="M8.6 3.4 2.2 14.5a1.6 1.6 0 0 0 1.4 2.4h12.8a1.6 1.6 0 0 0 1.4-2.4L11.4 3.4a1.6 1.6 0 0 0-2.8 0Z"/><path d="M10 7.75v3.5M10 14h.01"/>"#
            }
            Self::Pause => r#"<circle cx="10" cy="10" r="7.25"/><path d="M8 7v6M12 7v6"/>"#,
            Self::Stop => r#"<circle cx="10" cy="10" r="7.25"/><path d="m5 5 10 10"/>"#,
            Self::Clock => r#"<circle cx="10" cy="10" r="7.25"/><path d="M10 6v4.25l2.75 1.75"/>"#,
            Self::Copy => {
                r#"<rect x="7" y="7" width="10" height="10" rx="2"/><path d="M4.5 13A1.5 1.5 0 0 1 3 11.5v-7A1.5 1.5 0 0 1 4.5 3h7A1.5 1.5 0 0 1 13 4.5"/>"#
            }
            Self::Download => r#"<path d="M10 3v9.5m0 0 3.5-3.5M10 12.5 6.5 9M3.5 16.5h13"/>"#,
            Self::Search => r#"<circle cx="9" cy="9" r="5.5"/><path d="m13 13 4 4"/>"#,
        }
    }
}

/// A card that leans back, and the waves of its antenna.
const LOGO: &str = concat!(
    r##"<svg viewBox="0 0 32 32" aria-hidden="true" focusable="false"><rect width="32" height="32" rx="8" fill="#3d47c9"/>"##,
    r##"<rect x="6" y="8" width="13" height="17" rx="2.75" fill="#fff"/><rect x="9" y="12" width="5" height="4" rx="1" fill="#3d47c9"/>"##,
    r##"<path d="M21.6 12.2c1.7 2.5 1.7 6.1 0 8.6M24.6 9.7c2.9 4.1 2.9 9.5 0 13.6" fill="none" stroke="#fff" stroke-width="1.9" stroke-linecap="round"/></svg>"##
);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::Logo {
            return f.write_str(LOGO);
        }
        write!(
            f,
            r#"<svg class="icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">{}</svg>"#,
            self.strokes()
        )
    }
}

impl askama::filters::HtmlSafe for Icon {}
