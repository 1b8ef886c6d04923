//! What a page says that its request does not.

use super::super::*;
use crate::words::Spot;

#[test]
fn what_the_request_does_not_hold_is_made_up() {
    let request = "a café called Nord, espresso 2.80 €, Monday to Friday 7am–6pm, since 1998";
    for (words, found) in [
        ("# Nord\n## Menu\n- **Espresso**: €2.80\n- **Tea**: 3.50 €\n", "s0.1.detail Price 3.50 €"),
        (
            "# Nord\n## Hours\n- **Wednesday**: 7:00–18:00\n- **Sunday**: 9am\n",
            "s0.1.name Day Sunday; s0.1.detail Time 9am",
        ),
        ("# Nord\n> Since 1998, with 12 seats.\n", "sentence Number 12"),
        ("# Nord\n## Steps\n- **1**: Order.\n- **2.**: Sit.\n", ""),
        (
            "# Nord\n## Contact\n- **Phone**: 555 0123\n- **E-mail**: hi@nord.example\n",
            "s0.0.detail Phone 555 0123; s0.1.detail Email hi@nord.example",
        ),
        (
            "# Nord\n## Contact\nFind us at 12 Harbour Road, Leeds, or on nord.example\n",
            "s0.0 Address 12 Harbour Road, Leeds; s0.0 Link nord.example",
        ),
    ] {
        let made_up = made_up(&Words::parse(words), request);
        let made_up = made_up.into_iter().map(|text| format!("{} {:?} {}", text.spot, text.kind, text.text));
        assert_eq!(made_up.collect::<Vec<_>>().join("; "), found, "{words}");
    }
}

/// What is made up, one beside the other: `s0.1.name Day Sunday`.
fn invented(request: &str, words: &str) -> String {
    let made_up = made_up(&Words::parse(words), request).into_iter();
    made_up.map(|text| format!("{} {:?} {}", text.spot, text.kind, text.text)).collect::<Vec<_>>().join("; ")
}

#[test]
fn days_beside_hours_that_were_stated_are_one_claim() {
    let page = |lines: &str| format!("# Nord\n## Opening hours\n{lines}");
    let (open, in_german) =
        ("a café called Nord, open from 7 to 18", "ein Café namens Nord, von 7 bis 18 Uhr geöffnet");
    for (request, lines, found) in [
        (open, "- **Monday to Friday**: 7 to 18\n", "s0.0.name Day Monday to Friday"),
        (in_german, "- **Mo–Fr**: 7–18 Uhr\n- **Sa**: 7–18 Uhr\n", "s0.0.name Day Mo–Fr"),
        (open, "- **Monday**: 7 to 18\n- **Tuesday**: 7 to 18\n- **Friday**: 7 to 18\n", "s0.0.name Day Monday"),
        (
            open,
            "- **Monday to Friday**: 7 to 18\n- **Saturday**: 9 to 16\n",
            "s0.0.name Day Monday to Friday; s0.1.detail Number 9; s0.1.detail Number 16",
        ),
        (
            open,
            "- **Monday to Friday**: 7 to 18\n- **Sunday**: closed\n",
            "s0.0.name Day Monday to Friday; s0.1.name Day Sunday",
        ),
        (open, "- **Monday to Sunday**: 7 to 18\n", ""),
        (open, "- **Monday to Friday**: 7 to 18\n- **Saturday and Sunday**: 7 to 18\n", ""),
        (
            open,
            "- **Monday to Friday**: 7 to 18\n- **Saturday and Sunday**: 18 to 7\n",
            "s0.0.name Day Monday to Friday",
        ),
        (
            "a café called Nord",
            "- **Monday**: closed\n- **Friday**: closed\n",
            "s0.0.name Day Monday; s0.1.name Day Friday",
        ),
        (
            "a café called Nord, open Monday from 7 to 18",
            "- **Monday**: 7 to 18\n- **Tuesday**: 7 to 18\n- **Friday**: 7 to 18\n",
            "s0.1.name Day Tuesday; s0.2.name Day Friday",
        ),
    ] {
        assert_eq!(invented(request, &page(lines)), found, "{request}: {lines}");
    }
    let elsewhere = "# Nord\n## About us\nOn Monday and on Friday we roast.\n";
    assert_eq!(invented(open, elsewhere), "s0.0 Day Monday; s0.0 Day Friday");
}

#[test]
fn people_whom_the_request_does_not_name_are_made_up() {
    let request = "a café called Nord, run by Maya Lind and Dr. Osei";
    for (words, found) in [
        ("# Nord\n## The team\n- **Maya Lind**: Owner\n- **Tom Hansen**: Barista\n", "s0.1.name Name Tom Hansen"),
        ("# Nord\n## The team\n- **Head baker**: Ingvild Moe, since ever\n", "s0.0.detail Name Ingvild Moe"),
        (
            "# Nord\n## The team\n- **Lisa**: Barista\n- **Osei**: Doctor\n- **Dr. Kwame Osei**\n",
            "s0.0.name Name Lisa; s0.2.name Name Dr. Kwame Osei",
        ),
        (
            "# Nord\n## What people say\n- **Anna B.**: “The best bread.”\n- **A guest**: “Lovely.”\n",
            "s0.0.name Name Anna B.",
        ),
        (
            "# Nord\n## Unser Team\n- **Freundliche Beratung**: Wir nehmen uns Zeit.\n- **Frau Kern**: Leitung der Küche\n- **Jana Weiß**: Leitung\n",
            "s0.1.name Name Frau Kern; s0.2.name Name Jana Weiß",
        ),
        (
            "# Nord\n## Kontakt\n- **Ansprechpartnerin**: Petra Lang\n- **Büro**: Im Hof\n",
            "s0.0.detail Name Petra Lang",
        ),
        (
            "# Nord\n## Our team\n- **Head Baker**: Bakes at night\n- **Friendly Staff**: Always there\n- **Experience**: Long\n- **Lead Guitar**\n",
            "",
        ),
        ("# Nord\n## Menu\n- **Flat White**: strong\n- **Earl Grey**: hot\n- **Croque Madame**: warm\n", ""),
        ("# Nord\n## Services\n- **Oil Change**: quick\n", ""),
    ] {
        assert_eq!(invented(request, words), found, "{words}");
    }
}

#[test]
fn towns_that_the_request_does_not_name_are_made_up() {
    let request = "a café called Nord in Kiel, by the harbour";
    for (words, found) in [
        ("# Nord\n> Fresh coffee in the heart of Hamburg.\n", "sentence Place Hamburg"),
        ("# Nord\n> Fresh coffee in Kiel, by the harbour.\n", ""),
        (
            "# Nord\n## Find us\n- **Location**: Harbourtown, Norway\n",
            "s0.0.detail Place Harbourtown; s0.0.detail Place Norway",
        ),
        (
            "# Nord\n## Find us\n- **Address**: your address\n- **Location**: Kiel\n- **Where**: Right by the harbour\n",
            "",
        ),
        ("# Nord\n## Find us\nYou find us in Ravenholm, near the old bridge.\n", "s0.0 Place Ravenholm"),
        ("# Nord\n## Find us\nOpen in May, and in English. Behind the house.\n- **Parking**: Behind the Station\n", ""),
        ("# Nord\n## Kontakt\n- **Adresse**: Ihre Adresse\n- **Ort**: Musterstadt\n", "s0.1.detail Place Musterstadt"),
        ("# Nord\n## Über uns\nEin Café aus Berlin, in Ruhe gemacht.\n", "s0.0 Place Berlin"),
        ("# Nord\n## Menu\n- **Paris-Brest**: with cream, from Paris\n- **New York cheesecake**\n", ""),
        ("# Nord\n## Kontakt\nKommen Sie in Ruhe vorbei.\n- **E-Mail**: Ihre E-Mail-Adresse\n", ""),
    ] {
        assert_eq!(invented(request, words), found, "{words}");
    }
}

#[test]
fn a_made_up_way_to_reach_somebody_is_left_to_be_filled_in() {
    let text = "# Nord\n## Contact\n- **Phone**: 555 0123\n- **E-mail**: hi@nord.example\nCome to 12 Harbour Road. Tea is 3 €.\n";
    let mut words = Words::parse(text);
    let concealed = conceal(&mut words, "a café called Nord, write to hi@nord.example");
    assert_eq!(
        words.to_string(),
        "# Nord\n## Contact\n- **Phone**: your phone number\n- **E-mail**: hi@nord.example\nCome to your address. Tea is 3 €.\n"
    );
    let spots: Vec<_> = concealed.into_iter().map(|text| text.spot).collect();
    assert_eq!(spots, [Spot::ItemDetail(0, 0), Spot::Line(0, 2)]);
}
