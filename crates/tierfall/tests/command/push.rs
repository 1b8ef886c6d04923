//! `tierfall space push`, to a Hub on loopback.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::hub_stand_in::{HubStandIn, TOKEN, git};
use super::{Said, folder, tierfall};

const SPACE: &str = "you/my-space";

/// A folder with the folder of a Space in it.
struct Desk {
    folder: tempfile::TempDir,
    hub: HubStandIn,
}

impl Desk {
    fn new() -> Self {
        Self::of("fast")
    }

    fn of(role: &str) -> Self {
        let folder = folder();
        let said = tierfall(folder.path(), &[], &["space", "init", "made", "--role", role]);
        assert_eq!(said.code, 0, "{}", said.err);
        Self { folder, hub: HubStandIn::start() }
    }

    fn made(&self) -> PathBuf {
        self.folder.path().join("made")
    }

    fn push(&self) -> Said {
        self.push_as(&[])
    }

    fn push_as(&self, options: &[&str]) -> Said {
        self.run(TOKEN, &path(), options)
    }

    fn push_with(&self, token: &str, path: &str) -> Said {
        self.run(token, path, &[])
    }

    fn run(&self, token: &str, path: &str, options: &[&str]) -> Said {
        let keys = [("HF_TOKEN", token), ("HF_ENDPOINT", &self.hub.endpoint), ("PATH", path)];
        let said = tierfall(self.folder.path(), &keys, &[&["space", "push", "made", SPACE], options].concat());
        assert!(!said.out.contains("hunter2") && !said.err.contains("hunter2"), "{}{}", said.out, said.err);
        said
    }

    /// What must be one line that begins so.
    fn refused(&self, said: &Said, code: i32, begins: &str) {
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{}", said.err);
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        assert!(said.err.starts_with(&format!("error: {begins}")), "{}", said.err);
    }

    fn commits(&self) -> String {
        git(&self.hub.repository(SPACE), &["rev-list", "--count", "main"])
    }
}

fn path() -> String {
    std::env::var("PATH").expect("a PATH")
}

/// Every file that the Space holds, with its content's hash.
fn tree(folder: &Path, at: &str) -> String {
    git(folder, &["ls-tree", "-r", at])
}

/// What the Hub is asked to make.
fn wish(private: bool) -> serde_json::Value {
    serde_json::json!({
        "type": "space", "sdk": "docker", "organization": "you", "name": "my-space", "private": private,
    })
}

#[test]
fn a_space_is_made_and_holds_the_folder_as_it_is() {
    let desk = Desk::new();
    let said = desk.push();
    assert_eq!(said.code, 0, "{}", said.err);
    let page = format!("{}/spaces/{SPACE}", desk.hub.endpoint);
    assert!(said.out.starts_with(&format!("{SPACE}: made at {page}, private\n{SPACE}: pushed; ")), "{}", said.out);
    assert!(said.out.contains("CUSTOM_LLM_BASE_URL=https://you-my-space.hf.space/v1 "), "{}", said.out);
    assert_eq!(desk.hub.created(), [wish(true)]);
    let repository = desk.hub.repository(SPACE);
    assert_eq!(tree(&repository, "main"), tree(&desk.made(), "HEAD"));
    assert!(tree(&repository, "main").contains("\tsource/crates/space/build/main.rs"));
    assert_eq!(
        git(&repository, &["show", "main:Dockerfile"]),
        fs::read_to_string(desk.made().join("Dockerfile")).expect("a file").trim_end()
    );
    assert_eq!(desk.commits(), "2", "on top of what the Hub began it with");
}

#[test]
fn everybody_sees_a_space_only_where_that_was_said() {
    let desk = Desk::new();
    let said = desk.push_as(&["--public"]);
    let page = format!("{}/spaces/{SPACE}", desk.hub.endpoint);
    assert!(said.out.starts_with(&format!("{SPACE}: made at {page}, public\n")), "{}{}", said.out, said.err);
    assert_eq!(desk.hub.created(), [wish(false)]);
}

#[test]
fn where_only_those_who_pay_have_a_space_that_is_said_before_anything_is_uploaded() {
    let desk = Desk::new();
    let why = "Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription";
    desk.hub.api_answers(402, why);
    let said = desk.push();
    desk.refused(
        &said,
        1,
        &format!("the Hub makes {SPACE} for a paying account alone (402: {why}); nothing was uploaded. "),
    );
    assert!(said.err.contains("For $0 ") && said.err.contains("--role zerogpu") && said.err.contains("docs/spaces.md"));
    let paths: Vec<String> = desk.hub.seen().into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/api/repos/create"]);
}

#[test]
fn a_space_with_a_lent_gpu_is_made_as_one() {
    let desk = Desk::of("zerogpu");
    let said = desk.push();
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.contains("TIER1_TYPE=zerogpu, TIER1_BASE_URL=https://you-my-space.hf.space;"), "{}", said.out);
    let made = desk.hub.created();
    assert_eq!(
        made.iter().map(|wish| (&wish["sdk"], &wish["hardware"])).collect::<Vec<_>>(),
        [(&"gradio".into(), &"zero-a10g".into())]
    );
    assert_eq!(tree(&desk.hub.repository(SPACE), "main"), tree(&desk.made(), "HEAD"));
}

#[test]
fn a_second_push_is_of_what_has_changed_and_of_nothing_where_nothing_has() {
    let desk = Desk::new();
    desk.push();
    let said = desk.push();
    assert_eq!((said.code, said.out), (0, format!("{SPACE}: the Space holds what is in made already\n")));
    assert_eq!(desk.commits(), "2");
    let said = tierfall(desk.folder.path(), &[], &["space", "init", "made", "--role", "proxy", "--force"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let said = desk.push();
    assert!(said.code == 0 && said.out.starts_with(&format!("{SPACE}: pushed; ")), "{}{}", said.out, said.err);
    assert_eq!(desk.commits(), "3");
    assert!(git(&desk.hub.repository(SPACE), &["show", "main:Dockerfile"]).contains("\nENV MODEL_URL=\n"));
}

#[test]
fn the_token_is_in_no_argument_and_no_file_and_goes_to_the_hub_alone() {
    let desk = Desk::new();
    let (bin, seen) = (desk.folder.path().join("bin"), desk.folder.path().join("seen"));
    fs::create_dir(&bin).expect("a folder");
    let script = format!(
        "#!/bin/sh\nprintf '%s ' \"$@\" >> {0}\necho >> {0}\nPATH={1} exec git \"$@\"\n",
        seen.display(),
        path()
    );
    // Written by a process of its own: what another test starts holds what is open here until it has begun, and a program
    // that somebody has open to write cannot be started.
    let mut write = Command::new("/bin/sh");
    let write =
        write.args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(bin.join("git")).stdin(Stdio::piped()).spawn();
    let mut write = write.expect("a shell");
    write.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    assert!(write.wait().expect("it is ours").success());
    let said = desk.push_with(TOKEN, &format!("{}:{}", bin.display(), path()));
    assert_eq!(said.code, 0, "{}", said.err);
    let arguments = fs::read_to_string(seen).expect("what it saw");
    assert!(arguments.contains(" push ") && !arguments.contains("hunter2"), "{arguments}");
    let mut folders = vec![desk.made().join(".git")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let content = fs::read(&path).expect("a file");
                assert!(!content.windows(7).any(|word| word == b"hunter2"), "{}", path.display());
            }
        }
    }
    // Git asks without a login first: the helper gives it only where the Hub wants one.
    let seen = desk.hub.seen();
    let logins = seen.iter().filter(|(path, login)| path.starts_with("/spaces/") && !login.is_empty());
    assert!(logins.count() > 0, "{seen:?}");
}

#[test]
fn a_space_edited_on_its_page_is_left_as_it_is_until_that_is_taken_over() {
    let desk = Desk::new();
    desk.push();
    desk.hub.edit(SPACE, &[("NOTES.md", "edited there\n")]);
    fs::write(desk.made().join("MORE.md"), "written here\n").expect("written");
    let said = desk.push();
    desk.refused(&said, 1, &format!("the Space {SPACE} was edited since the last push: take that over with `git -C "));
    assert!(!tree(&desk.hub.repository(SPACE), "main").contains("MORE.md"));

    let command = said.err.split('`').nth(1).expect("a command");
    let words: Vec<&str> = command.split_whitespace().collect();
    let ["git", "-C", folder, pull @ ..] = words.as_slice() else { panic!("{command}") };
    // At the terminal Git asks for the login.
    let login = format!("credential.helper=!f() {{ printf 'username=tierfall\\npassword={TOKEN}\\n'; }}; f");
    git(Path::new(folder), &[&["-c", &login], pull].concat());
    assert_eq!(desk.push().code, 0);
    let there = tree(&desk.hub.repository(SPACE), "main");
    assert!(there.contains("NOTES.md") && there.contains("MORE.md"), "{there}");
}

#[test]
fn an_edit_while_a_push_is_under_way_stays_too() {
    for path in ["/info/refs", "/git-receive-pack"] {
        let desk = Desk::new();
        desk.push();
        desk.hub.race_at(path, SPACE);
        fs::write(desk.made().join("MORE.md"), "written here\n").expect("written");
        desk.refused(&desk.push(), 1, &format!("the Space {SPACE} was edited since the last push: "));
        let there = tree(&desk.hub.repository(SPACE), "main");
        assert!(there.contains("NOTES.md") && !there.contains("MORE.md"), "{path}: {there}");
    }
}

#[test]
fn a_name_that_is_in_use_is_not_written_over() {
    let desk = Desk::new();
    desk.hub.edit(SPACE, &[("README.md", "mine"), ("app.py", "print()")]);
    let before = tree(&desk.hub.repository(SPACE), "main");
    desk.refused(&desk.push(), 1, &format!("the Space {SPACE} is there already and holds other files: "));
    assert_eq!(tree(&desk.hub.repository(SPACE), "main"), before);
}

#[test]
fn a_space_that_was_made_on_the_page_and_is_empty_is_taken() {
    for with_first_files in [true, false] {
        let desk = Desk::new();
        if with_first_files {
            desk.hub.edit(SPACE, &[("README.md", "---\nsdk: docker\n---\n"), (".gitattributes", "")]);
        } else {
            desk.hub.make_empty(SPACE);
        }
        let said = desk.push();
        assert_eq!(said.code, 0, "{}", said.err);
        assert!(said.out.starts_with(&format!("{SPACE}: pushed; ")), "{}", said.out);
        assert_eq!(desk.commits(), if with_first_files { "2" } else { "1" });
    }
}

#[test]
fn a_push_that_was_refused_in_the_middle_is_finished_by_the_next() {
    let desk = Desk::new();
    desk.hub.refuse_writing(403);
    desk.refused(&desk.push(), 1, "HF_TOKEN may not write to you (403): ");
    assert_eq!(desk.commits(), "1");
    desk.hub.allow_writing();
    assert_eq!(desk.push().code, 0);
    assert_eq!(desk.commits(), "2");
}

#[test]
fn what_the_hub_refuses_is_told_in_one_line() {
    let desk = Desk::new();
    desk.refused(&desk.push_with("hf_other-hunter2", &path()), 1, "the Hub does not take HF_TOKEN (401): ");
    desk.hub.refuse_writing(401);
    desk.refused(&desk.push(), 1, "the Hub does not take HF_TOKEN (401): ");
    desk.hub.api_answers(403, "no right");
    desk.refused(&desk.push(), 1, "HF_TOKEN may not write to you (403): ");
    desk.hub.api_answers(400, "Invalid\nname");
    desk.refused(&desk.push(), 1, &format!("the Hub would not make the Space {SPACE} (400): Invalidname"));
}

#[test]
fn what_is_missing_is_named() {
    let desk = Desk::new();
    desk.refused(&desk.push_with("", &path()), 2, "HF_TOKEN is not set: ");
    desk.refused(&desk.push_with(TOKEN, "/nowhere"), 1, "git is not installed, ");
    let keys = [("HF_TOKEN", TOKEN), ("HF_ENDPOINT", "http://127.0.0.1:1"), ("PATH", &path())];
    let run = |arguments: &[&str]| tierfall(desk.folder.path(), &keys, &[&["space", "push"], arguments].concat());
    desk.refused(&run(&["made", "my-space"]), 2, "`my-space`: a Space is written OWNER/NAME");
    desk.refused(
        &run(&["gone", SPACE]),
        2,
        "gone has no Dockerfile and no app.py: write the folder first, with: tierfall space init gone",
    );
    desk.refused(&run(&["made", SPACE]), 1, "http://127.0.0.1:1 cannot be reached: ");
    assert!(desk.hub.seen().is_empty());
}
