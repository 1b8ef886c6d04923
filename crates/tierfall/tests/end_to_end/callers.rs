//! The keys of callers, and the calls beside the completions.

use serde_json::json;

use crate::answer::Answer;
use crate::served::{Served, chat};
use crate::{four_tiers, wall};

#[test]
fn a_caller_without_a_key_is_turned_away() {
    let wall = wall();
    let served = Served::start(&(four_tiers(&wall, ["ok"; 4]) + "TIERFALL_API_KEYS=first-hunter2,second-hunter2\n"));
    let ask = |headers: &[(&str, &str)]| {
        Answer::whole(served.send("POST", "/v1/chat/completions", Some(&chat("auto")), headers))
    };
    for headers in [&[][..], &[("authorization", "Bearer wrong-hunter2")], &[("authorization", "Bearer ")]] {
        let answer = ask(headers);
        assert_eq!(answer.status, 401, "{headers:?}");
        assert!(answer.json()["error"]["message"].is_string());
    }
    assert!(wall.log().is_empty());
    for key in ["Bearer first-hunter2", "Bearer second-hunter2"] {
        assert_eq!(ask(&[("authorization", key)]).status, 200);
    }
    assert!(wall.log().iter().all(|seen| seen.has_key("one-hunter2")), "the tier gets its own key");
}

#[test]
fn models_and_health_are_told() {
    let wall = wall();
    let served = Served::start(&four_tiers(&wall, ["ok"; 4]));
    let get = |path| Answer::whole(served.send("GET", path, None, &[]));
    let listed = get("/v1/models").json();
    let ids: Vec<_> = listed["data"].as_array().expect("a list").iter().map(|model| model["id"].clone()).collect();
    let routes =
        ["auto", "private", "free", "no-training", "studio", "studio-html", "tier-1", "tier-2", "tier-3", "tier-4"];
    assert_eq!(ids, routes.map(|id| json!(id)));
    let behind = |route: usize| listed["data"][route]["tiers"].clone();
    assert_eq!([behind(0), behind(1), behind(2)], [json!([1, 2, 3, 4]), json!([1, 2]), json!([1, 2, 3])]);
    assert_eq!((get("/health").status, get("/ready").status), (200, 200));
    let off: String = (1..=4).map(|tier| format!("TIER{tier}_ENABLED=false\n")).collect();
    let served = Served::start(&(four_tiers(&wall, ["ok"; 4]) + &off));
    let get = |path| Answer::whole(served.send("GET", path, None, &[]));
    assert_eq!((get("/health").status, get("/ready").status), (200, 503));
}
