use std::collections::HashMap;
use std::path::Path;
use std::time::Duration;

use cascade::{Budget, Moment, Need, Quota};
use jiff::Timestamp;
use sqlx::{Executor as _, Row as _};
use tokio::sync::mpsc;

use super::{Store, StoredModel};
use crate::row::{AttemptRow, DecisionRow, Ending, SkipRow};
use crate::{Clock, Ledger, LedgerError, Location, News};

const TWO_A_DAY: Quota = Quota { rpm: None, rpd: Some(2), tpm: None, tpd: None, gpu_seconds: None };
const NEED: Need = Need { prompt: 10, answer: 20 };

pub(super) fn decided(request: &str, at: Timestamp) -> DecisionRow {
    let attempt = |tier, model: &str, outcome: &str, tokens| AttemptRow {
        tier,
        name: format!("Tier {tier}"),
        model: model.to_owned(),
        outcome: outcome.to_owned(),
        at_ms: 0,
        first_token_ms: (tokens > 0).then_some(90),
        ms: 812,
        prompt_tokens: None,
        tokens,
        lowered_to: Some(1_024).filter(|_| tier == 2),
        seam: None,
    };
    DecisionRow {
        at,
        request: request.to_owned(),
        route: "auto".to_owned(),
        prompt_tokens: 12,
        answer_tokens: 60,
        max_tokens: Some(512).filter(|_| request.len() > 1),
        streamed: request.len() > 1,
        attempts: vec![attempt(1, "large", "timeout", 0), attempt(2, "small", "ok", 60)],
        skipped: vec![SkipRow { tier: 3, name: "Tier 3".to_owned(), reason: "quota".to_owned() }],
        ending: Ending::Answered,
        ms: 900,
    }
}

async fn store(folder: &Path) -> Store {
    Store::open(&Location::new(None, folder)).await.expect("a new ledger")
}

async fn number(store: &Store, sql: &'static str) -> i64 {
    sqlx::query(sql).fetch_one(&store.pool).await.expect("a row").try_get(0).expect("a number")
}

/// Lets nothing grow any more, as a disk that is full.
async fn fill(store: &Store, full: bool) {
    let pages = number(store, "PRAGMA page_count").await;
    let most = if full { pages } else { pages * 1_000 };
    store.pool.execute(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {most}"))).await.expect("a bound");
}

#[tokio::test]
async fn usage_is_the_sum_of_the_attempts_by_day_tier_and_model() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path()).await;
    let day = |day: i64| Timestamp::from_millisecond(day * 86_400_000 + 5).expect("a time");
    store.write(&[decided("a", day(20_000)), decided("b", day(20_000))]).await.expect("written");
    store.write(&[decided("c", day(20_000)), decided("d", day(20_001))]).await.expect("written");
    let rows = sqlx::query("SELECT day, tier, model, requests, answered, prompt_tokens, answer_tokens FROM usage");
    let rows = rows.fetch_all(&store.pool).await.expect("rows");
    let mut usage: Vec<_> = rows
        .iter()
        .map(|row| {
            let text = |column| row.try_get::<String, _>(column).expect("a text");
            let numbers = (3..7).map(|column| row.try_get::<i64, _>(column).expect("a number"));
            (text(0), text(2), numbers.collect::<Vec<_>>())
        })
        .collect();
    usage.sort();
    let of = |day: &str, model: &str, numbers: [i64; 4]| (day.to_owned(), model.to_owned(), numbers.to_vec());
    assert_eq!(
        usage,
        [
            of("2024-10-04", "large", [3, 0, 0, 0]),
            of("2024-10-04", "small", [3, 3, 36, 180]),
            of("2024-10-05", "large", [1, 0, 0, 0]),
            of("2024-10-05", "small", [1, 1, 12, 60]),
        ]
    );
}

#[tokio::test]
async fn what_is_old_or_too_much_is_forgotten() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path()).await;
    let days_ago = |days: i64| Timestamp::now() - jiff::SignedDuration::from_hours(24 * days);
    let decisions: Vec<_> = [40, 31, 29, 3, 2, 1].into_iter().map(|days| decided("r", days_ago(days))).collect();
    store.write(&decisions).await.expect("written");
    store.prune().await.expect("pruned");
    assert_eq!(number(&store, "SELECT count(*) FROM decision").await, 4, "thirty days");
    assert_eq!(number(&store, "SELECT count(*) FROM usage").await, 12, "usage is kept for longer");
    store.prune_beyond(2).await.expect("pruned");
    assert_eq!(number(&store, "SELECT count(*) FROM decision").await, 2);
    let oldest = number(&store, "SELECT min(began) FROM decision").await;
    assert!(oldest > days_ago(3).as_millisecond() + 1_000, "the newest stay");
}

#[tokio::test]
async fn a_full_disk_is_said_once_and_what_waits_is_written_when_there_is_room() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path()).await;
    fill(&store, true).await;
    let (ledger, writer) = Ledger::new(store.clone());
    let (news, mut heard) = mpsc::unbounded_channel();
    let tell = move |said: News<'_>| {
        let said = match said {
            News::Failing(error) => error.to_string(),
            News::Again(lost) => format!("again, {lost} lost"),
            News::Lost(lost) => format!("{lost} lost"),
            News::Unwritten(lost) => format!("{lost} unwritten"),
        };
        let _ = news.send(said);
    };
    let (end, ended) = tokio::sync::oneshot::channel();
    for number in 0..5_000 {
        ledger.leave(|| decided(&format!("request {number}"), Timestamp::now()));
    }
    let task = tokio::spawn(writer.run(|| (Moment::ZERO, Vec::new()), tell, ended));
    let failing = heard.recv().await.expect("news");
    assert!(failing.contains("database or disk is full"), "{failing}");
    fill(&store, false).await;
    assert_eq!(heard.recv().await.as_deref(), Some("again, 904 lost"), "4,096 wait");
    assert_eq!(number(&store, "SELECT count(*) FROM decision").await, 4_096);
    end.send(()).expect("it runs");
    task.await.expect("it ends");
    assert_eq!(heard.recv().await, None, "and nothing else was said");
}

#[tokio::test]
async fn the_end_says_how_many_rows_a_full_disk_has_cost() {
    for left in [7, 5_000] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = store(folder.path()).await;
        fill(&store, true).await;
        let (ledger, writer) = Ledger::new(store.clone());
        // A page that is there already may still have room for a few.
        let long = "x".repeat(2_000);
        for _ in 0..left {
            ledger.leave(|| decided(&long, Timestamp::now()));
        }
        let (end, ended) = tokio::sync::oneshot::channel();
        end.send(()).expect("it is there");
        let said = std::sync::Mutex::new(Vec::new());
        let tell = |news: News<'_>| said.lock().expect("whole").push(format!("{news:?}"));
        writer.run(|| (Moment::ZERO, Vec::new()), tell, ended).await;
        let said = said.into_inner().expect("whole");
        assert!(said.len() == 2 && said[0].starts_with("Failing("), "{said:?}");
        assert_eq!(said[1], format!("Unwritten({left})"));
    }
}

#[tokio::test]
async fn the_end_writes_down_what_is_left_and_what_is_spent() {
    let folder = tempfile::tempdir().expect("a folder");
    let location = Location::new(None, folder.path());
    let (ledger, writer) = Ledger::new(Store::open(&location).await.expect("a new ledger"));
    let mut budget = Budget::new(TWO_A_DAY);
    budget.reserve(NEED, Moment::ZERO);
    budget.reserve(NEED, Moment::ZERO);
    ledger.leave(|| decided("the last", Timestamp::now()));
    let (end, ended) = tokio::sync::oneshot::channel();
    end.send(()).expect("it is there");
    writer.run(move || (Moment::ZERO, vec![("one".to_owned(), budget.clone())]), |_| {}, ended).await;
    ledger.leave(|| unreachable!("nobody writes any more"));

    let store = Store::open(&location).await.expect("the same ledger");
    assert_eq!(number(&store, "SELECT count(*) FROM decision").await, 1);
    let spent = store.spent(&Clock::now()).await.expect("read");
    let mut restored = Budget::new(TWO_A_DAY);
    restored.restore(&spent["one"], Moment::ZERO);
    assert!(restored.room(NEED, Moment::ZERO).is_err(), "both of the day's two are spent");
}

#[tokio::test]
async fn what_is_spent_comes_back_less_the_time_that_has_passed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path()).await;
    let mut budget = Budget::new(Quota { rpm: Some(9), ..TWO_A_DAY });
    budget.reserve(NEED, Moment::ZERO);
    let clock = |wall, boot: &str, uptime| Clock {
        wall: Duration::from_secs(wall),
        boot: boot.to_owned(),
        uptime: Duration::from_secs(uptime),
    };
    let spent = budget.spent(Moment::ZERO);
    store.keep(&[("one".to_owned(), spent.clone())], &clock(1_000, "b", 50)).await.expect("written");
    let read = async |clock: &Clock| store.spent(clock).await.expect("read").remove("one");
    assert_eq!(read(&clock(1_000, "b", 50)).await, Some(spent.clone()));
    assert_eq!(read(&clock(999_999_999, "b", 50)).await, Some(spent.clone()), "a wall clock set forward");
    assert_eq!(read(&clock(3, "c", 5)).await, Some(spent), "a wall clock set back");
    let later = read(&clock(1_000, "b", 150)).await.expect("the day's");
    assert_eq!(later.len(), 1, "the minute has passed: {later:?}");
    assert_eq!(read(&clock(1_000 + 90_000, "c", 0)).await, Some(Vec::new()), "and the day");
    assert_eq!(store.spent(&Clock::now()).await.expect("read").keys().collect::<Vec<_>>(), ["one"]);
    store.prune().await.expect("pruned");
    assert_eq!(store.spent(&Clock::now()).await.expect("read"), HashMap::new(), "nobody asks that tier any more");
}

#[tokio::test]
async fn a_model_in_the_place_of_another_comes_back_less_the_time_that_has_passed() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = store(folder.path()).await;
    let clock = |uptime| Clock { wall: Duration::ZERO, boot: "b".to_owned(), uptime: Duration::from_secs(uptime) };
    let stored = |seconds| StoredModel { model: "new".to_owned(), retry_in: Duration::from_secs(seconds) };
    let account = |stored| [("one".to_owned(), stored)];
    store.keep_models(&account(Some(stored(86_400))), &clock(50)).await.expect("written");
    let read = async |uptime| store.models(&clock(uptime)).await.expect("read").remove("one");
    assert_eq!(read(50).await, Some(stored(86_400)));
    assert_eq!(read(150).await, Some(stored(86_300)));
    assert_eq!(read(100_000).await, Some(stored(0)), "its time has come");
    store.keep_models(&account(None), &clock(60)).await.expect("written");
    assert_eq!(read(60).await, None);
}

#[tokio::test]
async fn the_writer_keeps_what_stands_in_a_models_place_until_nothing_does() {
    struct Tiers(std::sync::Mutex<Vec<Option<StoredModel>>>);
    impl crate::Budgets for &'static Tiers {
        fn now(&self) -> (Moment, Vec<(String, Budget)>) {
            (Moment::ZERO, Vec::new())
        }
        fn models(&self) -> Vec<(String, Option<StoredModel>)> {
            let mut told = self.0.lock().expect("no panic");
            let now = if told.len() > 1 { told.remove(0) } else { told[0].clone() };
            vec![("one".to_owned(), now)]
        }
    }
    let new = || Some(StoredModel { model: "new".to_owned(), retry_in: Duration::from_secs(9_000) });
    for (told, kept) in [(vec![None, new()], true), (vec![new(), None], false)] {
        let folder = tempfile::tempdir().expect("a folder");
        let location = Location::new(None, folder.path());
        let tiers: &Tiers = Box::leak(Box::new(Tiers(std::sync::Mutex::new(told))));
        let (_ledger, writer) = Ledger::new(Store::open(&location).await.expect("a new ledger"));
        let (end, ended) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(writer.run(tiers, |_| {}, ended));
        while tiers.0.lock().expect("no panic").len() > 1 {
            tokio::task::yield_now().await;
        }
        end.send(()).expect("it runs");
        task.await.expect("it ends");
        let store = Store::open(&location).await.expect("the same ledger");
        assert_eq!(store.models(&Clock::now()).await.expect("read").contains_key("one"), kept);
    }
}

#[tokio::test]
async fn a_file_that_is_no_ledger_says_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ledger.sqlite");
    std::fs::write(&file, "This is no database, and long enough to be looked at as one. ".repeat(20)).expect("written");
    let error = Store::open(&Location::new(None, folder.path())).await.expect_err("it is none");
    assert_eq!(
        error.to_string(),
        format!(
            "the ledger {} cannot be opened (file is not a database): move it away, and the next start makes a new one",
            file.display()
        )
    );
}

#[tokio::test]
async fn where_there_is_no_ledger_nothing_is_made_by_looking() {
    let folder = tempfile::tempdir().expect("a folder");
    let looked = Store::look(&Location::new(None, folder.path())).await.expect_err("there is none");
    assert!(matches!(looked, LedgerError::Missing { .. }), "{looked}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 0);
}

#[tokio::test]
async fn a_ledger_that_another_process_locks_fails_and_is_written_once_it_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, other) = (store(folder.path()).await, store(folder.path()).await);
    store.pool.execute("PRAGMA busy_timeout = 0").await.expect("no waiting");
    let lock = other.pool.begin_with("BEGIN EXCLUSIVE").await.expect("locked");
    let refused = store.write(&[decided("a", Timestamp::now())]).await.expect_err("it is locked").to_string();
    assert!(refused.contains("database is locked"), "{refused}");
    lock.rollback().await.expect("free");
    store.write(&[decided("a", Timestamp::now())]).await.expect("written");
}
