use super::*;
use crate::edit::wish;

const NORD: &str = "# Nord\n> Coffee and cake by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Cinnamon bun**: 3.20 €\n## Opening hours\n- **Monday to Friday**: 7 to 18\n\
                    - **Saturday**: 8 to 16\n## Questions\n- **Is there parking?**: Behind the house.\n- **Do you have wifi?**: Yes.\n## About\nWe roast our own beans.\n[See the menu]\n";

fn meaning(wish: &str, answer: &str) -> Meaning {
    Intent::new(wish, &Words::parse(NORD), Style::default()).meaning(answer)
}

fn done(wish: &str, answer: &str) -> String {
    match meaning(wish, answer) {
        Meaning::Done { words, .. } => words.to_string(),
        other => panic!("{wish}: {other:?}"),
    }
}

#[test]
fn commands_that_the_wish_says_are_carried_out_by_code() {
    for (wish, answer, from, to) in [
        ("the espresso is 2.80 € from now on", "set | Espresso | 2.80 €", "2.50 €", "2.80 €"),
        ("on Saturday we open from 9 to 17", "set | Opening hours | Saturday 9 to 17", "8 to 16", "9 to 17"),
        ("the menu is to be called Coffee & cake", "rename | Menu | Coffee & cake", "## Menu", "## Coffee & cake"),
        ("no more cinnamon bun", "delete | Cinnamon bun |", "- **Cinnamon bun**: 3.20 €\n", ""),
        (
            "chocolate for 4 € belongs on the menu",
            "add | Menu | chocolate: 4 €",
            "3.20 €\n",
            "3.20 €\n- **Chocolate**: 4 €\n",
        ),
        ("ボタンを「予約する」に変更", "set | button | Reserve", "[See the menu]", "[予約する]"),
        ("we have chocolate now, 4 €", "add | Menu | chocolate: 4 €", "3.20 €\n", "3.20 €\n- **Chocolate**: 4 €\n"),
        ("remove the wifi question", "delete | Questions |", "- **Do you have wifi?**: Yes.\n", ""),
        ("let the button say Come in", "set | button | Come in", "[See the menu]", "[Come in]"),
        ("espresso artık 3 € olsun", "set | Espresso | 3 €", "2.50 €", "3 €"),
        (
            "die Öffnungszeiten weg",
            "delete | Opening hours |",
            "## Opening hours\n- **Monday to Friday**: 7 to 18\n- **Saturday**: 8 to 16\n",
            "",
        ),
        (
            "espresso 3 €, and the bun is called Zimtschnecke: rename the cinnamon bun",
            "set | Espresso | 3 €\nrename | Cinnamon bun | Zimtschnecke",
            "2.50 €\n- **Cinnamon bun**",
            "3 €\n- **Zimtschnecke**",
        ),
    ] {
        assert_eq!(done(wish, answer), NORD.replace(from, to), "{wish}");
    }
    let moved = done("put the about part first", "move | About | top");
    assert!(moved.find("## About") < moved.find("## Menu"), "{moved}");
}

#[test]
fn what_the_wish_does_not_say_is_wrong() {
    for (wish, answer) in [
        ("der Espresso kostet 2,80 €", "set | Espresso | 2.80 €"),
        ("make it formal", "recolour | page | formal"),
        ("like an apple", "recolour | page | apple"),
        ("we are closed on Sundays, say so in the hours", "add | Opening hours | Sunday: 7 to 18"),
        ("add tea to the about text", "add | About | tea"),
        ("delete the name", "delete | name |"),
    ] {
        assert!(matches!(meaning(wish, answer), Meaning::Wrong(_)), "{wish}: {:?}", meaning(wish, answer));
    }
}

#[test]
fn what_is_not_sure_is_asked_back_with_choices_that_are_understood_without_a_model() {
    for (wish, answer, prompt) in [
        ("lösche die Frage nach dem Parkplatz", "delete | Questions |", "delete \"Questions\""),
        ("delete shipping text except the menu", "delete | Menu |", "delete \"Menu\""),
        ("把浓缩咖啡改成 3 €", "set | Espresso | 3 €", "change \"2.50 €\" to \"3 €\""),
        ("営業時間を一番上に移動して", "move | Opening hours | top", "move \"Opening hours\" to the top"),
        ("the wifi is called NordGuest", "rename | Menu | NordGuest", "rename \"Menu\" to NordGuest"),
    ] {
        let Meaning::Unsure { choices, .. } = meaning(wish, answer) else { panic!("{wish}") };
        assert_eq!(choices[0].prompt, prompt, "{wish}");
        let words = Words::parse(NORD);
        assert!(wish::understand(prompt, &words, Style::default(), None).is_some(), "{prompt}");
    }
}

#[test]
fn the_colour_is_the_one_that_the_wish_names() {
    for (wish, answer, colour) in [
        ("the whole thing in blue, please", "recolour | page | green", "#1565c0"),
        ("sayfayı yeşil yap", "recolour | page | yellow", "#2e7d32"),
        ("zmień kolor na czerwony", "recolour | page | red", "#c62828"),
        ("اجعل الصفحة زرقاء", "recolour | page | green", "#1565c0"),
        ("把页面改成蓝色", "recolour | page | blue", "#1565c0"),
        ("a green that is darker", "recolour | page | dark green", "#1c4b1e"),
        ("पेज को नीला करो", "recolour | page | red", "#1565c0"),
    ] {
        let Meaning::Done { style, .. } = meaning(wish, answer) else { panic!("{wish}") };
        assert_eq!(style.colour.map(|colour| colour.to_string()).as_deref(), Some(colour), "{wish}");
    }
}

#[test]
fn what_a_model_has_to_write_names_its_place_and_what_cannot_be_done_is_said_in_the_language_of_the_wish() {
    let about = Some(Spot::Section(3));
    assert_eq!(meaning("write more about us", "rewrite | About | more about us"), Meaning::Rewrite(about));
    assert_eq!(meaning("auf Spanisch", "translate | page | Spanish"), Meaning::Rewrite(None));
    let Meaning::Cannot(said) = meaning("mach die Schrift bitte größer", "cannot | page | die Schrift größer")
    else {
        panic!()
    };
    assert!(said.starts_with("Das kann ich hier nicht: die Schrift größer."), "{said}");
    assert_eq!(meaning("x", "# Nord\n> Tea.\n"), Meaning::Unread);
    assert!(is_undo("Undo.") && is_undo("mach das rückgängig") && !is_undo("undo the menu"));
}

#[test]
fn what_a_price_is_in_may_stand_in_a_command_and_another_figure_may_not() {
    let words = Words::parse("# Nord\n## Menu\n- **Whole cake**: 1,200 kr\n");
    let of = |answer: &str| Intent::new("the whole cake is 900 now", &words, Style::default()).meaning(answer);
    let Meaning::Done { words: after, .. } = of("set | Menu / Whole cake | 900 kr") else { panic!() };
    assert_eq!(after.to_string(), words.to_string().replace("1,200", "900"));
    for wrong in
        ["set | Menu / Whole cake | 9000 kr", "set | Menu / Whole cake | 1,200 kr", "set | Menu / Whole cake | 900 €"]
    {
        assert!(matches!(of(wrong), Meaning::Wrong(_)), "{wrong}: {:?}", of(wrong));
    }
}

#[test]
fn what_stands_there_twice_is_called_by_names_of_its_own() {
    let words = Words::parse(
        "# A\n## Menu\n- **Tea**: 3 €\n- **Tea**: 4 €\n- **\"Hot\"**: 5 €\n## Menu\nText | more.\n## Menu \\ x\n[Go]\n",
    );
    let intent = Intent::new("x", &words, Style::default());
    let grammar = intent.grammar();
    for name in [r#""Menu / Tea""#, r#""Menu / Tea (2)""#, r#""Menu / \"Hot\"""#, r#""Menu (2) / 1""#, r#""Menu \\ x""#]
    {
        assert!(grammar.contains(name), "{name} in {grammar}");
    }
    let asked = intent.messages(None).pop().expect("a question").content.into_owned();
    assert!(asked.contains("\nMenu / Tea (2): 4 €\n") && asked.contains("\nMenu (2) / 1: Text | more.\n"), "{asked}");
    let second = intent.meaning("delete | Menu / Tea (2) |");
    assert!(matches!(second, Meaning::Unsure { .. } | Meaning::Done { .. }), "{second:?}");
    assert_eq!(intent.meaning("delete | Tea |"), Meaning::Unread);
}
