//! `tierfall ask`: one request through the cascade, its answer on the standard output and its decision on the standard
//! error.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use gateway::Server;
use serde_json::json;
use upstream::{Address, AnswerBody, EventStream, Failure, Kind, Outgoing, Target, Upstream};
use wire::Form;

use crate::cli::Ask;
use crate::config::{Configuration, Loaded};
use crate::discovery;
use crate::ledger::Books;
use crate::log::Log;
use crate::serve::{self, LocalTiers};

/// Any port of this machine's own, which nobody else is told.
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const CONNECT: Duration = Duration::from_secs(5);

/// Asks, and prints the answer as it comes.
///
/// # Errors
/// A tier's setting cannot be served, or nothing can be read or written.
pub(crate) fn run(ask: &Ask, Loaded { mut configuration, .. }: Loaded, log: &Log) -> anyhow::Result<ExitCode> {
    // The gateway of this one request listens to this process alone; its key is drawn for it.
    let key = uuid::Uuid::new_v4().to_string();
    configuration.api_keys = vec![key.clone().into()];
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(async {
        discovery::name_models(&mut configuration).await;
        let mut books = Books::open(&configuration, log).await?;
        let mut locals = LocalTiers::default();
        locals.take_up(&configuration)?;
        let code = answer(ask, &configuration, &locals, &mut books, &key, log).await;
        locals.shutdown().await;
        books.close().await;
        code
    });
    log.flush();
    code
}

async fn answer(
    ask: &Ask,
    configuration: &Configuration,
    locals: &LocalTiers,
    books: &mut Books,
    key: &str,
    log: &Log,
) -> anyhow::Result<ExitCode> {
    let body = body(ask)?;
    locals.settled().await;
    let balance = books.balance(log).await;
    let gateway = serve::gateway(configuration, locals, (books, balance), log, 1)?;
    books.begin(&gateway, log);
    let server = Server::start(&gateway, LOOPBACK)?;
    let base_url: Address = format!("http://{}/v1", server.address()).parse()?;
    let target = Target {
        kind: Kind::commercial(),
        base_url,
        key: Some(key.to_owned().into()),
        model: "auto".to_owned(),
        connect: CONNECT,
    };
    let outgoing = Outgoing {
        form: Form::Chat,
        body: body.into(),
        streamed: !ask.json,
        allowed: wire::Allowed::default(),
        request_id: uuid::Uuid::now_v7().to_string(),
        deadline: None,
    };
    let told = match Upstream::new(target)?.send(outgoing).await {
        Ok(answer) => tell(answer.body).await?,
        Err(failure) => Err(failure),
    };
    match told {
        Ok(()) => Ok(ExitCode::SUCCESS),
        // The log has already said that all tiers failed, and each tier's reason.
        Err(Failure { status: Some(503), .. }) => Ok(ExitCode::FAILURE),
        Err(failure) => Err(failure.into()),
    }
}

fn body(ask: &Ask) -> anyhow::Result<Bytes> {
    let mut prompt = ask.prompt.clone();
    if prompt == "-" {
        prompt.clear();
        io::stdin().read_to_string(&mut prompt).context("the standard input cannot be read")?;
    }
    let system = ask.system.iter().map(|system| json!({ "role": "system", "content": system }));
    let messages: Vec<_> = system.chain([json!({ "role": "user", "content": prompt })]).collect();
    Ok(json!({ "model": "auto", "messages": messages, "stream": !ask.json }).to_string().into())
}

/// Prints the answer as it comes.
async fn tell(body: AnswerBody) -> io::Result<Result<(), Failure>> {
    match body {
        AnswerBody::Whole(whole) => print(&whole.body)?,
        AnswerBody::Stream(stream) => {
            if let Err(failure) = tell_stream(*stream).await? {
                return Ok(Err(failure));
            }
        }
    }
    print(b"\n")?;
    Ok(Ok(()))
}

async fn tell_stream(mut stream: EventStream) -> io::Result<Result<(), Failure>> {
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => {
                if let Some(text) = event.data.and_then(|data| wire::content(&data)) {
                    print(text.as_bytes())?;
                }
            }
            Err(failure) => return Ok(Err(failure)),
        }
    }
    Ok(Ok(()))
}

fn print(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
