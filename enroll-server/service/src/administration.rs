//! What whoever runs the server does to administrators on its machine, while it serves or not: nobody is locked out for
//! good who can log in there.

use std::sync::Arc;

use enroll_server_model::clock::Clock;
use enroll_server_model::event_detail::{
    CreatedAdministrator, RemovedAdministrator, SignedOutAccount,
};
use enroll_server_model::{Actor, Event, NewEvent, Role, random};
use enroll_server_store::administrator::{self, AdministratorSummary};
use enroll_server_store::{
    Store, StoreError, WorkError, installation, passkey, password_link, second_factor,
};

use crate::account;
use crate::authenticator;
use crate::error::Error;
use crate::installed;
use crate::password::{Password, PasswordError};
use crate::person;
use crate::refusal::Conflict;
use crate::session as sessions;

pub use enroll_server_store::administrator::Administrator;

/// Why something could not be done; for the operator.
#[derive(Debug, thiserror::Error)]
pub enum AdministrationError {
    /// Nobody signs in with this mail address.
    #[error("nobody signs in with {email}")]
    Unknown {
        /// The mail address.
        email: String,
    },
    /// Somebody does.
    #[error("{email} has an account already")]
    Exists {
        /// The mail address.
        email: String,
    },
    /// Nobody would be left to sign in.
    #[error("{email} is the only administrator and stays: add another one first")]
    Last {
        /// The mail address.
        email: String,
    },
    /// There is no second factor.
    #[error("{email} has no second factor")]
    NoSecondFactor {
        /// The mail address.
        email: String,
    },
    /// The password could not be hashed.
    #[error(transparent)]
    Password(#[from] PasswordError),
    /// A service refused or failed.
    #[error(transparent)]
    Service(#[from] Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl WorkError for AdministrationError {
    fn store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) => Some(error),
            Self::Service(error) => error.store_error(),
            Self::Unknown { .. }
            | Self::Exists { .. }
            | Self::Last { .. }
            | Self::NoSecondFactor { .. }
            | Self::Password(_) => None,
        }
    }
}

/// Result of what the operator does.
pub type Result<T> = std::result::Result<T, AdministrationError>;

/// The administrators of a database.
#[derive(Clone)]
pub struct Administration {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) actor: Actor,
}

impl Administration {
    /// Those of the database at `url`, in the hands of the machine's user of this name.
    ///
    /// # Errors
    /// [`StoreError::NotThere`] if there is no such file; [`Error::NoInstallation`] if no server ever worked on it.
    pub async fn open(url: &str, clock: Arc<dyn Clock>, user: &str) -> Result<Self> {
        let read = Self::open_to_read(url, clock, user).await?;
        read.store.close().await;
        Ok(Self {
            store: Store::open_as_it_is(url).await?,
            ..read
        })
    }

    /// The same to look at them alone: no table is made, and none brought up to date.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_to_read(url: &str, clock: Arc<dyn Clock>, user: &str) -> Result<Self> {
        let store = Store::open_to_read(url).await?;
        installed::check(&store).await?;
        Ok(Self {
            store,
            clock,
            actor: Actor::machine(user),
        })
    }

    /// All administrators, by mail address.
    pub async fn all(&self) -> Result<Vec<AdministratorSummary>> {
        let now = self.clock.now();
        let latest = now.latest_end(sessions::LONGEST);
        Ok(administrator::all(self.store.reader(), now, latest).await?)
    }

    /// The administrator with this mail address.
    ///
    /// # Errors
    /// [`AdministrationError::Unknown`].
    pub async fn find(&self, email: &str) -> Result<Administrator> {
        let found =
            administrator::by_email(self.store.reader(), &person::sign_in_name(email)).await?;
        found.ok_or_else(|| unknown(email))
    }

    /// Whether the mail address can be a new account's.
    ///
    /// # Errors
    /// [`Error::InvalidField`]; [`AdministrationError::Exists`].
    pub async fn check_new(&self, name: &str, email: &str) -> Result<()> {
        person::person_name(name)?;
        let email = person::mail_address(email)?.ascii.to_lowercase();
        match administrator::by_email(self.store.reader(), &email).await? {
            Some(_) => Err(AdministrationError::Exists { email }),
            None => Ok(()),
        }
    }

    /// Adds an account. Once there is an administrator, the link to set up the first one, if there is one, no longer works.
    ///
    /// # Errors
    /// As [`Self::check_new`]; if the password cannot be hashed.
    pub async fn add(
        &self,
        name: &str,
        email: &str,
        role: Role,
        password: Password,
    ) -> Result<Administrator> {
        self.check_new(name, email).await?;
        let now = self.clock.now();
        let row = Administrator {
            id: random::id().map_err(Error::from)?,
            name: person::person_name(name)?,
            email: person::mail_address(email)?.ascii.to_lowercase(),
            password_hash: password.hash().await?,
            created: now,
            role,
            disabled: None,
        };
        let actor = self.actor.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    match administrator::insert(tx, &row).await {
                        Err(error) if error.is_unique_violation() => {
                            return Err(AdministrationError::Exists { email: row.email });
                        }
                        other => other?,
                    }
                    let is_administrator = row.role == Role::Administrator;
                    if is_administrator && installation::close_setup(tx, now).await? {
                        installation::delete_setup_links(tx).await?;
                    }
                    let created = Event::AdministratorCreated(CreatedAdministrator {
                        name: row.name.clone(),
                        email: row.email.clone(),
                        role: Some(row.role),
                    });
                    tx.record(NewEvent::new(now, &actor, &row.id, created));
                    Ok(row)
                })
            })
            .await
    }

    /// Sets an administrator's password. Their sessions end, their browsers are no longer known, and they need not wait
    /// for attempts of before. Returns how many sessions ended.
    ///
    /// # Errors
    /// [`AdministrationError::Unknown`]; if the password cannot be hashed.
    pub async fn set_password(&self, of: &Administrator, password: Password) -> Result<u64> {
        let hash = password.hash().await?;
        let now = self.clock.now();
        let actor = self.actor.clone();
        let of = of.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    if !administrator::set_password(tx, &of.id, &hash).await? {
                        return Err(unknown(&of.email));
                    }
                    let sessions = account::sign_out(tx, &of.id).await?;
                    password_link::replace(tx, &of.id).await?;
                    account::empty_limits(tx, &of).await?;
                    let set = Event::AdministratorPasswordSet(SignedOutAccount {
                        account: account::named(&of),
                        sessions,
                    });
                    tx.record(NewEvent::new(now, &actor, &of.id, set));
                    Ok(sessions)
                })
            })
            .await
    }

    /// How many passkeys open an account without its password.
    pub async fn passkeys(&self, of: &Administrator) -> Result<usize> {
        Ok(passkey::of(self.store.reader(), &of.id).await?.len())
    }

    /// Removes an administrator: their sessions end, and no browser is known as theirs. Returns how many sessions ended.
    ///
    /// # Errors
    /// [`AdministrationError::Unknown`]; [`AdministrationError::Last`].
    pub async fn remove(&self, whom: &Administrator) -> Result<u64> {
        let now = self.clock.now();
        let actor = self.actor.clone();
        let whom = whom.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    let before = administrator::lock_all(tx).await?;
                    let sessions = account::sign_out(tx, &whom.id).await?;
                    password_link::delete_of(tx, &whom.id).await?;
                    second_factor::delete_of(tx, &whom.id).await?;
                    password_link::replace_made_by(tx, &whom.id).await?;
                    if !administrator::delete(tx, &whom.id).await? {
                        return Err(unknown(&whom.email));
                    }
                    if before > 0 && administrator::count_able(tx).await? == 0 {
                        return Err(AdministrationError::Last { email: whom.email });
                    }
                    let removed = Event::AdministratorRemoved(RemovedAdministrator {
                        name: whom.name.clone(),
                        email: whom.email.clone(),
                        sessions,
                    });
                    tx.record(NewEvent::new(now, &actor, &whom.id, removed));
                    Ok(sessions)
                })
            })
            .await
    }

    /// Removes the second factor of somebody who lost it: their password is enough then. Their sessions end, and their browsers are no
    /// longer known.
    ///
    /// # Errors
    /// [`AdministrationError::NoSecondFactor`] if there is none.
    pub async fn remove_second_factor(&self, of: &Administrator) -> Result<()> {
        let now = self.clock.now();
        let actor = self.actor.clone();
        let of = of.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    administrator::lock_all(tx).await?;
                    match authenticator::remove(tx, &of.id, &actor, now).await {
                        Err(Error::Conflict(Conflict::SecondFactorOff)) => {
                            Err(AdministrationError::NoSecondFactor { email: of.email })
                        }
                        other => Ok(other?),
                    }
                })
            })
            .await
    }

    /// Lets an administrator sign in at once, whatever was tried before: empties the limits of their account and of all
    /// networks.
    pub async fn unlock(&self, whom: &Administrator) -> Result<()> {
        let now = self.clock.now();
        let actor = self.actor.clone();
        let whom = whom.clone();
        self.store
            .write(move |tx| {
                Box::pin(async move {
                    account::empty_limits(tx, &whom).await?;
                    let unlocked = Event::AdministratorUnlocked(account::named(&whom));
                    tx.record(NewEvent::new(now, &actor, &whom.id, unlocked));
                    Ok(())
                })
            })
            .await
    }
}

fn unknown(email: &str) -> AdministrationError {
    AdministrationError::Unknown {
        email: email.trim().to_owned(),
    }
}

/// Without the database's URL, which may hold a password.
impl std::fmt::Debug for Administration {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Administration").finish_non_exhaustive()
    }
}
