//! "Espresso now costs 2.80 €": the price of one thing that the page names.

use std::sync::LazyLock;

use kit::{Line, Spot};
use regex::Regex;

use super::phrase::pattern;
use super::target::find;
use super::{Change, Page};

const CURRENCY: &str = r"(?:€|\$|£|¥|₹|₽|zł|kr\.?|chf|sfr\.?|fr\.|eur|usd|gbp|euros?|dollars?|pounds?)";

static COSTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let price = format!(r"(?P<y>(?:{CURRENCY}\s?)?\d+(?:[.,]\d{{1,2}})?(?:\s?{CURRENCY})?)");
    let now = r"(?:\s+(?:now|from now on|today|jetzt|nun|ab jetzt|ab sofort|maintenant|désormais|ahora|ora|adesso))?";
    [
        format!(
            r"^(?P<x>.+?){now}\s+(?:costs?|should cost|shall cost|is|are|kostet|kosten|soll(?:en)?|co[uû]te(?:nt)?|cuestan?|costa(?:no)?){now}\s+{price}(?:\s+kosten)?{now}$"
        ),
        format!(
            r"^(?:(?:set|change|raise|lower|increase|reduce|put|setze|ändere|erhöhe|senke|mets|change|passe|cambia|pon|sube|baja)\s+)?(?:the |der |den |le |el )?(?:price|preis|prix|precio) (?:of|for|von|vom|für|de la|de l'|du|des|de|del)\s*(?P<x>.+?)\s+(?:(?:is|ist|est|es|becomes|should be){now}|to|at|auf|à|a)\s+{price}{now}$"
        ),
        format!(r"^(?:make|let)\s+(?P<x>.+?)\s+cost\s+{price}$"),
        format!(r"^(?:set|change|raise|lower|increase|reduce|setze|ändere|erhöhe|senke)\s+(?P<x>.+?)\s+(?:to|at|auf)\s+{price}$"),
        format!(r"^(?P<x>[^:]+):\s*{price}$"),
    ]
    .iter()
    .map(|costs| pattern(costs))
    .collect()
});
static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(&format!(r"(?:(?P<before>{CURRENCY})\s?)?(?P<amount>\d+(?:[.,]\d{{1,2}})?)(?:\s?(?P<after>{CURRENCY}))?"))
});

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    COSTS.iter().filter_map(|costs| costs.captures(wish)).find_map(|costs| {
        let Spot::Line(section, line) = find(&costs["x"], page.words, page.spot).map(super::target::whole)? else {
            return None;
        };
        let Line::Item { name, detail } = page.words.sections.get(section)?.lines.get(line)? else { return None };
        let detail = priced(detail, costs["y"].trim())?;
        let said = format!("{name}: {detail}.");
        Some((Change::Set(Spot::ItemDetail(section, line), detail), said))
    })
}

/// The detail with another price in the place of its one price. In its own form, unless the wish names another currency.
fn priced(detail: &str, price: &str) -> Option<String> {
    let wanted = PRICE.captures(price)?;
    let currency = |captures: &regex::Captures<'_>| {
        ["before", "after"].into_iter().find_map(|side| captures.name(side)).map(|currency| sign(currency.as_str()))
    };
    let is_number = |text: &str| text.trim().chars().all(|letter| letter.is_ascii_digit() || ".,".contains(letter));
    let mut prices = PRICE.captures_iter(detail).filter(|found| currency(found).is_some() || is_number(detail));
    let Some(old) = prices.next() else {
        return detail.trim().is_empty().then(|| price.to_owned());
    };
    if prices.next().is_some() {
        return None;
    }
    let (wanted_in, old_in) = (currency(&wanted), currency(&old));
    let span =
        if wanted_in.is_none() || wanted_in == old_in { old.name("amount")?.range() } else { old.get(0)?.range() };
    let text = if wanted_in.is_none() || wanted_in == old_in { &wanted["amount"] } else { price };
    Some(format!("{}{}{}", &detail[..span.start], text, &detail[span.end..]))
}

fn sign(currency: &str) -> String {
    match currency.to_lowercase().as_str() {
        "eur" | "euro" | "euros" | "€" => "€".to_owned(),
        "usd" | "dollar" | "dollars" | "$" => "$".to_owned(),
        "gbp" | "pound" | "pounds" | "£" => "£".to_owned(),
        other => other.to_owned(),
    }
}
