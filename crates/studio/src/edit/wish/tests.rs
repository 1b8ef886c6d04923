mod left;
mod understood;

use kit::Look;

use super::*;

const NORD: &str = "# Nord\n> Nord is a café by the harbour.\n## Menu\n- **Espresso**: 2.50 €\n- **Flat white**: large, €3.80\n- **Water**\n## Opening hours\n- **Monday**: 7 to 18\n- **Sunday**: closed\n## Questions\n- **Is there parking?**: Behind the house.\n- **Do you have wifi?**: Yes.\n## About us\nWe roast on Mondays in a green garden.\n[See the menu]\n";

fn nord() -> Words {
    Words::parse(NORD)
}

fn said(wish: &str, spot: Option<&str>) -> Option<Understood> {
    let spot = spot.map(|spot| spot.parse().expect("a spot"));
    understand(wish, &nord(), Style::default(), spot)
}

/// The words after a wish.
fn after(wish: &str, spot: Option<&str>) -> String {
    said(wish, spot).unwrap_or_else(|| panic!("{wish:?} is understood")).words.to_string()
}

#[test]
fn a_colour_is_understood_in_several_languages() {
    for (wish, colour) in [
        ("make it green", "#2e7d32"),
        ("Make the page green, please!", "#2e7d32"),
        ("green", "#2e7d32"),
        ("can you make everything blue?", "#1565c0"),
        ("use #0a7 as the main colour", "#00aa77"),
        ("#12ab9F", "#12ab9f"),
        ("mach es grün", "#2e7d32"),
        ("Bitte die Seite in Blau", "#1565c0"),
        ("mets la page en rouge", "#c62828"),
        ("rends-le vert", "#2e7d32"),
        ("ponlo azul", "#1565c0"),
        ("in dark green", "#1c4b1e"),
        ("mach es dunkelgrün", "#1c4b1e"),
    ] {
        let understood = said(wish, None).unwrap_or_else(|| panic!("{wish:?} is understood"));
        assert_eq!(understood.style.colour.map(|colour| colour.to_string()).as_deref(), Some(colour), "{wish}");
        assert_eq!(understood.words, nord(), "{wish}");
    }
}

#[test]
fn a_look_is_understood() {
    for (wish, look) in [
        ("darker", Look::Midnight),
        ("make it dark", Look::Midnight),
        ("dark mode please", Look::Midnight),
        ("dunkler bitte", Look::Midnight),
        ("another look", Look::Almanac),
        ("ein anderes Design", Look::Almanac),
        ("give it a different style", Look::Almanac),
        ("more serious", Look::Ledger),
        ("etwas ernster", Look::Ledger),
        ("make it a bit more playful", Look::Meadow),
        ("a warmer look", Look::Almanac),
        ("use the poster look", Look::Poster),
    ] {
        let understood = said(wish, None).unwrap_or_else(|| panic!("{wish:?} is understood"));
        assert_eq!(understood.style.look, look, "{wish}");
    }
    let letters = said("use a serif font", None).and_then(|understood| understood.style.fonts);
    assert_eq!(letters, Some(kit::Fonts::Serif));
    let letters = said("eine Schrift ohne Serifen", None);
    assert_eq!(letters, None);
    assert_eq!(said("sans serif letters", None).and_then(|understood| understood.style.fonts), Some(kit::Fonts::Sans));
}

#[test]
fn what_is_named_goes() {
    let section = |heading: &str| {
        let mut words = nord();
        words.sections.retain(|section| section.heading != heading);
        words.to_string()
    };
    for (wish, spot, expected) in [
        ("delete this", Some("s2"), section("Questions")),
        ("remove it", Some("s2.heading"), section("Questions")),
        ("delete this section", Some("s2.1.name"), section("Questions")),
        ("delete this line", Some("s0.2.name"), NORD.replace("- **Water**\n", "")),
        ("remove the opening hours", None, section("Opening hours")),
        ("Please delete the questions section.", None, section("Questions")),
        ("get rid of the FAQ", None, section("Questions")),
        ("lösche die Öffnungszeiten", None, section("Opening hours")),
        ("supprime les questions", None, section("Questions")),
        ("die Fragen löschen", None, section("Questions")),
        ("delete the menu", None, section("Menu")),
        ("take the water off", None, NORD.replace("- **Water**\n", "")),
        ("delete the second question", None, NORD.replace("- **Do you have wifi?**: Yes.\n", "")),
        ("remove the last line of the menu", None, NORD.replace("- **Water**\n", "")),
        ("delete the third section", None, section("Questions")),
        ("delete Flat White", None, NORD.replace("- **Flat white**: large, €3.80\n", "")),
        ("remove the button", None, NORD.replace("[See the menu]\n", "")),
        (
            "delete the water and the espresso",
            None,
            NORD.replace("- **Water**\n", "").replace("- **Espresso**: 2.50 €\n", ""),
        ),
    ] {
        assert_eq!(after(wish, spot), expected, "{wish}");
    }
}

#[test]
fn what_is_named_moves() {
    let order = |wish: &str, spot| {
        let words = said(wish, spot).unwrap_or_else(|| panic!("{wish:?} is understood")).words;
        words.sections.iter().map(|section| section.heading.chars().next().expect("a heading")).collect::<String>()
    };
    for (wish, spot, expected) in [
        ("move it up", Some("s1.heading"), "OMQA"),
        ("move this down", Some("s1"), "MQOA"),
        ("move the menu to the end", None, "OQAM"),
        ("put the questions first", None, "QMOA"),
        ("move the questions above the menu", None, "QMOA"),
        ("move the menu below the opening hours", None, "OMQA"),
        ("schiebe die Fragen nach oben", None, "MQOA"),
        ("verschiebe die Speisekarte ganz nach unten", None, "OQAM"),
        ("move about us to the top", None, "AMOQ"),
    ] {
        assert_eq!(order(wish, spot), expected, "{wish}");
    }
    assert!(after("move water to the top", None).contains("## Menu\n- **Water**\n- **Espresso**"));
    assert!(after("duplicate this", Some("s0.2.name")).contains("- **Water**\n- **Water**\n"));
}

#[test]
fn one_price_becomes_another() {
    for (wish, from, to) in [
        ("espresso now costs 2.80 €", "2.50 €", "2.80 €"),
        ("Espresso costs 2.80 now", "2.50 €", "2.80 €"),
        ("the price of espresso is 3€", "2.50 €", "3 €"),
        ("change the price of the espresso to 2,80 €", "2.50 €", "2,80 €"),
        ("espresso: $3", "2.50 €", "$3"),
        ("the flat white costs €4", "large, €3.80", "large, €4"),
        ("Espresso kostet jetzt 2,80 €", "2.50 €", "2,80 €"),
        ("der Preis von Espresso ist 2,80 Euro", "2.50 €", "2,80 €"),
        ("l'espresso coûte 3 €", "2.50 €", "3 €"),
        ("el espresso cuesta ahora 3 €", "2.50 €", "3 €"),
        ("water costs 1 €", "**Water**", "**Water**: 1 €"),
    ] {
        assert_eq!(after(wish, None), NORD.replace(from, to), "{wish}");
    }
    let both = after("espresso costs 2.80 € and the flat white costs €4", None);
    assert_eq!(both, NORD.replace("2.50", "2.80").replace("3.80", "4"));
}

#[test]
fn a_price_with_thousands_becomes_another_whole() {
    let plans = Words::parse("# A\n## Plans\n- **Pro**: $1,200 a year\n- **Max**: 1.500,50 €\n- **Lux**: ₺12'000\n");
    for (wish, from, to) in [
        ("Pro costs 900", "$1,200", "$900"),
        ("change \"$1,200\" to \"$900\"", "$1,200", "$900"),
        ("Pro now costs $1,350.50", "$1,200", "$1,350.50"),
        ("Max costs 2.000 €", "1.500,50 €", "2.000 €"),
        ("Lux costs ₺9'000", "₺12'000", "₺9'000"),
    ] {
        let understood = understand(wish, &plans, Style::default(), None).map(|after| after.words.to_string());
        assert_eq!(understood, Some(plans.to_string().replace(from, to)), "{wish}");
    }
}

#[test]
fn what_is_excepted_or_called_otherwise_does_not_go() {
    let shop = Words::parse(
        "# A\n## Our story\nWe began small.\n## Shipping\n- **Express**: 9 €\n- **Free shipping**: over 50 €\n",
    );
    for wish in [
        "delete the store",
        "delete shipping text except free shipping",
        "delete the shipping but not free shipping",
        "lösche alles außer dem Versand",
    ] {
        assert_eq!(understand(wish, &shop, Style::default(), None), None, "{wish}");
    }
    let stories = understand("delete the stories", &shop, Style::default(), None).map(|after| after.words.to_string());
    assert_eq!(stories, Some(shop.to_string().replace("## Our story\nWe began small.\n", "")));
}

#[test]
fn one_text_becomes_another() {
    for (wish, spot, from, to) in [
        ("rename espresso to Caffè", None, "**Espresso**", "**Caffè**"),
        ("rename the menu to Drinks", None, "## Menu", "## Drinks"),
        ("rename it to Extras", Some("s2.heading"), "## Questions", "## Extras"),
        ("change the button to Book now", None, "[See the menu]", "[Book now]"),
        ("change \"7 to 18\" to \"8 to 17\"", None, "7 to 18", "8 to 17"),
        ("replace “Behind the house.” with “In the street.”", None, "Behind the house.", "In the street."),
        ("ersetze \"7 to 18\" durch \"8 bis 17\"", None, "7 to 18", "8 bis 17"),
    ] {
        assert_eq!(after(wish, spot), NORD.replace(from, to), "{wish}");
    }
    assert_eq!(after("rename Nord to Süd", None), NORD.replace("Nord", "Süd"));
    assert_eq!(after("call it Süd", None), NORD.replace("Nord", "Süd"));
}

#[test]
fn what_is_not_sure_is_left_to_a_model() {
    let wishes = [
        ("", None),
        ("make it better", None),
        ("don't make it green", None),
        ("not green", None),
        ("is it green?", None),
        ("make it green or blue", None),
        ("make the heading green", None),
        ("green and white stripes", None),
        ("make the green tea cheaper", None),
        ("more serious", Some("s0.0.name")),
        ("make the text more serious and shorter", None),
        ("simpler", None),
        ("don't delete the menu", None),
        ("delete this", None),
        ("delete everything", None),
        ("delete the menu except the espresso", None),
        ("remove the prices", None),
        ("remove the prices from the menu", None),
        ("delete the address", None),
        ("delete the name", None),
        ("delete the tenth question", None),
        ("delete the word green", None),
        ("move the menu", None),
        ("move it up", None),
        ("move the menu to the left", None),
        ("move the menu up", None),
        ("espresso is cheaper now", None),
        ("tea costs 3 €", None),
        ("everything costs 3 €", None),
        ("espresso costs between 2 and 3 €", None),
        ("change the menu to a list of three", None),
        ("change the text to something more exciting", None),
        ("change the title to something shorter", None),
        ("change it to German", None),
        ("change the language to German", None),
        ("translate it to French", None),
        ("change the colour to a nicer one", None),
        ("change Mondays to a holiday", None),
        ("replace the espresso with something stronger", None),
        ("rename everything to be shorter", None),
        ("the menu is too long", None),
        ("make it green and add a phone number", None),
        ("delete the questions and write more about us", None),
        ("shorter", None),
        ("espresso now costs 2.50 €", None),
    ];
    let taken = wishes.into_iter().filter_map(|(wish, spot)| Some((wish, said(wish, spot)?.summary)));
    assert_eq!(taken.collect::<Vec<_>>(), []);
}

#[test]
fn several_things_are_understood_or_none() {
    let both = said("make it green and delete the questions", None).expect("both are understood");
    assert_eq!(both.summary, "The page's colour is green now. Deleted “Questions”.");
    assert!(both.style.colour.is_some() && both.words.sections.len() == 3);
}

#[test]
fn on_a_free_page_what_was_clicked_is_changed() {
    use crate::edit::element::ElementRef;
    let page = "<p title=\"Monday\">Monday 9</p><p>Sunday</p><script>'Sunday 1'</script>";
    let changed = |wish, at: usize| understand_on_page(wish, page, Some(ElementRef(at))).map(|(html, _)| html);
    assert_eq!(
        changed("delete this", 1).as_deref(),
        Some("<p title=\"Monday\">Monday 9</p><script>'Sunday 1'</script>")
    );
    assert!(changed("move it up", 1).is_some_and(|html| html.starts_with("<p>Sunday</p>")));
    assert_eq!(
        changed("change \"Monday 9\" to \"Tuesday <9>\"", 0),
        Some(page.replace("Monday 9", "Tuesday &lt;9&gt;"))
    );
    for wish in [
        "make it green",
        "change \"day\" to \"week\"",
        "change Sunday to Monday",
        "delete the menu",
        "change \"Sunday 1\" to \"x\"",
    ] {
        assert_eq!(changed(wish, 0), None, "{wish}");
    }
    assert_eq!(understand_on_page("delete this", page, None), None);
}
