//! A disk that is full, for real: a file system of a few megabytes.

mod small_disk;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cascade::{Budget, Moment, Need, Quota};
use futures_util::TryStreamExt as _;
use jiff::Timestamp;
use ledger::{AttemptRow, Clock, DecisionRow, Ending, Ledger, Location, News, Store};
use sqlx::{Connection as _, Row as _};
use tokio::sync::{mpsc, oneshot};

use small_disk::SmallDisk;

const NEED: Need = Need { prompt: 10, answer: 20 };
const NINE_A_DAY: Quota = Quota { rpm: None, rpd: Some(9), tpm: None, tpd: None, gpu_seconds: None };

fn decided(request: &str) -> DecisionRow {
    let attempt = AttemptRow {
        tier: 1,
        name: "Tier 1".to_owned(),
        model: "small".to_owned(),
        outcome: "ok".to_owned(),
        at_ms: 0,
        first_token_ms: Some(90),
        ms: 812,
        prompt_tokens: Some(12),
        tokens: 60,
        lowered_to: None,
        seam: None,
    };
    DecisionRow {
        at: Timestamp::now(),
        request: request.to_owned(),
        route: "auto".to_owned(),
        prompt_tokens: 12,
        answer_tokens: 60,
        max_tokens: None,
        streamed: true,
        attempts: vec![attempt],
        skipped: Vec::new(),
        ending: Ending::Answered,
        ms: 900,
    }
}

/// How many requests another process sees: in the rows, and in the usage.
async fn seen(location: &Location) -> (usize, i64) {
    let reader = Store::look(location).await.expect("it is there");
    let rows: Vec<_> = reader.read(None).try_collect().await.expect("read");
    reader.close().await;
    sqlx::any::install_default_drivers();
    let mut connection = sqlx::AnyConnection::connect(&format!("sqlite://{location}")).await.expect("connected");
    let sum = sqlx::query("SELECT coalesce(sum(requests), 0) FROM usage").fetch_one(&mut connection).await;
    let usage = sum.expect("a row").try_get(0).expect("a number");
    connection.close().await.expect("closed");
    (rows.len(), usage)
}

/// How many of a day's nine requests another process finds spent.
async fn spent(location: &Location) -> usize {
    let reader = Store::look(location).await.expect("it is there");
    let spent = reader.spent(&Clock::now()).await.expect("read");
    reader.close().await;
    let mut budget = Budget::new(NINE_A_DAY);
    budget.restore(spent.get("one").map_or(&[][..], Vec::as_slice), Moment::ZERO);
    let mut free = 0;
    while budget.room(NEED, Moment::ZERO).is_ok() {
        budget.reserve(NEED, Moment::ZERO);
        free += 1;
    }
    9 - free
}

fn location(folder: &Path) -> Location {
    Location::new(None, folder)
}

#[tokio::test]
async fn after_a_full_disk_rows_usage_and_budgets_are_written_again_and_what_was_lost_is_counted() {
    let Some(disk) = SmallDisk::mount(32) else { return };
    let location = location(disk.folder());
    let (ledger, writer) = Ledger::new(Store::open(&location).await.expect("a new ledger"));
    let budget = Arc::new(Mutex::new(Budget::new(NINE_A_DAY)));
    let spend = || budget.lock().expect("whole").reserve(NEED, Moment::ZERO);
    let (news, mut heard) = mpsc::unbounded_channel();
    let tell = move |said: News<'_>| {
        let _ = news.send(match said {
            News::Failing(error) => error.to_string(),
            other => format!("{other:?}"),
        });
    };
    let (end, ended) = oneshot::channel();
    spend();
    disk.fill();
    for number in 0..5_000 {
        ledger.leave(|| decided(&format!("request {number}")));
    }
    let counted = Arc::clone(&budget);
    let budgets = move || (Moment::ZERO, vec![("one".to_owned(), counted.lock().expect("whole").clone())]);
    let task = tokio::spawn(writer.run(budgets, tell, ended));
    let failing = heard.recv().await.expect("news");
    assert!(failing.contains("full") || failing.contains("disk I/O error"), "{failing}");
    // It has been tried more than once.
    tokio::time::sleep(Duration::from_secs(3)).await;
    disk.free();
    assert_eq!(heard.recv().await.as_deref(), Some("Again(904)"));
    assert_eq!((seen(&location).await, spent(&location).await), ((4_096, 4_096), 1));

    spend();
    ledger.leave(|| decided("afterwards"));
    end.send(()).expect("it runs");
    task.await.expect("it ends");
    assert_eq!((seen(&location).await, spent(&location).await), ((4_097, 4_097), 2));
    assert_eq!(heard.recv().await, None, "and nothing else was said");
}

#[tokio::test]
async fn a_transaction_that_the_full_disk_ended_leaves_none_open() {
    let Some(disk) = SmallDisk::mount(4) else { return };
    let location = location(disk.folder());
    let store = Store::open(&location).await.expect("a new ledger");
    let batch: Vec<_> = (0..200).map(|number| decided(&format!("request {number}"))).collect();
    let mut budget = Budget::new(NINE_A_DAY);
    budget.reserve(NEED, Moment::ZERO);
    let budgets = [("one".to_owned(), budget.spent(Moment::ZERO))];
    let mut written = 0;
    for round in 0..3 {
        disk.fill();
        // A page or two may still fit into what the database has already taken.
        let mut refused = 0;
        while refused < 3 {
            match store.write(&batch).await {
                Ok(()) => written += batch.len(),
                Err(_) => refused += 1,
            }
        }
        let _ = store.keep(&budgets, &Clock::now()).await;
        let _ = store.prune().await;
        disk.free();
        store.keep(&budgets, &Clock::now()).await.expect("written");
        store.write(&batch).await.expect("written");
        written += batch.len();
        let requests = i64::try_from(written).expect("few");
        assert_eq!((seen(&location).await, spent(&location).await), ((written, requests), 1), "round {round}");
    }
}
