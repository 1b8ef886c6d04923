//! The folder of a Space whose GPU is lent, as Gradio and the Hub would read it.

use std::fs;

use space::Role;

use super::{files, front_matter, written};

#[test]
fn it_is_a_gradio_program_with_nothing_to_build() {
    let (folder, said) = written(Role::Zerogpu, None);
    let mut names: Vec<_> = files(folder.path()).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    names.sort();
    assert_eq!((said.files, names), (3, ["README.md", "app.py", "requirements.txt"].map(Into::into).to_vec()));
    for path in files(folder.path()) {
        assert!(!fs::read_to_string(&path).unwrap().contains("{{"), "{}", path.display());
    }
    let head = front_matter(folder.path());
    let of = |key: &str| head[key].as_str();
    assert_eq!([of("sdk"), of("app_file"), of("suggested_hardware")], ["gradio", "app.py", "zero-a10g"]);
    assert_eq!([of("title"), of("models")], ["\"Tierfall zerogpu\"", "Qwen/Qwen2.5-Coder-7B-Instruct"]);
    let version = of("sdk_version").split('.').map(|part| part.parse::<u32>().unwrap()).collect::<Vec<_>>();
    assert!(version.len() == 3 && version[0] >= 5, "the calls below /gradio_api are those of Gradio 5: {version:?}");
    let needs = fs::read_to_string(folder.path().join("requirements.txt")).unwrap();
    assert!(needs.contains("\nspaces\n") && !needs.contains("\ngradio"), "its version would stand against sdk_version");
}

#[test]
fn one_function_takes_a_gpu_and_one_line_names_the_model() {
    let (folder, said) = written(Role::Zerogpu, Some("HuggingFaceTB/SmolLM3-3B"));
    assert_eq!(said.model.as_deref(), Some("HuggingFaceTB/SmolLM3-3B"));
    let program = fs::read_to_string(folder.path().join("app.py")).unwrap();
    let named: Vec<_> = program.lines().filter(|line| line.contains("SmolLM3")).collect();
    assert_eq!(named, [r#"MODEL = "HuggingFaceTB/SmolLM3-3B""#]);
    assert_eq!(program.matches("@spaces.GPU").count(), 1);
    assert_eq!(front_matter(folder.path())["models"], "HuggingFaceTB/SmolLM3-3B");
}
