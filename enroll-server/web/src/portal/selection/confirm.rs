//! The question whether it is meant, with everything that it is about; and doing it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect};
use serde::Deserialize;

use enroll_server_model::{Actor, BulkAct, HolderState};
use enroll_server_service::admission::bulk::{self, Guest, Refusal};
use enroll_server_service::admission::invitation::Invited;
use enroll_server_service::admission::mailing::ByMail;
use enroll_server_service::error::{self, Error};
use enroll_server_service::person::MailLanguage;
use enroll_server_service::refusal::Conflict;
use enroll_server_service::selection::{self, Chosen, Selection};
use enroll_server_service::{App, note, query};

use super::act::{self, Row};
use super::invited;
use crate::access::Access;
use crate::portal::guard::SignedIn;
use crate::portal::label;
use crate::portal::notice::Notice;
use crate::portal::page::{Answer, page, page_with};
use crate::portal::problem::Problem;
use crate::portal::view::{Choice, FormErrors, Section, Shell};
use crate::status::HttpError;
use crate::words::{Text, Words};

/// One with which it cannot be done, and why.
struct Refused {
    row: Row,
    why: Text,
}

#[derive(Template)]
#[template(path = "selections/confirm.html")]
struct ConfirmPage {
    words: Words,
    shell: Shell,
    errors: FormErrors,
    section: Text,
    list: &'static str,
    id: String,
    heading: Text,
    consequence: Text,
    verb: Text,
    rows: Vec<Row>,
    refused: Vec<Refused>,
    has_note: bool,
    note: String,
    profile: String,
    /// Policies to choose from; none where there is nothing to choose.
    profiles: Vec<Choice>,
    /// Whether it is asked if the links are to be sent by mail.
    asks_for_mail: bool,
    is_by_mail: bool,
}

#[derive(Template)]
#[template(path = "selections/done.html")]
struct DonePage {
    words: Words,
    shell: Shell,
    section: Text,
    list: &'static str,
    done: Text,
    refused: Vec<Refused>,
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
pub struct Confirmed {
    #[serde(default)]
    note: String,
    #[serde(default)]
    profile: String,
    #[serde(default)]
    by_mail: String,
}

/// What is known of a selection.
struct Known {
    rows: Vec<Row>,
    refused: Vec<Refused>,
    guests: Vec<Guest>,
    /// The policy that the file was read for.
    policy: Option<String>,
}

async fn known(app: &App, words: Words, selection: &Selection) -> error::Result<Known> {
    let ids = match &selection.chosen {
        Chosen::Guests { guests, policy } => {
            return Ok(Known {
                rows: guests.iter().map(of_guest).collect(),
                refused: Vec::new(),
                guests: guests.clone(),
                policy: Some(policy.clone()),
            });
        }
        Chosen::Ids(ids) => ids,
    };
    if selection.act != BulkAct::Invite {
        return Ok(Known {
            rows: act::rows(app, selection.act, ids).await?,
            refused: Vec::new(),
            guests: Vec::new(),
            policy: None,
        });
    }
    let mut known = Known {
        rows: Vec::new(),
        refused: Vec::new(),
        guests: Vec::new(),
        policy: None,
    };
    for row in query::holders_with(app, ids).await? {
        let holder = row.holder;
        let guest = Guest {
            name: holder.name,
            email: holder.email,
            upn: holder.upn,
            language: MailLanguage::IfNew(holder.language),
        };
        let row = Row {
            href: format!("/holders/{}", holder.id),
            id: holder.id,
            ..of_guest(&guest)
        };
        let why = match holder.state {
            HolderState::Active => {
                known.rows.push(row);
                known.guests.push(guest);
                continue;
            }
            HolderState::Suspended => words.bulk_is_suspended(),
            HolderState::Gone => words.bulk_is_gone(),
        };
        known.refused.push(Refused { row, why });
    }
    Ok(known)
}

fn of_guest(guest: &Guest) -> Row {
    Row {
        id: String::new(),
        name: guest.name.clone(),
        detail: guest.email.clone(),
        href: String::new(),
    }
}

fn section_title(words: Words, act: BulkAct) -> Text {
    match act::section(act) {
        Section::Phones => words.phones_title(),
        Section::Invitations => words.invitations_title(),
        _ => words.holders_title(),
    }
}

fn confirm_page(
    app: &App,
    words: Words,
    shell: Shell,
    selection: &Selection,
    known: Known,
    sent: Confirmed,
    errors: FormErrors,
) -> ConfirmPage {
    let act = selection.act;
    let count = known.rows.len();
    let policies = query::enrollment_policies(app);
    let profile = if sent.profile.is_empty() {
        policies
            .first()
            .map(|first| first.name.to_string())
            .unwrap_or_default()
    } else {
        sent.profile
    };
    ConfirmPage {
        words,
        shell,
        errors,
        section: section_title(words, act),
        list: act::list(act),
        id: selection.id.clone(),
        heading: act::heading(words, act, count),
        consequence: act::consequence(words, act),
        verb: act::verb(words, act, count),
        rows: known.rows,
        refused: known.refused,
        has_note: act::has_note(act),
        note: sent.note,
        asks_for_mail: app.sends_mail && matches!(act, BulkAct::Invite | BulkAct::Import),
        is_by_mail: !sent.by_mail.is_empty(),
        profile,
        profiles: if act == BulkAct::Invite {
            policies
                .iter()
                .map(|policy| label::policy(words, policy))
                .collect()
        } else {
            Vec::new()
        },
    }
}

/// `GET /selections/{id}`
pub async fn ask(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
) -> Answer {
    let selection = selection::find(&app, &id, &signed_in.actor()).await?;
    let known = known(&app, words, &selection).await?;
    let shell = signed_in.shell(&app, words, act::section(selection.act));
    let sent = Confirmed {
        by_mail: "yes".to_owned(),
        ..Confirmed::default()
    };
    let errors = FormErrors::none();
    page(&confirm_page(
        &app, words, shell, &selection, known, sent, errors,
    ))
}

/// `POST /selections/{id}`
pub async fn carry_out(
    State(app): State<Arc<App>>,
    words: Words,
    signed_in: SignedIn,
    Path(id): Path<String>,
    Form(sent): Form<Confirmed>,
) -> Answer {
    let actor = signed_in.actor();
    let selection = selection::find(&app, &id, &actor).await?;
    let known = known(&app, words, &selection).await?;
    let shell = signed_in.shell(&app, words, act::section(selection.act));
    if matches!(selection.act, BulkAct::Invite | BulkAct::Import) {
        let policy = known.policy.as_deref().unwrap_or(&sent.profile);
        let Some(policy) = query::enrollment_policy(&app, policy).cloned() else {
            let mut errors = FormErrors::none();
            errors.add("profile", words.new_invitation_no_policy());
            let page = confirm_page(&app, words, shell, &selection, known, sent, errors);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        };
        let by_mail = if sent.by_mail.is_empty() {
            ByMail::No
        } else {
            ByMail::Yes
        };
        let guests = &known.guests;
        let done = bulk::invite_all(&app, guests, &policy, by_mail, &selection.id, &actor).await;
        return invited(&app, words, shell, &selection, &known.rows, done);
    }
    let note = match note::read(&sent.note) {
        Ok(note) => note,
        Err(refused) => {
            let mut errors = FormErrors::none();
            errors.add_refused(words, Some(refused));
            let page = confirm_page(&app, words, shell, &selection, known, sent, errors);
            return page_with(StatusCode::UNPROCESSABLE_ENTITY, &page);
        }
    };
    let done = do_each(&app, words, &selection, known.rows, note, actor).await?;
    if done.refused.is_empty() {
        signed_in.show_next(&Notice::Bulk {
            act: selection.act.as_str().to_owned(),
            count: done.count,
        });
        return Ok(Redirect::to(act::list(selection.act)).into_response());
    }
    page_with(
        done.status,
        &DonePage {
            words,
            shell,
            section: section_title(words, selection.act),
            list: act::list(selection.act),
            done: label::bulk_done(words, selection.act, done.count),
            refused: done.refused,
        },
    )
}

/// What was done.
struct Done {
    count: usize,
    refused: Vec<Refused>,
    /// Whether it was done to the end.
    status: StatusCode,
}

/// Does it with one after the other, even if the browser goes away: to the end, or until the server fails or whoever does it may not
/// any more. Whatever happens, it is said what was done.
async fn do_each(
    app: &Arc<App>,
    words: Words,
    selection: &Selection,
    rows: Vec<Row>,
    note: String,
    actor: Actor,
) -> Result<Done, Problem> {
    let (app, act, id) = (app.clone(), selection.act, selection.id.clone());
    let work = tokio::spawn(async move {
        selection::use_up(&app, &id).await?;
        let mut done = Done {
            count: 0,
            refused: Vec::new(),
            status: StatusCode::OK,
        };
        let mut rows = rows.into_iter();
        for row in rows.by_ref() {
            let one = async {
                selection::check_actor(&app, &actor, Access::Officers.roles()).await?;
                act::to_one(&app, act, &row.id, note.clone(), &actor).await
            };
            let Err(error) = one.await else {
                done.count += 1;
                continue;
            };
            let why = words.refusal(&error);
            done.refused.push(Refused { row, why });
            let is_of_row = matches!(error, Error::Conflict(_) | Error::NotFound(_));
            if !is_of_row || matches!(error, Error::Conflict(Conflict::NoAdministrator)) {
                tracing::error!(%error, "what was begun with several is broken off");
                done.status = error.status();
                break;
            }
        }
        done.refused.extend(rows.map(|row| Refused {
            row,
            why: words.bulk_not_tried(),
        }));
        Ok::<_, Error>(done)
    });
    let done = work.await.map_err(|_| Problem::internal())?;
    Ok(done?)
}

/// What is said once all are invited, or nobody is.
fn invited(
    app: &Arc<App>,
    words: Words,
    shell: Shell,
    selection: &Selection,
    rows: &[Row],
    done: Result<Vec<Invited>, Refusal>,
) -> Answer {
    match done {
        Ok(all) => invited::page(app, words, shell, all),
        Err(Refusal::Guests(refused)) => {
            let refused = refused.into_iter().filter_map(|(place, error)| {
                Some(Refused {
                    row: rows.get(place)?.clone(),
                    why: words.refusal(&error),
                })
            });
            page_with(
                StatusCode::CONFLICT,
                &DonePage {
                    words,
                    shell,
                    section: section_title(words, selection.act),
                    list: act::list(selection.act),
                    done: words.bulk_nobody_invited(),
                    refused: refused.collect(),
                },
            )
        }
        Err(Refusal::OnlyLooked) => Err(Problem::internal()),
        Err(Refusal::Failed(error)) => Err(error.into()),
    }
}
