//! Setting up the first administrator, through a link that the server printed.

use enroll_server_ca::{Authority, CaError};
use enroll_server_model::event_detail::{CreatedAdministrator, CreatedAuthority, Nothing};
use enroll_server_model::random::{self, Token};
use enroll_server_model::{Actor, Event, IssuerRole, NewEvent, Timestamp};
use enroll_server_store::administrator::{self, Administrator};
use enroll_server_store::issuer::{self, Issuer};
use enroll_server_store::{Store, installation};

use crate::app::App;
use crate::error::{Error, Result};
use crate::person;

/// The organisation's name on record; none before the first start on this database.
pub async fn known_organisation(store: &Store) -> Result<Option<String>> {
    let known = installation::get(store.reader()).await?;
    Ok(known.map(|known| known.organisation))
}

/// The authorities' ids in the database.
#[derive(Clone, Debug)]
pub struct AuthorityIds {
    /// The root's.
    pub root: String,
    /// The issuing authority's.
    pub issuing: String,
}

/// Puts the authority on record at the first start, and at each following one makes sure that the data folder and the
/// database are of one installation.
///
/// # Errors
/// [`CaError::Mismatch`] if they are not.
pub async fn register(
    store: &Store,
    authority: &Authority,
    organisation: &str,
    now: Timestamp,
) -> Result<AuthorityIds> {
    let organisation = organisation.to_owned();
    let given = [
        (IssuerRole::Root, authority.root.clone()),
        (IssuerRole::Issuing, authority.issuing.clone()),
    ];
    store
        .write(move |tx| {
            Box::pin(async move {
                if installation::create(tx.connection(), &organisation, now).await? {
                    for (role, certificate) in &given {
                        let row = Issuer {
                            id: random::id()?,
                            role: *role,
                            name: certificate.name.clone(),
                            certificate: certificate.der.clone(),
                            fingerprint: certificate.fingerprint_hex(),
                            revocation_epoch: 0,
                            created: now,
                        };
                        issuer::insert(tx.connection(), &row).await?;
                        tx.record(NewEvent::new(now, &Actor::system(), &row.id, Event::AuthorityCreated(CreatedAuthority { name: row.name.clone(), fingerprint: row.fingerprint.clone() })));
                    }
                }
                let known = issuer::all(tx.connection()).await?;
                let id = |role: IssuerRole| {
                    let (_, certificate) = given.iter().find(|(given, _)| *given == role)?;
                    let fingerprint = certificate.fingerprint_hex();
                    let row = known.iter().find(|row| row.role == role && row.fingerprint == fingerprint)?;
                    Some(row.id.clone())
                };
                match (id(IssuerRole::Root), id(IssuerRole::Issuing)) {
                    (Some(root), Some(issuing)) => Ok(AuthorityIds { root, issuing }),
                    _ => Err(CaError::Mismatch(
                        "the database is of another installation than the authority in the data folder: \
                         give --data and --database that belong together (several servers on one database \
                         need the same authority/ and secrets/)"
                            .to_owned(),
                    )
                    .into()),
                }
            })
        })
        .await
}

/// Makes a set-up link's token, if there is no administrator yet.
pub async fn create_link(app: &App) -> Result<Option<Token>> {
    if !is_open(app).await? {
        return Ok(None);
    }
    let token = random::token()?;
    let hash = token.hash();
    let now = app.clock.now();
    app.store
        .write::<_, Error, _>(move |tx| {
            Box::pin(async move {
                installation::add_setup_link(tx.connection(), &hash, now).await?;
                tx.record(NewEvent::new(
                    now,
                    &Actor::system(),
                    "",
                    Event::SetupLinkCreated(Nothing {}),
                ));
                Ok(())
            })
        })
        .await?;
    Ok(Some(token))
}

/// Whether the first administrator is still to be set up.
pub async fn is_open(app: &App) -> Result<bool> {
    Ok(installation::get(app.store.reader())
        .await?
        .is_some_and(|installation| installation.setup_closed.is_none()))
}

/// Checks a set-up link and uses nothing up.
///
/// # Errors
/// [`Error::SetupClosed`] if there is an administrator or the link was never made.
pub async fn check_link(app: &App, token: &str) -> Result<()> {
    let token: Token = token.parse().map_err(|_| Error::SetupClosed)?;
    let known = installation::has_setup_link(app.store.reader(), &token.hash()).await?;
    if known && is_open(app).await? {
        Ok(())
    } else {
        Err(Error::SetupClosed)
    }
}

/// The first administrator, as the form gives them.
#[derive(Clone, Debug)]
pub struct FirstAdministrator {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub email: String,
    /// Argon2id in PHC form.
    pub password_hash: String,
}

/// Adds the first administrator and closes the set-up for good. Of several that try at once, one succeeds.
///
/// # Errors
/// [`Error::SetupClosed`] if there is an administrator or the link was never made; [`Error::InvalidField`].
pub async fn complete(
    app: &App,
    token: &str,
    first: FirstAdministrator,
    source: &str,
) -> Result<Administrator> {
    let token: Token = token.parse().map_err(|_| Error::SetupClosed)?;
    let now = app.clock.now();
    let row = Administrator {
        id: random::id()?,
        name: person::person_name(&first.name)?,
        email: person::email_address("email", &first.email)?.to_lowercase(),
        password_hash: first.password_hash,
        created: now,
    };
    let actor = Actor::anonymous(&row.email, source);
    app.store
        .write(move |tx| {
            Box::pin(async move {
                if !installation::has_setup_link(tx.connection(), &token.hash()).await?
                    || !installation::close_setup(tx.connection(), now).await?
                {
                    return Err(Error::SetupClosed);
                }
                administrator::insert(tx.connection(), &row).await?;
                installation::delete_setup_links(tx.connection()).await?;
                tx.record(NewEvent::new(
                    now,
                    &actor,
                    &row.id,
                    Event::AdministratorCreated(CreatedAdministrator {
                        name: row.name.clone(),
                        email: row.email.clone(),
                    }),
                ));
                Ok(row)
            })
        })
        .await
}
