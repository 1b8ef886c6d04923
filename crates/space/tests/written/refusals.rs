//! What is refused, in one line, with nothing written.

use std::fs;

use space::{Role, init};

use super::{files, wish, written};

#[test]
fn a_folder_that_holds_something_is_left_alone_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "mine").unwrap();
    fs::create_dir(folder.path().join("source")).unwrap();
    fs::write(folder.path().join("source/mine.rs"), "mine").unwrap();
    let error = init(folder.path(), &wish(Role::Fast, None), false).unwrap_err().to_string();
    let path = folder.path().display();
    assert_eq!(error, format!("{path} is not empty: name another folder, or write over what is in it with --force"));
    assert_eq!(files(folder.path()).len(), 2);

    let said = init(folder.path(), &wish(Role::Fast, None), true).unwrap();
    assert_eq!(files(folder.path()).len(), said.files + 2, "what is the user's own stays");
}

#[test]
fn a_forced_second_time_leaves_no_file_of_the_first_behind() {
    let (folder, first) = written(Role::Fast, None);
    fs::write(folder.path().join("source/crates/gone.rs"), "").unwrap();
    let second = init(folder.path(), &wish(Role::Primary, None), true).unwrap();
    assert_eq!((files(folder.path()).len(), first.files), (second.files, second.files));
    let text = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
    assert!(text.contains("ARG MODEL=qwen2.5-coder-1.5b-instruct:Q4_K_M\n"));
}

#[test]
fn another_role_leaves_nothing_of_the_one_before() {
    let (folder, built) = written(Role::Proxy, None);
    fs::write(folder.path().join("mine.py"), "").unwrap();
    for (role, expected) in [(Role::Zerogpu, 4), (Role::Fast, built.files + 1), (Role::Zerogpu, 4)] {
        init(folder.path(), &wish(role, None), true).unwrap();
        assert_eq!(files(folder.path()).len(), expected, "{role:?}, and the user's own");
    }
}

#[test]
fn a_folder_with_nothing_but_git_in_it_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    init(folder.path(), &wish(Role::Proxy, None), false).unwrap();
}

#[test]
fn a_model_that_a_space_cannot_have_is_refused_before_anything_is_written() {
    for (role, model, expected) in [
        (Role::Primary, "gpt-9", "no model `gpt-9`: name one of qwen2.5-coder-1.5b-instruct, "),
        (Role::Primary, "smollm2-135m-instruct:Q9", "smollm2-135m-instruct has no `Q9`: it comes in "),
        (Role::Fast, "hf:nonsense", "`hf:nonsense`: a model of the Hub is written hf:OWNER/REPO:QUANT"),
        (Role::Fast, "./my.gguf", "./my.gguf: a Space has no file of this machine: name a model of the catalogue"),
        (
            Role::Zerogpu,
            "smollm2-135m-instruct",
            "`smollm2-135m-instruct`: a model for a lent GPU is written OWNER/NAME: ",
        ),
        (Role::Zerogpu, "a/b\"; print(1) #", "`a/b\"; print(1) #`: a model for a lent GPU is written OWNER/NAME: "),
        (Role::Proxy, "smollm2-135m-instruct", "a proxy serves no model of its own: leave --model out"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let error = init(folder.path(), &wish(role, Some(model)), false).unwrap_err();
        assert!(error.to_string().starts_with(expected) && error.is_mistaken(), "{error}");
        assert!(files(folder.path()).is_empty());
    }
}
