//! Amounts and numbers, as several languages write them.

use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::FactKind;
use super::forms::{Form, Value};

/// What stands for a currency, and the one name that each is compared by.
const CURRENCIES: &str = "€=€ euros=€ euro=€ eur=€ $=$ us$=$ usd=$ dollars=$ dollar=$ £=£ gbp=£ pounds=£ pound=£ ¥=¥ yen=¥ \
    chf=chf franken=chf francs=chf fr.=chf sek=kr nok=kr dkk=kr kronor=kr kroner=kr kr=kr zł=zł pln=zł kč=kč czk=kč ₹=₹ \
    inr=₹ rupees=₹ ₽=₽ руб=₽ r$=r$ reais=r$ ₺=₺ tl=₺ lira=₺ ₴=₴ uah=₴ грн=₴ ₪=₪ ils=₪ nis=₪ ש\"ח=₪ ₩=₩ krw=₩ 원=₩ jpy=¥ 円=¥ cny=元 rmb=元 元=元 ₫=₫ vnd=₫ đ=₫ ฿=฿ thb=฿ \
    huf=ft ft=ft ron=lei lei=lei лв=лв bgn=лв دينار=دينار درهم=درهم ريال=ريال دولار=$ دولارًا=$ aed=درهم sar=ريال dollari=$ dólares=$";

const AMOUNT: &str = r"\d{1,3}(?:[.,'’ \u{a0}\u{202f}]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})?";

static PRICE: LazyLock<Regex> = LazyLock::new(|| {
    let signs = |spelled: bool| {
        let signs = CURRENCIES.split(' ').filter_map(|pair| pair.split_once('=')).map(|(sign, _)| sign);
        // One letter of another script, as 円, needs no space behind it.
        let is_spelled = |sign: &&str| sign.chars().all(char::is_alphabetic) && sign.chars().count() > 1;
        let signs = signs.filter(|sign| is_spelled(sign) == spelled);
        signs.map(regex::escape).collect::<Vec<_>>().join("|")
    };
    let sign = format!(r"(?:(?:{})\b|{})", signs(true), signs(false));
    let range = r"(?:\s?(?:[-–—]|to|bis|à|a)\s?";
    let before = format!(r"(?P<a>{sign})\s?(?P<b>{AMOUNT}){range}(?:{sign})?(?P<c>{AMOUNT}))?");
    let after = format!(r"(?P<d>{AMOUNT})(?:,[-–—])?{range}(?P<e>{AMOUNT}))?\s?(?P<f>{sign})");
    Regex::new(&format!("(?i){before}|{after}")).expect("the form of a price is a pattern")
});

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    let form = format!(r"(?P<always>24/7)|(?P<amount>{AMOUNT})(?:\s?%|(?P<after>\p{{L}}*))");
    Regex::new(&form).expect("the form of a number is a pattern")
});

pub(super) fn prices(text: &str) -> Vec<Form> {
    PRICE.captures_iter(text).filter_map(|found| price(text, &found)).collect()
}

fn price(text: &str, found: &Captures<'_>) -> Option<Form> {
    let whole = found.get(0)?;
    let sign = found.name("a").or(found.name("f"))?.as_str().to_lowercase();
    let currency = CURRENCIES.split(' ').filter_map(|pair| pair.split_once('=')).find(|(name, _)| *name == sign)?.1;
    if stands_in_a_word(text, whole.start()) {
        return None;
    }
    let amounts = ["b", "c", "d", "e"].into_iter().filter_map(|name| found.name(name));
    let values = amounts.map(|amount| Value::Price(plain(amount.as_str()), currency)).collect();
    Some(Form { kind: FactKind::Price, span: whole.range(), values })
}

pub(super) fn numbers(text: &str) -> Vec<Form> {
    let number = |found: Captures<'_>| {
        let whole = found.get(0)?;
        // `MP3` and `B2B` are words; `10km` and `2nd` are figures.
        let is_word = stands_in_a_word(text, whole.start())
            || found.name("after").is_some_and(|after| after.as_str().chars().count() > 3);
        let amount = |found: regex::Match<'_>| plain(found.as_str());
        let value = found.name("amount").map_or_else(|| whole.as_str().to_owned(), amount);
        (!is_word).then(|| Form { kind: FactKind::Number, span: whole.range(), values: vec![Value::Number(value)] })
    };
    NUMBER.captures_iter(text).filter_map(number).collect()
}

/// Whether a letter or another figure goes on to here.
pub(super) fn stands_in_a_word(text: &str, at: usize) -> bool {
    let mut before = text[..at].chars().rev();
    match before.next() {
        Some('.' | ',' | '/') => before.next().is_some_and(|before| before.is_ascii_digit()),
        Some(before) => before.is_alphanumeric() && !is_of_a_script_without_spaces(before),
        None => false,
    }
}

/// Thai and Lao, Khmer, Chinese, Japanese, and Korean, where a figure stands close to its word.
fn is_of_a_script_without_spaces(letter: char) -> bool {
    matches!(letter, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// A number as all are compared: `1.200` and `1,200` are `1200`, `2,80` is `2.8`.
pub(super) fn plain(amount: &str) -> String {
    let is_sign = |character: char| !character.is_ascii_digit();
    let (whole, part) = match amount.rfind(is_sign) {
        Some(at) if amount[at..].chars().count() <= 3 => (&amount[..at], amount[at..].trim_start_matches(is_sign)),
        _ => (amount, ""),
    };
    let whole: String = whole.chars().filter(char::is_ascii_digit).collect();
    let whole = whole.trim_start_matches('0');
    let part = part.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// Every run of figures in a text, each as all are compared.
pub(super) fn runs(text: &str) -> impl Iterator<Item = String> {
    static RUN: LazyLock<Regex> = LazyLock::new(|| Regex::new(AMOUNT).expect("the form of an amount is a pattern"));
    let single = |run: &str| run.split(|c: char| !c.is_ascii_digit()).map(plain).collect::<Vec<_>>();
    RUN.find_iter(text).flat_map(move |run| [vec![plain(run.as_str())], single(run.as_str())].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_whatever_their_signs() {
        for (written, compared) in [
            ("2.80", "2.8"),
            ("2,80", "2.8"),
            ("9.00", "9"),
            ("1.200", "1200"),
            ("10,000", "10000"),
            ("1'250.50", "1250.5"),
            ("1 200", "1200"),
            ("007", "7"),
            ("0", "0"),
            ("0,90", "0.9"),
        ] {
            assert_eq!(plain(written), compared, "{written}");
        }
    }
}
