//! The Studio in the binary: what it writes outlives the process, whatever ends that.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::served::{Served, Setup};
use crate::until;

fn call(served: &Served, method: &str, path: &str, body: Option<&Value>) -> Value {
    Answer::whole(served.send(method, path, body, &[])).json()
}

/// A project whose page is being written, by its path.
fn asked(served: &Served) -> String {
    let made = call(served, "POST", "/api/projects", Some(&json!({})));
    let project = format!("/api/projects/{}", made["id"].as_str().expect("an id"));
    let request = json!({ "prompt": "a coffee shop called Nord with a menu", "base": 0 });
    call(served, "POST", &format!("{project}/requests"), Some(&request));
    project
}

fn keys(wall: &wall::Wall, model: &str) -> String {
    format!("TIER1_TYPE=space\nTIER1_BASE_URL={}\nTIER1_MODEL={model}\n", wall.base_url())
}

#[test]
fn a_page_is_made_by_the_tiers_that_are_configured() {
    let wall = wall::Wall::start("127.0.0.1:0").expect("a wall");
    let served = Served::start(&keys(&wall, "markdown"));
    let project = asked(&served);
    let shown = until("a page", || {
        let shown = call(&served, "GET", &project, None);
        (shown["head"] == 1).then_some(shown)
    });
    assert_eq!((&shown["name"], &shown["versions"][0]["partial"]), (&json!("Nord"), &json!(false)));
    let page = served.send("GET", &format!("/p/{}/", shown["slug"].as_str().expect("a slug")), None, &[]);
    assert_eq!(page.status(), 200);
}

#[test]
fn a_process_that_is_killed_keeps_the_page_as_far_as_it_came() {
    let wall = wall::Wall::start("127.0.0.1:0").expect("a wall");
    let mut served = Served::start(&keys(&wall, "markdown+stall-after-30"));
    let project = asked(&served);
    let database = served.folder().path().join("data/studio.db-wal");
    until("it is written down", || {
        let written = std::fs::read(&database).ok()?;
        written.windows(12).any(|bytes| bytes == b"**Saturday**").then_some(())
    });
    let folder = served.folder();
    served.kill();
    let keys = keys(&wall, "markdown");
    let again = Served::with(&Setup { keys: &keys, folder: Some(folder), ..Setup::default() });
    let shown = call(&again, "GET", &project, None);
    assert_eq!((&shown["head"], &shown["versions"][0]["partial"]), (&json!(1), &json!(true)));
    let version = call(&again, "GET", &format!("{project}/versions/1"), None);
    assert!(version["words"].as_str().expect("words").contains("Espresso"), "{}", version["words"]);
}
