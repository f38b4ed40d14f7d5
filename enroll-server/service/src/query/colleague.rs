//! Who works here.

use enroll_server_store::administrator::{self, Administrator, AdministratorSummary};
use enroll_server_store::password_link::{self, PasswordLink};

use crate::app::App;
use crate::error::{Error, Result};
use crate::refusal::Object;
use crate::session;

/// A colleague's page.
#[derive(Clone, Debug)]
pub struct ColleagueView {
    /// The account, and when it was last used.
    pub summary: AdministratorSummary,
    /// The link that nothing has ended yet; it may have expired.
    pub link: Option<PasswordLink>,
}

/// All accounts, by mail address.
pub async fn colleagues(app: &App) -> Result<Vec<AdministratorSummary>> {
    let now = app.clock.now();
    let latest = now.latest_end(session::LONGEST);
    Ok(administrator::all(app.store.reader(), now, latest).await?)
}

/// One account.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn colleague(app: &App, id: &str) -> Result<ColleagueView> {
    let all = colleagues(app).await?;
    let summary = all
        .into_iter()
        .find(|one| one.administrator.id == id)
        .ok_or(Error::NotFound(Object::Colleague))?;
    Ok(ColleagueView {
        link: password_link::open_of(app.store.reader(), id).await?,
        summary,
    })
}

/// An account's name, for whoever asks before a change.
///
/// # Errors
/// [`Error::NotFound`].
pub async fn account(app: &App, id: &str) -> Result<Administrator> {
    let found = administrator::by_id(app.store.reader(), id).await?;
    found.ok_or(Error::NotFound(Object::Colleague))
}
