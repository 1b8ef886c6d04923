//! Processes that die, and processes that meet.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use models::{Cancel, Fetch, FetchState, Library, RemoveError};

use crate::hub_stand_in::HubStandIn;
use crate::{FROM_HUB, Told, bytes, catalogue, left, settings, until};

const ENDPOINT: &str = "TEST_ENDPOINT";
const DATA: &str = "TEST_DATA";
const LENGTH: usize = 3_000_000;

/// Not a test of its own: the process that the others start, and kill.
#[test]
fn a_process_that_pulls_where_its_parent_says() {
    let (Ok(endpoint), Ok(data)) = (std::env::var(ENDPOINT), std::env::var(DATA)) else { return };
    let library = Library::with_catalogue(&settings(data.as_ref(), &endpoint), catalogue(&bytes(LENGTH), FROM_HUB));
    library.pull(&library.find("m").unwrap(), &mut (), &Cancel::new()).unwrap();
}

fn start_process(hub: &HubStandIn, data: &tempfile::TempDir) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "interrupted::a_process_that_pulls_where_its_parent_says"])
        .env(ENDPOINT, &hub.endpoint)
        .env(DATA, data.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_pull_leaves_nothing_that_looks_whole_and_is_gone_on_with() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(LENGTH);
    let hub = HubStandIn::start(&model);
    let library = Library::with_catalogue(&settings(data.path(), &hub.endpoint), catalogue(&model, FROM_HUB));
    let reference = library.find("m").unwrap();
    let mut begun = 0;
    for stop in [400_000, 900_000, 100_000] {
        hub.behave(|hub| hub.stop_after = Some(stop));
        let mut child = start_process(&hub, &data);
        hub.wait_until_silent();
        let partial = library.folder().join("m.Q4_0.gguf.partial");
        begun += stop as u64;
        until("what came is written", || fs::metadata(&partial).unwrap().len() >= begun);
        child.kill().unwrap();
        child.wait().unwrap();
        hub.release();
        assert_eq!(left(&library), ["m.Q4_0.gguf.partial", "m.Q4_0.gguf.partial.json"]);
        assert!(!library.is_present(&reference));
    }
    let path = library.pull(&reference, &mut (), &Cancel::new()).unwrap();
    assert_eq!(fs::read(path).unwrap(), model);
    let ranges = ["0-", "400000-", "1300000-", "1400000-"].map(|range| format!("bytes={range}"));
    assert_eq!(hub.ranges(), ranges);
}

#[test]
fn of_two_processes_one_fetches_and_the_other_waits_for_it() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(LENGTH);
    let hub = HubStandIn::start(&model);
    let library = Arc::new(Library::with_catalogue(&settings(data.path(), &hub.endpoint), catalogue(&model, FROM_HUB)));
    let reference = library.find("m").unwrap();
    hub.behave(|hub| hub.stop_after = Some(1_000_000));
    let mut child = start_process(&hub, &data);
    hub.wait_until_silent();
    let told = Told::default();
    let fetch = Fetch::start(Arc::clone(&library), reference.clone(), Box::new(told.clone()));
    until("the second waits", || matches!(fetch.state(), FetchState::Waiting { .. }));
    assert_eq!(fetch.state(), FetchState::Waiting { holder: Some(child.id()) });
    assert_eq!(told.all(), [format!("waiting Some({})", child.id())]);
    assert!(matches!(library.remove(&reference), Err(RemoveError::Busy { holder: Some(_), .. })));
    hub.release();
    assert_eq!(fs::read(fetch.join().unwrap()).unwrap(), model);
    assert!(child.wait().unwrap().success());
    assert_eq!(hub.ranges(), ["bytes=0-"]);
    assert_eq!(told.all().last().unwrap(), "finished");
}

#[test]
fn a_fetch_says_how_far_it_is() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(LENGTH);
    let hub = HubStandIn::start(&model);
    let library = Arc::new(Library::with_catalogue(&settings(data.path(), &hub.endpoint), catalogue(&model, FROM_HUB)));
    hub.behave(|hub| hub.stop_after = Some(1_300_000));
    let fetch = Fetch::start(Arc::clone(&library), library.find("m").unwrap(), Box::new(()));
    hub.wait_until_silent();
    until("43 %", || fetch.state() == FetchState::Fetching { percent: 43 });
    assert_eq!(fetch.state().to_string(), "fetching 43 %");
    hub.release();
    until("the end", || matches!(fetch.state(), FetchState::Ready(_)));
    assert_eq!(fetch.state(), FetchState::Ready(library.folder().join("m.Q4_0.gguf")));
}
