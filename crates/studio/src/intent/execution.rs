//! Commands carried out on a page's words, without a model.

use kit::{Line, Look, Section, Spot, Style, Words};

use super::command::{Command, Destination};
use crate::edit::wish::{self, Change};

/// The page as the commands will have it, and what was done. `None` where one cannot be carried out, or nothing would change.
pub(super) fn carried_out(commands: &[Command], words: &Words, style: Style) -> Option<(Words, Style, String)> {
    let (mut after, mut looks) = (words.clone(), style);
    // What a command speaks of is counted on the page as it was: what goes, goes last, from the end on.
    let mut ordered: Vec<&Command> = commands.iter().collect();
    ordered.sort_by_key(|command| matches!(command, Command::Delete(_) | Command::Move(..)));
    let mut said = Vec::new();
    let moves = commands.iter().filter(|command| matches!(command, Command::Delete(_) | Command::Move(..))).count();
    if moves > 1 && !commands.iter().all(|command| matches!(command, Command::Delete(_))) {
        return None;
    }
    let going: Vec<Spot> = commands
        .iter()
        .filter_map(|command| if let Command::Delete(spot) = command { Some(*spot) } else { None })
        .collect();
    for command in ordered {
        if matches!(command, Command::Delete(_)) {
            continue;
        }
        said.push(one(command, &mut after, &mut looks)?);
    }
    if !going.is_empty() {
        let names: Vec<String> = going.iter().map(|spot| called(words, *spot)).collect();
        Change::Remove(going).apply(&mut after, &mut looks)?;
        said.push(format!("Deleted {}.", names.join(" and ")));
    }
    (after != *words || looks != style).then(|| (after, looks, said.join(" ")))
}

fn one(command: &Command, words: &mut Words, style: &mut Style) -> Option<String> {
    let (change, said) = match command {
        Command::Set(spot, value) => {
            let (spot, value) = set(*spot, value, words)?;
            (Change::Set(spot, value.clone()), format!("{}: {value}.", called(words, wish::whole(spot))))
        }
        Command::Rename(Spot::Name, value) => (Change::Rename(value.clone()), format!("It is called {value} now.")),
        Command::Rename(spot, value) => {
            let at = match *spot {
                Spot::Section(section) => Spot::Heading(section),
                Spot::Line(section, line) => Spot::ItemName(section, line),
                other => other,
            };
            (Change::Set(at, value.clone()), format!("{} is called {value} now.", called(words, *spot)))
        }
        Command::AddEntry(section, line) => {
            let at = words.sections.get(*section)?.lines.len();
            (Change::Add(*section, at, line.clone()), format!("Added {}.", line.to_string().trim_start_matches("- ")))
        }
        Command::AddSection { heading, text } => {
            if heading.is_empty() || text.is_empty() {
                return None;
            }
            words.sections.push(Section { heading: heading.clone(), lines: vec![Line::paragraph(text)] });
            return Some(format!("Added the section {heading}."));
        }
        Command::Move(spot, to) => {
            (Change::Shift(*spot, distance(*spot, *to, words)?), format!("Moved {}.", called(words, *spot)))
        }
        Command::Recolour(colour) => {
            style.colour = Some(wish::colour_named(colour)?);
            return Some(format!("The page's colour is {colour} now."));
        }
        Command::Font(fonts) => {
            style.fonts = Some(*fonts);
            return Some("The page has other letters now.".to_owned());
        }
        Command::Look(mood) => {
            style.look = look(mood, style.look)?;
            return Some(format!("The look is {} now.", style.look.name()));
        }
        Command::Delete(_) | Command::Rewrite(..) | Command::Translate(_) | Command::Undo | Command::Cannot(_) => {
            return None;
        }
    };
    change.apply(words, style)?;
    Some(said)
}

/// Where a value goes. What is set of an entry is what stands beside its name; of one with a price the price alone.
fn set(spot: Spot, value: &str, words: &Words) -> Option<(Spot, String)> {
    let Spot::Line(section, line) = spot else { return Some((spot, value.to_owned())) };
    let Line::Item { name, detail } = words.sections.get(section)?.lines.get(line)? else {
        return Some((spot, value.to_owned()));
    };
    if name.is_empty() {
        return Some((Spot::ItemDetail(section, line), value.to_owned()));
    }
    let value = wish::priced(detail, value).unwrap_or_else(|| value.to_owned());
    Some((Spot::ItemDetail(section, line), value))
}

fn distance(spot: Spot, to: Destination, words: &Words) -> Option<isize> {
    let (at, length) = match spot {
        Spot::Section(section) => (section, words.sections.len()),
        Spot::Line(section, line) => (line, words.sections.get(section)?.lines.len()),
        _ => return None,
    };
    let beside = |other: Spot| match (spot, other) {
        (Spot::Section(_), Spot::Section(other)) => Some(other),
        (Spot::Line(section, _), Spot::Line(same, other)) if section == same => Some(other),
        _ => None,
    };
    let wanted = match to {
        Destination::Top => 0,
        Destination::Bottom => length.checked_sub(1)?,
        Destination::Up => at.checked_sub(1)?,
        Destination::Down => at + 1,
        // Behind what it leaves, all others stand one place further up.
        Destination::Before(other) => beside(other).map(|other| other - usize::from(other > at))?,
        Destination::After(other) => beside(other).map(|other| other + usize::from(other < at))?,
    };
    let by = isize::try_from(wanted).ok()? - isize::try_from(at).ok()?;
    (by != 0).then_some(by)
}

fn look(mood: &str, now: Look) -> Option<Look> {
    let looks = match mood {
        "serious" => [Look::Ledger, Look::Harbour],
        "playful" => [Look::Meadow, Look::Poster],
        "loud" => [Look::Poster, Look::Midnight],
        "vintage" => [Look::Almanac, Look::Meadow],
        "calm" => [Look::Harbour, Look::Ledger],
        "dark" => [Look::Midnight, Look::Poster],
        _ => return Look::ALL.into_iter().find(|look| look.id() == mood),
    };
    looks.into_iter().find(|look| *look != now)
}

/// What a place is called in what is said of it.
pub(super) fn called(words: &Words, spot: Spot) -> String {
    match spot {
        Spot::Name => "The page".to_owned(),
        Spot::Sentence => "The tagline".to_owned(),
        Spot::Button => "The button".to_owned(),
        other => wish::name_of(words, other),
    }
}
