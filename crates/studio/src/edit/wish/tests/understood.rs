//! Wishes that are sure: what goes, what comes, what a text says, when it is open.

use super::{NORD, after, said};

/// What each wish makes of the page: a part of its words, and what stands there then.
fn each(table: &[(&[&str], &str, &str)]) {
    let mut wrong = Vec::new();
    for (wishes, from, to) in table {
        assert!(NORD.contains(from), "{from}");
        for wish in *wishes {
            let is = said(wish, None).map(|understood| understood.words.to_string()).unwrap_or_default();
            if is != NORD.replace(from, to) {
                wrong.push(format!("{wish}: {is}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const FLAT_WHITE: &str = "- **Flat white**: large, €3.80\n";

#[test]
fn what_is_no_longer_there_goes() {
    let english = [
        "the flat white is sold out, take it off the menu",
        "Flat white is sold out. Please remove it.",
        "the flat white is no longer available, so take it off",
        "flat white has been discontinued: delete it from the menu",
        "the flat white is out of stock and it should be removed",
        "take the flat white off the menu",
        "take the flat white off the list, please",
        "remove the flat white from the menu",
        "could you drop the flat white from the menu?",
        "strike flat white from the page",
        "we no longer serve flat white",
        "We no longer sell the flat white.",
        "we don't serve flat white any more",
        "we do not offer the flat white anymore, please take it off the menu",
        "we have stopped serving flat white",
        "the flat white is no longer on the menu",
    ];
    let german = [
        "der Flat White ist ausverkauft, nimm ihn von der Karte",
        "Flat White ist leider nicht mehr verfügbar, bitte lösche ihn",
        "nimm den Flat White von der Karte",
        "streiche Flat White von der Speisekarte",
        "entferne bitte den Flat White aus der Karte",
        "wir haben den Flat White nicht mehr",
        "wir führen Flat White nicht mehr im Sortiment",
        "wir verkaufen keinen Flat White mehr",
        "Flat White gibt es nicht mehr",
        "der Flat White fliegt von der Karte",
    ];
    let others = [
        "le flat white est épuisé, enlève-le de la carte",
        "supprime le flat white de la carte",
        "nous ne servons plus de flat white",
        "on ne vend plus le flat white",
        "el flat white está agotado, quítalo del menú",
        "quita el flat white del menú",
        "ya no servimos flat white",
        "togli il flat white dal menù",
        "non serviamo più il flat white",
        "il flat white è esaurito, toglilo",
    ];
    each(&[(&english, FLAT_WHITE, ""), (&german, FLAT_WHITE, ""), (&others, FLAT_WHITE, "")]);
    let both = after("take the water and the flat white off the menu", None);
    assert_eq!(both, NORD.replace(FLAT_WHITE, "").replace("- **Water**\n", ""));
}

#[test]
fn a_text_says_what_it_shall_say() {
    let button = [
        "the button should say Come in",
        "The button must read \"Come in\"",
        "make the button say Come in",
        "the text of the button should be \"Come in\"",
        "the button's text should be Come in",
        "set the button to Come in",
        "change the button to say Come in",
        "put “Come in” on the button",
        "on the button write Come in",
        "button: Come in",
        "der Knopf soll „Come in“ heißen",
        "auf dem Knopf soll Come in stehen",
        "schreibe „Come in“ auf den Knopf",
        "ändere den Knopf auf „Come in“",
        "le bouton doit dire « Come in »",
        "sur le bouton, écris « Come in »",
        "el botón debe decir «Come in»",
        "pon «Come in» en el botón",
        "il pulsante deve dire «Come in»",
    ];
    let heading = [
        "rename Menu to Drinks",
        "the menu should be called Drinks",
        "call the menu Drinks",
        "the heading of the menu should be Drinks",
        "the menu heading should say Drinks",
        "the first heading should be \"Drinks\"",
        "change the heading Menu to Drinks",
        "die Überschrift der Speisekarte soll Drinks lauten",
        "die Speisekarte soll Drinks heißen",
        "nenne das Menu Drinks",
    ];
    let sentence = [
        "the tagline should say \"Coffee and cake, all day\"",
        "tagline: “Coffee and cake, all day”",
        "der Untertitel soll „Coffee and cake, all day“ lauten",
        "le slogan doit être « Coffee and cake, all day »",
    ];
    each(&[
        (&button, "[See the menu]", "[Come in]"),
        (&heading, "## Menu", "## Drinks"),
        (&sentence, "Nord is a café by the harbour.", "Coffee and cake, all day"),
        (&["change Yes to Of course", "instead of \"Yes\" write \"Of course\""], "Yes.", "Of course."),
        (&["change Monday to Friday"], "**Monday**", "**Friday**"),
    ]);
    for wish in [
        "call the page Süd",
        "the page should be called Süd",
        "the name of the page is Süd",
        "our café is now called Süd",
        "die Seite soll Süd heißen",
        "nenne die Seite Süd",
        "der Name ist jetzt Süd",
        "la page s'appelle maintenant Süd",
        "la página debe llamarse Süd",
        "Name: Süd",
    ] {
        assert_eq!(after(wish, None), NORD.replace("Nord", "Süd"), "{wish}");
    }
    for (spot, from) in
        [("button", "See the menu"), ("s2.heading", "Questions"), ("s3.0", "We roast on Mondays in a green garden.")]
    {
        assert_eq!(after("this should say Come in", Some(spot)), NORD.replace(from, "Come in"), "{spot}");
    }
}

#[test]
fn what_comes_with_its_price_stands_on_the_list_of_prices() {
    let wishes = [
        "add a chai latte for 4 €",
        "add chai latte (4 €)",
        "add a chai latte, 4 €",
        "please add a chai latte to the menu for 4 €",
        "add chai latte for 4 € to the menu",
        "put a chai latte for 4 € on the menu",
        "we now also serve chai latte for 4 €",
        "new on the menu: chai latte, 4 €",
        "füge einen Chai latte für 4 € hinzu",
        "nimm Chai latte für 4 € auf die Karte",
        "wir haben jetzt auch Chai latte für 4 €",
        "ajoute un chai latte à 4 €",
        "añade un chai latte por 4 €",
        "aggiungi un chai latte a 4 €",
    ];
    each(&[(&wishes, "- **Water**\n", "- **Water**\n- **Chai latte**: 4 €\n")]);
    let two = after("add a chai latte for 4 € and a mocha for 4.50 €", None);
    assert_eq!(two, NORD.replace("- **Water**\n", "- **Water**\n- **Chai latte**: 4 €\n- **Mocha**: 4.50 €\n"));
}

#[test]
fn several_prices_become_others() {
    let both = NORD.replace("2.50", "2.80").replace("3.80", "4.20");
    for wish in [
        "espresso 2.80 and flat white 4.20",
        "espresso 2.80 €, flat white €4.20",
        "espresso now 2.80 € and flat white now €4.20",
        "make the espresso 2.80 € and the flat white 4.20 €",
        "espresso is 2.80 € instead of 2.50 €, flat white is €4.20 instead of €3.80",
        "Espresso kostet 2.80 € und Flat White kostet 4.20 €",
    ] {
        let is = after(wish, None).replace("4.20 €", "€4.20");
        assert_eq!(is, both, "{wish}");
    }
}

#[test]
fn the_hours_of_a_day_become_others() {
    let monday = [
        "on Monday we are open from 9 to 17",
        "On Mondays we're open 9 to 17.",
        "Monday 9 to 17",
        "Monday: 9–17",
        "we are open from 9 to 17 on Mondays",
        "open on Mondays from 9 am to 5 pm",
        "on Monday we are now open from 9 to 5",
        "montags von 9 bis 17 Uhr geöffnet",
        "am Montag haben wir von 9 bis 17 Uhr geöffnet",
        "le lundi de 9 à 17",
    ];
    each(&[(&monday, "7 to 18", "9 to 17")]);
    each(&[
        (
            &["we close at 8 pm on Monday", "on Mondays we close at 20:00", "montags schließen wir um 20 Uhr"],
            "7 to 18",
            "7 to 20",
        ),
        (&["we open at 8 on Mondays", "on Monday we open at 8"], "7 to 18", "8 to 18"),
        (&["we are closed on Mondays", "closed on Mondays", "montags geschlossen", "lundi fermé"], "7 to 18", "closed"),
        (
            &["we are closed on Tuesdays, say so in the opening hours", "on Tuesdays we are closed"],
            "- **Sunday**: closed\n",
            "- **Sunday**: closed\n- **Tuesday**: closed\n",
        ),
        (&["Sunday 10 to 16"], "**Sunday**: closed", "**Sunday**: 10 to 16"),
    ]);
}
