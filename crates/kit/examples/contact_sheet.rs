//! Renders pages in all looks, in light and dark and at three widths, into `target/kit`: as HTML, and through Chromium as
//! pictures. `make kit` runs it; words in its arguments choose among looks, words, schemes and widths.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

use kit::{Look, Marks, Style, Words, page};

const WORDS: [(&str, &str); 6] = [
    ("nord", include_str!("words/nord.md")),
    ("summit", include_str!("words/summit.md")),
    ("sonnenblume", include_str!("words/sonnenblume.md")),
    ("atelier", include_str!("words/atelier.md")),
    ("qamar", include_str!("words/qamar.md")),
    ("note", include_str!("words/note.md")),
];
/// In CSS pixels. The height is that of a long page, since a picture holds no more than its window.
const WIDTHS: [(u32, u32); 3] = [(1280, 4600), (768, 5000), (375, 6200)];

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |among: &[&str], one: &str| {
        let mut named = chosen.iter().filter(|word| among.contains(&word.as_str())).peekable();
        named.peek().is_none() || named.any(|word| word == one)
    };
    let looks = Look::ALL.map(Look::id);
    let names = WORDS.map(|(name, _)| name);
    match sheet(|look, name, scheme, width| {
        is_wanted(&looks, look)
            && is_wanted(&names, name)
            && is_wanted(&["light", "dark"], scheme)
            && is_wanted(&["1280", "768", "375"], width)
    }) {
        Ok(count) => {
            println!("{count} pictures in target/kit");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn sheet(is_wanted: impl Fn(&str, &str, &str, &str) -> bool) -> std::io::Result<u32> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/kit");
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut count = 0;
    for look in Look::ALL {
        for (name, text) in WORDS {
            let file = folder.join(format!("{name}-{}.html", look.id()));
            fs::write(&file, page(&Words::parse(text), &Style { look, ..Style::default() }, Marks::None))?;
            for (scheme, setting) in [("light", 1), ("dark", 0)] {
                for (width, height) in WIDTHS {
                    if is_wanted(look.id(), name, scheme, &width.to_string()) {
                        picture(
                            &file,
                            &folder.join(format!("{name}-{}-{scheme}-{width}.png", look.id())),
                            setting,
                            (width, height),
                        )?;
                        count += 1;
                    }
                }
            }
        }
    }
    Ok(count)
}

fn picture(page: &Path, picture: &Path, scheme: u8, (width, height): (u32, u32)) -> std::io::Result<()> {
    let profile = std::env::temp_dir().join(format!("kit-chromium-{}", std::process::id()));
    let ended = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-quic", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-sync"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(page)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    let _ = fs::remove_dir_all(profile);
    if ended.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(format!("chromium made no picture of {}", page.display())))
    }
}
