//! The same ledger in SQLite and in Postgres.

mod postgres;

use std::path::Path;
use std::time::Duration;

use cascade::{Budget, Counted, Moment, Need, Quota, Reading, Span};
use futures_util::TryStreamExt as _;
use jiff::{SignedDuration, Timestamp};
use ledger::{AttemptRow, Clock, DecisionRow, Ending, Location, SkipRow, Store};
use sqlx::{AnyConnection, Connection as _, Executor as _, Row as _};

use postgres::Postgres;

const NEED: Need = Need { prompt: 10, answer: 20 };

fn decided(request: &str, hours_ago: i64, ending: Ending) -> DecisionRow {
    let at = Timestamp::now() - SignedDuration::from_hours(hours_ago);
    let attempt = AttemptRow {
        tier: 2,
        name: "Tier 2: the “small” one".to_owned(),
        model: "small".to_owned(),
        outcome: "ok".to_owned(),
        at_ms: 5_000,
        first_token_ms: Some(90),
        ms: 812,
        prompt_tokens: Some(12),
        tokens: 60,
        lowered_to: Some(1_024),
        seam: Some(214),
    };
    DecisionRow {
        at: Timestamp::from_millisecond(at.as_millisecond()).expect("a time"),
        request: request.to_owned(),
        route: "auto".to_owned(),
        prompt_tokens: 12,
        answer_tokens: 60,
        max_tokens: (hours_ago > 1).then_some(512),
        streamed: hours_ago > 1,
        attempts: vec![attempt.clone(), AttemptRow { first_token_ms: None, seam: None, ..attempt }],
        skipped: vec![SkipRow { tier: 3, name: "Tier 3".to_owned(), reason: "quota".to_owned() }],
        ending,
        ms: 5_900,
    }
}

async fn read(store: &Store, span: Option<Duration>) -> Vec<DecisionRow> {
    store.read(span).try_collect().await.expect("read")
}

/// What is written by one process is read by the next.
async fn keeps_everything(location: &Location) {
    let decisions = [
        decided("same", 50, Ending::Refused),
        decided("same", 25, Ending::BrokenOff),
        decided("c", 23, Ending::GaveUp),
        decided("d", 2, Ending::CallerLeft),
        decided("e", 0, Ending::Answered),
    ];
    let mut budget = Budget::new(Quota { rpm: Some(2), tpd: Some(10_000), ..Quota::default() });
    budget.reserve(NEED, Moment::ZERO);
    let (counted, span, reset) = (Counted::Tokens, Span::Minute, Duration::from_secs(50));
    budget.correct(Reading { counted, span, limit: Some(6_000), remaining: 1_000, reset }, Moment::ZERO);
    let spent = budget.spent(Moment::ZERO);
    let clock = Clock::now();

    let first = Store::open(location).await.expect("a new ledger");
    let account = first.accounts().name(&["groq", "key"]);
    first.write(&decisions[2..]).await.expect("written");
    first.write(&decisions[..2]).await.expect("written");
    first.keep(&[(account.clone(), spent.clone())], &clock).await.expect("written");
    first.keep(&[(account.clone(), spent.clone()), ("other".to_owned(), Vec::new())], &clock).await.expect("again");
    first.close().await;

    let second = Store::open(location).await.expect("the same ledger");
    assert_eq!(second.accounts().name(&["groq", "key"]), account, "a tier finds its account again");
    let mut accounts = second.spent(&clock).await.expect("read");
    assert_eq!((accounts.len(), accounts.remove(&account)), (2, Some(spent)));
    second.prune().await.expect("pruned");
    second.close().await;

    let reader = Store::look(location).await.expect("it is there");
    assert_eq!(read(&reader, None).await, decisions, "in the order in which they began");
    assert_eq!(read(&reader, Some(Duration::from_secs(24 * 3_600))).await, decisions[2..]);
}

/// A write that nobody waits for any longer, because `lock` is held, leaves nothing behind and nothing open.
async fn goes_on_after_a_write_that_was_given_up(location: &Location, url: &str, lock: &[&'static str]) {
    let store = Store::open(location).await.expect("a new ledger");
    let mut other = AnyConnection::connect(url).await.expect("connected");
    for statement in lock {
        other.execute(*statement).await.expect("locked");
    }
    let given_up = decided("given up", 1, Ending::Answered);
    let waited = tokio::time::timeout(Duration::from_millis(300), store.write(&[given_up])).await;
    waited.expect_err("it is locked");
    other.execute("ROLLBACK").await.expect("free");
    store.write(&[decided("written", 0, Ending::Answered)]).await.expect("written");
    let reader = Store::look(location).await.expect("it is there");
    let requests: Vec<_> = read(&reader, None).await.into_iter().map(|decided| decided.request).collect();
    assert_eq!(requests, ["written"]);
}

#[tokio::test]
async fn a_file_goes_on_after_a_write_that_was_given_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::new(None, folder.path());
    goes_on_after_a_write_that_was_given_up(&location, &format!("sqlite://{location}"), &["BEGIN IMMEDIATE"]).await;
}

#[tokio::test]
async fn postgres_goes_on_after_a_write_that_was_given_up_and_a_connection_that_was_ended() {
    let postgres = Postgres::start();
    let url = postgres.url();
    let location = Location::new(Some(url.clone().into()), Path::new("/nowhere"));
    goes_on_after_a_write_that_was_given_up(&location, &url, &["BEGIN", "LOCK TABLE decision"]).await;

    let store = Store::open(&location).await.expect("the same ledger");
    let mut other = AnyConnection::connect(&url).await.expect("connected");
    other.execute("BEGIN").await.expect("begun");
    other.execute("LOCK TABLE decision").await.expect("locked");
    // The connection of a write that was given up still waits for the lock. Budgets do not wait behind it.
    let given_up = decided("given up", 1, Ending::Answered);
    let waited = tokio::time::timeout(Duration::from_millis(300), store.write(&[given_up])).await;
    waited.expect_err("it is locked");
    let mut budget = Budget::new(Quota { rpm: Some(2), ..Quota::default() });
    budget.reserve(NEED, Moment::ZERO);
    let budgets = [("one".to_owned(), budget.spent(Moment::ZERO))];
    store.keep(&budgets, &Clock::now()).await.expect("written while the lock is held");
    for statement in ["ROLLBACK", "BEGIN", "LOCK TABLE decision"] {
        other.execute(statement).await.expect("free, and locked anew");
    }
    let ended = decided("ended", 0, Ending::Answered);
    let end = async {
        let waiting = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        while sqlx::query(waiting).fetch_one(&mut other).await.expect("asked").get::<i64, _>(0) == 0 {}
        other.execute("ROLLBACK").await.expect("free");
    };
    let (refused, ()) = tokio::join!(store.write(std::slice::from_ref(&ended)), end);
    refused.expect_err("the server has ended the connection");
    store.write(&[ended]).await.expect("written");
    assert_eq!(read(&store, None).await.len(), 2);
}

#[tokio::test]
async fn a_file_keeps_everything_and_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("new folder, ?not=yet#there");
    keeps_everything(&Location::new(None, &data)).await;
    let mode = std::fs::metadata(data.join("ledger.sqlite")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_file_that_the_user_names_keeps_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("own.db").display());
    keeps_everything(&Location::new(Some(url.into()), Path::new("/nowhere"))).await;
}

#[tokio::test]
async fn postgres_keeps_everything() {
    let postgres = Postgres::start();
    let location = Location::new(Some(postgres.url().into()), Path::new("/nowhere"));
    keeps_everything(&location).await;
}

#[tokio::test]
async fn a_postgres_that_is_not_there_says_what_to_do_and_no_password() {
    let closed = wall::ClosedPort::take().expect("a port");
    let port = closed.address().port();
    let url = format!("postgres://me:hunter2@127.0.0.1:{port}/ledger");
    let error = Store::open(&Location::new(Some(url.into()), Path::new("/nowhere"))).await.expect_err("nobody listens");
    let error = error.to_string();
    assert!(error.starts_with(&format!("the ledger postgres://127.0.0.1:{port}/ledger cannot be opened (")), "{error}");
    assert!(error.contains("start Postgres, or correct DATABASE_URL") && !error.contains("hunter2"), "{error}");
    assert_eq!(error.lines().count(), 1);
}
