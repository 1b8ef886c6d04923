//! Redirects: the same call, somewhere else.

use crate::ask::Ask;
use crate::reply::Reply;

/// Where a moved path begins. What is asked for there is not sent on again.
const MOVED: &str = "/moved";

/// Where a redirect points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Redirect {
    /// Another path at the same address.
    Path,
    /// The same host, by https.
    Https,
    /// Another port of the same host.
    Port(u16),
    /// The host `localhost` with this port: another host by its name.
    Localhost(u16),
    /// A host that does not exist.
    Elsewhere,
}

impl Redirect {
    /// `307`, `308-https`, `308-port-8080`, `307-localhost-8080`, `302-elsewhere`.
    pub(crate) fn named(word: &str) -> Option<(u16, Redirect)> {
        let (code, target) = word.split_once('-').unwrap_or((word, ""));
        let code = code.parse().ok().filter(|code| (300..400).contains(code))?;
        let target = match target.rsplit_once('-') {
            Some(("port", port)) => Redirect::Port(port.parse().ok()?),
            Some(("localhost", port)) => Redirect::Localhost(port.parse().ok()?),
            Some(_) => return None,
            None => match target {
                "" => Redirect::Path,
                "https" => Redirect::Https,
                "elsewhere" => Redirect::Elsewhere,
                _ => return None,
            },
        };
        Some((code, target))
    }

    /// The reply, unless the call has come to where it was sent.
    pub(crate) fn reply(self, status: u16, ask: &Ask<'_>) -> Option<Reply> {
        if ask.path.starts_with(MOVED) {
            return None;
        }
        let (host, path) = (ask.host, ask.path);
        let name = host.rsplit_once(':').map_or(host, |(name, _port)| name);
        let location = match self {
            Redirect::Path => format!("{MOVED}{path}"),
            Redirect::Https => format!("https://{host}{path}"),
            Redirect::Port(port) => format!("http://{name}:{port}{MOVED}{path}"),
            Redirect::Localhost(port) => format!("http://localhost:{port}{MOVED}{path}"),
            Redirect::Elsewhere => format!("https://elsewhere.invalid{path}"),
        };
        let body = "<html><head><title>Redirect</title></head><body>The document has moved.</body></html>\n";
        Some(Reply::html(status, body).with(vec![("location", location)]))
    }
}
