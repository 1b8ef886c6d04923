//! Days, dates and times of the day, as several languages write them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::FactKind;
use super::figures::{plain, stands_in_a_word};
use super::forms::{Form, Value};

/// From Monday on; what comes before the bar stands for the day wherever it is, what comes after it only beside another day
/// or a time.
const DAYS: [&str; 7] = [
    "monday mondays montag montags lundi lunes lunedì segunda-feira maandag|mon mo lun ma",
    "tuesday tuesdays dienstag dienstags mardi martes martedì terça-feira dinsdag|tue tues di mar",
    "wednesday wednesdays mittwoch mittwochs mercredi miércoles mercoledì quarta-feira woensdag|wed mi mer mié wo",
    "thursday thursdays donnerstag donnerstags jeudi jueves giovedì quinta-feira donderdag|thu thur thurs do jeu jue gio",
    "friday fridays freitag freitags vendredi viernes venerdì sexta-feira vrijdag|fri fr ven vie vr",
    "saturday saturdays samstag samstags sonnabend samedi sábado sábados sabato zaterdag|sat sa sam sáb sab za",
    "sunday sundays sonntag sonntags dimanche domingo domingos domenica zondag|sun so dim dom zo",
];

const MONTHS: [&str; 12] = [
    "january jan januar januari janvier enero gennaio janeiro",
    "february feb februar februari février fév febrero febbraio fevereiro",
    "march mar märz maart mars marzo março",
    "april apr avril abril aprile",
    "may mai mei mayo maggio maio",
    "june jun juni juin junio giugno junho",
    "july jul juli juillet julio luglio julho",
    "august aug augustus août agosto",
    "september sep sept septembre septiembre settembre setembro",
    "october oct oktober okt octobre octubre ottobre outubro",
    "november nov novembre noviembre novembro",
    "december dec dezember dez décembre déc diciembre dicembre dezembro",
];

const JOINS: &str =
    r"\s?(?:[-–—/&+,]|\b(?:to|till|until|through|and|bis|und|à|au|et|a|al|y|e|tot|en|até|or|oder|ou|o)\b)\s?";

fn pattern(form: &str) -> Regex {
    Regex::new(&format!("(?i){form}")).expect("a form of the calendar is a pattern")
}

/// All these names as alternatives, the longest first.
fn names(lists: impl Iterator<Item = &'static str>) -> String {
    let mut names: Vec<_> = lists.flat_map(|list| list.split([' ', '|'])).filter(|name| !name.is_empty()).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.join("|")
}

fn place_in(lists: &[&str], name: &str) -> Option<u8> {
    let name = name.to_lowercase();
    let place = lists.iter().position(|list| list.split([' ', '|']).any(|known| known == name))?;
    u8::try_from(place).ok()
}

static FULL_DAY: LazyLock<String> =
    LazyLock::new(|| names(DAYS.iter().filter_map(|list| list.split_once('|')).map(|(full, _)| full)));
static ANY_DAY: LazyLock<String> = LazyLock::new(|| names(DAYS.into_iter()));

pub(super) fn days(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let (full, any) = (&*FULL_DAY, &*ANY_DAY);
        let several = format!(r"\b(?:{any})\b\.?(?:{JOINS}\b(?:{any})\b\.?)+");
        let short = format!(r"\b(?:{any})\b\.?:?\s{{0,3}}\d");
        let alone = format!(r"(?m:^)(?:{any})\.?:");
        pattern(&format!(r"(?:{several})|\b(?:{full})\b|{short}|{alone}"))
    });
    FORM.find_iter(text).filter_map(|found| day_form(text, found.range())).collect()
}

fn day_form(text: &str, within: Range<usize>) -> Option<Form> {
    static DAY: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"\b(?:{})\b", &*ANY_DAY)));
    let (start, text) = (within.start, &text[within]);
    let last = DAY.find_iter(text).last()?;
    let spelled = || DAY.find_iter(text).all(|day| day.as_str().starts_with(char::is_uppercase));
    let is_full = DAY.find_iter(text).any(|day| FULL_DAY.split('|').any(|full| full == day.as_str().to_lowercase()));
    let values = DAY.find_iter(text).filter_map(|day| place_in(&DAYS, day.as_str())).map(Value::Day).collect();
    (is_full || spelled()).then_some(Form { kind: FactKind::Day, span: start..start + last.end(), values })
}

/// The days that a text is of, where it says nothing else. A short form needs its capital: `do` and `so` are words too.
pub(super) fn only_days(text: &str) -> Option<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let any = &*ANY_DAY;
        pattern(&format!(r"^(?:{any})\b\.?(?:{JOINS}\b(?:{any})\b\.?)*$"))
    });
    FORM.is_match(text).then(|| day_form(text, 0..text.len())).flatten()
}

/// Whether a text joins two days to a span: `Monday to Friday`, but not `Monday and Friday`.
pub(super) fn is_span(text: &str) -> bool {
    static SPAN: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\s?(?:[-–—]|\b(?:to|till|until|through|bis|à|au|a|al|tot|até)\b)\s?"));
    SPAN.is_match(text)
}

pub(super) fn dates(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let months = names(MONTHS.into_iter());
        let day = r"\d{1,2}(?:\.|st|nd|rd|th|º|er)?";
        let days = format!("{day}(?:{JOINS}{day})*");
        let year = r"(?:,?\s(?:de\s|del\s)?(?P<{}>\d{4})\b)?";
        let first =
            format!(r"\b(?P<days1>{days})\s?(?:of\s|de\s)?(?P<month1>{months})\b\.?{}", year.replace("{}", "year1"));
        let second = format!(r"\b(?P<month2>{months})\b\.?\s(?P<days2>{days})\b{}", year.replace("{}", "year2"));
        let month = format!(r"\b(?P<month3>{months})\s(?:de\s|del\s)?(?P<year3>\d{{4}})\b");
        let iso = r"\b(?P<year4>\d{4})-(?P<month4>\d{2})-(?P<days4>\d{2})\b";
        let dotted = r"\b(?P<days5>\d{1,2})[./](?P<month5>\d{1,2})[./](?P<year5>\d{4}|\d{2})\b";
        pattern(&format!("{month}|{first}|{second}|{iso}|{dotted}"))
    });
    FORM.captures_iter(text).filter_map(|found| date(text, &found)).collect()
}

fn date(text: &str, found: &Captures<'_>) -> Option<Form> {
    let part = |name: &str| (1..=5).find_map(|number| found.name(&format!("{name}{number}"))).map(|part| part.as_str());
    let whole = found.get(0)?;
    let number = |text: &str| text.parse::<u8>().ok();
    let month = part("month")?;
    let month = place_in(&MONTHS, month).map(|place| place + 1).or_else(|| number(month))?;
    let days = part("days").unwrap_or_default().split(|c: char| !c.is_ascii_digit());
    let days: Vec<u8> = days.filter_map(number).collect();
    let is_day = |day: &u8| (1..=31).contains(day);
    if stands_in_a_word(text, whole.start()) || !days.iter().all(is_day) {
        return None;
    }
    // Between slashes, the month may come first.
    let values = |month: u8, days: &[u8]| -> Option<Vec<Value>> {
        (1..=12).contains(&month).then(|| match days {
            [] => vec![Value::Month(month)],
            days => days.iter().map(|day| Value::Date(*day, month)).collect(),
        })
    };
    let mut values = match days[..] {
        [day] if month > 12 => values(day, &[month])?,
        _ => values(month, &days)?,
    };
    let year = part("year").map(|year| if year.len() == 2 { format!("20{year}") } else { year.to_owned() });
    values.extend(year.map(Value::Number));
    let end = whole.start() + whole.as_str().trim_end_matches(['.', ' ']).len();
    Some(Form { kind: FactKind::Date, span: whole.start()..end, values })
}

pub(super) fn times(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let half = r"\s?(?:[ap]\.m\.|[ap]m\b)";
        let clock = r"\d{1,2}[:.h]\d{2}";
        let any = format!(r"(?:{clock}|\d{{1,2}}h?)(?:{half})?");
        let sure = format!(r"(?:\d{{1,2}}(?:[:.]\d{{2}})?{half}|\d{{1,2}}:\d{{2}}\b|\d{{1,2}}h(?:\d{{2}})?\b)");
        let to = r"\s?(?:[-–—]|\b(?:to|till|until|bis|à|a|alle|às|as|tot)\b|(?:a|alle)\slas?)\s?";
        let hour = r"\s?(?:uhr|o['’]clock|heures?|ore|uur)\b";
        pattern(&format!(
            r"(?P<a>{any}){to}(?P<b>{sure}){hour}|(?P<c>{any}){to}(?P<d>{sure})|(?P<e>{any}){to}(?P<f>{any}){hour}|(?P<g>{sure}){to}(?P<h>{any}){hour}|(?P<i>{any}){hour}|(?P<j>{sure})"
        ))
    });
    FORM.captures_iter(text).filter_map(|found| time(text, &found)).collect()
}

fn time(text: &str, found: &Captures<'_>) -> Option<Form> {
    let whole = found.get(0)?;
    let goes_on = text[whole.end()..].starts_with(|c: char| c.is_alphanumeric());
    if stands_in_a_word(text, whole.start()) || goes_on {
        return None;
    }
    let times: Vec<_> =
        ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"].into_iter().filter_map(|name| found.name(name)).collect();
    let half = |time: &str| {
        let time = time.to_lowercase();
        let half = time.trim_start_matches(|c: char| !matches!(c, 'a' | 'p'));
        half.chars().next()
    };
    let last_half = times.last().and_then(|time| half(time.as_str()));
    let minutes = |time: &regex::Match<'_>| minutes(time.as_str(), half(time.as_str()), last_half);
    let values: Option<Vec<_>> = times.iter().map(|time| minutes(time).map(Value::Time)).collect();
    Some(Form { kind: FactKind::Time, span: whole.range(), values: values? })
}

/// Minutes after midnight. Of `9–5pm` the first has no half of its own: it is the later half where that keeps the order.
fn minutes(time: &str, half: Option<char>, last_half: Option<char>) -> Option<u16> {
    let mut parts = time.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty());
    let mut part = || parts.next().map(|part| plain(part).parse::<u16>().ok());
    let hour = part()??;
    let minute = part().unwrap_or(Some(0))?;
    let hour = match half {
        Some('p') if hour < 12 => hour + 12,
        Some('a') if hour == 12 => 0,
        None if last_half == Some('p') && hour < 6 => hour + 12,
        _ => hour,
    };
    (hour <= 24 && minute < 60).then_some(hour * 60 + minute)
}
