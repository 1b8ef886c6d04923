//! How a page looks, said in words. Every word of the wish must be known: "make it green" is a colour, "make the green tea
//! cheaper" is none.

use kit::{Colour, Fonts, Look, Style};

use super::{Change, Page};

/// Words that say nothing of which colour or look it is to be.
const FILLING: &str = "make turn set change paint colour color colours colors colored coloured use want i d would like prefer the it its this that page site \
    website everything whole all to in into a an be with for of as theme scheme palette accent main give have take let go back your own \
    mach mache machen macht es die der das den seite alles ganze ganz auf zu farbe farben farbig färbe färb ändere ändern nimm \
    setze stelle soll sein werden ein eine einen einem für mit gib ihr ich möchte hätte gern gerne \
    mets met mettre rends rendre fais la le les site tout en couleur couleurs change passe une un je veux voudrais \
    pon haz hazlo hazla ponlo ponla página pagina todo color colores cambia cambiar el lo quiero un una de a \
    rendi metti fallo colore tutto il";
const LOOKING: &str = "look looks looking style styled design designed layout feel appearance version mode aussehen stil stilrichtung optik gestaltung apparence aspect \
    estilo diseño aspecto stile aspetto";
const MORE: &str =
    "more bit little slightly much a etwas mehr bisschen viel plus peu más mas poco più po somewhat kind";
const LETTERS: &str = "font fonts letters lettering type typeface typography text schrift schriften schriftart buchstaben police polices caractères fuente fuentes letra \
    letras tipografía carattere caratteri";

/// A colour by its names, in several languages.
const COLOURS: &[(&str, &str)] = &[
    ("#c62828", "red rot rouge rojo roja rosso rossa"),
    ("#2e7d32", "green grün grüne grünes gruen vert verte verde"),
    ("#1565c0", "blue blau blaue bleu bleue azul blu"),
    ("#f9a825", "yellow gelb gelbe jaune amarillo amarilla giallo gialla"),
    ("#ef6c00", "orange orangen naranja arancione"),
    ("#6a1b9a", "purple lila purpur pourpre morado morada viola"),
    ("#7b3fa0", "violet violett violette violeta"),
    ("#d81b60", "pink rosa rose rosado rosada"),
    ("#6d4c41", "brown braun braune marron marrón marrone brun"),
    ("#616161", "grey gray grau graue gris grise grigio grigia"),
    ("#00796b", "teal petrol"),
    ("#00a0a0", "turquoise türkis turquesa turchese cyan aqua"),
    ("#1a2f5a", "navy marineblau"),
    ("#b8860b", "gold golden doré dorée dorado dorada oro"),
    ("#6b7a1e", "olive oliv"),
    ("#7b1e3a", "burgundy maroon bordeaux weinrot"),
    ("#3eb489", "mint minze menta menthe"),
    ("#7cb518", "lime limette"),
    ("#ff6f61", "coral koralle corail"),
    ("#c2185b", "magenta"),
    ("#3949ab", "indigo"),
    ("#b39ddb", "lavender lavendel lavande lavanda"),
];
/// Names that are colours where one is chosen from a list, and other things in a sentence.
const CHOSEN: &[(&str, &str)] = &[
    ("#b45309", "amber"),
    ("#047857", "emerald"),
    ("#0284c7", "sky"),
    ("#a21caf", "fuchsia"),
    ("#475569", "slate"),
    ("#52525b", "zinc"),
    ("#525252", "neutral"),
    ("#57534e", "stone"),
];
const DARK: &str = "dark deep dunkles dunkle dunkler foncé foncée fonce oscuro oscura scuro scura";
const LIGHT: &str = "light bright pale soft helles helle heller clair claire claro clara chiaro chiara";

/// What a page is to be more of, and the looks that are; the second is taken where it has the first already.
const MOODS: &[(&str, [Look; 2])] = &[
    (
        "serious sober businesslike ernst ernster ernsthafter seriös seriöser seriöse sérieux sérieuse serio seria",
        [Look::Ledger, Look::Harbour],
    ),
    ("playful verspielt verspielter spielerischer ludique juguetón juguetona giocoso", [Look::Meadow, Look::Poster]),
    ("louder loud bolder bold lauter kräftiger wilder wild audacieux atrevido", [Look::Poster, Look::Midnight]),
    (
        "vintage retro nostalgic nostalgisch nostalgischer rustic rustikal rustikaler  altmodisch altmodischer",
        [Look::Almanac, Look::Almanac],
    ),
    (
        "calmer calm minimal minimalist minimalistic minimalistisch ruhiger cleaner clean sobre",
        [Look::Harbour, Look::Ledger],
    ),
    ("dark dunkel dunkles dunkler darker sombre oscuro oscura scuro", [Look::Midnight, Look::Midnight]),
];
/// These are said of a page's text too: only with a word for its look are they of that.
const MOODS_OF_A_LOOK: &[(&str, [Look; 2])] = &[
    (
        "professional formal professionell professioneller professionnel profesional corporate",
        [Look::Ledger, Look::Harbour],
    ),
    (
        "friendly friendlier freundlich freundlicher softer gentle gentler cute amical amable funny fun lustig lustiger",
        [Look::Meadow, Look::Almanac],
    ),
    (
        "simple simpler einfach einfacher schlicht schlichter modern moderner moderne elegant eleganter sencillo",
        [Look::Harbour, Look::Ledger],
    ),
    (
        "warm warmer cosy cozy traditional traditionell traditioneller classic klassisch klassischer chaleureux",
        [Look::Almanac, Look::Meadow],
    ),
];
const OTHER: &str = "another other different new else ein anderes andere anderer anderen neues neuer autre nouveau nouvelle otro otra nuevo nuevo altro altra";

pub(super) fn read(wish: &str, page: Page<'_>) -> Option<(Change, String)> {
    let words: Vec<String> = wish
        .split(|letter: char| !letter.is_alphanumeric() && letter != '#')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let (style, said) = colour(&words, page.style)
        .or_else(|| fonts(&words, page.style))
        .or_else(|| look(&words, page).filter(|_| page.spot.is_none()))?;
    Some((Change::Style(style), said))
}

fn colour(words: &[String], mut style: Style) -> Option<(Style, String)> {
    let mut telling = words.iter().filter(|word| !is_in(word, FILLING)).map(String::as_str);
    let (mut colour, mut shade, mut named) = (None, None, Vec::new());
    telling.try_for_each(|word| {
        named.push(word);
        if let Some(found) = hex(word).or_else(|| by_name(word)) {
            colour.replace(found).is_none().then_some(())
        } else {
            let told = [(DARK, Shade::Dark), (LIGHT, Shade::Light)].into_iter().find(|(list, _)| is_in(word, list))?.1;
            shade.replace(told).is_none().then_some(())
        }
    })?;
    let colour = match shade {
        Some(shade) => shade.of(colour?),
        None => colour?,
    };
    style.colour = Some(colour);
    Some((style, format!("The page's colour is {} now.", named.join(" "))))
}

#[derive(Clone, Copy)]
enum Shade {
    Dark,
    Light,
}

impl Shade {
    fn of(self, colour: Colour) -> Colour {
        let towards = |part: u8| match self {
            Self::Dark => part - part / 5 * 2,
            Self::Light => part + (255 - part) / 5 * 2,
        };
        Colour { red: towards(colour.red), green: towards(colour.green), blue: towards(colour.blue) }
    }
}

/// The colour of a name, or of its digits behind a `#`.
pub(crate) fn colour_named(name: &str) -> Option<Colour> {
    let name = name.trim().to_lowercase();
    let chosen = || CHOSEN.iter().find(|(_, listed)| *listed == name).and_then(|(hex, _)| hex.parse().ok());
    let shaded = || {
        let (shade, rest) = name.split_once(' ')?;
        let (_, shade) =
            [(DARK, Shade::Dark), (LIGHT, Shade::Light)].into_iter().find(|(list, _)| is_in(shade, list))?;
        by_name(rest).map(|colour| shade.of(colour))
    };
    hex(&name).or_else(|| by_name(&name)).or_else(chosen).or_else(shaded)
}

/// The stems of a colour's names in languages in which it is inflected, or no space divides it from the next word.
const STEMS: &[(&str, &str)] = &[
    ("#c62828", "kırmızı czerwon červen piros красн أحمر حمراء אדומ אדום लाल 红 赤 빨간"),
    ("#2e7d32", "yeşil zielon zelen zöld зелен أخضر خضراء ירוק हरा 绿 緑 초록"),
    ("#1565c0", "mavi niebiesk modr kék син أزرق زرقاء כחול नीला 蓝 青 파란"),
    ("#f9a825", "sarı żółt žlut sárga жёлт желт أصفر صفراء צהוב पीला 黄 노란"),
    ("#ef6c00", "turuncu pomarańcz oranžov narancs оранжев برتقالي כתומ כתום नारंगी 橙 オレンジ 주황"),
    ("#6a1b9a", "fioletow fialov lila фиолетов بنفسجي סגול बैंगनी 紫 보라"),
    ("#d81b60", "pembe różow růžov розов وردي ורוד गुलाबी 粉 ピンク 분홍"),
];

/// The colours that a text names.
pub(crate) fn colours_in(text: &str) -> Vec<Colour> {
    let lower = text.to_lowercase();
    let named = lower.split(|letter: char| !letter.is_alphanumeric() && letter != '#').filter_map(colour_named);
    let is_said = |stem: &str| match stem.chars().all(|letter| u32::from(letter) < 0x590) {
        true => lower.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.starts_with(stem)),
        false => lower.contains(stem),
    };
    let stems = STEMS.iter().filter(|(_, stems)| stems.split_whitespace().any(is_said));
    let mut all: Vec<Colour> = named.chain(stems.filter_map(|(hex, _)| hex.parse().ok())).collect();
    all.dedup();
    all
}

fn hex(word: &str) -> Option<Colour> {
    let digits = word.strip_prefix('#')?;
    let whole = match digits.len() {
        3 => digits.chars().flat_map(|digit| [digit, digit]).collect(),
        _ => digits.to_owned(),
    };
    format!("#{whole}").parse().ok()
}

fn by_name(word: &str) -> Option<Colour> {
    let named = |word: &str| COLOURS.iter().find(|(_, names)| is_in(word, names)).and_then(|(hex, _)| hex.parse().ok());
    let shaded = || {
        let (prefix, shade) = [("dunkel", Shade::Dark), ("hell", Shade::Light)]
            .into_iter()
            .find(|(prefix, _)| word.starts_with(prefix))?;
        named(&word[prefix.len()..]).map(|colour| shade.of(colour))
    };
    named(word).or_else(shaded)
}

/// Whether one of a text's words is a colour.
pub(super) fn names_a_colour(text: &str) -> bool {
    text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).any(|word| by_name(word).is_some())
}

fn fonts(words: &[String], mut style: Style) -> Option<(Style, String)> {
    let has_letters = words.iter().any(|word| is_in(word, LETTERS));
    let mut fonts = None;
    for word in words.iter().filter(|word| !is_in(word, FILLING) && !is_in(word, LETTERS)) {
        let found = match word.as_str() {
            "serif" | "serifs" | "serifen" | "serifenschrift" => Fonts::Serif,
            "sans" | "sansserif" | "serifenlos" | "serifenlose" => Fonts::Sans,
            "mono" | "monospace" | "monospaced" | "typewriter" | "schreibmaschine" | "schreibmaschinenschrift" => {
                Fonts::Mono
            }
            "round" | "rounded" | "rounder" | "rund" | "runde" | "rundere" | "ronde" | "redonda" if has_letters => {
                Fonts::Round
            }
            _ => return None,
        };
        // "Sans serif" in two words is one.
        fonts = if fonts == Some(Fonts::Sans) && found == Fonts::Serif {
            fonts
        } else if fonts.is_none() {
            Some(found)
        } else {
            return None;
        };
    }
    style.fonts = Some(fonts?);
    Some((
        style,
        format!(
            "The letters are {} now.",
            match fonts? {
                Fonts::Sans => "without serifs",
                Fonts::Serif => "with serifs",
                Fonts::Round => "round",
                Fonts::Mono => "of one width",
            }
        ),
    ))
}

fn look(words: &[String], page: Page<'_>) -> Option<(Style, String)> {
    let has_look = words.iter().any(|word| is_in(word, LOOKING));
    let telling: Vec<&str> = words
        .iter()
        .map(String::as_str)
        .filter(|word| !is_in(word, FILLING) && !is_in(word, LOOKING) && !is_in(word, MORE))
        .collect();
    let look = match telling.as_slice() {
        [word] if has_look && is_in(word, OTHER) => {
            let at = Look::ALL.iter().position(|look| *look == page.style.look)?;
            Look::ALL[(at + 1) % Look::ALL.len()]
        }
        [word] => {
            let named = Look::ALL.into_iter().find(|look| look.id() == *word && has_look);
            let moods = MOODS.iter().chain(MOODS_OF_A_LOOK.iter().filter(|_| has_look));
            let mood = moods.into_iter().find(|(names, _)| is_in(word, names)).map(|(_, looks)| looks);
            named.or_else(|| mood.and_then(|looks| looks.iter().copied().find(|look| *look != page.style.look)))?
        }
        _ => return None,
    };
    Some((Style { look, ..page.style }, format!("The look is {} now.", look.name())))
}

fn is_in(word: &str, list: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}
