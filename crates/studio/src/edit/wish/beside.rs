//! Another price on a free page: of the one thing that is called so, where one price stands in or beside its name.

use std::ops::Range;

use super::phrase::{clauses, is_same, words as words_of};
use super::{added, price};
use crate::edit::element::{Elements, Row};

/// The source with the prices that a wish names, and what was done. `None` where it is not sure.
pub(super) fn priced(wish: &str, source: &str) -> Option<(String, String)> {
    one(wish, source).or_else(|| {
        clauses(wish).try_fold((source.to_owned(), String::new()), |(source, said), clause| {
            let (source, more) = one(clause, &source)?;
            Some((source, format!("{said} {more}").trim_start().to_owned()))
        })
    })
}

fn one(wish: &str, source: &str) -> Option<(String, String)> {
    price::said(wish).find_map(|costs| {
        let thing = added::name(costs.thing)?;
        let page = Elements::of(source);
        let text = only_text(&page, &words_of(&thing))?;
        let row = page.rows(&text).find(|row| prices(row) > 0).filter(|row| prices(row) == 1)?;
        let (at, old) = price_in(&row)?;
        let new = costs.in_place_of(old.trim())?;
        let start = at.start + (old.len() - old.trim_start().len());
        let html = [&source[..start], &new, &source[start + old.trim().len()..]].concat();
        Some((html, format!("{thing}: {}.", costs.price)))
    })
}

/// Where the one text stands in which all these words follow each other.
fn only_text(page: &Elements<'_>, name: &[String]) -> Option<Range<usize>> {
    let holds = |text: &str| {
        let words = words_of(text);
        words.windows(name.len()).filter(|there| there.iter().zip(name).all(|(one, other)| is_same(one, other))).count()
    };
    let mut holding = page.texts().map(|(at, text)| (at, holds(text))).filter(|(_, times)| *times > 0);
    let (at, times) = holding.next()?;
    (times == 1 && holding.next().is_none()).then_some(at)
}

fn prices(row: &Row<'_>) -> usize {
    row.texts.iter().map(|(_, text)| price::count(text)).sum()
}

/// The text of the row that holds its price: the name's own, or one that is a price and nothing else.
fn price_in<'a>(row: &Row<'a>) -> Option<(Range<usize>, &'a str)> {
    let place = row.texts.iter().position(|(_, text)| price::count(text) > 0)?;
    let (at, text) = &row.texts[place];
    let is_there = place == row.named || price::is_alone(text) && (row.is_sure || place == row.named + 1);
    is_there.then(|| (at.clone(), *text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(menu: &str) -> String {
        format!(
            "<html><title>Espresso bar</title><body><h1>Nord</h1><main>{menu}</main><p>We roast daily, from 8.</p></body></html>"
        )
    }

    fn after(wish: &str, menu: &str) -> Option<String> {
        priced(wish, &page(menu)).map(|(html, _)| html)
    }

    const MENUS: [&str; 10] = [
        "<ul><li>Espresso 2.50 €</li><li>Tea 3 €</li></ul>",
        "<ul><li><b>Espresso</b> <i>2.50 €</i><li><b>Tea</b> <i>3 €</i></ul>",
        "<table><tr><td>Espresso<td>strong and short<td> 2.50 €\n<tr><td>Tea<td>green<td>3 €</table>",
        "<dl><dt>Espresso</dt><dd>2.50 €</dd><dt>Tea</dt><dd>3 €</dd></dl>",
        "<div class=card><h3>Espresso</h3><p>From Brazil.</p><p>2.50 €</p></div><div class=card><h3>Tea</h3><p>3 €</p></div>",
        "<div><div><span>Espresso</span><span>2.50 €</span></div><div><span>Tea</span><span>3 €</span></div></div>",
        "<article><div><h3>Our espresso</h3><p>From Brazil</p></div><div>2.50 €</div></article><article>Tea 3 €</article>",
        "<p>Espresso – 2.50 €</p><p>Tea – 3 €</p>",
        "<section><h2>Espresso</h2><p>2.50 €</p></section>",
        "<ul><li><span>2.50 €</span> <b>Espresso</b></li><li><span>3 €</span> <b>Tea</b></li></ul>",
    ];

    #[test]
    fn the_one_price_beside_the_one_thing_becomes_another_and_nothing_else_does() {
        for menu in MENUS {
            for wish in ["espresso now costs 2.80 €", "change the price of the espresso to 2.80 €"] {
                assert_eq!(after(wish, menu), Some(page(&menu.replace("2.50", "2.80"))), "{wish}: {menu}");
            }
        }
        let menu = MENUS[0];
        for wish in ["espresso is 2.80 € instead of 2.50 €", "Espresso kostet jetzt 2.80 €", "espresso 2.80 €"]
        {
            assert_eq!(after(wish, menu), Some(page(&menu.replace("2.50", "2.80"))), "{wish}");
        }
        let both = page(&menu.replace("2.50", "2.80").replace("3 €", "3.20 €"));
        let said = "Espresso: 2.80 €. Tea: 3.20 €.".to_owned();
        assert_eq!(priced("espresso costs 2.80 € and tea 3.20 €", &page(menu)), Some((both, said)));
        let dollars = "<li>Espresso</li><li><b>Tea</b> <i>€3.00</i></li>";
        assert_eq!(after("tea costs $4", dollars), Some(page(&dollars.replace("€3.00", "$4"))));
        let bare = "<li><b>Tea</b><i>3.00</i></li>";
        assert_eq!(after("tea costs 3.20", bare), Some(page(&bare.replace("3.00", "3.20"))));
    }

    #[test]
    fn what_is_not_sure_is_left_to_a_model() {
        for (wish, menu) in [
            // Not one thing, not one price, no price.
            ("espresso now costs 2.80 €", "<li>Espresso 2.50 €</li><li>Double espresso 3 €</li>"),
            ("espresso now costs 2.80 €", "<li>Espresso 2.50 €, double 3 €</li>"),
            ("espresso now costs 2.80 €", "<li>Espresso <i>2.50 €</i> <i>to go 2 €</i></li>"),
            ("espresso now costs 2.80 €", "<li>Espresso</li><li>Tea 3 €</li>"),
            ("espresso now costs 2.80 €", "<section><h2>Espresso</h2><p>Fine.</p></section><p>Tea 3 €</p>"),
            ("espresso now costs 2.80 €", "<h2>Espresso</h2><p>2.50 €</p>"),
            // The price may be another's.
            ("espresso now costs 2.80 €", "<div><b>Espresso</b><b>Tea</b><i>3 €</i></div>"),
            ("espresso now costs 2.80 €", "<li>Espresso <i>or tea for 3 €</i></li>"),
            ("espresso now costs 2.80 €", "<dl><dt>Espresso</dt><dd>strong</dd><dt>Tea</dt><dd>3 €</dd></dl>"),
            // It was not so, is so already, is not said, or is of more than one.
            ("espresso is 2.80 € instead of 2.30 €", MENUS[0]),
            ("espresso now costs 2.50 €", MENUS[0]),
            ("espresso is cheaper now", MENUS[0]),
            ("everything costs 2.80 €", "<li>Everything 2.50 €</li>"),
            ("this costs 2.80 €", "<li>All this for 2.50 €</li>"),
            ("nord costs 2.80 €", MENUS[0]),
            ("espresso bar costs 2.80 €", MENUS[0]),
            ("from 8 is 3 €", MENUS[0]),
        ] {
            let changed = after(wish, menu).filter(|html| *html != page(menu));
            assert_eq!(changed, None, "{wish}: {menu}");
        }
    }
}
