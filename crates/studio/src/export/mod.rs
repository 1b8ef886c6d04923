//! A project's pages as one file, which opens from disk.

use std::io::{Cursor, Write as _};

use zip::result::ZipResult;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::project::Page;

/// Packs the pages. A path that leads out of the folder that they are unpacked in is made one within it.
pub(crate) fn zip(pages: &[Page]) -> ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for page in pages {
        zip.start_file(within(&page.path), options)?;
        zip.write_all(page.html.as_bytes())?;
    }
    zip.finish().map(Cursor::into_inner)
}

fn within(path: &str) -> String {
    let parts = path.split(['/', '\\']).filter(|part| !matches!(*part, "" | "." | ".."));
    let parts: Vec<_> = parts.map(|part| part.replace(':', "_")).collect();
    if parts.is_empty() { "page.html".to_owned() } else { parts.join("/") }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked_and_stays_in_its_folder() {
        let page = |path: &str| Page { path: path.to_owned(), html: format!("<p>{path}") };
        let packed = zip(&[page("index.html"), page("../../etc/passwd"), page("C:\\x.css")]).expect("a zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).expect("a zip");
        let names: Vec<_> = archive.file_names().map(str::to_owned).collect();
        assert_eq!(names, ["index.html", "etc/passwd", "C_/x.css"]);
        let mut text = String::new();
        archive.by_name("index.html").expect("a file").read_to_string(&mut text).expect("text");
        assert_eq!(text, "<p>index.html");
    }
}
