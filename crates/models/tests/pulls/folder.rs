use std::fs;

use models::{Cancel, Library, PullError, Reference, RemoveError, Settings};

use crate::hub_stand_in::HubStandIn;
use crate::{FROM_HUB, bytes, catalogue, left, settings};

#[test]
fn a_folder_that_does_not_exist_yet_is_empty() {
    let data = tempfile::tempdir().unwrap();
    let library = Library::new(&Settings::new(data.path().join("not-yet")));
    assert_eq!(library.list().unwrap().len(), 0);
    assert!(!library.is_present(&library.find("smollm2-135m-instruct").unwrap()));
}

#[test]
fn what_was_put_there_by_hand_is_listed_as_not_verified() {
    let data = tempfile::tempdir().unwrap();
    let library = Library::with_catalogue(&settings(data.path(), "http://127.0.0.1:1"), catalogue(b"model", FROM_HUB));
    fs::create_dir_all(library.folder()).unwrap();
    fs::write(library.folder().join("m.Q4_0.gguf"), b"MODEL").unwrap();
    fs::write(library.folder().join("own.gguf"), b"mine").unwrap();
    fs::write(library.folder().join("notes.txt"), b"-").unwrap();
    let listed: Vec<(String, bool, bool)> = library
        .list()
        .unwrap()
        .into_iter()
        .map(|entry| (entry.path.file_name().unwrap().to_str().unwrap().to_owned(), entry.whole, entry.verified))
        .collect();
    assert_eq!(listed, [("own.gguf".to_owned(), true, false), ("m.Q4_0.gguf".to_owned(), true, false)]);
}

#[test]
fn a_file_of_the_wrong_size_is_no_model() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(10_000);
    let hub = HubStandIn::start(&model);
    let library = Library::with_catalogue(&settings(data.path(), &hub.endpoint), catalogue(&model, FROM_HUB));
    let reference = library.find("m").unwrap();
    fs::create_dir_all(library.folder()).unwrap();
    fs::write(library.path(&reference), b"too short").unwrap();
    assert!(!library.is_present(&reference));
    assert!(!library.list().unwrap()[0].whole);
    let path = library.pull(&reference, &mut (), &Cancel::new()).unwrap();
    assert_eq!(fs::read(path).unwrap(), model);
}

#[test]
fn a_removed_model_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let model = bytes(10_000);
    let hub = HubStandIn::start(&model);
    let library = Library::with_catalogue(&settings(data.path(), &hub.endpoint), catalogue(&model, FROM_HUB));
    let reference = library.find("m").unwrap();
    assert!(matches!(library.remove(&reference), Err(RemoveError::Absent(_))));
    library.pull(&reference, &mut (), &Cancel::new()).unwrap();
    assert_eq!(library.remove(&reference).unwrap(), 10_000);
    assert_eq!(left(&library), Vec::<String>::new());
}

#[test]
fn a_file_of_the_user_is_used_where_it_is_and_never_deleted() {
    let data = tempfile::tempdir().unwrap();
    let own = data.path().join("own.gguf");
    let library = Library::new(&Settings::new(data.path()));
    let reference = library.find(own.to_str().unwrap()).unwrap();
    assert_eq!(reference, Reference::File(own.clone()));
    let said = library.pull(&reference, &mut (), &Cancel::new()).unwrap_err();
    assert!(matches!(said, PullError::NoFile(_)), "{said}");
    fs::write(&own, b"mine").unwrap();
    assert_eq!(library.pull(&reference, &mut (), &Cancel::new()).unwrap(), own);
    assert!(matches!(library.remove(&reference), Err(RemoveError::Foreign(_))));
    assert!(own.exists());
}
