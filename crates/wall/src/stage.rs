//! From a request to the steps that answer it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde_json::json;

use crate::ask::{Ask, Form};
use crate::catalogue::CATALOGUE;
use crate::continuation;
use crate::http::{Method, Request};
use crate::log::Log;
use crate::models::{Model, Models};
use crate::plan::{Act, Answer};
use crate::reply::Reply;
use crate::serve::Options;
use crate::spoken::Wanted;
use crate::steps::{self, Step};

/// What all connections of one wall share.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) models: Models,
    pub(crate) log: Log,
    strict: bool,
    /// What stands in the place of the list of the wall's own names.
    list: RwLock<Option<ModelList>>,
}

/// A provider's list of models: what `GET /v1/models` is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelList {
    /// Its body, whatever that is.
    pub body: Vec<u8>,
    /// What it says that it is.
    pub content_type: &'static str,
    /// How long nothing is sent.
    pub after: Duration,
}

impl ModelList {
    /// A list of these names, in OpenAI's form.
    #[must_use]
    pub fn of(names: &[&str]) -> Self {
        let data: Vec<_> = names.iter().map(|name| json!({ "id": name, "object": "model" })).collect();
        let body = json!({ "object": "list", "data": data }).to_string().into_bytes();
        Self { body, content_type: "application/json", after: Duration::ZERO }
    }
}

/// What is done for one request.
pub(crate) struct Directed {
    /// The model that was asked for.
    pub(crate) model: String,
    /// The status that goes out, where one does.
    pub(crate) status: Option<u16>,
    /// How long nothing is sent.
    pub(crate) before: Duration,
    pub(crate) steps: Arc<[Step]>,
}

impl Stage {
    pub(crate) fn new(options: Options) -> Self {
        Stage {
            models: Models::default(),
            log: Log::new(options.keep, options.print),
            strict: options.strict,
            list: RwLock::default(),
        }
    }

    pub(crate) fn direct(&self, request: &Request) -> Directed {
        let path = request.path.split_once('?').map_or(request.path.as_str(), |(path, _query)| path);
        match (request.method, path) {
            (Method::Post, path) if path.ends_with("/chat/completions") => self.completion(Form::Chat, request),
            (Method::Post, path) if path.ends_with("/completions") => self.completion(Form::Text, request),
            (Method::Get, path) if path.ends_with("/models") || path.ends_with("/models/search") => self.list(),
            (Method::Get, "/health") => Directed::reply("", &Reply::json(200, &json!({ "status": "ok" }))),
            _ => Directed::reply("", &Reply::not_found(path)),
        }
    }

    pub(crate) fn set_list(&self, list: ModelList) {
        *self.list.write().unwrap_or_else(PoisonError::into_inner) = Some(list);
    }

    fn list(&self) -> Directed {
        match self.list.read().unwrap_or_else(PoisonError::into_inner).clone() {
            Some(ModelList { body, content_type, after }) => {
                let reply = Reply { status: 200, content_type, headers: Vec::new(), body };
                Directed { before: after, ..Directed::reply("", &reply) }
            }
            None => Directed::reply("", &models()),
        }
    }

    fn completion(&self, form: Form, request: &Request) -> Directed {
        let ask = match Ask::read(&request.body) {
            Ok(ask) => ask.at(&request.path, &request.host),
            Err(error) => return Directed::reply("", &Reply::malformed(&error.to_string())),
        };
        let known =
            if self.strict { self.models.get(&ask.model) } else { Some(self.models.get_or_healthy(&ask.model)) };
        match known {
            Some(model) => answer(form, &ask, &model),
            None => Directed::reply(&ask.model, &Reply::model_not_found(&ask.model)),
        }
    }
}

impl Directed {
    pub(crate) fn reply(model: &str, reply: &Reply) -> Self {
        let steps = Arc::new([Step::Write(steps::whole_reply(reply))]);
        Directed { model: model.to_owned(), status: Some(reply.status), before: Duration::ZERO, steps }
    }
}

fn answer(form: Form, ask: &Ask<'_>, model: &Model) -> Directed {
    let plan = model.plan(ask);
    let status = match &plan.act {
        Act::Reply(reply) => Some(reply.status),
        Act::Answer(_) => Some(200),
        Act::Silence | Act::Reset | Act::Close | Act::CutInHead => None,
    };
    let steps = match plan.act {
        Act::Answer(answer) => {
            let wanted = wanted(form, ask, &answer);
            model.answer(answer, wanted)
        }
        refused => steps::refusal(&refused).into(),
    };
    Directed { model: ask.model.clone().into_owned(), status, before: plan.before, steps }
}

fn wanted(form: Form, ask: &Ask<'_>, answer: &Answer) -> Wanted {
    Wanted {
        form,
        streamed: ask.streamed(),
        include_usage: ask.include_usage(),
        progress: ask.wants_progress(),
        prompt_tokens: ask.prompt_tokens(),
        max_tokens: ask.max_tokens(),
        start: match answer.text {
            Some(text) => continuation::start_in(text, form, ask, answer.trims),
            None => continuation::start(form, ask, answer.trims),
        },
        quoted: continuation::quoted(ask).filter(|_| answer.repeats),
    }
}

/// The list of models: an example of each name that the wall knows.
fn models() -> Reply {
    let data: Vec<_> = CATALOGUE
        .iter()
        .map(|entry| json!({ "id": entry.example, "object": "model", "created": 0, "owned_by": "wall" }))
        .collect();
    Reply::json(200, &json!({ "object": "list", "data": data }))
}
