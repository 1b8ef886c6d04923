use super::{folder, tierfall};

const SMALL: &str = "smollm2-135m-instruct";

#[test]
fn a_list_says_what_is_here_how_large_and_for_which_tier() {
    let folder = folder();
    let models = folder.path().join("data/models");
    std::fs::create_dir_all(&models).expect("a folder");
    let whole = std::fs::File::create(models.join("smollm2-135m-instruct.Q4_1.gguf")).expect("a file");
    whole.set_len(98_362_432).expect("room");
    let part = std::fs::File::create(models.join("qwen2.5-coder-1.5b-instruct.Q4_K_M.gguf.partial")).expect("a file");
    part.set_len(1_117_320_768 / 2).expect("room");

    let said = tierfall(folder.path(), &[], &["models", "list"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let lines: Vec<Vec<&str>> = said.out.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["MODEL", "SIZE", "STATE", "LICENCE", "TIERS"]);
    assert_eq!(lines[1], ["smollm2-135m-instruct:Q4_1", "98", "MB", "here,", "not", "verified", "Apache-2.0", "2"]);
    assert_eq!(lines[2], ["qwen2.5-coder-1.5b-instruct:Q4_K_M", "558", "MB", "50", "%", "fetched", "Apache-2.0", "1"]);
    let fetchable = lines.iter().filter(|line| line.windows(3).any(|words| words == ["can", "be", "fetched"]));
    assert!(fetchable.clone().count() > 3 && fetchable.clone().all(|line| line.last() == Some(&"-")), "{}", said.out);
    assert!(said.out.contains("tierfall models pull NAME"));
}

#[test]
fn a_path_is_printed_alone_and_a_pull_of_what_is_here_prints_it_too() {
    let folder = folder();
    let path = folder.path().join("data/models/smollm2-135m-instruct.Q4_1.gguf");
    let said = tierfall(folder.path(), &[], &["models", "path", SMALL]);
    assert_eq!((said.code, said.out), (0, format!("{}\n", path.display())));

    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::File::create(&path).expect("a file").set_len(98_362_432).expect("room");
    let said = tierfall(folder.path(), &[], &["models", "pull", SMALL]);
    assert_eq!((said.code, said.out), (0, format!("{}\n", path.display())));
}

#[test]
fn removing_says_what_it_gave_back_and_which_tier_runs_it() {
    let folder = folder();
    let path = folder.path().join("data/models/smollm2-135m-instruct.Q4_1.gguf");
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::File::create(&path).expect("a file").set_len(98_362_432).expect("room");
    let said = tierfall(folder.path(), &[], &["models", "remove", SMALL]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(
        said.out,
        "smollm2-135m-instruct:Q4_1 deleted, 98 MB free again; Tier 2: This machine, quick runs it, and fetches it again at the next start\n"
    );
    assert!(!path.exists());
    let said = tierfall(folder.path(), &[], &["models", "remove", SMALL]);
    assert_eq!((said.code, said.err.as_str()), (1, "error: smollm2-135m-instruct:Q4_1 is not in the models folder\n"));
}

#[test]
fn a_name_of_no_model_is_code_2_and_says_what_there_is() {
    let folder = folder();
    for command in ["pull", "path", "remove"] {
        let said = tierfall(folder.path(), &[], &["models", command, "smollm9"]);
        assert_eq!(said.code, 2);
        assert!(
            said.err.starts_with("error: no model `smollm9`: name one of qwen2.5-coder-1.5b-instruct, "),
            "{}",
            said.err
        );
        assert_eq!(said.err.lines().count(), 1);
    }
}

#[test]
fn a_pull_without_a_name_is_of_what_the_local_tiers_run() {
    let pull = |keys: &[(&str, &str)]| tierfall(folder().path(), keys, &["models", "pull"]);
    let said = pull(&[("CUSTOM_LLM_BASE_URL", "http://127.0.0.1:1/v1")]);
    assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "none of them is local");
    let said = pull(&[("TIER2_TYPE", "local"), ("TIER2_MODEL", "./gone.gguf")]);
    assert_eq!(said.code, 1);
    assert!(said.err.starts_with("error: ") && said.err.contains("gone.gguf"), "{}", said.err);
}
