use std::fs;

use models::{Cancel, Library, PullError};
use secrecy::SecretString;

use crate::hub_stand_in::HubStandIn;
use crate::{FROM_HUB, Told, bytes, catalogue, left, settings};

struct World {
    hub: HubStandIn,
    library: Library,
    told: Told,
    model: Vec<u8>,
    _data: tempfile::TempDir,
}

impl World {
    fn new() -> World {
        World::with_token(None)
    }

    fn with_token(token: Option<&str>) -> World {
        let data = tempfile::tempdir().unwrap();
        let model = bytes(1_000_000);
        let hub = HubStandIn::start(&model);
        let mut settings = settings(data.path(), &hub.endpoint);
        settings.hub_token = token.map(SecretString::from);
        let library = Library::with_catalogue(&settings, catalogue(&model, FROM_HUB));
        World { hub, library, told: Told::default(), model, _data: data }
    }

    fn pull(&self, name: &str) -> Result<Vec<u8>, PullError> {
        let reference = self.library.find(name).unwrap();
        let path = self.library.pull(&reference, &mut self.told.clone(), &Cancel::new())?;
        Ok(fs::read(path).unwrap())
    }

    fn failure(&self, name: &str) -> String {
        let said = self.pull(name).unwrap_err().to_string();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }

    fn host(&self) -> &'static str {
        "Hugging Face Hub (127.0.0.1)"
    }
}

#[test]
fn a_model_of_the_hub_arrives_whole_and_verified() {
    let world = World::new();
    assert_eq!(world.pull("m").unwrap(), world.model);
    assert_eq!(left(&world.library), ["m.Q4_0.gguf", "m.Q4_0.gguf.json"]);
    let [entry] = world.library.list().unwrap().try_into().unwrap();
    assert_eq!((entry.reference.to_string(), entry.size), ("m:Q4_0".to_owned(), 1_000_000));
    assert!(entry.whole && entry.verified);
    let told = world.told.all();
    assert_eq!(told[0], format!("started {} 0/1000000", world.host()));
    assert_eq!(told[told.len() - 2..], ["at 1000000", "finished"]);
}

#[test]
fn a_model_that_is_there_is_not_asked_for_again() {
    let world = World::new();
    world.pull("m").unwrap();
    let asked = world.hub.seen().len();
    world.pull("m").unwrap();
    assert_eq!(world.hub.seen().len(), asked);
}

#[test]
fn the_token_goes_to_the_hub_and_not_to_where_it_redirects() {
    let world = World::with_token(Some("hf_secret"));
    world.hub.behave(|hub| hub.token = Some("hf_secret".to_owned()));
    world.pull("m").unwrap();
    let seen = world.hub.seen();
    assert!(seen.iter().any(|seen| seen.by_network));
    for seen in seen {
        assert_eq!(seen.authorization.is_some(), !seen.by_network, "{seen:?}");
    }
}

#[test]
fn a_repository_that_wants_a_token_says_which_key_to_set() {
    let world = World::with_token(Some("hf_wrong"));
    world.hub.behave(|hub| hub.token = Some("hf_secret".to_owned()));
    let said = world.failure("m");
    assert!(said.contains("o/r wants a token (401): set HF_TOKEN"), "{said}");
    assert!(!said.contains("hf_wrong"), "{said}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let world = World::new();
    world.hub.behave(|hub| hub.missing = true);
    let said = world.failure("m");
    assert_eq!(said, format!("cannot fetch m:Q4_0: {}: o/r/m-Q4_0.gguf is not there", world.host()));
}

#[test]
fn a_cut_connection_is_gone_on_with_where_it_ended() {
    let world = World::new();
    // More cuts than tries: each of them has brought something.
    world.hub.behave(|hub| hub.cuts = [100_000, 200_000, 1, 300_000, 7].into());
    assert_eq!(world.pull("m").unwrap(), world.model);
    let ranges = ["0-", "100000-", "300000-", "300001-", "600001-", "600008-"].map(|range| format!("bytes={range}"));
    assert_eq!(world.hub.ranges(), ranges);
}

#[test]
fn a_hub_that_only_cuts_is_given_up_and_what_came_is_kept() {
    let world = World::new();
    world.hub.behave(|hub| hub.cuts = [100_000, 0, 0, 0].into());
    assert!(world.failure("m").contains("cut off: "));
    assert_eq!(left(&world.library), ["m.Q4_0.gguf.partial", "m.Q4_0.gguf.partial.json"]);
    assert!(!world.library.is_present(&world.library.find("m").unwrap()));
    let [entry] = world.library.list().unwrap().try_into().unwrap();
    assert_eq!((entry.size, entry.whole, entry.verified), (100_000, false, false));
    assert_eq!(world.pull("m").unwrap(), world.model);
    assert_eq!(world.hub.ranges().last().unwrap(), "bytes=100000-");
}

#[test]
fn a_server_without_ranges_begins_again() {
    let world = World::new();
    world.hub.behave(|hub| {
        hub.without_ranges = true;
        hub.cuts = [500_000].into();
    });
    assert_eq!(world.pull("m").unwrap(), world.model);
}

#[test]
fn a_hub_that_stumbles_is_asked_again() {
    let world = World::new();
    world.hub.behave(|hub| hub.statuses = [503, 429].into());
    assert_eq!(world.pull("m").unwrap(), world.model);
}

#[test]
fn a_hub_that_stays_down_is_an_error_with_its_status() {
    let world = World::new();
    world.hub.behave(|hub| hub.statuses = [503; 9].into());
    let said = world.failure("m");
    assert_eq!(said, format!("cannot fetch m:Q4_0: {}: answers 503", world.host()));
}

#[test]
fn wrong_bytes_are_refused_and_leave_nothing() {
    let world = World::new();
    world.hub.behave(|hub| {
        hub.stated_hash = Some(crate::sha256(&hub.content));
        hub.content[777] ^= 1;
    });
    let said = world.failure("m");
    assert!(said.contains("the wrong file: sha256 "), "{said}");
    assert_eq!(left(&world.library), Vec::<String>::new());
}

#[test]
fn a_file_that_the_hub_has_changed_is_refused_before_it_is_fetched() {
    let world = World::new();
    world.hub.behave(|hub| hub.content[777] ^= 1);
    let said = world.failure("m");
    assert!(said.contains("the wrong file: sha256 "), "{said}");
    assert_eq!(world.hub.ranges(), Vec::<String>::new());
}

#[test]
fn a_rotten_beginning_is_thrown_away_and_fetched_anew() {
    let world = World::new();
    world.hub.behave(|hub| hub.cuts = [100_000, 0, 0, 0].into());
    world.failure("m");
    let partial = world.library.folder().join("m.Q4_0.gguf.partial");
    let mut rotten = fs::read(&partial).unwrap();
    rotten[5] ^= 1;
    fs::write(&partial, rotten).unwrap();
    assert_eq!(world.pull("m").unwrap(), world.model);
    assert_eq!(world.hub.ranges()[4..], ["bytes=100000-", "bytes=0-"]);
}

#[test]
fn a_model_larger_than_the_disk_is_refused_before_it_is_fetched() {
    let world = World::new();
    world.hub.behave(|hub| hub.stated_size = Some(1 << 60));
    let said = world.failure("hf:o/r:Q4_0");
    assert!(said.contains("make room, or set TIERFALL_DATA_DIR"), "{said}");
    assert_eq!(world.hub.ranges(), Vec::<String>::new());
}

#[test]
fn a_repository_of_the_hub_is_listed_for_its_quantisation() {
    let world = World::new();
    world.hub.behave(|hub| hub.files = ["README.md", "m-Q2_K.gguf", "m-Q4_0.gguf"].map(String::from).to_vec());
    assert_eq!(world.pull("hf:o/r:q4_0").unwrap(), world.model);
    assert_eq!(left(&world.library), ["hf--o--r--Q4_0.gguf", "hf--o--r--Q4_0.gguf.json"]);
    let paths: Vec<String> = world.hub.seen().into_iter().map(|seen| seen.path).collect();
    assert_eq!(paths[0], "/api/models/o/r/revision/main");
    assert_eq!(paths[1], "/o/r/resolve/abc123/m-Q4_0.gguf");
}

#[test]
fn a_quantisation_that_a_repository_lacks_is_answered_with_what_it_has() {
    let world = World::new();
    world.hub.behave(|hub| hub.files = ["a-Q2_K.gguf", "a-Q8_0.gguf"].map(String::from).to_vec());
    let said = world.failure("hf:o/r:Q4_0");
    assert!(said.ends_with("o/r does not have exactly one Q4_0 file; it has a-Q2_K.gguf, a-Q8_0.gguf"), "{said}");
}
