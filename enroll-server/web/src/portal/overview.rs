//! The overview: is anything wrong, what needs somebody, what happened lately.

use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::extract::State;

use enroll_server_service::App;
use enroll_server_service::query::{self, Counts};

use super::guard::SignedIn;
use super::history::{self, Line};
use super::page::{Answer, page};
use super::view::{Icon, Moment, Section, Shell, Tag, Tone, fingerprint};
use super::words::{self, count, grouped};

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

/// What the counts say.
struct Said(Counts);

impl Said {
    fn needs(&self) -> Vec<Need> {
        let mut needs = Vec::new();
        if self.0.stale_lists > 0 {
            needs.push(Need {
                href: "/audit?about=issuer",
                text:
                    "A revocation list is out of date: relying parties may refuse every certificate"
                        .to_owned(),
                tag: Tag::new(Tone::Bad, Icon::Warning, "Wrong"),
            });
        }
        if self.0.ending > 0 {
            needs.push(Need {
                href: "/certificates?state=ending",
                text: format!(
                    "{} {} within {} days",
                    count(self.0.ending, "certificate"),
                    if self.0.ending == 1 {
                        "expires"
                    } else {
                        "expire"
                    },
                    words::SOON_DAYS
                ),
                tag: Tag::new(Tone::Notice, Icon::Clock, "Soon"),
            });
        }
        if self.0.lapsing_invitations > 0 {
            needs.push(Need {
                href: "/invitations?state=pending",
                text: format!(
                    "{} {} within a day and nobody has used {}",
                    count(self.0.lapsing_invitations, "invitation"),
                    if self.0.lapsing_invitations == 1 {
                        "expires"
                    } else {
                        "expire"
                    },
                    if self.0.lapsing_invitations == 1 {
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
                value: grouped(self.0.active_phones),
                note: format!("of {}", count(self.0.holders, "holder")),
            },
            Figure {
                href: "/certificates?state=valid",
                icon: Icon::Certificate,
                label: "Valid certificates",
                value: grouped(self.0.valid),
                note: match self.0.ending {
                    0 => "none expires soon".to_owned(),
                    ending => format!("{} expiring soon", grouped(ending)),
                },
            },
            Figure {
                href: "/invitations?state=pending",
                icon: Icon::Invitation,
                label: "Open invitations",
                value: grouped(self.0.open_invitations),
                note: "waiting for a phone".to_owned(),
            },
            Figure {
                href: "/certificates?state=revoked",
                icon: Icon::Stop,
                label: "Revoked in 30 days",
                value: grouped(self.0.revoked_lately),
                note: format!("{} in all", count(self.0.revoked_phones, "revoked phone")),
            },
        ]
    }
}

/// `GET /`
pub async fn show(State(app): State<Arc<App>>, signed_in: SignedIn) -> Answer {
    let now = app.clock.now();
    let lately = now.minus(30 * DAY);
    let counts = query::counts(&app, now, words::soon(now), now.plus(DAY), lately).await?;
    let said = Said(counts);
    page(&OverviewPage {
        shell: signed_in.shell(&app, Section::Overview).await?,
        first_steps: counts.holders == 0,
        needs: said.needs(),
        soon_days: words::SOON_DAYS,
        figures: said.figures(),
        events: history::latest(&app, now, EVENTS).await?,
        authority: AuthorityCard {
            issuing: app.authority.issuing.name.clone(),
            until: Moment::new(app.authority.issuing.not_after.date_time(), now.date_time()),
            fingerprint: fingerprint(&app.authority.root.fingerprint),
        },
    })
}
