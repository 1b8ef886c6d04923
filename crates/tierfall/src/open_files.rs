//! How many files and sockets this process may have open at once.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// With fewer a gateway is soon at its end: a request holds two, its caller's connection and its tier's.
const LOW: u64 = 1_024;

/// Raises the limit to the highest that this user may set. The workers of local tiers lower their own again.
pub(crate) fn raise() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    // Where the system refuses it, the old one stands.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

/// What to tell the user where the limit is low, and cannot be raised by this process.
pub(crate) fn warning() -> Option<String> {
    let most = getrlimit(Resource::Nofile).maximum?;
    (most < LOW).then(|| {
        let requests = most / 2;
        format!(
            "only {most} files may be open at once, enough for fewer than {requests} requests at a time: raise the hard limit \
             (ulimit -Hn, LimitNOFILE of systemd, --ulimit nofile of Docker)"
        )
    })
}
