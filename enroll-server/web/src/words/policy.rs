//! What people call enrollment policies.

use enroll_server_model::SeededPolicy;
use enroll_server_service::query::{EnrollmentPolicy, PolicyTitle};

use super::{Text, Words};

impl Words {
    /// What people call a policy. The catalogue has the titles of the policies that every installation begins with; the
    /// title of any other is data, like a person's name, and the same in every language.
    #[must_use]
    pub fn policy_title(self, policy: &EnrollmentPolicy) -> Text {
        match &policy.title {
            PolicyTitle::Seeded(SeededPolicy::Standard) => self.policy_standard(),
            PolicyTitle::Seeded(SeededPolicy::Compact) => self.policy_compact(),
            PolicyTitle::Own(title) => title.clone().into(),
        }
    }
}
