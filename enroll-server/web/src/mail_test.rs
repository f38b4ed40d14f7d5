//! `enroll-server mail-test`: whether mail can be sent.

use std::process::ExitCode;

use plain_text::Plain;

use enroll_server_model::clock::Clock as _;
use enroll_server_model::{Outcome, random};

use crate::clock::ProgramClock;
use crate::mail_options::{MailArguments, MailError};
use crate::outward::Mailer;
use crate::server::ServeError;
use crate::words::Words;

/// Sends a mail to an address, and says what the mail server answered.
pub async fn run(options: &MailArguments, address: &str) -> Result<ExitCode, ServeError> {
    let settings = options.settings()?.ok_or(MailError::NoServer)?;
    let server = format!("{}:{}", settings.server, settings.port);
    let domain = settings.from.email.domain().to_owned();
    let mailer = Mailer::new(settings, &domain)?;
    let id = random::id().map_err(enroll_server_service::error::Error::from)?;
    let now = ProgramClock.now();
    let report = mailer
        .try_to(Words::english(), address, &format!("trial-{id}"), now)
        .await;
    let (server, answer) = (Plain(server), Plain(report.answer));
    if report.outcome == Outcome::Taken {
        println!("{server} has taken a mail to {}: {answer}", Plain(address));
        return Ok(ExitCode::SUCCESS);
    }
    let what = match report.outcome {
        Outcome::TimedOut => "does not answer",
        Outcome::Unreachable => "cannot be reached",
        _ => "refuses",
    };
    eprintln!("enroll-server: {server} {what}: {answer}");
    Ok(ExitCode::FAILURE)
}
