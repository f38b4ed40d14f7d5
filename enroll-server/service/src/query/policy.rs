//! What a phone can be asked to make.

use std::sync::Arc;

use enroll_server_ca::profile::enrollment::EnrollmentPolicy;
use enroll_server_model::PolicyName;

use crate::app::App;

/// The enrollment policies that an invitation can be made with, in the order in which people are shown them.
#[must_use]
pub fn enrollment_policies(app: &App) -> &[Arc<EnrollmentPolicy>] {
    app.policies.in_force()
}

/// The one of them with this name.
#[must_use]
pub fn enrollment_policy<'a>(app: &'a App, name: &str) -> Option<&'a Arc<EnrollmentPolicy>> {
    let name: PolicyName = name.parse().ok()?;
    app.policies.get(&name)
}
