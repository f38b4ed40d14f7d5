//! The overview: is anything wrong, what needs somebody, what happened lately.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;

use super::guard::SignedIn;
use super::history::{self, Line};
use super::page::{Answer, page};
use super::problem::Problem;
use super::view::{Icon, Moment, Section, Shell, Tag, Tone, fingerprint};
use super::words::{self, count, grouped};
use crate::App;
use crate::store::phone::PhoneState;
use crate::store::{Timestamp, certificate, crl, holder, invitation, issuer, listing, phone};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Latest events shown.
const EVENTS: usize = 8;

struct Need {
    href: &'static str,
    text: String,
    tag: Tag,
}

struct Figure {
    href: &'static str,
    icon: Icon,
    label: &'static str,
    value: String,
    note: String,
}

struct AuthorityCard {
    issuing: String,
    until: Moment,
    fingerprint: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    shell: Shell,
    first_steps: bool,
    needs: Vec<Need>,
    soon_days: u64,
    figures: Vec<Figure>,
    events: Vec<Line>,
    authority: AuthorityCard,
}

/// What the page counts.
struct Counts {
    holders: i64,
    active_phones: i64,
    revoked_phones: i64,
    valid: i64,
    ending: i64,
    open_invitations: i64,
    lapsing_invitations: i64,
    revoked_lately: i64,
    stale_lists: i64,
}

impl Counts {
    async fn take(app: &App, now: Timestamp) -> Result<Self, Problem> {
        let on = app.store.reader();
        Ok(Self {
            holders: holder::count(on).await?,
            active_phones: phone::count(on, PhoneState::Active).await?,
            revoked_phones: phone::count(on, PhoneState::Revoked).await?,
            valid: certificate::count_valid(on, now, Timestamp(i64::MAX)).await?,
            ending: certificate::count_valid(on, now, words::soon(now)).await?,
            open_invitations: invitation::count_pending(on, now).await?,
            lapsing_invitations: listing::count_invitations_ending(on, now, now.plus(DAY)).await?,
            revoked_lately: listing::count_revoked_since(on, now.minus(30 * DAY)).await?,
            stale_lists: stale_lists(app, now).await?,
        })
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if self.stale_lists > 0 {
            needs.push(Need {
                href: "/audit?about=issuer",
                text:
                    "A revocation list is out of date: relying parties may refuse every certificate"
                        .to_owned(),
                tag: Tag::new(Tone::Bad, Icon::Warning, "Wrong"),
            });
        }
        if self.ending > 0 {
            needs.push(Need {
                href: "/certificates?state=ending",
                text: format!(
                    "{} {} within {} days",
                    count(self.ending, "certificate"),
                    if self.ending == 1 {
                        "expires"
                    } else {
                        "expire"
                    },
                    words::SOON_DAYS
                ),
                tag: Tag::new(Tone::Notice, Icon::Clock, "Soon"),
            });
        }
        if self.lapsing_invitations > 0 {
            needs.push(Need {
                href: "/invitations?state=pending",
                text: format!(
                    "{} {} within a day and nobody has used {}",
                    count(self.lapsing_invitations, "invitation"),
                    if self.lapsing_invitations == 1 {
                        "expires"
                    } else {
                        "expire"
                    },
                    if self.lapsing_invitations == 1 {
                        "it"
                    } else {
                        "them"
                    },
                ),
                tag: Tag::new(Tone::Notice, Icon::Clock, "Soon"),
            });
        }
        needs
    }

    fn figures(&self) -> Vec<Figure> {
        vec![
            Figure {
                href: "/phones?state=active",
                icon: Icon::Phone,
                label: "Active phones",
                value: grouped(self.active_phones),
                note: format!("of {}", count(self.holders, "holder")),
            },
            Figure {
                href: "/certificates?state=valid",
                icon: Icon::Certificate,
                label: "Valid certificates",
                value: grouped(self.valid),
                note: match self.ending {
                    0 => "none expires soon".to_owned(),
                    ending => format!("{} expiring soon", grouped(ending)),
                },
            },
            Figure {
                href: "/invitations?state=pending",
                icon: Icon::Invitation,
                label: "Open invitations",
                value: grouped(self.open_invitations),
                note: "waiting for a phone".to_owned(),
            },
            Figure {
                href: "/certificates?state=revoked",
                icon: Icon::Stop,
                label: "Revoked in 30 days",
                value: grouped(self.revoked_lately),
                note: format!("{} in all", count(self.revoked_phones, "revoked phone")),
            },
        ]
    }
}

/// How many revocation lists should have been replaced by now.
async fn stale_lists(app: &App, now: Timestamp) -> Result<i64, Problem> {
    let mut stale = 0;
    for issuer in issuer::all(app.store.reader()).await? {
        if let Some(list) = crl::newest(app.store.reader(), &issuer.id).await?
            && list.next_update < now
        {
            stale += 1;
        }
    }
    Ok(stale)
}

/// `GET /`
pub async fn show(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    let now = app.clock.now();
    let counts = Counts::take(&app, now).await?;
    page(&OverviewPage {
        shell: signed_in.shell(&app, Section::Overview).await?,
        first_steps: counts.holders == 0,
        needs: counts.needs(),
        soon_days: words::SOON_DAYS,
        figures: counts.figures(),
        events: history::latest(&app, now, EVENTS).await?,
        authority: AuthorityCard {
            issuing: app.authority.issuing.name.clone(),
            until: Moment::new(app.authority.issuing.not_after.date_time(), now.date_time()),
            fingerprint: fingerprint(&app.authority.root.fingerprint),
        },
    })
}
