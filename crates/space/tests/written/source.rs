//! What the first stage builds.

use std::fs;
use std::process::Command;

use space::Role;

use super::{files, written};

#[test]
fn cargo_finds_every_crate_of_the_written_source_at_its_locked_version() {
    let (folder, _) = written(Role::Fast, None);
    let cargo = std::env::var("CARGO").unwrap();
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--package", "tierfall", "--edges", "normal,build"])
        .current_dir(folder.path().join("source"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_the_source_includes_at_compile_time_is_there() {
    let (folder, _) = written(Role::Fast, None);
    let mut checked = 0;
    for path in files(&folder.path().join("source/crates")) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        for included in text.split("include_str!(\"").skip(1) {
            let included = included.split('"').next().unwrap();
            assert!(path.parent().unwrap().join(included).is_file(), "{}: {included}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 4, "{checked}");
}

#[test]
fn the_hub_takes_every_file_without_lfs() {
    // Over 10 MiB, or not text: https://huggingface.co/docs/hub/repositories-getting-started
    let (folder, said) = written(Role::Primary, None);
    let all = files(folder.path());
    assert_eq!(all.len(), said.files);
    for path in all {
        let content = fs::read(&path).unwrap();
        assert!(content.len() < 10 << 20, "{}", path.display());
        assert!(std::str::from_utf8(&content).is_ok_and(|text| !text.contains('\0')), "{}", path.display());
    }
}
