//! A whole answer.

use axum::response::Response;
use wire::Assembler;

use crate::drive::{Drive, End, Step};

use super::{headers, json, unanswered};

pub(super) async fn answer(mut drive: Drive) -> Response {
    let form = drive.order().request.form();
    let mut assembler = Assembler::new(form);
    let mut whole = None;
    let end = loop {
        match drive.next().await {
            Step::Seam(_) => {}
            Step::Anew => assembler = Assembler::new(form),
            Step::Event(event) => {
                if let Some(data) = &event.data {
                    assembler.push(data);
                }
            }
            Step::Whole(answer) => whole = Some(answer.body),
            Step::End(end) => break end,
        }
    };
    match (end, whole.or_else(|| assembler.finish())) {
        (End::Complete, Some(body)) => {
            let mut response = json(body);
            headers::add_tier(&mut response, &drive);
            headers::add(&mut response, &drive);
            response
        }
        (end, _) => unanswered(&drive, end),
    }
}
