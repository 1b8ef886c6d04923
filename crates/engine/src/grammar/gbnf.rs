//! GBNF, llama.cpp's notation for grammars (its `grammars/README.md`), told in llguidance's variant of Lark.
//!
//! GBNF reads an answer character by character, Lark in lexemes that swallow as much as they can. So each character
//! becomes a lexeme of its own: that way both mean the same, whatever the grammar.

use std::collections::HashMap;
use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use super::GrammarError;

/// A grammar of this many bytes describes a whole language.
const LONGEST: usize = 64 << 10;
/// Brackets within brackets.
const DEEPEST: usize = 64;
/// Times that a part may be asked to repeat.
const MOST_REPEATS: u32 = 100_000;
/// Where every grammar begins.
const ROOT: &str = "root";

/// Tells a grammar in Lark, where it begins with the rule `start`.
pub(super) fn to_lark(source: &str) -> Result<String, GrammarError> {
    let mut reader = Reader::new(source);
    if source.len() > LONGEST {
        return Err(reader.wrong(format!("the grammar is over {} KiB", LONGEST >> 10)));
    }
    let mut lark = String::new();
    reader.space(true);
    while reader.peek().is_some() {
        reader.rule(&mut lark)?;
    }
    reader.finish(lark)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    /// Counted from 1.
    line: usize,
    depth: usize,
    rules: HashMap<String, Rule>,
    /// Lexemes, by what they match.
    lexemes: HashMap<String, usize>,
}

struct Rule {
    number: usize,
    is_defined: bool,
    /// Where it was first named.
    line: usize,
}

impl<'a> Reader<'a> {
    fn new(source: &'a str) -> Self {
        let (rules, lexemes) = (HashMap::new(), HashMap::new());
        Self { rest: source.chars().peekable(), line: 1, depth: 0, rules, lexemes }
    }

    fn wrong(&self, reason: impl Into<String>) -> GrammarError {
        GrammarError::Gbnf { line: self.line, reason: reason.into() }
    }

    fn peek(&mut self) -> Option<char> {
        self.rest.peek().copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn takes(&mut self, wanted: char) -> bool {
        let is_there = self.peek() == Some(wanted);
        if is_there {
            self.next();
        }
        is_there
    }

    fn expect(&mut self, wanted: char) -> Result<(), GrammarError> {
        if self.takes(wanted) { Ok(()) } else { Err(self.wrong(format!("expected {wanted:?}"))) }
    }

    /// Skips blanks and comments; the end of a line too, where that ends nothing.
    fn space(&mut self, over_lines: bool) {
        while let Some(next) = self.peek() {
            match next {
                ' ' | '\t' => drop(self.next()),
                '\r' | '\n' if over_lines => drop(self.next()),
                '#' => while self.peek().is_some_and(|next| next != '\n') && self.next().is_some() {},
                _ => return,
            }
        }
    }

    fn name(&mut self) -> Result<String, GrammarError> {
        let mut name = String::new();
        while let Some(next) = self.peek().filter(|&next| is_name(next)) {
            name.push(next);
            self.next();
        }
        if name.is_empty() { Err(self.wrong("expected a rule's name")) } else { Ok(name) }
    }

    fn rule_named(&mut self, name: String) -> &mut Rule {
        let (number, line) = (self.rules.len(), self.line);
        self.rules.entry(name).or_insert(Rule { number, is_defined: false, line })
    }

    fn rule(&mut self, lark: &mut String) -> Result<(), GrammarError> {
        let name = self.name()?;
        let rule = self.rule_named(name.clone());
        let number = rule.number;
        if std::mem::replace(&mut rule.is_defined, true) {
            return Err(self.wrong(format!("the rule {name} is defined twice")));
        }
        self.space(false);
        [':', ':', '='].into_iter().try_for_each(|sign| self.expect(sign))?;
        self.space(true);
        let _ = write!(lark, "r{number}: ");
        self.alternates(lark, false)?;
        lark.push('\n');
        if let Some(next) = self.peek().filter(|next| !matches!(next, '\r' | '\n')) {
            return Err(self.wrong(format!("unexpected {next:?}")));
        }
        self.space(true);
        Ok(())
    }

    fn alternates(&mut self, lark: &mut String, nested: bool) -> Result<(), GrammarError> {
        self.sequence(lark, nested)?;
        while self.takes('|') {
            self.space(true);
            lark.push_str("| ");
            self.sequence(lark, nested)?;
        }
        Ok(())
    }

    fn sequence(&mut self, lark: &mut String, nested: bool) -> Result<(), GrammarError> {
        while let Some(next) = self.peek() {
            let from = lark.len();
            match next {
                '"' => self.literal(lark)?,
                '[' => self.class(lark)?,
                '.' => {
                    self.next();
                    self.lexeme(lark, r"[\x{0}-\x{10FFFF}]".to_owned());
                }
                '(' => self.group(lark)?,
                '<' | '!' => return Err(self.wrong("tokens in a grammar are not supported by the embedded engine")),
                '*' | '+' | '?' | '{' => return Err(self.wrong(format!("nothing stands before {next:?}"))),
                next if is_name(next) => {
                    let name = self.name()?;
                    let _ = write!(lark, "r{}", self.rule_named(name).number);
                }
                _ => return Ok(()),
            }
            self.space(nested);
            self.repetitions(lark, from, nested)?;
            lark.push(' ');
        }
        Ok(())
    }

    fn group(&mut self, lark: &mut String) -> Result<(), GrammarError> {
        self.next();
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.wrong(format!("brackets are nested more than {DEEPEST} deep")));
        }
        self.space(true);
        lark.push_str("( ");
        self.alternates(lark, true)?;
        lark.push(')');
        self.depth -= 1;
        self.expect(')')
    }

    /// A text: its characters, in brackets, so that what follows repeats all of them.
    fn literal(&mut self, lark: &mut String) -> Result<(), GrammarError> {
        self.next();
        lark.push_str("( ");
        while !self.takes('"') {
            let character = self.character()?;
            self.lexeme(lark, format!("[{}]", spelled(character)));
            lark.push(' ');
        }
        lark.push(')');
        Ok(())
    }

    fn class(&mut self, lark: &mut String) -> Result<(), GrammarError> {
        self.next();
        let mut class = if self.takes('^') { "[^".to_owned() } else { "[".to_owned() };
        let empty = class.len();
        while !self.takes(']') {
            let from = self.character()?;
            class += &spelled(from);
            if self.peek() != Some('-') {
                continue;
            }
            self.next();
            if self.peek() == Some(']') {
                class += &spelled('-');
                continue;
            }
            let to = self.character()?;
            if to < from {
                return Err(self.wrong(format!("the range {from:?} to {to:?} is empty")));
            }
            let _ = write!(class, "-{}", spelled(to));
        }
        if class.len() == empty {
            return Err(self.wrong("a set of characters is empty"));
        }
        class.push(']');
        self.lexeme(lark, class);
        Ok(())
    }

    /// One character of a text or a set, which may be escaped.
    fn character(&mut self) -> Result<char, GrammarError> {
        let digits = match self.next() {
            None => return Err(self.wrong("the grammar ends within a text or a set")),
            Some('\\') => match self.next() {
                Some('n') => return Ok('\n'),
                Some('r') => return Ok('\r'),
                Some('t') => return Ok('\t'),
                Some(plain @ ('\\' | '"' | '[' | ']' | '-')) => return Ok(plain),
                Some('x') => 2,
                Some('u') => 4,
                Some('U') => 8,
                _ => return Err(self.wrong("unknown escape")),
            },
            Some(plain) => return Ok(plain),
        };
        let hex: String = (0..digits).filter_map(|_| self.rest.next()).collect();
        let code = u32::from_str_radix(&hex, 16).ok().filter(|_| hex.len() == digits);
        code.and_then(char::from_u32).ok_or_else(|| self.wrong(format!("{hex:?} is no character's number")))
    }

    fn lexeme(&mut self, lark: &mut String, class: String) {
        let number = self.lexemes.len();
        let _ = write!(lark, "C{}", self.lexemes.entry(class).or_insert(number));
    }

    /// What follows a part and says how often it comes; each in brackets, as Lark takes but one.
    fn repetitions(&mut self, lark: &mut String, from: usize, nested: bool) -> Result<(), GrammarError> {
        while let Some(sign @ ('*' | '+' | '?' | '{')) = self.peek() {
            self.next();
            let times = if sign == '{' { self.times()? } else { Some(sign.to_string()) };
            match times {
                Some(times) => {
                    lark.insert_str(from, "( ");
                    let _ = write!(lark, "{times} )");
                }
                None => {
                    lark.truncate(from);
                    lark.push_str("( )");
                }
            }
            self.space(nested);
        }
        Ok(())
    }

    /// `m}`, `m,}` or `m,n}`; `None` for no time at all.
    fn times(&mut self) -> Result<Option<String>, GrammarError> {
        self.space(true);
        let least = self.count()?;
        self.space(true);
        let most = if self.takes(',') {
            self.space(true);
            if self.peek() == Some('}') { None } else { Some(self.count()?) }
        } else {
            Some(least)
        };
        self.space(true);
        self.expect('}')?;
        match most {
            Some(most) if most < least => Err(self.wrong(format!("{{{least},{most}}} is no repetition"))),
            Some(0) => Ok(None),
            Some(most) => Ok(Some(format!("{{{least},{most}}}"))),
            None => Ok(Some(format!("{{{least},}}"))),
        }
    }

    fn count(&mut self) -> Result<u32, GrammarError> {
        let mut digits = String::new();
        while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            digits.push(digit);
            self.next();
        }
        if digits.is_empty() {
            return Err(self.wrong("expected a number of times"));
        }
        let count = digits.parse().ok().filter(|&count| count <= MOST_REPEATS);
        count.ok_or_else(|| self.wrong(format!("a part repeats more than {MOST_REPEATS} times")))
    }

    /// Where each rule that is named is defined: the whole, from its start to its lexemes.
    fn finish(&self, mut lark: String) -> Result<String, GrammarError> {
        let missing = self.rules.iter().filter(|(_, rule)| !rule.is_defined).min_by_key(|(_, rule)| rule.line);
        if let Some((name, rule)) = missing {
            return Err(GrammarError::Gbnf { line: rule.line, reason: format!("the rule {name} is not defined") });
        }
        let root = self.rules.get(ROOT).ok_or_else(|| self.wrong("there is no rule named root"))?;
        let _ = writeln!(lark, "start: r{}", root.number);
        for (class, number) in &self.lexemes {
            let _ = writeln!(lark, "C{number}: /{class}/");
        }
        Ok(lark)
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-'
}

/// A character within a regular expression's set.
fn spelled(character: char) -> String {
    format!("\\x{{{:X}}}", u32::from(character))
}
