//! Which source wins, and what is told about them.

use secrecy::ExposeSecret;
use tierfall::config::Sources;

use super::{Setup, address, environment, ms, refused, why_off};

#[test]
fn the_environment_wins_over_the_files_and_the_local_file_over_the_other() {
    let files = [
        ("tierfall.toml", "[[tier]]\nbase_url = 'http://toml/v1'\nmodel = 'toml'\nname = 'toml'\ntimeout_ms = 4\n"),
        (".env", "TIER1_BASE_URL=http://env/v1\nTIER1_MODEL=env\nTIER1_NAME=env"),
        (".env.local", "TIER1_BASE_URL=http://local/v1\nCUSTOM_LLM_MODEL=local"),
    ];
    let (configuration, warnings) =
        Setup { environment: &[("CUSTOM_LLM_BASE_URL", "http://real/v1")], files: &files }.load().expect("good");
    let tier = &configuration.tiers[0];
    assert_eq!(address(tier), "http://real/v1");
    assert_eq!((tier.model.as_str(), tier.name.as_str()), ("local", "env"));
    assert_eq!(tier.limits.total, ms(4));
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn an_empty_value_counts_as_none_and_hides_the_layers_below() {
    let files = [(".env", "GROQ_API_KEY=gsk_x\n"), (".env.local", "")];
    let (configuration, _) = Setup { environment: &[("GROQ_API_KEY", "")], files: &files }.load().expect("good");
    assert_eq!(why_off(&configuration.tiers[2]), "no GROQ_API_KEY");
}

#[test]
fn a_named_env_file_takes_the_place_of_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [(".env.local", "CUSTOM_LLM_BASE_URL=http://local/v1"), ("other", "GROQ_API_KEY=gsk_x")];
    let mut sources = Setup { environment: &[], files: &files }.sources(&folder);
    sources.env_file = Some("other".into());
    let tiers = sources.load().expect("good").configuration.tiers;
    assert!(tiers[0].base_url.is_none() && tiers[2].is_on());
    sources.env_file = Some("missing".into());
    let error = sources.load().expect_err("no such file").to_string();
    assert_eq!(error, "missing: cannot be read: there is no such file");
}

#[test]
fn the_two_names_of_tier_1_say_the_same() {
    let both = [("CUSTOM_LLM_BASE_URL", "http://box/v1"), ("TIER1_BASE_URL", "http://box/v1")];
    assert!(environment(&both).tiers[0].is_on());
    for rest in ["BASE_URL", "API_KEY", "MODEL"] {
        let (custom, tier) = (format!("CUSTOM_LLM_{rest}"), format!("TIER1_{rest}"));
        let error = refused(&[(&custom, "http://a/v1"), (&tier, "http://b/v1")]);
        assert_eq!(error, format!("{custom} and {tier} (environment) mean the same and differ: keep one of them"));
    }
}

#[test]
fn caller_keys_stand_with_commas_between_them() {
    let keys = environment(&[("TIERFALL_API_KEYS", " one ,two,,")]).api_keys;
    assert_eq!(keys.iter().map(ExposeSecret::expose_secret).collect::<Vec<_>>(), ["one", "two"]);
    assert!(refused(&[("TIERFALL_API_KEYS", " , ")]).contains("takes keys"));
}

#[test]
fn data_is_kept_where_the_user_or_xdg_says() {
    for (keys, folder) in [
        (&[("TIERFALL_DATA_DIR", "/srv/t")][..], "/srv/t"),
        (&[("TIERFALL_DATA_DIR", "~/t")], "/home/me/t"),
        (&[("XDG_DATA_HOME", "/xdg")], "/xdg/tierfall"),
        (&[("XDG_DATA_HOME", "relative")], "/home/me/.local/share/tierfall"),
    ] {
        assert_eq!(environment(keys).data_dir.to_str(), Some(folder), "{keys:?}");
    }
    assert!(refused(&[("HOME", "")]).contains("set TIERFALL_DATA_DIR"));
}

#[test]
fn services_are_named_by_their_scheme() {
    for value in ["sqlite:tierfall.db", "postgres://me@db/x", "postgresql://db"] {
        assert!(environment(&[("DATABASE_URL", value)]).database_url.is_some(), "{value}");
    }
    for value in ["redis://127.0.0.1", "rediss://host:6380/0"] {
        assert!(environment(&[("STATE_URL", value)]).state_url.is_some(), "{value}");
    }
}

#[test]
fn slips_are_told_and_stop_nothing() {
    let files =
        [(".env.local", "TEIR2_TIMEOUT=5\nGROQ_APIKEY=gsk_secret\nTIER1_BASE_URL = http://box:1\nNEXT_PUBLIC_X=1\n")];
    let (_, warnings) = Setup { environment: &[("TIER2_TIMEOT", "5")], files: &files }.load().expect("good");
    assert_eq!(
        warnings,
        [
            "TIER1_BASE_URL (.env.local:3) has spaces round =: write TIER1_BASE_URL=value, other programs misread it",
            "GROQ_APIKEY (.env.local:2) is not a key of Tierfall: is GROQ_API_KEY meant?",
            "TEIR2_TIMEOUT (.env.local:1) is not a key of Tierfall: is TIER2_TIMEOUT meant?",
            "TIER2_TIMEOT (environment) is not a key of Tierfall: is TIER2_TIMEOUT meant?",
            "TIER1_BASE_URL (.env.local:3) does not end in /v1: using http://box:1/v1",
        ]
    );
}

#[test]
fn the_address_to_listen_on_is_a_layered_key_as_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [("tierfall.toml", "listen = '127.0.0.1:9000'"), (".env", "TIERFALL_LISTEN=127.0.0.1:9001")];
    let mut sources = Setup { environment: &[], files: &files }.sources(&folder);
    let port = |sources: &Sources| sources.load().expect("good").configuration.listen.port();
    assert_eq!(port(&sources), 9001);
    sources.listen = Some("127.0.0.1:9002".to_owned());
    assert_eq!(port(&sources), 9002);
    let error = refused(&[("TIERFALL_LISTEN", "9001")]);
    assert!(error.starts_with("TIERFALL_LISTEN=9001 (environment): takes ADDRESS:PORT"), "{error}");
}
