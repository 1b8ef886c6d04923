//! Whole pulls, against a stand-in of the Hub and a stand-in of pip, both on this machine.
#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

mod by_hub;
mod by_pip;
mod folder;
mod hub_stand_in;
mod interrupted;
mod pip_stand_in;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use models::{Catalogue, Library, Progress, Retry, Settings, SourceFailure};
use sha2::Digest;

/// Bytes that compress a little, and that no offset repeats.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 26) as u8
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    sha2::Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn settings(data: &Path, endpoint: &str) -> Settings {
    let mut settings = Settings::new(data);
    settings.hub_endpoint = endpoint.to_owned();
    settings.retry = Retry { times: 2, pause: Duration::from_millis(1) };
    // Nothing here may reach the machine's own pip.
    settings.pip = Some(data.join("no-pip"));
    settings
}

/// A catalogue with the one model `m`, in the one quantisation `Q4_0`.
fn catalogue(model: &[u8], sources: &str) -> Catalogue {
    let text = format!(
        "[[model]]\nname = \"m\"\nlicence = \"MIT\"\nurl = \"https://example.org\"\nparameters = \"1B\"\ncontext = 1\n\
         chat = true\npages = \"none\"\ndefault = \"Q4_0\"\n[[model.quantisation]]\nname = \"Q4_0\"\nsize = {}\n\
         sha256 = \"{}\"\nsource = [{sources}]\n",
        model.len(),
        sha256(model),
    );
    Catalogue::parse(&text).unwrap()
}

const FROM_HUB: &str = r#"{ hub = "o/r", file = "m-Q4_0.gguf" }"#;

/// Waits for what another thread or process does. It gives up after some minutes: a test that fails should end.
fn until(what: &str, mut reached: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if reached() {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("{what}: never");
}

/// Everything in the models folder but locks.
fn left(library: &Library) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(library.folder()) else { return Vec::new() };
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| !name.ends_with(".lock"));
    names.sort();
    names
}

/// What a pull has told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Told {
    fn all(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn push(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

impl Progress for Told {
    fn waiting(&mut self, holder: Option<u32>) {
        self.push(format!("waiting {holder:?}"));
    }

    fn started(&mut self, source: &str, at: u64, total: u64) {
        self.push(format!("started {source} {at}/{total}"));
    }

    fn at(&mut self, bytes: u64) {
        self.push(format!("at {bytes}"));
    }

    fn verifying(&mut self) {
        self.push("verifying".to_owned());
    }

    fn source_failed(&mut self, failure: &SourceFailure) {
        self.push(format!("failed {}", failure.source));
    }

    fn finished(&mut self, _path: &Path) {
        self.push("finished".to_owned());
    }
}
