//! `tierfall.toml` and its routes.

use cascade::Hedge;
use gateway::Gate;
use secrecy::ExposeSecret;

use super::{Setup, environment, ms, toml, why_off};

const WHOLE_FILE: &str = r#"
listen = "127.0.0.1:9000"
data_dir = "/srv/tierfall"
open = false
api_keys = ["caller-1"]
api_keys_env = "TEAM_KEYS"

[[tier]]
type = "local"
model = "smollm2-135m-instruct"

[[tier]]
number = 7
type = "commercial"
base_url = "https://api.example.com/v1"
api_key_env = "EXAMPLE_KEY"
model = "big"
name = "The big one"
timeout_ms = 1000
connect_timeout_ms = 2
first_token_timeout_ms = 3
idle_timeout_ms = 4
retries = 0
rpm = 5
rpd = 6
tpm = 7
tpd = 8
gpu_seconds = 11
concurrency = 9
queue = 10

[[route]]
name = "pages"
tiers = [7, 1]
deadline_ms = 60000
gates = ["not-empty", "finished", "json", "html"]
hold_tool_calls = false
hedge = true
hedge_paid = true
"#;

#[test]
fn a_file_builds_the_same_configuration() {
    let (configuration, warnings) =
        Setup { environment: &[("EXAMPLE_KEY", "sk-1")], files: &[("tierfall.toml", WHOLE_FILE)] }
            .load()
            .expect("good");
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(configuration.listen.to_string(), "127.0.0.1:9000");
    assert_eq!(configuration.api_keys.len(), 1);
    assert!(configuration.tiers[0].is_on());
    let tier = configuration.tiers.last().expect("tier 7");
    assert_eq!((tier.number, tier.name.as_str(), tier.is_on()), (7, "The big one", true));
    assert_eq!(tier.key.as_ref().map(ExposeSecret::expose_secret), Some("sk-1"));
    assert_eq!((tier.concurrency, tier.queue, tier.quota.gpu_seconds), (Some(9), 10, Some(11)));
    let route = configuration.routes.last().expect("the file's own");
    assert_eq!((route.name.as_str(), &route.tiers[..], route.deadline), ("pages", &[7, 1][..], Some(ms(60_000))));
    assert_eq!(route.gates, [Gate::NotEmpty, Gate::Finished, Gate::Json, Gate::Html]);
    assert!(!route.hold_tool_calls);
    assert_eq!((route.hedge, configuration.routes[0].hedge), (Some(Hedge { paid: true }), None));
}

#[test]
fn a_key_named_by_the_file_and_missing_in_the_environment_is_named() {
    let (configuration, _) = toml(WHOLE_FILE).expect("good");
    assert_eq!(why_off(configuration.tiers.last().expect("tier 7")), "no EXAMPLE_KEY");
}

#[test]
fn a_bad_file_is_refused_with_its_line() {
    for (text, expected) in [
        ("liste = 'x'", "tierfall.toml:1: unknown field `liste`, expected one of "),
        ("\n[[tier]]\nmodle = 'x'", "tierfall.toml:3: unknown field `modle`, expected one of "),
        ("[[tier]]\nretries = 'two'", "tierfall.toml:2: retries: invalid type: string \"two\", expected "),
        ("[[tier]]\ntimeout_ms = 0", "tier 1: timeout_ms=0 (tierfall.toml): takes whole milliseconds"),
        ("[[tier]]\ntype = 'x'", "tier 1: type=x (tierfall.toml): takes one of space, "),
        ("[[tier]]\n[[tier]]\nnumber = 1", "tierfall.toml:2: tier 1 is given twice"),
        ("[[tier]]\nnumber = 0", "tierfall.toml:1: tiers are numbered from 1"),
        ("listen = 'x'", "listen=x (tierfall.toml): takes ADDRESS:PORT"),
        ("a = ", "tierfall.toml:1: "),
        (
            "[[route]]\nname = 'x'\ntiers = [1]\ngates = ['shiny']",
            "tierfall.toml:4: gates: unknown variant `shiny`, expected ",
        ),
        (
            "[[route]]\nname = 'x'\ntiers = [1]\ndeadline_ms = 0",
            "tierfall.toml:4: deadline_ms: invalid value: integer `0`",
        ),
        (
            "[[route]]\nname = 'x'\ntiers = [1]\nhedge_paid = true",
            "route \"x\" (tierfall.toml): hedge_paid = true says which tiers are started early, and needs hedge = true",
        ),
        ("[[route]]\nname = 'x'\ntiers = []", "route \"x\" (tierfall.toml): tiers takes at least one tier's number"),
        ("[[route]]\nname = 'x'\ntiers = [9]", "route \"x\" (tierfall.toml): there is no tier 9"),
        ("[[route]]\nname = 'x'\ntiers = [1, 1]", "route \"x\" (tierfall.toml): tier 1 stands in it twice"),
        ("[[route]]\nname = 'tier-2'\ntiers = [1]", "route \"tier-2\" (tierfall.toml): tier-N is kept"),
        ("[[route]]\nname = 'a b'\ntiers = [1]", "route \"a b\" (tierfall.toml): the name takes"),
        (
            "[[route]]\nname = 'private'\ntiers = [1, 3]",
            "route \"private\" (tierfall.toml): tier 3 is groq, and nothing",
        ),
        (
            "[[route]]\nname = 'free'\ntiers = [1, 4]",
            "route \"free\" (tierfall.toml): tier 4 is serverless, which can bill",
        ),
        (
            "[[tier]]\nnumber = 5\ntype = 'gemini'\n[[route]]\nname = 'no-training'\ntiers = [5]",
            "route \"no-training\" (tierfall.toml): tier 5 is gemini, which does not say that it learns from no prompt",
        ),
        (
            "[[route]]\nname = 'x'\ntiers = [1]\n[[route]]\nname = 'x'\ntiers = [2]",
            "route \"x\" (tierfall.toml): is given twice",
        ),
    ] {
        let error = toml(text).expect_err(text);
        assert!(error.starts_with(expected) && !error.contains('\n'), "{text}: {error}");
    }
}

#[test]
fn the_names_of_routes_keep_their_promises() {
    let routes = environment(&[("TIER5_TYPE", "commercial"), ("TIER6_TYPE", "space")]).routes;
    let told: Vec<_> = routes.iter().map(|route| (route.name.as_str(), &route.tiers[..])).collect();
    assert_eq!(
        told,
        [
            ("auto", &[1, 2, 3, 4, 5, 6][..]),
            ("private", &[1, 2, 6][..]),
            ("free", &[1, 2, 3, 6][..]),
            ("no-training", &[1, 2, 3, 6][..])
        ]
    );

    let (configuration, _) = toml("[[route]]\nname = 'auto'\ntiers = [3, 2]\ndeadline_ms = 5").expect("good");
    let private = &configuration.routes[1];
    assert_eq!((private.name.as_str(), &private.tiers[..], private.deadline), ("private", &[2][..], Some(ms(5))));
}
