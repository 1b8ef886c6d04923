//! Whether a request asks for something to interact with: words alone make no game.

/// Words that ask for it, in several languages. Each is looked for as a whole word, or as the end of a compound.
const WORDS: [&str; 34] = [
    "game",
    "games",
    "calculator",
    "converter",
    "quiz",
    "stopwatch",
    "timer",
    "countdown",
    "clock",
    "simulator",
    "simulation",
    "animation",
    "puzzle",
    "tetris",
    "snake",
    "pong",
    "chess",
    "minesweeper",
    "drawing app",
    "paint app",
    "todo app",
    "to-do app",
    "to-do list app",
    "dashboard",
    "spiel",
    "rechner",
    "umrechner",
    "stoppuhr",
    "jeu",
    "calculatrice",
    "juego",
    "calculadora",
    "gioco",
    "interactive",
];

/// Ends of German compounds: `Währungsrechner`.
const ENDS: [&str; 4] = ["rechner", "stoppuhr", "simulator", "quiz"];

/// Words behind which none of these is what is asked for: a page *about* a game.
const ABOUT: [&str; 8] = ["shop", "store", "club", "about", "museum", "landing", "café", "cafe"];

pub(crate) fn is_asked_for(request: &str) -> bool {
    let request = request.to_lowercase();
    let words: Vec<&str> = request.split(|letter: char| !letter.is_alphanumeric() && letter != '-').collect();
    if words.iter().any(|word| ABOUT.contains(word)) {
        return false;
    }
    let spaced = format!(" {} ", words.join(" "));
    WORDS.iter().any(|word| spaced.contains(&format!(" {word} ")))
        || words.iter().any(|word| ENDS.iter().any(|end| word.len() > end.len() && word.ends_with(end)))
}

#[cfg(test)]
mod tests {
    use super::is_asked_for;

    #[test]
    fn games_and_tools_are_and_pages_about_them_are_not() {
        for request in [
            "a snake game",
            "Make me a calculator.",
            "ein Währungsrechner",
            "A pomodoro timer with sound",
            "an interactive map of my garden",
            "Quiz über Planeten",
        ] {
            assert!(is_asked_for(request), "{request}");
        }
        for request in [
            "a landing page for a coffee shop called Nord with a menu and opening hours",
            "a page for a board game café",
            "the chess club of Lund",
            "a portfolio of a photographer",
            "A page for my gamelan group",
        ] {
            assert!(!is_asked_for(request), "{request}");
        }
    }
}
