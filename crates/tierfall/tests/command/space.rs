use super::{folder, tierfall};

#[test]
fn init_writes_a_folder_and_says_what_comes_next() {
    let folder = folder();
    for (role, what, variable) in [
        ("primary", "serves qwen2.5-coder-1.5b-instruct:Q4_K_M", false),
        ("fast", "serves smollm2-135m-instruct:Q4_1", false),
        ("proxy", "forwards to its variable MODEL_URL", true),
    ] {
        let said = tierfall(folder.path(), &[], &["space", "init", role, "--role", role]);
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert!(said.out.starts_with(&format!("{role}: a Space that {what}; ")), "{}", said.out);
        assert!(said.out.contains(&format!("\n2. tierfall space push {role} OWNER/NAME\n")), "{}", said.out);
        assert_eq!(said.out.contains("and the variable MODEL_URL"), variable, "{}", said.out);
        for file in ["Dockerfile", "README.md", "source/Cargo.lock", "source/crates/tierfall/src/main.rs"] {
            assert!(folder.path().join(role).join(file).is_file(), "{file}");
        }
    }
}

#[test]
fn init_of_a_space_with_a_lent_gpu_says_how_it_is_asked() {
    let folder = folder();
    let said = tierfall(folder.path(), &[], &["space", "init", "lent", "--role", "zerogpu"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    let first =
        "lent: a Space that serves Qwen/Qwen2.5-Coder-7B-Instruct; app.py, requirements.txt and README.md, 3 files\n";
    assert!(said.out.starts_with(first), "{}", said.out);
    assert!(said.out.contains("TIER1_TYPE=zerogpu and TIER1_BASE_URL=https://OWNER-NAME.hf.space,"), "{}", said.out);
    assert!(!said.out.contains("TIERFALL_API_KEYS"), "the Hub itself looks at who asks: {}", said.out);
}

#[test]
fn what_is_refused_is_one_line_and_code_2() {
    let folder = folder();
    std::fs::write(folder.path().join("mine"), "").expect("written");
    for (arguments, expected) in [
        (&[".", "--role", "fast"][..], ". is not empty: name another folder, or write over what is in it with --force"),
        (
            &["new", "--role", "fast", "--model", "smollm2-135m-instruct:Q9"],
            "smollm2-135m-instruct has no `Q9`: it comes in Q4_1",
        ),
        (
            &["new", "--role", "proxy", "--model", "smollm2-135m-instruct"],
            "a proxy serves no model of its own: leave --model out, and say MODEL_URL in the Space's settings",
        ),
    ] {
        let said = tierfall(folder.path(), &[], &[&["space", "init"], arguments].concat());
        assert_eq!((said.code, said.err, said.out.as_str()), (2, format!("error: {expected}\n"), ""));
    }
    let said = tierfall(folder.path(), &[], &["space", "init", "new", "--role", "tertiary"]);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("tertiary") && said.err.contains("primary, fast, proxy, zerogpu"), "{}", said.err);
    assert!(!folder.path().join("new").exists());
}
