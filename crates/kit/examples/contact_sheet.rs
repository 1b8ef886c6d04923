//! The contact sheet: pages in all six looks beside each other, in light and dark and at three widths, in `target/kit` as
//! HTML and, through Chromium, as pictures. `make kit` runs it; words in its arguments choose among words, schemes and widths,
//! and one such as `#2e7d32` is the colour of all pages.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::{fs, io};

use kit::{Colour, Look, Marks, Style, Words, page};

const WORDS: [(&str, &str); 6] = [
    ("nord", include_str!("words/nord.md")),
    ("summit", include_str!("words/summit.md")),
    ("sonnenblume", include_str!("words/sonnenblume.md")),
    ("atelier", include_str!("words/atelier.md")),
    ("qamar", include_str!("words/qamar.md")),
    ("note", include_str!("words/note.md")),
];
/// A page's width and height in CSS pixels, and how large it stands on the sheet.
const SIZES: [(u32, u32, f32); 3] = [(1280, 3600, 0.5), (768, 3600, 0.5), (375, 3000, 0.7)];
/// How many looks stand on one sheet.
const ON_A_SHEET: usize = 3;

fn main() -> ExitCode {
    let chosen: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |all: &[&str], one: &str| {
        let mut named = chosen.iter().filter(|word| all.contains(&word.as_str())).peekable();
        named.peek().is_none() || named.any(|word| word == one)
    };
    let names = WORDS.map(|(name, _)| name);
    let colour = chosen.iter().find_map(|word| word.parse().ok());
    let made = sheets(colour, |name, scheme, width| {
        is_wanted(&names, name) && is_wanted(&["light", "dark"], scheme) && is_wanted(&["1280", "768", "375"], width)
    });
    match made {
        Ok(pictures) => {
            pictures.iter().for_each(|picture| println!("{}", picture.display()));
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn sheets(colour: Option<Colour>, is_wanted: impl Fn(&str, &str, &str) -> bool) -> io::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/kit");
    fs::create_dir_all(&folder)?;
    let folder = folder.canonicalize()?;
    let mut pictures = Vec::new();
    for (name, text) in WORDS {
        for look in Look::ALL {
            let style = Style { look, colour, fonts: None };
            fs::write(
                folder.join(format!("{name}-{}.html", look.id())),
                page(&Words::parse(text), &style, Marks::None),
            )?;
        }
        for (width, height, scale) in SIZES {
            for (number, looks) in Look::ALL.chunks(ON_A_SHEET).enumerate() {
                let sheet = folder.join(format!("sheet-{name}-{width}-{}.html", number + 1));
                fs::write(&sheet, frames(name, looks, (width, height), scale))?;
                for (scheme, setting) in [("light", 1), ("dark", 0)] {
                    if is_wanted(name, scheme, &width.to_string()) {
                        let file = folder.join(format!("{name}-{scheme}-{width}-{}.png", number + 1));
                        let size = [width * looks.len() as u32, height].map(|length| (length as f32 * scale) as u32);
                        picture(&sheet, &file, setting, size)?;
                        pictures.push(file);
                    }
                }
            }
        }
    }
    Ok(pictures)
}

/// Some words in looks beside each other.
fn frames(name: &str, looks: &[Look], (width, height): (u32, u32), scale: f32) -> String {
    let mut sheet = format!(
        "<!DOCTYPE html><title>{name}</title><style>body{{margin:0;background:#888;display:flex;zoom:{scale}}}\
         iframe{{border:0;width:{width}px;height:{height}px;flex:none}}</style>"
    );
    for look in looks {
        let _ = write!(sheet, "<iframe src=\"{name}-{0}.html\" title=\"{0}\"></iframe>", look.id());
    }
    sheet
}

fn picture(page: &Path, picture: &Path, scheme: u8, [width, height]: [u32; 2]) -> io::Result<()> {
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
        Err(io::Error::other(format!("chromium made no picture of {}", page.display())))
    }
}
