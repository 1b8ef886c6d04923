//! Which look suits a request.

use crate::looks::Seed;
use crate::{Look, Style};

/// Trades and moods, several languages; the beginning of a word is enough. The first look with the most of them is taken.
const TRADES: [(Look, &str); 6] = [
    (
        Look::Poster,
        "band concert konzert festival gig punk rock hip hop rap street skate burger pizza taco kebab bar club disco party protest campaign zine poster record label circus \
         flohmarkt market sport boxing fitness gym crossfit marathon run climb kletter bike velo tattoo loud bold comic",
    ),
    (
        Look::Midnight,
        "night nacht cocktail jazz dj techno synth space astro planet star observator cinema kino film game gaming esport crypto ai startup app saas launch luxury \
         hotel spa lounge casino perfume magic electronic club",
    ),
    (
        Look::Almanac,
        "baker bäcker boulanger panader restaurant bistro trattoria osteria taverne inn wine wein vin vino winery winzer weingut brewer brau cheese käse book buch \
         libr antique museum history wedding hochzeit mariage boda florist herb farm hof ferme honey honig tea tee tailor schneider watch uhrmacher \
         theat library heritage traditional craft handwerk jam chocolate butcher metzger",
    ),
    (
        Look::Harbour,
        "café cafe coffee kaffee harbour hafen sea meer beach boat sail segel fish fisch holiday ferien vacances apartment flat wohnung hair friseur coiffeur barber \
         clinic praxis ceramic keramik furniture möbel interior minimal nordic nord scandinav surf swim architectur roastery rösterei hostel",
    ),
    (
        Look::Meadow,
        "kinder kita kindergarten child baby nursery school schule école escuela family familie pet dog hund cat katze vet tierarzt garden garten jardin yoga \
         massage midwife hebamme doula charity verein spende volunteer community nachbar vegan bio organic playground toy spielzeug summer camp \
         therap dentist zahnarzt doctor physio pflege ice cream eis gelato cupcake",
    ),
    (
        Look::Ledger,
        "law rechtsanwalt anwalt kanzlei avocat abogad notar tax steuer account buchhalt audit consult berat architect architekt engineer ingenieur studio portfolio \
         photograph fotograf agency agentur conference konferenz research institut academ university software developer entwickler source api \
         data security machine workshop werkstatt print druck typograph design invest finance bank",
    ),
];

/// The look that suits a request: by the trades that it names, else by the letters of it. The same request always gets the
/// same look.
#[must_use]
pub fn suits(request: &str) -> Style {
    let request = request.to_lowercase();
    let words: Vec<&str> = request.split(|c: char| !c.is_alphanumeric()).collect();
    let count = |trades: &str| {
        let named = |trade: &&str| {
            words.iter().any(|word| word == trade || trade.chars().count() > 3 && word.starts_with(trade))
        };
        trades.split_whitespace().filter(named).count()
    };
    let counts = TRADES.map(|(look, trades)| (count(trades), look));
    let most = counts.iter().map(|(count, _)| *count).max().unwrap_or_default();
    let look = if most == 0 {
        Look::ALL[Seed::of(request.trim()).below(6) as usize]
    } else {
        counts.iter().find(|(count, _)| *count == most).map_or(Look::Harbour, |(_, look)| *look)
    };
    Style { look, ..Style::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trade_gets_the_look_that_suits_it() {
        let table = [
            ("a landing page for a coffee shop called Nord with a menu and opening hours", Look::Harbour),
            ("a page for the café Lumen with opening hours", Look::Harbour),
            ("app for families, free for one household", Look::Midnight),
            ("Eine Seite für meine Bäckerei Krume", Look::Almanac),
            ("a punk band called Rostfrei, three gigs in May", Look::Poster),
            ("Website for the law firm Berg & Partner", Look::Ledger),
            ("Kita Sonnenblume: Öffnungszeiten und Team", Look::Meadow),
            ("a jazz club that opens at 9 pm every night", Look::Midnight),
        ];
        for (request, look) in table {
            assert_eq!(suits(request).look, look, "{request}");
        }
    }

    #[test]
    fn requests_that_name_no_trade_get_different_looks_and_always_the_same() {
        let looks: std::collections::HashSet<Look> =
            (0..60).map(|number| suits(&format!("page {number}")).look).collect();
        assert_eq!(looks.len(), Look::ALL.len());
        assert_eq!(suits("page 1"), suits("page 1"));
    }
}
