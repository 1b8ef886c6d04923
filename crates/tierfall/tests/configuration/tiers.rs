//! What a tier is, by its number and type.

use cascade::Quota;
use secrecy::ExposeSecret;
use tierfall::config::{Configuration, TierConfig};
use upstream::Kind;

use super::{Setup, address, environment, ms, refused, why_off};

fn told(tiers: &[TierConfig]) -> Vec<String> {
    let line = |tier: &TierConfig| format!("{} | {} | {} | {}", tier.name, tier.kind, tier.model, why_off(tier));
    tiers.iter().map(line).collect()
}

#[test]
fn with_nothing_at_all_two_engines_answer() {
    let configuration = environment(&[]);
    assert_eq!(
        told(&configuration.tiers),
        [
            "Tier 1: This machine | local | qwen2.5-coder-1.5b-instruct | on",
            "Tier 2: This machine, quick | local | smollm2-135m-instruct | on",
            "Tier 3: Groq Cloud API | groq | openai/gpt-oss-120b | no GROQ_API_KEY",
            "Tier 4: HF Serverless | serverless | openai/gpt-oss-120b | no HF_TOKEN",
        ]
    );
    assert_eq!(configuration.listen.to_string(), "127.0.0.1:7860");
    assert_eq!(configuration.data_dir.to_str(), Some("/home/me/.local/share/tierfall"));
    assert!(configuration.api_keys.is_empty() && !configuration.open);
    assert!(configuration.database_url.is_none() && configuration.state_url.is_none());
}

#[test]
fn the_engine_is_the_default_only_until_something_says_where_answers_come_from() {
    for (keys, kind) in [
        (&[("TIER1_ENABLED", "false")][..], Kind::local()),
        (&[("TIER1_TIMEOUT", "5000")], Kind::local()),
        (&[("HF_TOKEN", "hf_x")], Kind::local()),
        (&[("GROQ_API_KEY", "")], Kind::local()),
        (&[("GROQ_API_KEY", "gsk_x")], Kind::space()),
        (&[("HF_TOKEN", "hf_x"), ("HF_BASE_URL", "http://127.0.0.1:1/v1")], Kind::space()),
        (&[("TIER2_BASE_URL", "http://127.0.0.1:1/v1")], Kind::space()),
        (&[("CUSTOM_LLM_MODEL", "m")], Kind::space()),
        (&[("TIER2_TYPE", "local"), ("TIER2_MODEL", "./own.gguf")], Kind::space()),
    ] {
        let tiers = environment(keys).tiers;
        assert_eq!(tiers[0].kind, kind, "{keys:?}");
        assert_eq!(tiers[0].is_on(), kind == Kind::local() && keys[0].0 != "TIER1_ENABLED", "{keys:?}");
    }
}

#[test]
fn a_tier_is_on_once_it_has_what_it_needs() {
    for (keys, number, state) in [
        (&[("CUSTOM_LLM_BASE_URL", "http://box/v1")][..], 1, "on"),
        (&[("GROQ_API_KEY", "x")], 1, "no CUSTOM_LLM_BASE_URL"),
        (&[("GROQ_API_KEY", "x")], 2, "no TIER2_BASE_URL"),
        (&[("GROQ_API_KEY", "x")], 3, "on"),
        (&[("TIER3_API_KEY", "x")], 3, "on"),
        (&[("HF_TOKEN", "x")], 4, "on"),
        (&[("HF_TOKEN", "x"), ("TIER4_ENABLED", "false")], 4, "TIER4_ENABLED=false"),
        (&[("TIER1_TYPE", "local")], 1, "no CUSTOM_LLM_MODEL"),
        (&[("TIER1_TYPE", "local"), ("TIER1_MODEL", "smollm2-135m-instruct")], 1, "on"),
        (&[("TIER2_TYPE", "commercial")], 2, "no TIER2_BASE_URL"),
        (&[("TIER2_TYPE", "commercial"), ("TIER2_BASE_URL", "https://api.x/v1")], 2, "no TIER2_API_KEY"),
        (
            &[("TIER2_TYPE", "commercial"), ("TIER2_BASE_URL", "https://api.x/v1"), ("TIER2_API_KEY", "x")],
            2,
            "no TIER2_MODEL",
        ),
        (&[("TIER1_TYPE", "groq")], 1, "no GROQ_API_KEY"),
    ] {
        let tiers = environment(keys).tiers;
        assert_eq!(why_off(&tiers[number - 1]), state, "{keys:?}");
    }
}

#[test]
fn limits_and_quotas_have_the_defaults_of_number_and_type() {
    let keys = [("TIER5_TYPE", "commercial"), ("TIER6_TYPE", "groq"), ("TIER7_TYPE", "local"), ("GROQ_API_KEY", "x")];
    let tiers = environment(&keys).tiers;
    let told: Vec<_> = tiers
        .iter()
        .map(|tier| {
            let limits = tier.limits;
            (
                tier.number,
                limits.connect.as_millis(),
                limits.first_token.map(|time| time.as_millis()),
                limits.idle.as_millis(),
                limits.total.as_millis(),
                (tier.plan.rpm, tier.plan.rpd, tier.plan.tpm, tier.plan.tpd),
            )
        })
        .collect();
    let none = (None, None, None, None);
    let groq = (Some(30), Some(1_000), Some(8_000), Some(200_000));
    assert_eq!(
        told,
        [
            (1, 5_000, None, 20_000, 90_000, none),
            (2, 5_000, None, 20_000, 30_000, none),
            (3, 3_000, Some(10_000), 10_000, 30_000, groq),
            (4, 5_000, Some(30_000), 20_000, 60_000, (None, Some(1_000), None, None)),
            (5, 5_000, Some(30_000), 20_000, 60_000, none),
            (6, 3_000, Some(10_000), 10_000, 60_000, groq),
            (7, 1_000, None, 20_000, 60_000, none),
        ]
    );
    assert!(tiers.iter().all(|tier| tier.retries == 1 && tier.quota == Quota::default()));
}

#[test]
fn a_providers_key_alone_makes_a_tier_behind_the_users_own() {
    let keys = [
        ("GROQ_API_KEY", "x"),
        ("TIER6_TYPE", "mistral"),
        ("MISTRAL_API_KEY", "x"),
        ("OPENROUTER_API_KEY", "x"),
        ("GEMINI_API_KEY", "x"),
        ("OPENAI_API_KEY", "x"),
        ("CLOUDFLARE_API_TOKEN", "x"),
        ("CLOUDFLARE_ACCOUNT_ID", "0a1b"),
    ];
    assert_eq!(
        told(&environment(&keys).tiers)[2..],
        [
            "Tier 3: Groq Cloud API | groq | openai/gpt-oss-120b | on",
            "Tier 4: HF Serverless | serverless | openai/gpt-oss-120b | no HF_TOKEN",
            "Tier 6: Mistral | mistral | mistral-small-latest | on",
            "Tier 7: OpenRouter | openrouter | openai/gpt-oss-120b:free | on",
            "Tier 8: Gemini | gemini | gemini-3.5-flash | on",
            "Tier 9: Cloudflare Workers AI | cloudflare | @cf/openai/gpt-oss-120b | on",
        ]
    );
    let cloudflare = environment(&keys).tiers.pop().expect("a tier").base_url.expect("its address");
    assert_eq!(cloudflare.to_string(), "https://api.cloudflare.com/client/v4/accounts/0a1b/ai/v1");
    let no_account = environment(&[("CLOUDFLARE_API_TOKEN", "x")]).tiers;
    assert!(told(&no_account).last().expect("a tier").ends_with("| no CLOUDFLARE_ACCOUNT_ID"));
}

#[test]
fn a_users_own_providers_file_stands_over_the_one_that_is_built_in() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().to_str().expect("a path");
    let row = r#"
        [[provider]]
        kind = "groq"
        title = "Groq"
        hosting = "cloud"
        base_url = "https://api.groq.com/openai/v1"
        model = "new"
        costs = "bills"
        learns = "no"
        sources = ["https://console.groq.com/docs/models"]
        as_of = 2027-02-01
    "#;
    std::fs::write(folder.path().join("providers.toml"), row).expect("written");
    let tiers = environment(&[("TIERFALL_DATA_DIR", data), ("GROQ_API_KEY", "x")]).tiers;
    assert_eq!((tiers[2].model.as_str(), tiers[2].can_bill()), ("new", true));
    std::fs::write(folder.path().join("providers.toml"), row.replace("learns", "lerns")).expect("written");
    let error = Setup { environment: &[("TIERFALL_DATA_DIR", data)], files: &[] }.load().expect_err("malformed");
    let error = error.to_string();
    assert!(error.starts_with("providers.toml:9: ") && error.contains("lerns") && !error.contains('\n'), "{error}");
}

#[test]
fn every_key_of_a_tier_is_taken() {
    let keys = [
        ("TIER12_TYPE", "commercial"),
        ("TIER12_BASE_URL", "https://api.example.com/v1/"),
        ("TIER12_API_KEY", "sk-1"),
        ("TIER12_MODEL", "big"),
        ("TIER12_NAME", "The big one"),
        ("TIER12_ENABLED", "yes"),
        ("TIER12_TIMEOUT", "1"),
        ("TIER12_CONNECT_TIMEOUT", "2"),
        ("TIER12_FIRST_TOKEN_TIMEOUT", "3"),
        ("TIER12_IDLE_TIMEOUT", "4"),
        ("TIER12_RETRIES", "0"),
        ("TIER12_RPM", "5"),
        ("TIER12_RPD", "6"),
        ("TIER12_TPM", "7"),
        ("TIER12_TPD", "8"),
        ("TIER12_GPU_SECONDS", "11"),
        ("TIER12_CONCURRENCY", "9"),
        ("TIER12_QUEUE", "10"),
    ];
    let tiers = environment(&keys).tiers;
    assert_eq!(tiers.iter().map(|tier| tier.number).collect::<Vec<_>>(), [1, 2, 3, 4, 12]);
    let tier = &tiers[4];
    assert!(tier.is_on());
    assert_eq!((tier.kind, tier.model.as_str(), tier.name.as_str()), (Kind::commercial(), "big", "The big one"));
    assert_eq!(address(tier), "https://api.example.com/v1");
    assert_eq!(tier.key.as_ref().map(ExposeSecret::expose_secret), Some("sk-1"));
    let limits = tier.limits;
    assert_eq!((limits.total, limits.connect, limits.first_token, limits.idle), (ms(1), ms(2), Some(ms(3)), ms(4)));
    let quota = tier.quota;
    assert_eq!((quota.rpm, quota.rpd, quota.tpm, quota.tpd), (Some(5), Some(6), Some(7), Some(8)));
    assert_eq!(quota.gpu_seconds, Some(11));
    assert_eq!(tier.retries, 0);
    assert_eq!((tier.concurrency, tier.queue), (Some(9), 10));
}

#[test]
fn the_engine_is_asked_by_as_many_as_it_works_at_and_others_by_as_many_as_there_are_unless_told_otherwise() {
    let keys = [("TIER1_TYPE", "local"), ("TIER1_MODEL", "smollm2-135m-instruct"), ("TIER3_CONCURRENCY", "2")];
    let told: Vec<_> = environment(&keys).tiers.iter().map(|tier| (tier.concurrency, tier.queue)).collect();
    assert_eq!(told, [(Some(4), 64), (None, 64), (Some(2), 64), (None, 64)]);
}

#[test]
fn tiers_beyond_the_fourth_are_named_by_what_they_are() {
    let keys = [
        ("TIER5_TYPE", "commercial"),
        ("TIER5_BASE_URL", "https://api.mistral.ai/v1"),
        ("TIER6_TYPE", "local"),
        ("TIER6_MODEL", "tinyllama-1.1b-chat"),
        ("TIER7_TYPE", "groq"),
        ("TIER8_TYPE", "space"),
    ];
    let names: Vec<_> = environment(&keys).tiers.into_iter().skip(4).map(|tier| tier.name).collect();
    assert_eq!(names, ["Tier 5: api.mistral.ai", "Tier 6: This machine", "Tier 7: Groq Cloud API", "Tier 8: space"]);
}

#[test]
fn several_models_are_an_order_and_a_model_that_is_gone_is_replaced_unless_that_is_switched_off() {
    let of = |keys: &[(&str, &str)], number: usize| environment(keys).tiers.swap_remove(number - 1);
    let tier = of(&[("TIER3_MODEL", "a, b ,,c"), ("GROQ_API_KEY", "x")], 3);
    assert_eq!(
        (tier.model.as_str(), &tier.alternatives[..], tier.mend),
        ("a", &["b".to_owned(), "c".to_owned()][..], true)
    );
    let tier = of(&[("TIER3_MEND", "false"), ("GROQ_API_KEY", "x")], 3);
    assert!(!tier.mend && tier.alternatives.is_empty());
    let tier = of(&[("TIER1_TYPE", "local"), ("TIER1_MODEL", "/models/a,b.gguf")], 1);
    assert_eq!((tier.model.as_str(), tier.alternatives.len(), tier.mend), ("/models/a,b.gguf", 0, false));
    assert!(refused(&[("TIER3_MODEL", " , ")]).ends_with(
        "takes a model's name, or several with commas between them, of at most 1000 characters in one line"
    ));
}

#[test]
fn a_model_url_makes_one_tier_a_proxy() {
    let keys = [("MODEL_URL", "https://box.example.com"), ("GROQ_API_KEY", "x")];
    let configuration = environment(&keys);
    assert_eq!(configuration.tiers.len(), 1);
    let tier = &configuration.tiers[0];
    assert_eq!((tier.kind, address(tier).as_str()), (Kind::space(), "https://box.example.com/v1"));
    assert!(tier.is_on());
    let error = refused(&[("MODEL_URL", "http://a/v1"), ("CUSTOM_LLM_BASE_URL", "http://b/v1")]);
    assert_eq!(error, "MODEL_URL and CUSTOM_LLM_BASE_URL (environment) mean the same and differ: keep one of them");
}

#[test]
fn the_engines_model_is_a_name_a_repository_or_a_file() {
    for model in ["smollm2-135m-instruct", "tinyllama-1.1b-chat:Q2_K", "hf:Qwen/Some-GGUF:Q4_K_M", "/srv/own.gguf"] {
        assert_eq!(environment(&[("TIER1_TYPE", "local"), ("TIER1_MODEL", model)]).tiers[0].model, model);
    }
    let tiers = environment(&[("TIER1_TYPE", "local"), ("TIER1_MODEL", "~/own.gguf")]).tiers;
    assert_eq!(tiers[0].model, "/home/me/own.gguf");
    let error = refused(&[("TIER1_TYPE", "local"), ("TIER1_MODEL", "smollm3")]);
    assert!(
        error.starts_with("TIER1_MODEL=smollm3 (environment): takes one of qwen2.5-coder-1.5b-instruct, "),
        "{error}"
    );
}

#[test]
fn a_models_worker_works_at_as_many_requests_as_its_largest_tier_has_places() {
    let local = [("TIER1_TYPE", "local"), ("TIER2_TYPE", "local"), ("TIER5_TYPE", "local")];
    let models = [("TIER1_MODEL", "./a.gguf"), ("TIER2_MODEL", "./a.gguf"), ("TIER5_MODEL", "./b.gguf")];
    let with = |places: &[(&str, &str)]| environment(&[&local[..], &models, places].concat());
    let plain = with(&[]);
    let lanes = |configuration: &Configuration, number: usize| configuration.lanes(&configuration.tiers[number].model);
    assert_eq!((lanes(&plain, 0), lanes(&plain, 4)), (Some(4), Some(4)));
    let mixed = with(&[("TIER1_CONCURRENCY", "1"), ("TIER2_CONCURRENCY", "6"), ("TIER5_CONCURRENCY", "2")]);
    assert_eq!((lanes(&mixed, 0), lanes(&mixed, 1), lanes(&mixed, 4)), (Some(6), Some(6), Some(2)));
    assert!(plain.needs_restart(&plain).is_empty());
    assert!(plain.needs_restart(&mixed)[0].starts_with("how many requests"), "{:?}", plain.needs_restart(&mixed));
    let gone = with(&[("TIER5_MODEL", "./c.gguf"), ("TIER5_CONCURRENCY", "2")]);
    assert!(plain.needs_restart(&gone).is_empty(), "another model has another worker");
}

#[test]
fn the_contracts_names_are_for_the_contracts_types_and_others_are_called_by_their_provider() {
    let named = |keys: &[(&str, &str)]| {
        environment(keys).tiers.into_iter().map(|tier| tier.name).collect::<Vec<_>>().join(" | ")
    };
    let contract =
        "Tier 1: Your HF Space | Tier 2: Ultra-Fast Fallback | Tier 3: Groq Cloud API | Tier 4: HF Serverless";
    assert_eq!(named(&[("GROQ_API_KEY", "k")]), contract);
    let keys =
        [("TIER1_TYPE", "ollama"), ("TIER2_TYPE", "groq"), ("TIER3_TYPE", "mistral"), ("TIER5_TYPE", "openrouter")];
    let others =
        "Tier 1: Ollama | Tier 2: Groq Cloud API | Tier 3: Mistral | Tier 4: HF Serverless | Tier 5: OpenRouter";
    assert_eq!(named(&keys), others);
    assert!(named(&[("TIER1_TYPE", "groq"), ("TIER2_TYPE", "local")]).contains("| Tier 2: This machine, quick |"));
}

#[test]
fn a_tier_keeps_its_days_last_fifth_for_routes_that_there_are() {
    let kept = |value: &str| environment(&[("GROQ_API_KEY", "k"), ("TIER3_KEEP_FOR", value)]).tiers[2].keep_for.clone();
    assert_eq!(kept("studio"), ["studio", "studio-html"], "the Studio asks on both");
    assert_eq!(kept("private, tier-3"), ["private", "tier-3"]);
    let error = refused(&[("GROQ_API_KEY", "k"), ("TIER3_KEEP_FOR", "studo")]);
    assert!(error.starts_with("TIER3_KEEP_FOR=studo (environment): takes routes with commas between them"), "{error}");
    assert!(error.contains("auto, private") && error.contains("studio") && error.ends_with("tier-3"), "{error}");
}

#[test]
fn an_ollama_tier_needs_no_more_than_its_type() {
    let tier = &environment(&[("TIER1_TYPE", "ollama")]).tiers[0];
    assert!(tier.is_on() && tier.is_self_hosted());
    assert_eq!(address(tier), "http://127.0.0.1:11434/v1");
}
