//! What a model's name tells: its family, its size, its version.

use std::cmp::Reverse;
use std::collections::BTreeSet;

/// Words that say how a model was packed or how far it has come, and nothing of what it is.
const QUALIFIERS: [&str; 8] = ["instruct", "chat", "it", "latest", "free", "hf", "gguf", "awq"];
/// Those of them that say that it is not finished.
const UNFINISHED: [&str; 4] = ["preview", "exp", "beta", "alpha"];
/// Words for a size, each with the power of two of the billions of parameters that it stands for, roughly.
const SIZES: [(&str, f64); 16] = [
    ("nano", 2.0),
    ("tiny", 2.0),
    ("micro", 2.0),
    ("mini", 4.0),
    ("lite", 4.0),
    ("small", 4.0),
    ("instant", 4.0),
    ("flash", 4.5),
    ("air", 5.0),
    ("medium", 6.0),
    ("large", 8.0),
    ("pro", 8.0),
    ("plus", 8.0),
    ("big", 8.0),
    ("max", 10.0),
    ("ultra", 10.0),
];
/// The size of a model whose name says none.
const UNSAID: f64 = 6.0;
/// Larger numbers are dates: `2506`, `20250514`.
const LARGEST_VERSION: f64 = 100.0;

/// A name, taken apart.
#[derive(Debug, Default)]
pub(super) struct ModelName {
    /// Whose model it is: `meta-llama` of `meta-llama/llama-3.3-70b`.
    vendor: String,
    /// The words of the name itself, but for those of its size and its qualifiers.
    words: Vec<String>,
    /// How large it is, where the name says something of that.
    size: Option<Size>,
    version: Option<f64>,
    date: f64,
    unfinished: bool,
    /// Whether it always stands for the newest of its kind.
    latest: bool,
}

#[derive(Clone, Copy, Debug)]
enum Size {
    /// A number: the power of two of its billions of parameters.
    Counted(f64),
    /// A word, as the power of two that it stands for.
    Worded(f64),
}

/// How far one model is from another: the nearer one is less.
#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Distance {
    family: u8,
    size: u32,
    bills: bool,
    words: usize,
    unfinished: bool,
    fixed: bool,
    older: bool,
    version: u32,
    age: Reverse<u32>,
}

impl ModelName {
    pub(super) fn read(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let (path, own) = name.rsplit_once('/').unwrap_or(("", &name));
        let vendor = path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut read = Self { vendor, ..Self::default() };
        let mut word_size = None::<f64>;
        for token in own.split(['-', '_', ':', '@', '(', ')', ' ']).filter(|token| !token.is_empty()) {
            if says_how_it_is_packed(token) {
                continue;
            }
            if let Some(size) = parameters(token) {
                read.size.get_or_insert(Size::Counted(size));
                continue;
            }
            for part in parts(token) {
                match part.parse::<f64>() {
                    Ok(number) if number <= LARGEST_VERSION && !part.starts_with("00") => {
                        read.version.get_or_insert(number);
                    }
                    Ok(number) => read.date = read.date.max(number),
                    Err(_) => read.take_word(part, &mut word_size),
                }
            }
        }
        read.size = read.size.or(word_size.map(Size::Worded));
        read
    }

    fn take_word(&mut self, word: &str, word_size: &mut Option<f64>) {
        self.unfinished |= UNFINISHED.contains(&word);
        self.latest |= word == "latest";
        if let Some((_, size)) = SIZES.iter().find(|(known, _)| *known == word) {
            // `flash-lite` is less than either.
            *word_size = Some(word_size.map_or(*size, |other| other.min(*size) - 1.0));
        } else if !QUALIFIERS.contains(&word) && !UNFINISHED.contains(&word) {
            self.words.push(word.to_owned());
        }
    }

    /// How far `other` is, which is free of charge or not.
    pub(super) fn distance(&self, other: &Self, free: bool) -> Distance {
        let family = self.family_distance(other);
        let size = match (self.size, other.size) {
            // Nothing is known of what was wanted, not even its family.
            (None, _) if family > 0 => 0.0,
            (one, two) => Size::distance(one, two),
        };
        let distance = Distance {
            family,
            // A quarter more or less is the same size.
            size: (size * 2.0).round() as u32,
            bills: !free,
            unfinished: other.unfinished && !self.unfinished,
            ..Distance::default()
        };
        if family > 0 { distance } else { self.within_the_family(other, distance) }
    }

    /// The rest of the distance: words and versions say nothing of another family.
    fn within_the_family(&self, other: &Self, distance: Distance) -> Distance {
        let (one, two): (BTreeSet<_>, BTreeSet<_>) = (self.words.iter().collect(), other.words.iter().collect());
        let (wanted, version) = (self.version.unwrap_or_default(), other.version.unwrap_or_default());
        Distance {
            words: one.symmetric_difference(&two).count(),
            fixed: !other.latest,
            older: version < wanted,
            version: ((version - wanted).abs() * 100.0).round() as u32,
            age: Reverse(other.date as u32),
            ..distance
        }
    }

    /// The same family, where the first word of one name is in the other; else the same vendor; else none.
    fn family_distance(&self, other: &Self) -> u8 {
        let leads = |one: &Self, two: &Self| one.words.first().is_some_and(|first| two.words.contains(first));
        match () {
            () if leads(self, other) || leads(other, self) => 0,
            () if !self.vendor.is_empty() && self.vendor == other.vendor => 1,
            () => 2,
        }
    }
}

impl Size {
    /// The distance in powers of two; what is only guessed is farther than what is known.
    fn distance(one: Option<Self>, other: Option<Self>) -> f64 {
        let power = |size| match size {
            Some(Self::Counted(power) | Self::Worded(power)) => power,
            None => UNSAID,
        };
        let guessed = match (one, other) {
            (Some(Self::Counted(_)), Some(Self::Worded(_))) | (Some(Self::Worded(_)), Some(Self::Counted(_))) => 1.0,
            (Some(Self::Counted(_)), None) | (None, Some(Self::Counted(_))) => 2.0,
            _ => 0.0,
        };
        (power(one) - power(other)).abs() + guessed
    }
}

/// The power of two of the billions of parameters that `70b`, `8x7b`, `135m` or `e4b` say.
fn parameters(token: &str) -> Option<f64> {
    let (number, unit) = token.split_at_checked(token.len().checked_sub(1)?)?;
    let unit = match unit {
        "b" => 1.0,
        "m" => 1e-3,
        _ => return None,
    };
    let number = number.strip_prefix('e').unwrap_or(number);
    let factors = number.split('x').map(|factor| factor.parse::<f64>().ok().filter(|factor| *factor > 0.0));
    let billions = factors.product::<Option<f64>>()? * unit;
    Some(billions.log2()).filter(|size| size.is_finite())
}

/// `q4`, `fp8` and `awq` are ways to pack a model, and `a22b` the parameters that work at a time.
fn says_how_it_is_packed(token: &str) -> bool {
    let number = ["iq", "q", "fp", "bf", "int", "w", "a"].iter().find_map(|prefix| token.strip_prefix(prefix));
    number.is_some_and(|number| number.strip_suffix('b').unwrap_or(number).parse::<f64>().is_ok())
}

/// `llama3.1` is `llama` and `3.1`.
fn parts(token: &str) -> impl Iterator<Item = &str> {
    let kind = |char: char| char.is_ascii_digit() || char == '.';
    let mut rest = token.trim_matches('.');
    std::iter::from_fn(move || {
        let digits = kind(rest.chars().next()?);
        let end = rest.find(|char| kind(char) != digits).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        rest = behind;
        Some(part.trim_matches('.'))
    })
}
