use super::{folder, tierfall};

#[test]
fn help_has_examples_and_no_colour_off_a_terminal() {
    let folder = folder();
    for command in [
        &["--help"][..],
        &["serve", "--help"],
        &["ask", "--help"],
        &["doctor", "--help"],
        &["models", "--help"],
        &["simulate", "--help"],
        &["space", "--help"],
    ] {
        let said = tierfall(folder.path(), &[], command);
        assert_eq!(said.code, 0, "{command:?}");
        assert!(said.out.contains("Examples:\n  ") && said.out.contains("tierfall "), "{command:?}: {}", said.out);
        assert!(!said.out.contains('\u{1b}'), "{command:?}");
    }
    let help = tierfall(folder.path(), &[], &["--help"]).out;
    assert!(!help.contains("\n  engine"), "the worker is hidden: {help}");
}

#[test]
fn arguments_that_cannot_be_read_are_code_2() {
    let folder = folder();
    for arguments in
        [&["frobnicate"][..], &["--log", "xml"], &["models", "path"], &["--listen", "127.0.0.1:0", "doctor"]]
    {
        let said = tierfall(folder.path(), &[], arguments);
        assert_eq!(said.code, 2, "{arguments:?}");
        assert!(said.err.starts_with("error: "), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_bad_configuration_is_one_line_and_code_2() {
    let folder = folder();
    let said = tierfall(folder.path(), &[("TIER2_TIMEOUT", "soon")], &["models", "list"]);
    assert_eq!(said.code, 2);
    let expected = "error: TIER2_TIMEOUT=soon (environment): takes whole milliseconds, 1 to 86400000 (a day)\n";
    assert_eq!((said.err.as_str(), said.out.as_str()), (expected, ""));
}

#[test]
fn slips_are_told_on_the_standard_error() {
    let folder = folder();
    std::fs::write(folder.path().join(".env.local"), "GROQ_APIKEY=gsk_hunter2\n").expect("written");
    let said = tierfall(folder.path(), &[], &["models", "path", "smollm2-135m-instruct"]);
    assert_eq!(said.code, 0);
    let expected = "warning: GROQ_APIKEY (.env.local:1) is not a key of Tierfall: is GROQ_API_KEY meant?\n";
    assert_eq!(said.err, expected);
}
