//! What is no longer there: "the cinnamon bun is sold out, take it off the menu", "we no longer serve flat white".

use std::sync::LazyLock;

use kit::{Kind, Section, Spot, Words};
use regex::Regex;

use super::phrase::pattern;
use super::place::{called, every};
use super::target::{exactly, find, whole};
use super::{Change, Page};

/// What goes, and the list that it is taken off.
static FROM: LazyLock<[Regex; 2]> = LazyLock::new(|| {
    [
        pattern(concat!(
            r"^(?:take|delete|remove|erase|drop|strike|cut|pull|scratch|nimm|streiche?|entferne?|lösche?|wirf|supprime[rz]?|enl[eè]ve[rz]?|retire[rz]?|",
            r"quita|borra|elimina|retira|togli|rimuovi|elimina)\s+(?P<x>.+?)\s+(?:from|off|out of|von|vom|aus|de|du|del|dal|dalla)\s+(?P<y>.+?)(?:\s+(?:runter|raus|weg|herunter|heraus))?$"
        )),
        pattern(
            r"^(?P<x>.+?)\s+(?:fliegt|fällt|kommt|soll|muss|kann)\s+(?:jetzt\s+|bitte\s+)?(?:von|aus)\s+(?P<y>.+?)(?:\s+(?:runter|raus|weg|herunter|verschwinden))?$",
        ),
    ]
});

/// It is to be had no more: alone that may be for today, so it has to be said what follows.
const IS_OUT: &str = concat!(
    r"(?:(?:is|are|has|have|ist|sind|est|sont|está|están|è|sono)\s+(?:(?:now|already|currently|unfortunately|all|jetzt|leider|schon|maintenant|désormais|ya|ahora|ora|been)\s+)*",
    r"(?:sold out|out of stock|out of season|gone|finished|discontinued|unavailable|(?:no longer|not) available(?: any ?more)?|ausverkauft|aus|vergriffen|nicht mehr (?:da|verfügbar|lieferbar|im angebot)|",
    r"épuisée?s?|finie?s?|agotad[oa]s?|esaurit[oaie]|finit[oaie]))(?:\s+(?:now|for good|today|heute))?"
);

/// It goes.
static THEN: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let off = r"(?:\s+(?:off|from|out of|away from|von|vom|aus)\s+(?P<y>.+?)(?:\s+(?:runter|raus|weg|herunter|heraus))?|\s+(?:off|out|away|down|raus|weg|heraus|runter))?";
    let they = r"(?:it|them|that|this|these|those|sie|ihn|es|das|die|den)";
    let then = [
        format!(r"(?:take|remove|delete|drop|strike|pull|cut|erase|nimm|streiche?|lösche?|entferne?)\s+{they}{off}"),
        format!(r"{they}\s+(?:should|can|must|has to|have to|needs to)\s+(?:go|be (?:removed|deleted|taken)){off}"),
        format!(
            r"{they}\s+(?:kann|können|muss|müssen|soll|sollen)\s+(?:weg|raus|von\s+(?P<y>.+?)(?:\s+(?:runter|weg))?)"
        ),
        r"(?:enl[eè]ve|retire|supprime)z?-(?:le|la|les)(?:\s+(?:de|du|des)\s+(?P<y>.+))?".to_owned(),
        r"(?:qu[ií]ta|b[oó]rra|el[ií]m[ií]na|ret[ií]ra)l[oa]s?(?:\s+(?:del|de)\s+(?P<y>.+))?".to_owned(),
        r"(?:togli|elimina|rimuovi|cancella)l[oaie](?:\s+(?:dal|dalla)\s+(?P<y>.+))?".to_owned(),
    ];
    let so =
        r"(?:[,;.:!–—-]+\s*|\s+)(?:(?:so|and|then|please|just|also|bitte|und|donc|alors|et|así que|y|quindi|e)[,\s]+)*";
    then.into_iter().map(|then| pattern(&format!(r"^(?P<head>.+?){so}(?:{then})$"))).collect()
});

static OUT: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"^(?P<x>.+?)\s+{IS_OUT}$")));

/// It is not on offer any more, and will not be again.
static NO_LONGER: LazyLock<[Regex; 11]> = LazyLock::new(|| {
    let do_it = "(?:serve|sell|offer|have|make|do|bake|stock|carry)";
    [
        pattern(&format!(r"^(?:we|i)(?:\s+now)?\s+no longer\s+{do_it}\s+(?:any\s+)?(?P<x>.+)$")),
        pattern(&format!(
            r"^(?:we|i)\s+(?:do not|don['’]?t|will not|won['’]?t)\s+{do_it}\s+(?:any\s+)?(?P<x>.+?)\s+(?:any ?more|any longer)$"
        )),
        pattern(
            r"^(?:we|i)(?:\s+have|['’]ve)?\s+stopped\s+(?:serving|selling|offering|making|baking|stocking)\s+(?P<x>.+)$",
        ),
        pattern(
            r"^(?P<x>.+?)\s+(?:is|are)\s+(?:no longer (?:on|part of)\s+(?P<y>.+)|not on\s+(?P<z>.+?)\s+(?:any ?more|any longer))$",
        ),
        pattern(
            r"^(?:wir|ich)\s+(?:haben|verkaufen|führen|machen|backen|bieten|servieren)\s+(?:jetzt\s+)?(?P<x>.+?)\s+nicht mehr(?:\s+(?:im angebot|an|auf der karte|im sortiment))?$",
        ),
        pattern(
            r"^(?:wir|ich)\s+(?:haben|verkaufen|führen|machen|backen|bieten|servieren)\s+(?:jetzt\s+)?kein(?:e|en|er|es)?\s+(?P<x>.+?)\s+mehr(?:\s+an)?$",
        ),
        pattern(
            r"^(?P<x>.+?)\s+(?:gibt es|gibt['’]?s|haben wir|führen wir|verkaufen wir|bieten wir)\s+(?:jetzt\s+|bei uns\s+)?nicht mehr(?:\s+an)?$",
        ),
        pattern(
            r"^(?:nous ne|on ne|nous n['’]|on n['’])\s?(?:servons|vendons|proposons|faisons|avons|sert|vend|propose|fait|a)\s+plus\s+(?:de\s+|d['’]|du\s+|des\s+)?(?P<x>.+)$",
        ),
        pattern(r"^ya no\s+(?:servimos|vendemos|ofrecemos|tenemos|hacemos)\s+(?P<x>.+)$"),
        pattern(r"^non\s+(?:serviamo|vendiamo|offriamo|abbiamo|facciamo)\s+più\s+(?P<x>.+)$"),
        pattern(r"^(?P<x>.+?)\s+(?:n['’]est|ne sont)\s+plus (?:à|sur)\s+(?P<y>.+)$"),
    ]
});

/// Words for any page or list, wherever something stands.
const ANY_LIST: &str =
    "page site website list seite liste angebot sortiment programm programme lista página pagina sito";

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let spots = spots(wish, page)?;
    let called: Vec<String> = spots.iter().map(|spot| called(page.words, *spot)).collect();
    Some((Change::Remove(spots), format!("Deleted {}.", called.join(" and "))))
}

/// The lines that a wish says are to go.
pub(super) fn spots(wish: &str, page: Page<'_>) -> Option<Vec<Spot>> {
    taken_off(wish, page).or_else(|| out(wish, page)).or_else(|| no_longer(wish, page))
}

fn taken_off(wish: &str, page: Page<'_>) -> Option<Vec<Spot>> {
    let captures = FROM.iter().find_map(|form| form.captures(wish))?;
    let spots = every(&captures["x"], page)?;
    spots.iter().all(|spot| stands_in(*spot, &captures["y"], page.words)).then_some(spots)
}

/// It is out, and so it goes.
fn out(wish: &str, page: Page<'_>) -> Option<Vec<Spot>> {
    THEN.iter().filter_map(|then| then.captures(wish)).find_map(|then| {
        let head = &then["head"];
        let spots = match OUT.captures(head) {
            Some(out) => every(&out["x"], page)?,
            None => no_longer(head, page)?,
        };
        let list = then.name("y").map(|list| list.as_str());
        let stand = |spot: &Spot| list.map_or(is_line(*spot), |list| stands_in(*spot, list, page.words));
        spots.iter().all(stand).then_some(spots)
    })
}

/// Nobody says "take it off" here: so it has to be called by its whole name, and be something that is on offer.
fn no_longer(wish: &str, page: Page<'_>) -> Option<Vec<Spot>> {
    let captures = NO_LONGER.iter().find_map(|form| form.captures(wish))?;
    let spot = exactly(&captures["x"], page.words)?;
    let Spot::Line(section, _) = spot else { return None };
    let is_offered = matches!(Kind::of(&page.words.sections[section]), Kind::Prices | Kind::Features | Kind::Works);
    let list = captures.name("y").or_else(|| captures.name("z"));
    (is_offered && list.is_none_or(|list| stands_in(spot, list.as_str(), page.words))).then(|| vec![spot])
}

fn is_line(spot: Spot) -> bool {
    matches!(spot, Spot::Line(..))
}

/// Whether a line stands in what is said to be its list: "the menu" is also what one of several is called.
fn stands_in(spot: Spot, list: &str, words: &Words) -> bool {
    let Spot::Line(section, _) = spot else { return false };
    let is_any = |word: &str| ANY_LIST.split_whitespace().any(|any| any == word.to_lowercase());
    if list.split_whitespace().last().is_some_and(is_any) && list.split_whitespace().count() <= 2 {
        return true;
    }
    if let Some(found) = find(list, words, None).map(whole) {
        return found == Spot::Section(section);
    }
    let kind = Kind::of(&Section { heading: list.to_owned(), lines: Vec::new() });
    list.split_whitespace().count() <= 2
        && !matches!(kind, Kind::Text | Kind::Features)
        && kind == Kind::of(&words.sections[section])
}
