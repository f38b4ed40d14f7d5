//! How a request of a holder ends, by itself or with them.

use enroll_server_model::event_detail::EndedRequest;
use enroll_server_model::{Actor, Event, NewEvent, RequestState, Timestamp};
use enroll_server_store::Transaction;
use enroll_server_store::holder_request::{self, Ended, HolderRequest};

use crate::error::Result;

/// Ends a request that waits and comes to nothing, and puts that on record. Returns whether it waited.
pub(crate) async fn end_request(
    tx: &mut Transaction,
    request: &HolderRequest,
    ended: Ended,
    actor: &Actor,
) -> Result<bool> {
    let has_waited = holder_request::end(tx, &request.id, &ended).await?;
    if has_waited {
        let detail = EndedRequest {
            request: request.id.clone(),
            name: request.name.clone(),
            note: ended.note,
        };
        let event = match ended.state {
            RequestState::Refused => Event::RequestRefused(detail),
            RequestState::Withdrawn => Event::RequestWithdrawn(detail),
            RequestState::Expired => Event::RequestExpired(detail),
            RequestState::Waiting | RequestState::Approved | RequestState::Closed => {
                Event::RequestClosed(detail)
            }
        };
        tx.record(NewEvent::new(ended.at, actor, &request.holder_id, event));
    }
    Ok(has_waited)
}

/// How a request ends about which nobody decides.
pub(crate) fn undecided(state: RequestState, actor: &Actor, now: Timestamp) -> Ended {
    Ended {
        state,
        at: now,
        by: actor.name.clone(),
        note: String::new(),
        difference: String::new(),
        invitation_id: None,
    }
}

/// Closes the request of a holder that waits, if they have one: they are suspended or leave.
pub(crate) async fn close_request_of(
    tx: &mut Transaction,
    holder_id: &str,
    now: Timestamp,
    actor: &Actor,
) -> Result<()> {
    let waiting = holder_request::waiting_of_holder(tx.reader(), holder_id).await?;
    if let Some(request) = waiting {
        let ended = undecided(RequestState::Closed, actor, now);
        end_request(tx, &request, ended, actor).await?;
    }
    Ok(())
}
