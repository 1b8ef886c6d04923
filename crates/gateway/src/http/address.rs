//! The addresses that clients mean where they write another: a slash too many, `/v1` twice or not at all.

use http::Uri;
use http::uri::PathAndQuery;

const SERVED: [&str; 5] = ["/v1/chat/completions", "/v1/completions", "/v1/models", "/health", "/ready"];

/// The address that is served here and was meant by `uri`, where that is another.
pub(super) fn meant(uri: &Uri) -> Option<Uri> {
    let mut names: Vec<_> = uri.path().split('/').filter(|name| !name.is_empty()).collect();
    while names.starts_with(&["v1", "v1"]) {
        names.remove(0);
    }
    let plain = format!("/{}", names.join("/"));
    let path = [plain.clone(), format!("/v1{plain}")].into_iter().find(|path| is_served(path))?;
    if path == uri.path() {
        return None;
    }
    let target = uri.query().map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(PathAndQuery::try_from(target).ok()?);
    Uri::from_parts(parts).ok()
}

fn is_served(path: &str) -> bool {
    SERVED.contains(&path) || path.strip_prefix("/v1/models/").is_some_and(|id| !id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_slips_mean_an_address_that_is_served() {
        for (written, meant_path) in [
            ("/v1/chat/completions/", Some("/v1/chat/completions")),
            ("/v1/v1/chat/completions?x=1", Some("/v1/chat/completions?x=1")),
            ("//v1/chat/completions", Some("/v1/chat/completions")),
            ("/v1//completions", Some("/v1/completions")),
            ("/chat/completions", Some("/v1/chat/completions")),
            ("/models/auto", Some("/v1/models/auto")),
            ("/v1/models/", Some("/v1/models")),
            ("/v1/chat/completions", None),
            ("/v1/responses", None),
            ("/v1", None),
            ("/", None),
        ] {
            // An address in origin form, as it stands in a request's first line.
            let uri = Uri::builder().path_and_query(written).build().expect(written);
            assert_eq!(meant(&uri).map(|uri| uri.to_string()).as_deref(), meant_path, "{written}");
        }
    }
}
