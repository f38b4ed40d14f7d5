//! The overview: is anything wrong, what needs somebody, what happened lately.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;

use enroll_server_model::Timestamp;
use enroll_server_service::App;
use enroll_server_service::query::{
    self, Counts, Ending, EventSummary, LATELY_DAYS, OverviewView, REFUSALS_HOURS,
    REFUSALS_WORTH_A_LOOK, Refusals, SOON_DAYS,
};
use enroll_server_service::refusal::{ClockDoubt, ClockEvidence};

use super::guard::SignedIn;
use super::history::EventLine;
use super::page::{Answer, page};
use super::view::{Icon, Moment, Section, Shell, Tag, Tone, fingerprint};
use crate::words::{Text, Words};

struct Need {
    /// Where there is more of it; the server's own needs have no page.
    href: Option<&'static str>,
    text: Text,
    tag: Tag,
}

struct Figure {
    href: &'static str,
    icon: Icon,
    label: Text,
    value: Text,
    note: Text,
}

struct AuthorityCard {
    issuing: String,
    until: Moment,
    fingerprint: String,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    words: Words,
    shell: Shell,
    first_steps: bool,
    needs: Vec<Need>,
    soon_days: u32,
    figures: Vec<Figure>,
    events: Vec<EventLine>,
    authority: AuthorityCard,
}

/// Why the clock cannot be right.
fn clock_need(doubt: &ClockDoubt, words: Words) -> Text {
    let at = |time: Timestamp| words.time_utc(words.date_time(time.date_time()));
    let (shown, known) = (at(doubt.shown), at(doubt.known));
    match doubt.evidence {
        ClockEvidence::Event => words.need_clock_event(shown, known),
        ClockEvidence::Build => words.need_clock_build(shown, known),
    }
}

/// That an authority ends, or has ended.
fn ending_need(ending: &Ending, words: Words, now: Timestamp) -> Text {
    let when = Moment::new(words, ending.not_after, now).relative();
    if ending.not_after < now {
        words.need_authority_ended(&ending.name, when)
    } else {
        words.need_authority_ends(&ending.name, when)
    }
}

/// What somebody should look at.
fn needs(view: &OverviewView, words: Words, now: Timestamp) -> Vec<Need> {
    let counts = &view.counts;
    let soon = || Tag::new(Tone::Notice, Icon::Clock, words.need_soon());
    let wrong = || Tag::new(Tone::Bad, Icon::Warning, words.need_wrong());
    let mut needs = Vec::new();
    if !view.takes_changes {
        needs.push(Need {
            href: None,
            text: words.need_changes(),
            tag: wrong(),
        });
    }
    if let Some(space) = view.low_space {
        needs.push(Need {
            href: None,
            text: words.need_space(space.available_megabytes(), space.total_megabytes()),
            tag: wrong(),
        });
    }
    if let Some(doubt) = &view.clock_doubt {
        needs.push(Need {
            href: Some("/audit"),
            text: clock_need(doubt, words),
            tag: wrong(),
        });
    }
    for ending in &view.ending {
        needs.push(Need {
            href: Some("/audit?about=issuer"),
            text: ending_need(ending, words, now),
            tag: if ending.not_after < now {
                wrong()
            } else {
                soon()
            },
        });
    }
    if view.has_stale_list {
        needs.push(Need {
            href: Some("/audit?about=issuer"),
            text: words.need_stale_list(),
            tag: wrong(),
        });
    }
    let refused = view.refused.count;
    if refused >= REFUSALS_WORTH_A_LOOK {
        needs.push(Need {
            href: Some("/audit?about=administrator"),
            text: words.need_refused_sign_ins(refused, REFUSALS_HOURS),
            tag: Tag::new(Tone::Notice, Icon::Warning, words.need_look()),
        });
    }
    if counts.waiting_requests > 0 {
        needs.push(Need {
            href: Some("/requests?state=waiting"),
            text: words.need_requests(counts.waiting_requests),
            tag: Tag::new(Tone::Notice, Icon::Clock, words.need_look()),
        });
    }
    if counts.ending > 0 {
        needs.push(Need {
            href: Some("/certificates?state=ending"),
            text: words.need_certificates(counts.ending, SOON_DAYS),
            tag: soon(),
        });
    }
    if counts.lapsing_invitations > 0 {
        needs.push(Need {
            href: Some("/invitations?state=pending"),
            text: words.need_invitations(counts.lapsing_invitations),
            tag: soon(),
        });
    }
    needs
}

/// How many of everything there are.
fn figures(counts: &Counts, words: Words) -> Vec<Figure> {
    vec![
        Figure {
            href: "/phones?state=active",
            icon: Icon::Phone,
            label: words.figure_phones(),
            value: words.figure(counts.active_phones),
            note: words.figure_phones_note(counts.holders),
        },
        Figure {
            href: "/certificates?state=valid",
            icon: Icon::Certificate,
            label: words.figure_certificates(),
            value: words.figure(counts.valid),
            note: words.figure_certificates_note(counts.ending),
        },
        Figure {
            href: "/invitations?state=pending",
            icon: Icon::Invitation,
            label: words.figure_invitations(),
            value: words.figure(counts.open_invitations),
            note: words.figure_invitations_note(),
        },
        Figure {
            href: "/certificates?state=revoked",
            icon: Icon::Stop,
            label: words.figure_revoked(LATELY_DAYS),
            value: words.figure(counts.revoked_lately),
            note: words.figure_revoked_note(counts.revoked_phones),
        },
    ]
}

/// What happened lately, newest first, with one line for all sign-ins that were refused.
fn lines(
    words: Words,
    events: &[EventSummary],
    refused: Refusals,
    now: Timestamp,
) -> Vec<EventLine> {
    let mut lines: Vec<_> = events
        .iter()
        .map(|event| EventLine::elsewhere(words, event, now))
        .collect();
    if let Some(latest) = refused.latest {
        let newer = events.iter().take_while(|event| event.event.at > latest);
        let line = EventLine::refused_sign_ins(words, refused.count, latest, now);
        lines.insert(newer.count(), line);
    }
    lines
}

/// `GET /`
pub async fn show(State(app): State<Arc<App>>, words: Words, signed_in: SignedIn) -> Answer {
    let now = app.clock.now();
    let view = query::overview(&app).await?;
    let (counts, events) = (&view.counts, &view.events);
    let shell = signed_in.shell(&app, words, Section::Overview);
    page(&OverviewPage {
        words,
        first_steps: counts.holders == 0 && shell.may_change(),
        shell,
        needs: needs(&view, words, now),
        soon_days: SOON_DAYS,
        figures: figures(counts, words),
        events: lines(words, events, view.refused, now),
        authority: AuthorityCard {
            issuing: app.issuing().name.clone(),
            until: Moment::new(words, app.issuing().not_after, now),
            fingerprint: fingerprint(&app.anchor().fingerprint),
        },
    })
}
