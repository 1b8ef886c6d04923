//! The forms of a list's entries: what costs something, when it is open, how somebody is reached.

use super::Kind;

const DAYS: &str = "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun sunday mondays tuesdays \
    wednesdays thursdays fridays saturdays sundays weekday weekdays weekend weekends daily everyday mo di mi do fr sa so montag dienstag mittwoch donnerstag \
    freitag samstag sonnabend sonntag montags dienstags mittwochs donnerstags freitags samstags sonntags werktags wochenende täglich feiertag feiertage \
    lun mar mer jeu ven sam dim lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miércoles jueves viernes sábado sábados domingo domingos \
    lunedì martedì mercoledì giovedì venerdì sabato domenica segunda terça quarta quinta sexta maandag dinsdag woensdag donderdag vrijdag zaterdag zondag \
    måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag poniedziałek wtorek środa czwartek piątek sobota niedziela \
    понедельник вторник среда четверг пятница суббота воскресенье";

const CLOSED: &str =
    "closed geschlossen ruhetag fermé fermée cerrado chiuso fechado gesloten stängt lukket zamknięte закрыто";

const MONTHS: &str = "jan january januar janvier enero gennaio janeiro januari feb february februar février febrero febbraio fevereiro februari \
    mar march märz mars marzo março maart apr april avril abril aprile may mai mayo maggio maio mei jun june juni juin junio giugno junho jul july \
    juli juillet julio luglio julho aug august août agosto augustus augusti sep sept september septembre septiembre settembre setembro \
    oct october oktober octobre octubre ottobre outubro nov november novembre noviembre dec december dezember décembre diciembre dicembre dezembro";

const REACHED: &str = "address phone telephone tel mobile email e-mail mail website web instagram facebook whatsapp twitter adresse telefon fax handy \
    téléphone courriel dirección teléfono correo indirizzo telefono endereço telefone adres telefoon adress epost parking parkplätze адрес телефон почта";

const MONEY: &str = "eur euro euros usd gbp chf dollars dollar pounds kr sek nok dkk zł pln руб franken";

/// What an entry of that form belongs to.
pub(super) fn kind(name: &str, detail: &str) -> Option<Kind> {
    if name.trim_end().ends_with('?') {
        return Some(Kind::Questions);
    }
    if starts_step(name) {
        return Some(Kind::Steps);
    }
    let is_open = is_time(detail) || has_word(detail, CLOSED) || has_range(detail);
    if is_day(name) && (is_open || detail.is_empty()) {
        return Some(Kind::Hours);
    }
    if is_date(name) || is_date(detail) || is_time(name) {
        return Some(Kind::Dates);
    }
    if is_listed(name.trim(), REACHED) || detail.contains('@') && !detail.contains(' ') || is_phone(detail) {
        return Some(Kind::Contact);
    }
    if is_price(detail) || ends_in_price(detail) {
        return Some(Kind::Prices);
    }
    if begins_quoted(detail) || begins_quoted(name) {
        return Some(Kind::Quotes);
    }
    (is_figure(name) || is_figure(detail)).then_some(Kind::Numbers)
}

/// Whether a text is a price and little else: `2.50 €`, `from $5 a head`, `CHF 4.50`.
pub(crate) fn is_price(text: &str) -> bool {
    text.chars().count() <= 24 && has_price(text)
}

fn is_price_word(word: &str) -> bool {
    word.contains(['€', '$', '£', '¥', '₹', '₽']) && word.contains(|c: char| c.is_ascii_digit())
}

fn ends_in_price(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let end = &words[words.len().saturating_sub(2)..];
    end.iter().any(|word| is_price_word(word)) || has_price(&end.join(" "))
}

fn has_price(text: &str) -> bool {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    has_digit
        && (text.contains(['€', '$', '£', '¥', '₹', '₽'])
            || has_word(text, MONEY)
            || text.contains(",-")
            || text.contains(",–"))
}

/// Whether a text begins or ends with a date: `12 March`, `3. Mai, 20 Uhr`, `2026-05-01`, `1987`.
pub(crate) fn is_date(text: &str) -> bool {
    if text.chars().count() > 40 {
        return false;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_year =
        |word: &str| word.len() == 4 && (word.starts_with("19") || word.starts_with("20") || word.starts_with("18"));
    let mut words = words(text);
    digits > 0 && has_word(text, MONTHS)
        || words.next().is_some_and(|word| is_year(word) && word.bytes().all(|byte| byte.is_ascii_digit()))
        || is_dotted(text)
}

/// `24.12.`, `24.12.2026`, `12/03`
fn is_dotted(text: &str) -> bool {
    let first = text.split_whitespace().find(|word| word.contains(|c: char| c.is_ascii_digit())).unwrap_or_default();
    let parts: Vec<&str> = first.trim_end_matches([',', ';', ':']).split(['.', '/']).collect();
    let are_numbers = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    // Two parts alone are a price or a fraction, unless a point ends them.
    are_numbers && parts.len() == 3 && parts[..2].iter().all(|part| (1..=2).contains(&part.len()))
}

/// Whether a time of day stands in a text: `7:30`, `7 am`, `19 Uhr`, `18h`.
pub(crate) fn is_time(text: &str) -> bool {
    let mut after_number = false;
    text.split_whitespace().any(|word| {
        let word = word.trim_matches([',', '.', ';', '(', ')']).to_lowercase();
        let unit = matches!(word.as_str(), "am" | "pm" | "a.m" | "p.m" | "uhr" | "h" | "o'clock");
        let was_number = std::mem::replace(&mut after_number, word.ends_with(|c: char| c.is_ascii_digit()));
        was_number && unit || is_clock(&word)
    })
}

/// Whether a text names a day of the week and little else: `Monday – Friday`, `Le mercredi`.
pub(crate) fn is_day(text: &str) -> bool {
    words(text).count() <= 4 && has_word(text, DAYS)
}

fn is_clock(word: &str) -> bool {
    word.split(['–', '-', '—']).any(|part| {
        let digits = part.trim_end_matches(|c: char| c.is_alphabetic());
        let unit = &part[digits.len()..];
        let is_hour = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        let has_colon = digits.split_once([':', 'h']).is_some_and(|(hour, minute)| {
            (1..=2).contains(&hour.len())
                && minute.len() == 2
                && (hour.to_owned() + minute).bytes().all(|byte| byte.is_ascii_digit())
        });
        has_colon || is_hour && matches!(unit, "am" | "pm" | "h" | "uhr")
    })
}

/// `7–18`, `7 to 18`
fn has_range(text: &str) -> bool {
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|part| (1..=2).contains(&part.len())).count();
    numbers >= 2 && !text.contains(['€', '$', '£'])
}

fn is_phone(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let other =
        text.chars().any(|c| !c.is_ascii_digit() && !matches!(c, '+' | ' ' | '-' | '(' | ')' | '/' | '.' | '–'));
    digits >= 6 && !other && !is_dotted(text)
}

/// Whether a text is a figure and little else: `120`, `4.8/5`, `98 %`, `12,000+`.
pub(crate) fn is_figure(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    digits > 0 && text.chars().count() <= 12 && text.chars().filter(|c| c.is_alphabetic()).count() <= 3
}

fn begins_quoted(text: &str) -> bool {
    text.starts_with(['“', '„', '"', '«', '»', '”', '「'])
}

fn starts_step(name: &str) -> bool {
    let mut words = words(name);
    let is_number = |word: &str| word.len() <= 2 && word.bytes().all(|byte| byte.is_ascii_digit());
    let first = words.next().unwrap_or_default().to_lowercase();
    let counted = matches!(
        first.as_str(),
        "step" | "schritt" | "étape" | "paso" | "passo" | "stap" | "steg" | "trin" | "krok" | "шаг"
    );
    counted && words.next().is_some_and(is_number)
        || is_number(&first) && name.trim_start().trim_start_matches(&*first).starts_with(['.', ')'])
}

fn has_word(text: &str, list: &str) -> bool {
    words(text).any(|word| is_listed(word, list))
}

fn is_listed(word: &str, list: &str) -> bool {
    let word = word.to_lowercase();
    list.split_whitespace().any(|listed| listed == word)
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}
