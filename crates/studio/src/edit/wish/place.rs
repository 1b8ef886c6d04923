//! What goes, what moves, what comes twice.

use std::sync::LazyLock;

use kit::{Spot, Style, Words};
use regex::Regex;

use super::gone;
use super::phrase::{clauses, pattern};
use super::target::{find, whole};
use super::{Change, Page};

static REMOVE: LazyLock<[Regex; 3]> = LazyLock::new(|| {
    [
        pattern(concat!(
            r"^(?:delete|remove|erase|drop|take away|take out|take off|get rid of|throw out|lösche|lösch|entferne|entfern|streiche|streich|weg mit|",
            r"supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|efface[rz]?|borra|elimina|quita|suprime|rimuovi|togli|cancella)\s+(?P<x>.+?)",
            r"(?:\s+(?:from|on) (?:the|this) (?:page|site)|\s+(?:von|auf) der seite|\s+completely|\s+entirely|\s+altogether)?$"
        )),
        pattern(r"^(?:take|nimm|mach|tu)\s+(?P<x>.+?)\s+(?:away|out|off|weg|raus|heraus|fort)$"),
        pattern(
            r"^(?P<x>(?:die|der|das|den|dieses?|diesen)\s+.+?)\s+(?:löschen|entfernen|weglassen|streichen|kann weg|können weg|weg)$",
        ),
    ]
});
static MOVE: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    let to = concat!(
        r"(?P<to>(?:all the way\s+)?(?:up|down)|one (?:place |line )?(?:up|down)|(?:higher|further) up|further down|to (?:the )?(?:very )?(?:top|bottom|start|beginning|end|front)|(?:first|last)|",
        r"(?:ganz |weiter )?nach (?:oben|unten|vorne|hinten)|(?:hoch|runter|rauf)|ans? (?:den )?(?:anfang|ende|erste stelle)|an die (?:erste|letzte) stelle|",
        r"(?:tout )?en (?:haut|bas)|vers le (?:haut|bas)|au d[ée]but|à la fin|(?:hacia |más )?(?:arriba|abajo)|al (?:principio|final|inicio)|in (?:cima|fondo)|",
        r"(?:above|before|over|below|after|under|beneath|vor|über|nach|hinter|unter|avant|après|antes de|después de)\s+(?P<y>.+?))$"
    );
    [
        pattern(&format!(
            r"^(?:move|put|bring|shift|push|place|verschiebe|verschieb|schiebe?|setze?|stelle?|bringe?|d[ée]place[rz]?|mets|monte|mueve|pon|sube|baja|sposta|metti)\s+(?P<x>.+?)\s+{to}"
        )),
        pattern(r"^(?:move|shift)\s+(?P<to>up|down)\s+(?P<x>.+)$"),
    ]
});
static DOUBLE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:double|duplicate|copy|repeat|verdopple|verdoppele|dupliziere|kopiere|duplique[rz]?|double[rz]?|duplica|copia)\s+(?P<x>.+)$",
    )
});
static VERB: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:delete|remove|erase|drop|lösche|lösch|entferne|entfern|streiche|streich|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|borra|elimina|quita|rimuovi|togli|add|ajoute[rz]?|añade|agrega|aggiungi)\b",
    )
});

/// The word of deleting or adding that a clause begins with: the next clause may do without.
pub(super) fn verb(clause: &str) -> Option<&str> {
    VERB.find(clause).map(|verb| verb.as_str())
}

/// Places in the order in which they may be taken away: a line before its section.
pub(super) fn order(spot: Spot) -> (usize, usize) {
    match spot {
        Spot::Section(section) | Spot::Heading(section) => (section, 0),
        Spot::Line(section, line) | Spot::ItemName(section, line) | Spot::ItemDetail(section, line) => {
            (section, line + 1)
        }
        Spot::Name | Spot::Sentence | Spot::Button => (usize::MAX, 0),
    }
}

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    gone::read(wish, page).or_else(|| removed(wish, page)).or_else(|| moved(wish, page)).or_else(|| doubled(wish, page))
}

/// What a wish says is to go, where that is one thing and sure.
pub(crate) fn what_goes(wish: &str, words: &Words, clicked: Option<Spot>) -> Option<Spot> {
    let wish = super::phrase::plain(wish)?;
    let page = Page { words, style: Style::default(), spot: clicked };
    if let Some([spot]) = gone::spots(wish, page).as_deref() {
        return Some(*spot);
    }
    let what = REMOVE.iter().find_map(|pattern| pattern.captures(wish))?.name("x")?.as_str();
    find(what, words, clicked).map(whole).filter(|spot| *spot != Spot::Name)
}

fn removed(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let what = REMOVE.iter().find_map(|pattern| pattern.captures(wish))?.name("x")?.as_str();
    let spots = every(what, page)?;
    let called: Vec<String> = spots.iter().map(|spot| called(page.words, *spot)).collect();
    let said = format!("Deleted {}.", called.join(" and "));
    Some((Change::Remove(spots), said))
}

/// The one place that a phrase speaks of, or the several.
pub(super) fn every(what: &str, page: Page<'_>) -> Option<Vec<Spot>> {
    let one = |phrase: &str| find(phrase, page.words, page.spot).map(whole).filter(|spot| *spot != Spot::Name);
    match one(what) {
        Some(spot) => Some(vec![spot]),
        None => clauses(what).map(one).collect::<Option<Vec<_>>>().filter(|spots| spots.len() > 1),
    }
}

fn moved(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let captures = MOVE.iter().find_map(|pattern| pattern.captures(wish))?;
    let spot = whole(find(&captures["x"], page.words, page.spot)?);
    let (at, length) = match spot {
        Spot::Section(section) => (section, page.words.sections.len()),
        Spot::Line(section, line) => (line, page.words.sections[section].lines.len()),
        _ => return None,
    };
    let to = match captures.name("y") {
        Some(beside) => beside_of(&captures["to"], beside.as_str(), spot, page)?,
        None => destination(&captures["to"].to_lowercase(), at, length)?,
    };
    let by = isize::try_from(to).ok()? - isize::try_from(at).ok()?;
    let way = if by < 0 { "up" } else { "down" };
    (by != 0).then(|| (Change::Shift(spot, by), format!("Moved {} {way}.", called(page.words, spot))))
}

fn destination(to: &str, at: usize, length: usize) -> Option<usize> {
    let has = |words: &[&str]| words.iter().any(|word| to.contains(word));
    let far = has(&[
        "top",
        "bottom",
        "start",
        "beginning",
        "end",
        "front",
        "first",
        "last",
        "all the way",
        "ganz",
        "anfang",
        "ende",
        "stelle",
        "tout en",
        "début",
        "debut",
        "fin",
        "principio",
        "inicio",
        "cima",
        "fondo",
    ]);
    let down = has(&[
        "down", "bottom", "end", "last", "unten", "hinten", "runter", "ende", "letzte", "bas", "fin", "abajo", "fondo",
    ]) && !has(&["principio", "beginning"]);
    Some(match (down, far) {
        (false, true) => 0,
        (true, true) => length.checked_sub(1)?,
        (false, false) => at.checked_sub(1)?,
        (true, false) => Some(at + 1).filter(|to| *to < length)?,
    })
}

fn beside_of(to: &str, beside: &str, spot: Spot, page: Page<'_>) -> Option<usize> {
    let word = to.split_whitespace().next()?.to_lowercase();
    let behind = matches!(
        word.as_str(),
        "below" | "after" | "under" | "beneath" | "nach" | "hinter" | "unter" | "après" | "después"
    );
    let (at, other) = match (spot, whole(find(beside, page.words, page.spot)?)) {
        (Spot::Section(at), Spot::Section(other)) => (at, other),
        (Spot::Line(section, at), Spot::Line(same, other)) if section == same => (at, other),
        _ => return None,
    };
    // Taken out first, it leaves those behind it one place nearer.
    let place = other + usize::from(behind);
    Some(if at < place { place - 1 } else { place })
}

fn doubled(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let spot = whole(find(&DOUBLE.captures(wish)?["x"], page.words, page.spot)?);
    matches!(spot, Spot::Section(_) | Spot::Line(..))
        .then(|| (Change::Double(spot), format!("Doubled {}.", called(page.words, spot))))
}

/// How the user is told of what stands there.
pub(super) fn called(words: &Words, spot: Spot) -> String {
    match name_of(words, spot).as_str() {
        "" => "it".to_owned(),
        name => format!("“{name}”"),
    }
}

/// The text that a place is known by: of a section its heading, of an entry its name. Empty where there is none.
pub(crate) fn name_of(words: &Words, spot: Spot) -> String {
    let text = match spot {
        Spot::Section(section) => words.text(Spot::Heading(section)),
        Spot::Line(section, line) => {
            words.text(Spot::ItemName(section, line)).filter(|name| !name.is_empty()).or_else(|| words.text(spot))
        }
        spot => words.text(spot),
    };
    text.unwrap_or_default().trim_start_matches("- ").to_owned()
}
