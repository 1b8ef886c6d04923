//! Whether the Studio can be served: its front end, its projects, and tiers that may write pages.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use studio::{Projects, StoreError};

use super::Trouble;
use crate::config::Configuration;
use crate::serve::page_writers;

/// Where it is served and with what.
///
/// # Errors
/// What stands in its way, each with its remedy.
pub(super) async fn examine(configuration: &Configuration) -> Result<String, Vec<Trouble>> {
    let projects = studio::look(&shown(&configuration.data_dir)).await;
    judge(studio::has_front_end(), projects, &page_writers(configuration), configuration.listen)
}

fn judge(
    has_front_end: bool,
    projects: Result<Projects, StoreError>,
    able: &[(u32, bool)],
    listen: SocketAddr,
) -> Result<String, Vec<Trouble>> {
    let mut troubles = Vec::new();
    if !has_front_end {
        troubles.push(trouble("its front end is not built into this binary", "run `make web`, then `make build`"));
    }
    if able.is_empty() {
        let fix = "switch on a tier whose model may, such as qwen2.5-coder-1.5b-instruct or a cloud's";
        troubles.push(trouble("no tier that is on may write pages", fix));
    }
    match projects {
        Ok(projects) if troubles.is_empty() => {
            return Ok(format!("on http://{listen}/: {}, {}", kept(&projects), writers(able)));
        }
        Ok(_) => {}
        Err(StoreError::Open { place, why, remedy }) => {
            troubles.push(trouble(&format!("the projects in {place} cannot be opened ({why})"), remedy));
        }
        Err(error) => troubles.push(trouble(&error.to_string(), "try again")),
    }
    Err(troubles)
}

fn trouble(cause: &str, fix: &str) -> Trouble {
    Trouble { cause: cause.to_owned(), fix: fix.to_owned() }
}

fn kept(projects: &Projects) -> String {
    let file = projects.file.display();
    match projects.count {
        0 => format!("no projects yet in {file}"),
        1 => format!("1 project in {file}"),
        count => format!("{count} projects in {file}"),
    }
}

/// Who may write pages, in words.
fn writers(able: &[(u32, bool)]) -> String {
    let numbered = |whole: bool, what: &str| {
        let numbers: Vec<_> =
            able.iter().filter(|(_, html)| *html == whole).map(|(number, _)| number.to_string()).collect();
        match &numbers[..] {
            [] => None,
            [one] => Some(format!("tier {one} writes {what}")),
            several => Some(format!("tiers {} write {what}", several.join(", "))),
        }
    };
    let said: Vec<_> =
        [numbered(false, "words"), numbered(true, "words and whole pages")].into_iter().flatten().collect();
    said.join(", ")
}

/// A path as it is seen from the working folder, where it lies within.
fn shown(path: &Path) -> PathBuf {
    let folder = std::env::current_dir().unwrap_or_default();
    match path.strip_prefix(folder) {
        Ok(within) if within.as_os_str().is_empty() => PathBuf::from("."),
        Ok(within) => within.to_owned(),
        Err(_) => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABLE: [(u32, bool); 3] = [(1, false), (3, true), (4, true)];

    fn judged(has_front_end: bool, count: Option<u64>, able: &[(u32, bool)]) -> Result<String, Vec<String>> {
        let file = PathBuf::from("data/studio.db");
        let unopened =
            StoreError::Open { place: "data/studio.db".to_owned(), why: "locked".to_owned(), remedy: "unlock it" };
        let projects = count.map(|count| Projects { file, count }).ok_or(unopened);
        let listen = "127.0.0.1:7860".parse().expect("an address");
        let judged = judge(has_front_end, projects, able, listen);
        judged
            .map_err(|troubles| troubles.iter().map(|trouble| format!("{} → {}", trouble.cause, trouble.fix)).collect())
    }

    #[test]
    fn where_it_is_served_its_projects_and_who_may_write_are_told() {
        let several = "on http://127.0.0.1:7860/: 2 projects in data/studio.db, tier 1 writes words, tiers 3, 4 write words and whole pages";
        assert_eq!(judged(true, Some(2), &ABLE).as_deref(), Ok(several));
        let first = "on http://127.0.0.1:7860/: no projects yet in data/studio.db, tier 1 writes words";
        assert_eq!(judged(true, Some(0), &ABLE[..1]).as_deref(), Ok(first));
    }

    #[test]
    fn all_that_stands_in_its_way_is_told_with_its_remedy() {
        let troubles = judged(false, None, &[]).expect_err("troubles");
        assert!(
            troubles[0].starts_with("its front end is not built into this binary → run `make web`"),
            "{troubles:?}"
        );
        assert!(troubles[1].starts_with("no tier that is on may write pages → switch on a tier"), "{troubles:?}");
        assert_eq!(troubles[2], "the projects in data/studio.db cannot be opened (locked) → unlock it");
        assert_eq!(judged(true, None, &ABLE).expect_err("one").len(), 1);
        assert_eq!(judged(true, Some(1), &[]).expect_err("one").len(), 1);
    }
}
