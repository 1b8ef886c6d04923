//! What was measured, as people read it.

use models::human_bytes;

use super::figures::{Figures, Page};

/// What was measured, how fast it was, how long it took, and what else is to be said.
type Row = [String; 4];

/// All models, each with a table.
pub(super) fn render(models: &[Figures]) -> String {
    models.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn one(figures: &Figures) -> String {
    let Figures { model, file_bytes, context, threads, load_seconds, .. } = figures;
    let threads = if *threads == 1 { "1 thread".to_owned() } else { format!("{threads} threads") };
    let head = format!(
        "{model} ({}): {threads}, context {context}, loaded in {load_seconds:.1} s\n\n",
        human_bytes(*file_bytes)
    );
    head + &aligned(&rows(figures)) + &roofline(figures)
}

fn rows(figures: &Figures) -> [Row; 6] {
    let Figures { prompt, known_prefix, decode, page, edit, callers, .. } = figures;
    let speed = |tokens_per_second: f64| format!("{tokens_per_second:.1} tokens/s");
    let none = String::new;
    let first = |seconds: f64| format!("{seconds:.2} s");
    let until_the_end = |page: &Page| format!("{:.1} s", page.seconds);
    let cut = |page: &Page| if page.ended { "" } else { "cut off at its longest" }.to_owned();
    let guessed = format!("{} tokens guessed, {} of them right", edit.draft_tokens, edit.draft_accepted);
    [
        [
            format!("a prompt of {} tokens", prompt.tokens),
            speed(prompt.tokens_per_second),
            first(prompt.first_token_seconds),
            "until the first token".to_owned(),
        ],
        [
            "the same start again".to_owned(),
            none(),
            first(known_prefix.first_token_seconds),
            format!("until the first token: {} tokens were kept", known_prefix.cached_tokens),
        ],
        [format!("an answer of {} tokens", decode.tokens), speed(decode.tokens_per_second), none(), none()],
        [format!("a page of {} tokens", page.tokens), speed(page.tokens_per_second), until_the_end(page), cut(page)],
        [
            format!("an edit of {} tokens", edit.page.tokens),
            speed(edit.page.tokens_per_second),
            until_the_end(&edit.page),
            [cut(&edit.page), guessed].into_iter().filter(|said| !said.is_empty()).collect::<Vec<_>>().join("; "),
        ],
        [
            format!("{} callers at once", callers.callers),
            speed(callers.tokens_per_second),
            format!("{:.1} s", callers.seconds),
            format!("{} tokens in all", callers.tokens),
        ],
    ]
}

/// As wide as their widest cell; figures to the right.
fn aligned(rows: &[Row]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (what, speed, time) = (width(0), width(1), width(2));
    let line = |row: &Row| {
        let line = format!("{:what$}  {:>speed$}  {:>time$}  {}", row[0], row[1], row[2], row[3]);
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

fn roofline(figures: &Figures) -> String {
    let roofline = &figures.roofline;
    format!(
        "\nMemory is read at {}/s, and each token takes {} past the processor: {:.1} tokens/s at the most,\nof which the answer reaches {:.0} %.\n",
        human_bytes(roofline.memory_bytes_per_second as u64),
        human_bytes(roofline.bytes_per_token),
        roofline.tokens_per_second,
        roofline.decode_share * 100.0
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::figures::{Edit, Reading, Roofline, Together, Writing};

    #[test]
    fn a_table_has_a_row_for_each_figure_and_the_share_of_the_roofline() {
        let page = |ended| Page { prompt_tokens: 130, tokens: 1024, seconds: 40.0, tokens_per_second: 28.4, ended };
        let reading =
            |cached_tokens| Reading { tokens: 512, cached_tokens, first_token_seconds: 5.126, tokens_per_second: 99.9 };
        let decode = Writing { tokens: 96, tokens_per_second: 15.0 };
        let figures = Figures {
            model: "some:Q4".to_owned(),
            file_bytes: 1_000_000_000,
            context: 8192,
            threads: 2,
            load_seconds: 1.24,
            prompt: reading(0),
            known_prefix: reading(498),
            page: page(false),
            edit: Edit { page: page(true), draft_tokens: 380, draft_accepted: 371 },
            callers: Together { callers: 4, tokens: 192, seconds: 4.0, tokens_per_second: 48.0 },
            roofline: Roofline::new(20e9, 1_000_000_000, &decode),
            decode,
        };
        let expected = "\
some:Q4 (1.0 GB): 2 threads, context 8192, loaded in 1.2 s

a prompt of 512 tokens  99.9 tokens/s  5.13 s  until the first token
the same start again                   5.13 s  until the first token: 498 tokens were kept
an answer of 96 tokens  15.0 tokens/s
a page of 1024 tokens   28.4 tokens/s  40.0 s  cut off at its longest
an edit of 1024 tokens  28.4 tokens/s  40.0 s  380 tokens guessed, 371 of them right
4 callers at once       48.0 tokens/s   4.0 s  192 tokens in all

Memory is read at 20.0 GB/s, and each token takes 1.0 GB past the processor: 20.0 tokens/s at the most,
of which the answer reaches 75 %.
";
        assert_eq!(render(&[figures]), expected);
    }
}
