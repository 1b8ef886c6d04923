//! What is given away: the page on the LAN, the page as a file, and the front end itself.

use std::io::{Cursor, Read as _};

use http::Method;
use serde_json::json;

use crate::stand::Stand;

#[tokio::test]
async fn a_page_on_the_lan_is_in_an_origin_of_its_own() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let slug = stand.shown(&project).await["slug"].as_str().unwrap().to_owned();
    let page = stand.get(&format!("/p/{slug}/")).answer().await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("sandbox allow-scripts; default-src 'none'"), "{policy}");
    assert!(!policy.contains("allow-same-origin") && !policy.contains("https:"), "{policy}");
    assert!(page.text().contains("Espresso") && !page.text().contains("data-ref"));
    let moved = stand.get(&format!("/p/{slug}")).answer().await;
    assert_eq!((moved.status, moved.header("location")), (308, format!("/p/{slug}/").as_str()));

    stand.call(Method::PATCH, &project, &json!({ "network": true })).json(200).await;
    let page = stand.get(&format!("/p/{slug}/")).answer().await;
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("sandbox allow-scripts;") && policy.contains("connect-src https:"), "{policy}");
    for path in ["/p/nord/", "/p/nobody-12345678/", &format!("/p/{slug}/other.html")] {
        let gone = stand.get(path).answer().await;
        assert_eq!(gone.status, 404, "{path}");
        assert!(
            gone.header("content-type").starts_with("text/html") && gone.text().contains("There is no page here"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_project_without_a_page_shows_none() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.project().await;
    let slug = stand.shown(&project).await["slug"].as_str().unwrap().to_owned();
    assert_eq!(stand.get(&format!("/p/{slug}/")).answer().await.status, 404);
    stand.get(&format!("{project}/export")).json(404).await;
}

#[tokio::test]
async fn an_exported_page_is_the_page_and_nothing_of_the_studio() {
    let stand = Stand::new(&["markdown"]).await;
    let project = stand.page().await;
    let file = stand.get(&format!("{project}/export")).answer().await;
    assert_eq!((file.status, file.header("content-type")), (200, "application/zip"));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"nord-"));
    let mut archive = zip::ZipArchive::new(Cursor::new(file.body)).unwrap();
    let mut html = String::new();
    archive.by_name("index.html").unwrap().read_to_string(&mut html).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("Espresso"));
    for trace in ["data-ref", "data-made-up", "tierfall", "Studio"] {
        assert!(!html.contains(trace), "{trace}");
    }
}

#[tokio::test]
async fn generated_code_never_shares_the_studios_origin() {
    let stand = Stand::new(&["markdown"]).await;
    for path in ["/frame", "/frame?network=1"] {
        let frame = stand.get(path).answer().await;
        // Where the front end is not built there is no frame, and what to do is said.
        if frame.status == 404 {
            assert!(frame.text().contains("make web"));
            continue;
        }
        let policy = frame.header("content-security-policy");
        assert!(
            policy.starts_with("sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'"),
            "{policy}"
        );
        assert!(!policy.contains("allow-same-origin"), "{policy}");
        assert_eq!(policy.contains("https:"), path.ends_with('1'));
    }
    let index = stand.get("/").answer().await;
    if index.status == 200 {
        let policy = index.header("content-security-policy");
        assert!(policy.contains("script-src 'self';") && policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}
