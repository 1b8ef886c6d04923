//! The Hub on loopback: it makes Spaces as bare repositories, and serves them by Git's own HTTP backend.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

/// The token that it takes.
pub(crate) const TOKEN: &str = "hf_hunter2";
/// `tierfall` and [`TOKEN`], as Git sends a login.
const LOGIN: &str = "Basic dGllcmZhbGw6aGZfaHVudGVyMg==";

pub(crate) struct HubStandIn {
    pub(crate) endpoint: String,
    state: Arc<State>,
}

struct State {
    root: tempfile::TempDir,
    /// What the API answers with in place of its own, and its reason.
    api: Mutex<Option<(u16, &'static str)>>,
    /// What Git is answered where it wants to write.
    write: Mutex<Option<u16>>,
    /// The end of the path at which somebody else is quicker: the Space is edited before it is answered.
    raced: Mutex<Option<(&'static str, String)>>,
    created: Mutex<Vec<serde_json::Value>>,
    /// The Spaces that only their owner sees.
    private: Mutex<Vec<String>>,
    /// Path and `Authorization` of every request.
    seen: Mutex<Vec<(String, String)>>,
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl HubStandIn {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let state = Arc::new(State {
            root: tempfile::tempdir().expect("a folder"),
            api: Mutex::default(),
            write: Mutex::default(),
            raced: Mutex::default(),
            created: Mutex::default(),
            private: Mutex::default(),
            seen: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                thread::spawn(move || state.answer(&stream));
            }
        });
        Self { endpoint, state }
    }

    pub(crate) fn api_answers(&self, status: u16, reason: &'static str) {
        *self.state.api.lock().expect("no panic") = Some((status, reason));
    }

    pub(crate) fn refuse_writing(&self, status: u16) {
        *self.state.write.lock().expect("no panic") = Some(status);
    }

    pub(crate) fn allow_writing(&self) {
        *self.state.write.lock().expect("no panic") = None;
    }

    /// Lets somebody edit the Space at the next request to write whose path ends so.
    pub(crate) fn race_at(&self, path: &'static str, space: &str) {
        *self.state.raced.lock().expect("no panic") = Some((path, space.to_owned()));
    }

    /// What it was asked to make.
    pub(crate) fn created(&self) -> Vec<serde_json::Value> {
        self.state.created.lock().expect("no panic").clone()
    }

    pub(crate) fn seen(&self) -> Vec<(String, String)> {
        self.state.seen.lock().expect("no panic").clone()
    }

    /// The bare repository of a Space.
    pub(crate) fn repository(&self, space: &str) -> PathBuf {
        self.state.repository(space)
    }

    /// Makes a Space that holds nothing at all.
    pub(crate) fn make_empty(&self, space: &str) {
        self.state.make_empty(space);
    }

    /// Edits a Space, as its owner would on its page.
    pub(crate) fn edit(&self, space: &str, files: &[(&str, &str)]) {
        self.state.edit(space, files);
    }
}

impl State {
    fn repository(&self, space: &str) -> PathBuf {
        self.root.path().join("spaces").join(space)
    }

    fn make_empty(&self, space: &str) {
        let repository = self.repository(space);
        fs::create_dir_all(&repository).expect("a folder");
        git(&repository, &["init", "--quiet", "--bare", "--initial-branch=main"]);
    }

    fn edit(&self, space: &str, files: &[(&str, &str)]) {
        let repository = self.repository(space);
        if !repository.exists() {
            self.make_empty(space);
        }
        let clone = tempfile::tempdir().expect("a folder");
        let from = repository.to_str().expect("UTF-8");
        git(clone.path(), &["clone", "--quiet", from, "."]);
        for (name, text) in files {
            fs::write(clone.path().join(name), text).expect("written");
        }
        git(clone.path(), &["add", "--all"]);
        git(clone.path(), &["commit", "--quiet", "--message", "Edited on the page"]);
        git(clone.path(), &["push", "--quiet", "origin", "HEAD:refs/heads/main"]);
    }

    fn answer(&self, mut stream: &TcpStream) {
        let Some(request) = Request::read(stream) else { return };
        let authorization = request.header("authorization").unwrap_or_default().to_owned();
        self.seen.lock().expect("no panic").push((request.path.clone(), authorization.clone()));
        let answer = if request.path == "/api/repos/create" {
            self.create(&request, &authorization)
        } else {
            self.serve(&request, &authorization)
        };
        // A client that has left wants no answer.
        let _ = stream.write_all(&answer);
    }

    fn create(&self, request: &Request, authorization: &str) -> Vec<u8> {
        if authorization != format!("Bearer {TOKEN}") {
            return status(401, r#"{"error":"Invalid credentials"}"#);
        }
        if let Some((code, reason)) = *self.api.lock().expect("no panic") {
            return status(code, &serde_json::json!({ "error": reason }).to_string());
        }
        let wish: serde_json::Value = serde_json::from_slice(&request.body).expect("JSON");
        let space =
            format!("{}/{}", wish["organization"].as_str().expect("text"), wish["name"].as_str().expect("text"));
        if wish["private"] == true {
            self.private.lock().expect("no panic").push(space.clone());
        }
        self.created.lock().expect("no panic").push(wish);
        if self.repository(&space).exists() {
            return status(409, r#"{"error":"You already created this space repo"}"#);
        }
        self.edit(&space, &[("README.md", "---\nsdk: docker\n---\n"), (".gitattributes", "*.bin filter=lfs\n")]);
        status(200, "{}")
    }

    /// Writing wants the login, and so does reading a private Space.
    fn serve(&self, request: &Request, authorization: &str) -> Vec<u8> {
        let writes = request.query.contains("git-receive-pack") || request.path.ends_with("git-receive-pack");
        let is_private =
            self.private.lock().expect("no panic").iter().any(|space| request.path.contains(space.as_str()));
        if (writes || is_private) && authorization != LOGIN {
            return status(401, "");
        }
        if let Some(code) = self.write.lock().expect("no panic").filter(|_| writes) {
            return status(code, "");
        }
        let raced = self.raced.lock().expect("no panic").take_if(|(path, _)| writes && request.path.ends_with(*path));
        if let Some((_, space)) = raced {
            self.edit(&space, &[("NOTES.md", "edited meanwhile\n")]);
        }
        let mut backend = Command::new("git");
        backend
            .arg("http-backend")
            .env("GIT_PROJECT_ROOT", self.root.path())
            .env("GIT_HTTP_EXPORT_ALL", "1")
            .env("PATH_INFO", &request.path)
            .env("QUERY_STRING", &request.query)
            .env("REQUEST_METHOD", &request.method)
            .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
            .env("HTTP_CONTENT_ENCODING", request.header("content-encoding").unwrap_or_default())
            .env("CONTENT_LENGTH", request.body.len().to_string());
        if writes {
            backend.env("REMOTE_USER", "owner");
        }
        let mut backend = backend.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("git");
        let mut input = backend.stdin.take().expect("a pipe");
        let body = request.body.clone();
        thread::spawn(move || input.write_all(&body));
        let said = backend.wait_with_output().expect("its output").stdout;
        // CGI's head: `Status: 404 …` where it is not 200.
        let head = String::from_utf8_lossy(&said[..said.len().min(200)]).into_owned();
        let code = head.strip_prefix("Status: ").map_or("200 OK", |rest| rest.lines().next().unwrap_or_default());
        [format!("HTTP/1.1 {code}\r\nconnection: close\r\n").as_bytes(), &said].concat()
    }
}

impl Request {
    fn read(stream: &TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let mut words = line.split_whitespace();
        let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_ascii_lowercase(), value.to_owned()));
        }
        let (path, query) = (path.to_owned(), query.to_owned());
        let mut request = Self { method, path, query, headers, body: Vec::new() };
        assert!(request.header("transfer-encoding").is_none(), "bodies come in one piece");
        let length = request.header("content-length").map_or(0, |length| length.parse().expect("a number"));
        request.body = vec![0; length];
        reader.read_exact(&mut request.body).ok()?;
        Some(request)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

fn status(code: u16, body: &str) -> Vec<u8> {
    let login = if code == 401 { "www-authenticate: Basic realm=\"hub\"\r\n" } else { "" };
    format!("HTTP/1.1 {code} Said\r\nconnection: close\r\n{login}content-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// What `git` prints in `folder`, as somebody else than the one under test.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .args(["-c", "user.name=Owner", "-c", "user.email=owner@example.org"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("git");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8").trim_end().to_owned()
}
