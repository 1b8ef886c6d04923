//! Projects in a real SQLite file.

use kit::{Style, Words};
use sqlx::sqlite::SqlitePoolOptions;

use super::*;
use crate::project::{Cause, Content, Making, NewVersion, Page, Role, TierMark};

fn words(text: &str) -> Content {
    Content::Words(Words::parse(text), Style::default())
}

fn version(base: u32, content: Content) -> NewVersion {
    NewVersion {
        base,
        cause: Cause::Hand,
        prompt: "typed".to_owned(),
        summary: "Changed.".to_owned(),
        content,
        making: Making::default(),
        partial: false,
    }
}

fn running(base: u32) -> Running {
    Running { base, cause: Cause::Request, prompt: "a page for Nord".to_owned(), style: Some(Style::default()) }
}

async fn open() -> (tempfile::TempDir, Store, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::open(folder.path()).await.expect("opens");
    let project = store.create(None).await.expect("a project");
    (folder, store, project.id)
}

#[tokio::test]
async fn a_version_is_read_as_it_was_added_and_becomes_the_head() {
    let (folder, store, project) = open().await;
    let tier = Some(TierMark { number: 2, name: "Two".to_owned() });
    let making = Making { tier, ms: Some(7_000), first_paint_ms: Some(800), tokens: Some(126), cost_usd: Some(0.0) };
    let made = NewVersion { making, ..version(0, words("# Nord\n## Menu\n- **Espresso**: 2.50 €\n")) };
    assert_eq!(store.add(&project, &made).await, Ok(1));
    let free = Content::Html(vec![
        Page { path: "index.html".to_owned(), html: "<p>".to_owned() },
        Page { path: "a.css".to_owned(), html: "p{}".to_owned() },
    ]);
    assert_eq!(store.add(&project, &version(1, free.clone())).await, Ok(2));
    store.close().await;

    let store = Store::open(folder.path()).await.expect("opens again");
    let first = store.version(&project, 1).await.expect("there");
    assert_eq!((first.content, first.head.making), (made.content, made.making));
    assert_eq!(store.version(&project, 2).await.expect("there").content, free);
    let shown = store.project(&project).await.expect("there");
    assert_eq!((shown.head, shown.newest, shown.name.as_str()), (2, 2, "Nord"));
    assert!(shown.slug.starts_with("nord-"));
    assert_eq!(store.version(&project, 3).await, Err(Refused::NoVersion));
}

#[tokio::test]
async fn a_change_of_another_version_than_the_head_is_a_conflict_and_changes_nothing() {
    let (_folder, store, project) = open().await;
    store.add(&project, &version(0, words("# One\n"))).await.expect("added");
    let second = store.add(&project, &version(0, words("# Two\n"))).await;
    assert_eq!(second, Err(Refused::Conflict { head: 1 }));
    assert_eq!(store.versions(&project).await.expect("read").len(), 1);
    assert_eq!(store.add("nobody", &version(0, words("# Two\n"))).await, Err(Refused::NoProject));
}

#[tokio::test]
async fn going_back_loses_nothing_and_the_next_change_branches_there() {
    let (_folder, store, project) = open().await;
    for base in 0..3 {
        store.add(&project, &version(base, words(&format!("# Page {base}\n")))).await.expect("added");
    }
    assert_eq!(store.move_head(&project, 1, None).await.expect("moved").head, 1);
    assert_eq!(store.move_head(&project, 9, None).await, Err(Refused::NoVersion));
    assert_eq!(store.add(&project, &version(1, words("# Other\n"))).await, Ok(4));
    let parents: Vec<_> =
        store.versions(&project).await.expect("read").iter().map(|version| (version.number, version.parent)).collect();
    assert_eq!(parents, [(1, 0), (2, 1), (3, 2), (4, 1)]);
    assert_eq!(store.move_head(&project, 3, None).await.expect("moved").head, 3);
    assert_eq!(store.move_head(&project, 1, Some(2)).await, Err(Refused::Conflict { head: 3 }));
    assert_eq!(store.move_head(&project, 3, Some(3)).await.expect("moved").head, 3);
}

#[tokio::test]
async fn what_was_stated_is_what_led_to_a_version_and_not_what_branched_off() {
    let (_folder, store, project) = open().await;
    for (base, prompt) in [(0, "first"), (1, "second"), (1, "branch")] {
        store.move_head(&project, base, None).await.ok();
        store
            .add(&project, &NewVersion { prompt: prompt.to_owned(), ..version(base, words("# N\n")) })
            .await
            .expect("added");
    }
    assert_eq!(store.stated(&project, 2).await.expect("read"), ["second", "first"]);
    assert_eq!(store.stated(&project, 3).await.expect("read"), ["branch", "first"]);
}

#[tokio::test]
async fn while_a_request_is_carried_out_nothing_else_changes_the_page() {
    let (_folder, store, project) = open().await;
    store.begin(&project, &running(0)).await.expect("begins");
    assert_eq!(store.move_head(&project, 0, None).await, Err(Refused::Busy));
    assert_eq!(store.add(&project, &version(0, words("# N\n"))).await, Err(Refused::Busy));
    assert_eq!(store.finish(&project, &version(0, words("# N\n"))).await, Ok(1));
    assert_eq!(store.begin(&project, &running(0)).await, Err(Refused::Conflict { head: 1 }));
    store.begin(&project, &running(1)).await.expect("begins");
    store.keep(&project, "# N\n> M", None).await.expect("kept");
    // It could not be ended: whoever begins next finds it.
    store.begin(&project, &running(1)).await.expect("begins");
    assert_eq!(store.version(&project, 2).await.expect("there").content, words("# N\n> M"));
}

#[tokio::test]
async fn what_a_process_was_cut_off_in_is_a_version_at_the_next_start() {
    let (folder, store, project) = open().await;
    let tier = TierMark { number: 1, name: "One".to_owned() };
    store.begin(&project, &running(0)).await.expect("begins");
    store.keep(&project, "# Nord\n> Coffee\n## Me", Some(&tier)).await.expect("kept");
    let other = store.create(Some("Other")).await.expect("made").id;
    store.begin(&other, &running(0)).await.expect("begins");
    // Nothing is closed or ended: the process is gone.
    drop(store);

    let store = Store::open(folder.path()).await.expect("opens again");
    let kept = store.version(&project, 1).await.expect("there");
    assert!(kept.head.partial);
    assert_eq!((kept.head.prompt.as_str(), kept.head.making.tier), ("a page for Nord", Some(tier)));
    assert_eq!(kept.content, words("# Nord\n> Coffee\n## Me"));
    assert_eq!(store.project(&project).await.expect("there").head, 1);
    let said = store.talk(&other).await.expect("read");
    assert_eq!(said.last().map(|said| (said.role, said.version)), Some((Role::Studio, None)));
    store.begin(&project, &running(1)).await.expect("another request may begin");
}

#[tokio::test]
async fn a_part_of_a_change_is_kept_and_does_not_take_the_pages_place() {
    let (folder, store, project) = open().await;
    store.add(&project, &version(0, words("# Nord\n"))).await.expect("added");
    store.begin(&project, &Running { cause: Cause::Wish, ..running(1) }).await.expect("begins");
    store.keep(&project, "# No", None).await.expect("kept");
    drop(store);
    let store = Store::open(folder.path()).await.expect("opens again");
    let shown = store.project(&project).await.expect("there");
    assert_eq!((shown.head, shown.newest), (1, 2));
}

#[tokio::test]
async fn a_full_disk_is_said_and_costs_nothing_that_was_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::connect(folder.path(), SqlitePoolOptions::new().max_connections(1)).await.expect("opens");
    let project = store.create(None).await.expect("a project").id;
    store.add(&project, &version(0, words("# Nord\n"))).await.expect("added");
    let (pages,): (i64,) = sqlx::query_as("PRAGMA page_count").fetch_one(&store.pool).await.expect("a count");
    let bound = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 2));
    sqlx::query(bound).execute(&store.pool).await.expect("bounded");

    let large = words(&format!("# Nord\n{}\n", "much ".repeat(10_000)));
    assert_eq!(store.add(&project, &version(1, large)).await, Err(Refused::Store(StoreError::Full)));
    assert_eq!(store.version(&project, 1).await.expect("there").content, words("# Nord\n"));
    let shown = store.project(&project).await.expect("there");
    assert_eq!((shown.head, shown.newest), (1, 1));
    sqlx::query("PRAGMA max_page_count = 1000000").execute(&store.pool).await.expect("room");
    assert_eq!(store.add("nobody", &version(0, words("# N\n"))).await, Err(Refused::NoProject));
    assert_eq!(store.add(&project, &version(1, words("# Nord\n> More\n"))).await, Ok(2));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join(FILE), "not a database, whatever its name says".repeat(99)).expect("written");
    let error = Store::open(folder.path()).await.expect_err("refused").to_string();
    assert!(error.contains("move it away"), "{error}");
}

#[tokio::test]
async fn a_deleted_project_leaves_nothing() {
    let (_folder, store, project) = open().await;
    store
        .add(&project, &version(0, Content::Html(vec![Page { path: "a".to_owned(), html: String::new() }])))
        .await
        .expect("added");
    store.confirm(&project, "040 123456").await.expect("noted");
    store.delete(&project).await.expect("deleted");
    assert_eq!(store.delete(&project).await, Err(Refused::NoProject));
    for table in ["projects", "versions", "pages", "talk", "confirmed", "running"] {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let (rows,): (i64,) = sqlx::query_as(count).fetch_one(&store.pool).await.expect("a count");
        assert_eq!(rows, 0, "{table}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_user_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _store, _) = open().await;
    let mode = std::fs::metadata(folder.path().join(FILE)).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn a_look_counts_the_projects_and_leaves_all_as_it_was() {
    let (folder, store, _) = open().await;
    store.create(Some("Second")).await.expect("a project");
    let file = folder.path().join(FILE);
    // Beside a process that serves them.
    assert_eq!(look(folder.path()).await, Ok(Projects { file: file.clone(), count: 2 }));
    store.close().await;
    let before = std::fs::read(&file).expect("the file");
    assert_eq!(look(folder.path()).await.map(|projects| projects.count), Ok(2));
    assert_eq!(std::fs::read(&file).expect("the file"), before);
}

#[tokio::test]
async fn a_look_at_a_folder_without_projects_makes_none_and_tells_what_could_not_hold_any() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    assert_eq!(look(&data).await, Ok(Projects { file: data.join(FILE), count: 0 }));
    assert_eq!(std::fs::read_dir(&data).expect("a folder").count(), 0);
    std::fs::write(data.join(FILE), "no database, but a letter to a friend".repeat(40)).expect("written");
    let error = look(&data).await.expect_err("no database").to_string();
    assert!(error.contains("file is not a database") && error.contains("move it away"), "{error}");
    let file = folder.path().join("file");
    std::fs::write(&file, "").expect("written");
    let error = look(&file).await.expect_err("no folder").to_string();
    assert!(error.contains("TIERFALL_DATA_DIR"), "{error}");
}

#[tokio::test]
async fn an_address_that_was_given_away_stays_though_the_title_changes() {
    let (_folder, store, project) = open().await;
    store.add(&project, &version(0, words("# Nord\n"))).await.expect("added");
    let first = store.project(&project).await.expect("there");
    assert!(first.slug.starts_with("nord-"), "{}", first.slug);
    store.add(&project, &version(1, words("# Harbour\n"))).await.expect("added");
    let second = store.project(&project).await.expect("there");
    assert_eq!((second.name.as_str(), second.slug), ("Harbour", first.slug));
}
