//! Findings in JSON: each with its words.

use serde::ser::{SerializeSeq, Serializer};
use serde::{Serialize, ser};

use super::advice::advise;
use super::finding::{Finding, Severity};

#[derive(Serialize)]
struct FindingInWords {
    code: &'static str,
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    slot: Option<String>,
    headline: String,
    reason: String,
    next: Vec<String>,
}

/// Findings with their words.
pub(crate) fn findings<S: Serializer>(
    findings: &[Finding],
    serializer: S,
) -> Result<S::Ok, S::Error>
where
    S::Error: ser::Error,
{
    let mut list = serializer.serialize_seq(Some(findings.len()))?;
    for finding in findings {
        let advice = advise(finding);
        list.serialize_element(&FindingInWords {
            code: finding.code(),
            severity: finding.severity(),
            slot: finding.key().map(|key| key.to_string()),
            headline: advice.headline,
            reason: advice.reason,
            next: advice.next,
        })?;
    }
    list.end()
}
