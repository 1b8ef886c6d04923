//! A whole answer.

use axum::response::Response;

use crate::drive::{Drive, End, Step};

use super::{headers, json, unanswered};

pub(super) async fn answer(mut drive: Drive) -> Response {
    let mut whole = None;
    let mut stopping = std::pin::pin!(drive.stopping());
    let end = loop {
        let next = tokio::select! {
            next = drive.next() => next,
            () = &mut stopping => {
                drive.stop();
                return super::stopped();
            }
        };
        match next {
            // A whole answer is told whole.
            Step::Seam(_) | Step::Event(_) => {}
            Step::Whole(answer) => whole = Some(answer),
            Step::End(end) => break end,
        }
    };
    match (end, whole) {
        (End::Complete, Some(body)) => {
            let mut response = json(body);
            headers::add_tier(&mut response, &drive);
            headers::add(&mut response, &drive);
            response
        }
        (end, _) => unanswered(&drive, end),
    }
}
