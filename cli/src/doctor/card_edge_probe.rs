//! Which card edges really answer, and what is in the PIV one. Pure over a [`Transmit`].

use core::cmp::Reverse;

use card_edge::piv::client::{Client, ClientError};
use card_edge::piv::property_template::PropertyTemplate;
use card_edge::transmit::{self, ExchangeError};
use card_edge::{Command, Status, Transmit, apdu::Instruction};
use time::OffsetDateTime;

use super::atr::{GIDS_AID, Interface};
use super::finding::Finding;
use super::link::{CardDisposition, CountingLink, LinkError, answer_fault};
use super::piv;
use super::report::{Answer, CardEdges, Cost, Presence, ReaderReport};

/// Examines the card behind `link` and writes what it learns into `report`, whose ATR is already there. A link that
/// breaks leaves what was learned before, and a finding.
pub fn examine<T>(link: T, now: OffsetDateTime, report: &mut ReaderReport) -> CardDisposition
where
    T: Transmit<Error = LinkError>,
{
    let mut counting = CountingLink::new(link);
    let mut disposition = CardDisposition::Leave;
    report.presence = Presence::Examined;
    let interface = report.atr.as_ref().map(|atr| atr.interface);
    if interface == Some(Interface::ContactlessMemory) {
        report.findings.push(Finding::MemoryCard);
    } else if let Err(error) = probe(&mut counting, now, report, &mut disposition) {
        report.findings.push(error.into());
    }
    report.cost = Cost {
        commands: counting.commands,
        milliseconds: u64::try_from(counting.time.as_millis()).unwrap_or(u64::MAX),
    };
    report
        .findings
        .sort_by_key(|finding| Reverse(finding.severity()));
    report.summary = super::summary::of(report);
    disposition
}

fn probe<T>(
    card: &mut T,
    now: OffsetDateTime,
    report: &mut ReaderReport,
    disposition: &mut CardDisposition,
) -> Result<(), LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let contactless = report.atr.as_ref().is_some_and(|atr| atr.is_contactless());
    let mut client = Client::new(&mut *card);
    let (piv, template) = match client.select() {
        Ok(template) => (Answer::Present, Some(template)),
        Err(ClientError::NoPivApplication(status)) => (absent(status), None),
        Err(error @ ClientError::Malformed(..)) => {
            let words = answer_fault(error)?;
            report.findings.push(Finding::AnswerMalformed(words));
            (Answer::Present, Some(PropertyTemplate::default()))
        }
        // No response that could be read: neither yes nor no.
        Err(error) => {
            let words = answer_fault(error)?;
            report.findings.push(Finding::AnswerMalformed(words));
            return Ok(());
        }
    };
    let edges = report.card_edges.insert(CardEdges { piv, gids: None });
    if let Some(template) = template {
        let examined = report.piv.insert(piv::PivReport::new(&template));
        piv::examine(
            &mut client,
            examined,
            &mut report.findings,
            piv::Circumstances { now, contactless },
            disposition,
        )?;
    }
    // Last, since it takes the selection away from PIV on a card that has both.
    let gids = select_gids(card)?;
    if let Some(finding) = judge(&edges.piv, &gids, contactless) {
        report.findings.push(finding);
    }
    edges.gids = Some(gids);
    Ok(())
}

fn judge(piv: &Answer, gids: &Answer, contactless: bool) -> Option<Finding> {
    match (piv, gids) {
        (Answer::Present, Answer::Present) => Some(Finding::BothCardEdges),
        (Answer::Present, Answer::Absent { .. }) => None,
        (Answer::Absent { .. }, Answer::Present) => Some(Finding::GidsOnly),
        (Answer::Absent { status: piv, .. }, Answer::Absent { status: gids, .. }) => {
            Some(Finding::NoCardEdge {
                contactless,
                piv: piv.clone(),
                gids: gids.clone(),
            })
        }
    }
}

fn select_gids<T>(card: &mut T) -> Result<Answer, LinkError>
where
    T: Transmit<Error = LinkError>,
{
    let command = Command::new(Instruction::Select, 0x04, 0x00).with_data(GIDS_AID);
    match transmit::exchange(card, &command) {
        Ok(response) if response.status == Status::Success => Ok(Answer::Present),
        Ok(response) => Ok(absent(response.status)),
        Err(ExchangeError::Transmit(error)) => Err(error),
        Err(error) => Ok(Answer::Absent {
            status: "no status word".to_owned(),
            meaning: error.to_string(),
        }),
    }
}

fn absent(status: Status) -> Answer {
    let meaning = status.to_string();
    let meaning = meaning.split(" (").next().unwrap_or_default().to_owned();
    Answer::Absent {
        status: format!("{:04X}", status.to_u16()),
        meaning,
    }
}
