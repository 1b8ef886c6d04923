//! The marks that DeepSite's front end looks for in an answer, in their two forms.

use super::request::Form;

/// What a file is held in: the language of its fence. In a change DeepSite's front end knows no fence but these three.
fn language(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("html", |(_, end)| end) {
        "css" => "css",
        "js" | "mjs" | "cjs" | "json" | "ts" | "jsx" | "tsx" => "javascript",
        _ => "html",
    }
}

/// What the project is called.
pub(super) fn name(form: Form, name: &str) -> String {
    match form {
        Form::V3 => format!("<<<<<<< PROJECT_NAME_START {name} >>>>>>> PROJECT_NAME_END\n"),
        Form::V4 => format!("=== START_PROJECT_NAME\n{name}\n=== END_PROJECT_NAME\n"),
    }
}

/// What comes before a file's content.
pub(super) fn file_start(form: Form, path: &str) -> String {
    let language = language(path);
    match form {
        Form::V3 => format!("<<<<<<< NEW_FILE_START {path} >>>>>>> NEW_FILE_END\n```{language}\n"),
        Form::V4 => format!("=== START_FILE_CONTENT {path}\n```{language}\n"),
    }
}

/// What follows on it.
pub(super) fn file_end(form: Form) -> &'static str {
    match form {
        Form::V3 => "\n```\n",
        Form::V4 => "\n```\n=== END_FILE_CONTENT\n",
    }
}

/// A file, whole.
pub(super) fn file(form: Form, path: &str, content: &str) -> String {
    [&file_start(form, path), content.trim_end(), file_end(form)].concat()
}

/// A change of a file: what stands there, and what is to stand there; `is_open` is whether one of the same file stands right
/// above.
pub(super) fn change(form: Form, path: &str, search: &str, replace: &str, is_open: bool) -> String {
    match form {
        Form::V3 => {
            let heading = match is_open {
                true => String::new(),
                false => format!("<<<<<<< UPDATE_FILE_START {path} >>>>>>> UPDATE_FILE_END\n"),
            };
            format!("{heading}<<<<<<< SEARCH\n{}=======\n{}>>>>>>> REPLACE\n", line(search), line(replace))
        }
        Form::V4 => {
            let language = language(path);
            let fenced = |text: &str| format!("```{language}\n{}```\n", line(text));
            format!("=== SEARCH {path}\n{}=======\n{}=== REPLACE\n", fenced(search), fenced(replace))
        }
    }
}

/// Text that ends its line, where there is any.
fn line(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_marks_are_deepsites_letter_by_letter() {
        assert_eq!(name(Form::V3, "Nord"), "<<<<<<< PROJECT_NAME_START Nord >>>>>>> PROJECT_NAME_END\n");
        assert_eq!(name(Form::V4, "Nord"), "=== START_PROJECT_NAME\nNord\n=== END_PROJECT_NAME\n");
        assert_eq!(
            file(Form::V3, "style.css", "p { }\n"),
            "<<<<<<< NEW_FILE_START style.css >>>>>>> NEW_FILE_END\n```css\np { }\n```\n"
        );
        assert_eq!(
            file(Form::V4, "components/nav.js", "x()"),
            "=== START_FILE_CONTENT components/nav.js\n```javascript\nx()\n```\n=== END_FILE_CONTENT\n"
        );
        assert_eq!(
            change(Form::V3, "index.html", "<p>a</p>", "", false),
            "<<<<<<< UPDATE_FILE_START index.html >>>>>>> UPDATE_FILE_END\n<<<<<<< SEARCH\n<p>a</p>\n=======\n\
             >>>>>>> REPLACE\n"
        );
        assert_eq!(
            change(Form::V4, "index.html", "<p>a</p>\n", "<p>b</p>", false),
            "=== SEARCH index.html\n```html\n<p>a</p>\n```\n=======\n```html\n<p>b</p>\n```\n=== REPLACE\n"
        );
    }
}
