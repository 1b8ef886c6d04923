mod invented;

use proptest::prelude::*;

use super::*;
use crate::words::{Line, Section};

/// The facts of a request, one beside the other: `price 2.80 €`.
fn stated(request: &str) -> String {
    let facts = of(request).into_iter().map(|fact| format!("{:?} {}", fact.kind, fact.text));
    facts.collect::<Vec<_>>().join("; ")
}

#[test]
fn a_request_states_facts() {
    let mut wrong = Vec::new();
    for (request, facts) in [
        ("a landing page for a coffee shop called Nord with a menu and opening hours", "Name Nord"),
        ("Website for my plant shop \"Fern & Stone\"", "Name Fern & Stone"),
        ("a page for my band, blue harbor", ""),
        ("a band called blue harbor that plays jazz", "Name blue harbor"),
        ("a café called nord with a menu", "Name nord"),
        ("an app named Pantry", "Name Pantry"),
        ("a bar called House of Tea", "Name House of Tea"),
        ("14 June 2025\n€3,50", "Date 14 June 2025; Price €3,50"),
        ("Page for the hair salon Kamm & Schere in Leeds", "Name Kamm & Schere; Name Leeds"),
        ("Page for Dr. Maya Lind and Dr. Tom Reyes", "Name Dr. Maya Lind and Dr. Tom Reyes"),
        ("Landing Page For A Coffee Shop In Town", ""),
        ("Eine Seite für ein Café namens Nord mit Speisekarte und Öffnungszeiten", "Name Nord"),
        ("Erstelle eine Seite für das Restaurant Seeblick mit Karte", "Name Restaurant Seeblick"),
        ("Une page pour un café appelé Le Nord à Lyon", "Name Le Nord; Name Lyon"),
        ("a FAQ page about our PDF app", ""),
        ("We make Nord's coffee", "Name Nord"),
        ("espresso 2.80 €, latte €3,50", "Price 2.80 €; Price €3,50"),
        ("cut £28, colour $55, wash 12 CHF", "Price £28; Price $55; Price 12 CHF"),
        ("vans from £40 an hour, insured up to £10,000", "Price from £40 an hour; Price up to £10,000"),
        ("10–15 € a head", "Price 10–15 € a head"),
        ("Brot 4,20 Euro", "Price 4,20 Euro"),
        ("open 7am–6pm", "Time 7am–6pm"),
        ("from 9 to 5pm", "Time 9 to 5pm"),
        ("doors at 19:30", "Time 19:30"),
        ("um 7 Uhr, 6–18 Uhr", "Time 7 Uhr; Time 6–18 Uhr"),
        ("le soir à 18h30", "Time 18h30"),
        ("Tue–Sat 9:00–18:00", "Day Tue–Sat; Time 9:00–18:00"),
        ("Monday to Friday", "Day Monday to Friday"),
        ("closed on Sundays", "Day Sundays"),
        ("Mo–Fr 6–18 Uhr, Sa 6–13 Uhr", "Day Mo–Fr; Time 6–18 Uhr; Day Sa; Time 6–13 Uhr"),
        ("the sun shines, so do we", ""),
        ("14 June 2025", "Date 14 June 2025"),
        ("June 14th, 2025", "Date June 14th, 2025"),
        ("am 3. Mai", "Date 3. Mai"),
        ("el 3 de mayo de 2025", "Date 3 de mayo de 2025"),
        ("3–5 May", "Date 3–5 May"),
        ("2025-06-14 or 14.06.2025", "Date 2025-06-14"),
        ("you may come, 3 may Leeds", "Date 3 may; Name Leeds"),
        (
            "40 volunteers cook 300 meals, 24/7, 10km, 99%",
            "Number 40; Number 300; Number 24/7; Number 10km; Number 99%",
        ),
        ("MP3 and B2B players", "Name MP3 and B2B"),
        ("founded 1962", "Number 1962"),
        ("hello@fern.example", "Email hello@fern.example"),
        ("see www.nord.coffee/menu.", "Link www.nord.coffee/menu"),
        ("https://nord.example and @nordcafe", "Link https://nord.example; Link @nordcafe"),
        ("phone 020 7946 0112", "Phone 020 7946 0112"),
        ("+49 30 1234567", "Phone +49 30 1234567"),
        ("call 555 014", "Phone 555 014"),
        ("1999-2024", "Number 1999; Number 2024"),
        ("12 Harbour Road, Leeds", "Address 12 Harbour Road, Leeds"),
        ("Hafenstraße 5, 20459 Hamburg", "Address Hafenstraße 5, 20459 Hamburg"),
        ("12 rue de la Paix, Paris", "Address 12 rue de la Paix, Paris"),
        ("Calle Mayor 7", "Address Calle Mayor 7"),
        ("抹茶ラテ650円、わらび餅480円", "Price 650円; Price 480円"),
        ("毛肚58元", "Price 58元"),
        ("اسبريسو 2 دينار", "Price 2 دينار"),
        ("", ""),
    ] {
        wrong.extend(Some(stated(request)).filter(|found| found != facts).map(|found| format!("{request}: {found}")));
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_days_of_a_text_are_known_where_it_says_nothing_else() {
    for (text, days) in [
        ("Monday", &[0][..]),
        ("montags", &[0]),
        ("Mo–Fr", &[0, 1, 2, 3, 4]),
        ("Saturday and Sunday", &[5, 6]),
        ("Fri to Mon", &[0, 4, 5, 6]),
        ("du mardi", &[]),
        ("lundi", &[0]),
        ("do", &[]),
        ("Do", &[3]),
        ("Monday 7", &[]),
        ("", &[]),
    ] {
        assert_eq!(weekdays(text), days, "{text}");
    }
}

#[test]
fn a_fact_is_said_of_what_stands_beside_it() {
    for (request, about) in [
        ("a menu (cortado £3.20, carrot cake £4.50)", "cortado; carrot cake"),
        ("espresso now costs 2.80 €", "espresso"),
        ("basic service 45 € and full service 90 €", "basic service; full service"),
        ("£15 entry", "entry"),
        ("vans from £40 an hour", "vans"),
        ("3 May Leeds", "Leeds; 3 May"),
        ("$95", ""),
    ] {
        let found: Vec<_> =
            of(request).into_iter().filter(|fact| fact.kind != FactKind::Name).map(|fact| fact.about).collect();
        let about: Vec<_> = about.split("; ").take(found.len()).collect();
        assert_eq!(found, about, "{request}");
    }
}

#[test]
fn a_fact_is_kept_however_it_is_written() {
    for (request, words, is_kept) in [
        ("espresso 2.80 €", "# A\n## Menu\n- **Espresso**: €2,80\n", true),
        ("espresso 2.80 €", "# A\n## Menu\n- **Espresso**: 2.50 €\n", false),
        ("espresso 2.80 €", "# A\n## Menu\n- **Espresso**: $2.80\n", false),
        ("open 7am–6pm", "# A\n## Hours\n- **Daily**: 7:00 to 18:00\n", true),
        ("open 7am–6pm", "# A\n## Hours\n- **Daily**: 7am–5pm\n", false),
        ("14 June 2025", "# A\n> On June 14th, 2025\n", true),
        ("14 June 2025", "# A\n> On June 14th\n", false),
        ("Tue–Sat 9:00", "# A\n## Hours\n- **Tuesday to Saturday**: 9am\n", true),
        ("closed Mondays", "# A\n## Hours\n- **Mon**: closed\n", true),
        ("closed Mondays", "# A\n> We are closed.\n", false),
        ("founded 1962", "# A\n> Since 1962\n", true),
        ("10,000 books", "# A\n> 10000 books\n", true),
        ("phone 020 7946 0112", "# A\n> Call +44 20 7946 0112\n", true),
        ("phone 020 7946 0112", "# A\n> Call 020 7946 0113\n", false),
        ("for Dr. Maya Lind", "# A\n> Ask Maya Lind\n", true),
        ("Fern & Stone", "# Fern and Stone\n", true),
        ("called Nord", "# Nordic\n", false),
        ("www.nord.example", "# A\n> nord.example\n", true),
        ("hello@nord.example", "# A\n> Hello@Nord.example\n", true),
    ] {
        let facts = of(request);
        assert!(!facts.is_empty(), "{request}");
        let kept = kept(&Words::parse(words), &facts).into_iter().all(|kept| kept);
        assert_eq!(kept, is_kept, "{request}: {words}");
    }
}

/// The words after what they lacked was put in.
fn after(request: &str, words: &str) -> String {
    let (mut words, facts) = (Words::parse(words), of(request));
    put_in(&mut words, &facts);
    words.to_string()
}

#[test]
fn a_missing_fact_goes_where_it_belongs() {
    let menu = "# Nord\n## Menu\n- **Espresso**: 2.50 €\n- **Tea**: hot and strong.\n";
    for (request, words, expected) in [
        ("espresso 2.80 €", menu, menu.replace("2.50", "2.80")),
        ("tea 3 €", menu, menu.replace("strong.", "strong. 3 €")),
        ("cocoa 4 €", menu, format!("{menu}- **Cocoa**: 4 €\n")),
        ("cocoa 4 €", "# Nord\n", "# Nord\n## Prices\n- **Cocoa**: 4 €\n".to_owned()),
        ("a café called Nord", "# Coffee\n", "# Nord\n".to_owned()),
        (
            "Tue–Sat 9:00–18:00",
            "# A\n## Hours\n- **Tuesday to Saturday**: 8am–5pm\n",
            "# A\n## Hours\n- **Tuesday to Saturday**: 9:00–18:00\n".to_owned(),
        ),
        (
            "Tue–Sat 9:00–18:00",
            "# A\n## Contact\n- **Phone**: your phone number\n",
            "# A\n## Opening hours\n- **Tue–Sat**: 9:00–18:00\n## Contact\n- **Phone**: your phone number\n".to_owned(),
        ),
        (
            "write to hello@nord.example",
            "# A\n## Contact\n- **E-mail**: info@mail.example\n",
            "# A\n## Contact\n- **E-mail**: hello@nord.example\n".to_owned(),
        ),
        (
            "ruf an: Telefon 030 123 45 67, wir sind eine Bäckerei",
            "# A\n",
            "# A\n## Kontakt\n- **Telefon**: 030 123 45 67\n".to_owned(),
        ),
        (
            "Kadıköy'de kahve, telefon 0216 123 45 67",
            "# A\n",
            "# A\n## İletişim\n- **Telefon**: 0216 123 45 67\n".to_owned(),
        ),
    ] {
        assert_eq!(after(request, words), expected, "{request}");
    }
}

#[test]
fn what_has_no_place_stays_off_the_page_and_no_clause_of_a_request_is_a_text_of_it() {
    let words = "# A\n## About us\nWe play.\n";
    for request in [
        "a page for a club, founded in 1962",
        "a page with 7 pictures",
        "Hi I need a website for our club, 20 % off for students",
        "make it look like Stripe, use the Inter font, in English",
        "we are open from 7 to 18",
    ] {
        assert_eq!(after(request, words), words, "{request}");
    }
}

#[test]
fn what_is_said_to_the_builder_is_no_fact() {
    for (request, facts) in [
        ("make it look like Stripe", ""),
        ("use the Inter font and Tailwind", ""),
        ("use Inter, with 3 sections and under 200 words", ""),
        ("a page in English with 2 columns", ""),
        ("eine Seite auf Deutsch mit drei Abschnitten und 5 Bildern", ""),
        ("a shop like Nord's, called Süd", "Name Süd"),
        ("12 lessons in Leeds", "Number 12; Name Leeds"),
    ] {
        assert_eq!(stated(request), facts, "{request}");
    }
}

#[test]
fn what_states_a_fact_is_never_written_over() {
    let words = "# A\n## Menu\n- **Espresso**: 3 €\n";
    assert_eq!(after("espresso 2.80 €, tea 3 €", words), "# A\n## Menu\n- **Espresso**: 3 €, 2.80 €\n");
}

/// Parts of requests and pages, many of them facts.
fn texts() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "a page for",
        "called Nord",
        "\"Fern & Stone\"",
        "espresso",
        "2.80 €",
        "€3,50",
        "from £40 an hour",
        "Tue–Sat",
        "Monday",
        "7am–6pm",
        "18h30",
        "6–18 Uhr",
        "14 June 2025",
        "3–5 May",
        "24/7",
        "10km",
        "1962",
        "hi@nord.example",
        "www.nord.coffee",
        "@nordcafe",
        "phone 555 014",
        "+49 30 1234567",
        "12 Harbour Road, Leeds",
        "Hafenstraße 5",
        "Anna Berg",
        "Dr. Osei",
        ",",
        ".",
        ":",
        "\n",
        "-",
        "*",
        "(",
        "open",
        "und",
        "für",
        "at",
        "the",
        "5",
        "#1",
        "[x]",
        "a*b",
    ]);
    prop_oneof![
        4 => prop::collection::vec(parts, 0..14).prop_map(|parts| parts.join(" ")),
        1 => ".{0,60}",
        1 => "[0-9 .,:/€$£@a-zA-Z+()–-]{0,50}",
    ]
}

fn pages() -> impl Strategy<Value = Words> {
    let line = (texts(), texts(), any::<bool>()).prop_map(|(name, detail, is_item)| {
        if is_item { Line::item(&name, &detail) } else { Line::parse(&detail.replace('\n', " ")) }
    });
    let section = (texts(), prop::collection::vec(line, 0..4));
    (texts(), prop::collection::vec(section, 0..4)).prop_map(|(name, sections)| {
        let sections = sections.into_iter().map(|(heading, lines)| Section { heading, lines }).collect();
        // As a page is read: whatever does not read back is none.
        Words::parse(&Words { name, sections, ..Words::default() }.to_string())
    })
}

#[test]
fn a_full_stop_is_no_part_of_a_handle() {
    let handles = |request: &str| of(request).into_iter().map(|fact| fact.text).collect::<Vec<_>>();
    assert_eq!(handles("@nord.cafe."), ["@nord.cafe"]);
    assert!(handles("@a.€").is_empty(), "one letter is no handle, with a full stop behind it neither");
}

#[test]
fn what_cannot_be_set_keeps_nothing_behind_it_from_being_concealed() {
    let mut words = Words::parse("# Nord\n## Here\n\\#@AÀ\n@AA\n");
    conceal(&mut words, "");
    assert!(!words.to_string().contains('@'), "{words}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_was_put_in_is_on_the_page_and_what_was_there_is_still(request in texts(), words in pages()) {
        let (mut words, facts) = (words, of(&request));
        let were = kept(&words, &facts);
        let put = put_in(&mut words, &facts);
        for ((fact, was), is) in facts.iter().zip(were).zip(kept(&words, &facts)) {
            prop_assert_eq!(is, was || put.contains(fact), "{:?} {}", fact, words);
        }
        prop_assert_eq!(Words::parse(&words.to_string()), words);
    }

    #[test]
    fn no_made_up_way_to_reach_somebody_stays(request in texts(), words in pages()) {
        let mut words = words;
        conceal(&mut words, &request);
        let is_reach = |kind| matches!(kind, FactKind::Phone | FactKind::Email | FactKind::Link | FactKind::Address);
        let left: Vec<_> = made_up(&words, &request).into_iter().filter(|text| is_reach(text.kind)).collect();
        prop_assert!(left.is_empty(), "{left:?} {words}");
    }

    #[test]
    fn a_fact_stands_where_it_says(request in texts()) {
        for fact in of(&request) {
            prop_assert!(request.get(fact.span.clone()).is_some());
            prop_assert!(!fact.text.is_empty() && !fact.text.contains('\n'));
        }
    }
}

#[test]
fn a_price_takes_no_letter_of_the_word_after_it() {
    let texts = |request: &str| of(request).into_iter().map(|fact| fact.text).collect::<Vec<_>>();
    assert_eq!(texts("margherita is £9.50 and tiramisu £6"), ["£9.50", "£6"]);
    assert_eq!(texts("vans are £40 an hour"), ["£40 an hour"]);
}
