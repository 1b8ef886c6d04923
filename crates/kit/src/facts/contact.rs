//! How somebody is reached: e-mail, links, phones, streets.

use std::sync::LazyLock;

use regex::Regex;

use super::FactKind;
use super::figures::stands_in_a_word;
use super::forms::{Form, Value, fold};

fn pattern(form: &str) -> Regex {
    Regex::new(form).expect("a form of an address is a pattern")
}

pub(super) fn emails(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"[\p{L}\d][\p{L}\d._%+-]*\s?@\s?[\p{L}\d][\p{L}\d.-]*\.\p{L}{2,}"));
    let found = |found: regex::Match<'_>| {
        let value: String = found.as_str().to_lowercase().split_whitespace().collect();
        Form { kind: FactKind::Email, span: found.range(), values: vec![Value::Email(value)] }
    };
    FORM.find_iter(text).map(found).collect()
}

pub(super) fn links(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let domains = "com|org|net|io|co|de|fr|es|it|nl|be|ch|at|uk|ie|eu|us|ca|au|nz|pt|pl|se|no|dk|fi|app|dev|shop|store|info|biz|me|coffee|cafe|art|band|studio|club|example|online|site|website|cloud|ai";
        let path = r"(?:/[^\s,;)<>]*)?";
        pattern(&format!(
            r"(?i)https?://[^\s,;)<>]+|\bwww\.[\p{{L}}\d.-]+\.\p{{L}}{{2,}}{path}|\b[\p{{L}}\d][\p{{L}}\d-]*(?:\.[\p{{L}}\d-]+)*\.(?:{domains})\b{path}|(?:^|\B)@[\p{{L}}\d_][\p{{L}}\d_.]{{0,28}}[\p{{L}}\d_]"
        ))
    });
    let found = |found: regex::Match<'_>| {
        let link = found.as_str().trim_end_matches(['.', '!', '?', ':']);
        let plain = link.to_lowercase();
        let plain = ["https://", "http://", "www."]
            .iter()
            .fold(plain.as_str(), |link, start| link.strip_prefix(start).unwrap_or(link));
        let value = Value::Link(plain.trim_end_matches('/').to_owned());
        Form { kind: FactKind::Link, span: found.start()..found.start() + link.len(), values: vec![value] }
    };
    FORM.find_iter(text).map(found).collect()
}

pub(super) fn phones(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:\+|\(\+?)?\d(?:[ \u{a0}()/.\-–]{0,2}\d){4,15}"));
    static SAID: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:tel|phone|telephone|call|ring|mobile|whatsapp|text|telefon|handy|ruf|téléphone|appel\w*|teléfono|llam\w*|telefono|chiam\w*|telefone|telefoon|bel|fax)\b\W{0,4}(?:\w{1,6}\W{1,3}){0,2}$",
        )
    });
    let found = |found: regex::Match<'_>| {
        let digits: String = found.as_str().chars().filter(char::is_ascii_digit).collect();
        let groups = || found.as_str().split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
        let is_said = SAID.is_match(&text[..found.start()]);
        let is_marked = found.as_str().starts_with(['+', '(', '0']) && digits.len() >= 7;
        let is_grouped = groups().count() > 1 && groups().any(|group| group.len() >= 3);
        let are_years = groups().count() == 2 && groups().all(|group| group.len() == 4);
        let is_phone = !are_years && (is_said || is_marked || digits.len() >= 7 && (is_grouped || digits.len() >= 9));
        (is_phone && !stands_in_a_word(text, found.start())).then(|| Form {
            kind: FactKind::Phone,
            span: found.range(),
            values: vec![Value::Phone(digits)],
        })
    };
    FORM.find_iter(text).filter_map(found).collect()
}

pub(super) fn streets(text: &str) -> Vec<Form> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        let english = r"(?:\d{1,5}[a-zA-Z]?,?\s)?(?:\p{Lu}[\p{L}'’.-]*\s){1,3}(?:(?:Street|Road|Avenue|Boulevard|Lane)\b|(?:Blvd|Rd|Ave)\b\.?)|\d{1,5}[a-zA-Z]?,?\s(?:\p{Lu}[\p{L}'’.-]*\s){1,3}(?:(?:Drive|Square|Court|Way|Place|Terrace|Quay|Row|Close|Crescent|Parade|Highway|Wharf|Hill|Park|Gardens)\b|(?:St|Ln|Dr|Sq)\b\.?)";
        let german = r"\p{Lu}[\p{L}-]*(?:[Ss]tra(?:ß|ss)e|[Ss]tr\.|weg|platz|gasse|allee|ufer|damm|ring|markt|straat|laan|plein|gracht|kade)\s\d{1,4}[a-z]?\b|\p{Lu}[\p{L}-]*er\s(?:Stra(?:ß|ss)e|Str\.|Weg|Platz|Allee)\s\d{1,4}[a-z]?\b";
        let french = r"\d{1,4}(?:\s(?:bis|ter))?,?\s(?:rue|avenue|boulevard|place|quai|chemin|allée|impasse|cours)\s(?:(?:de|du|des|la|le|les)\s|d['’]|l['’])*\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*)*";
        let others = r"(?:Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Via|Viale|Piazza|Corso|Rua|Praça|Largo)\s(?:(?:de|del|la|las|los|da|do|di)\s)*\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’-]*)*,?\s(?:n\.?[º°]?\s?)?\d{1,4}\b";
        let town =
            r"(?:,?\s(?:\d{4,6}|[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})(?:\s\p{Lu}[\p{L}-]*)?|,\s\p{Lu}[\p{L}'’-]*){0,4}";
        pattern(&format!("(?:{english}|{german}|{french}|{others})(?P<town>{town})"))
    });
    let found = |found: regex::Captures<'_>| {
        let (whole, town) = (found.get(0)?, found.name("town")?);
        let street = fold(&text[whole.start()..town.start()]);
        (!stands_in_a_word(text, whole.start())).then(|| Form {
            kind: FactKind::Address,
            span: whole.range(),
            values: vec![Value::Words(street)],
        })
    };
    FORM.captures_iter(text).filter_map(found).collect()
}
