use super::{folder, tierfall};

#[test]
fn where_nothing_was_ever_served_there_is_nothing_to_export() {
    let folder = folder();
    let said = tierfall(folder.path(), &[], &["ledger", "export"]);
    let expected = format!(
        "error: there is no ledger at {} yet: `tierfall serve` writes one\n",
        folder.path().join("data/ledger.sqlite").display()
    );
    assert_eq!((said.code, said.err, said.out.as_str()), (2, expected, ""));
}

#[test]
fn a_database_that_the_user_names_and_that_cannot_be_opened_stops_the_start_with_one_line() {
    let folder = folder();
    std::fs::write(folder.path().join("own.db"), "This is no database. ".repeat(100)).expect("written");
    // Port 1 is nobody's.
    for (url, expected) in [
        ("sqlite:own.db", "error: the ledger own.db cannot be opened (file is not a database): move it away, "),
        (
            "sqlite:no/such/folder.db",
            "error: the ledger no/such/folder.db cannot be opened (unable to open database file): see to it ",
        ),
        ("postgres://me:hunter2@127.0.0.1:1/x", "error: the ledger postgres://127.0.0.1:1/x cannot be opened ("),
    ] {
        let said = tierfall(folder.path(), &[("DATABASE_URL", url)], &["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.starts_with(expected) && !said.err.contains("hunter2"), "{}", said.err);
        assert_eq!(said.err.lines().count(), 1);
    }
}
