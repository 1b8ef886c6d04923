//! The control groups that this process is in, whose limits hold beside the machine's.

use std::path::{Path, PathBuf};

const ROOT: &str = "/sys/fs/cgroup";

/// The one tree of cgroup v2, in which no controller is named.
pub(super) const VERSION_2: &str = "";

/// What a limit's file says in the process's own group, and in each of those above it: the least of them holds. In a
/// container the tree begins with the container's own group. A controller's name is that of its tree in cgroup v1.
pub(super) fn read_each<T>(controller: &str, read: impl Fn(&Path) -> Option<T>) -> Vec<T> {
    let own = std::fs::read_to_string("/proc/self/cgroup").ok().and_then(|text| parse(&text, controller));
    let root = Path::new(ROOT).join(controller);
    folders(&root, own.as_deref().unwrap_or_default()).iter().filter_map(|folder| read(folder)).collect()
}

/// The group's path in its tree. A line is `NUMBER:CONTROLLERS:PATH`.
fn parse(text: &str, controller: &str) -> Option<String> {
    let path = |line: &str| {
        let (_, rest) = line.split_once(':')?;
        let (controllers, path) = rest.split_once(":/")?;
        controllers.split(',').any(|name| name == controller).then(|| path.to_owned())
    };
    text.lines().find_map(path)
}

fn folders(root: &Path, own: &str) -> Vec<PathBuf> {
    let own = root.join(own);
    own.ancestors().take_while(|folder| folder.starts_with(root)).map(Path::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUPS: &str = "4:memory:/box\n3:cpu,cpuacct:/\n0::/system.slice/tierfall.service\n";

    #[test]
    fn each_tree_has_a_path_of_its_own() {
        let parsed = |controller| parse(GROUPS, controller);
        assert_eq!(parsed(VERSION_2).as_deref(), Some("system.slice/tierfall.service"));
        assert_eq!(parsed("memory").as_deref(), Some("box"));
        assert_eq!(parsed("cpuacct").as_deref(), Some(""));
        assert_eq!(parsed("pids"), None);
    }

    #[test]
    fn the_own_group_and_all_above_it_are_asked() {
        let names = ["/c/system.slice/tierfall.service", "/c/system.slice", "/c"];
        assert_eq!(folders(Path::new("/c"), "system.slice/tierfall.service"), names.map(PathBuf::from));
        assert_eq!(folders(Path::new("/c"), ""), [PathBuf::from("/c")]);
    }
}
