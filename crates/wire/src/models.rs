//! `GET /v1/models`, as providers answer it.

use serde::Deserialize;

/// The ids in a provider's list of models; `None` where the body is no such list.
#[must_use]
pub fn read(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List {
        OpenAi { data: Vec<Model> },
        Bare(Vec<Model>),
        Ollama { models: Vec<Model> },
    }
    #[derive(Deserialize)]
    struct Model {
        #[serde(alias = "name")]
        id: String,
    }
    let (List::OpenAi { data: models } | List::Bare(models) | List::Ollama { models }) =
        serde_json::from_slice(body).ok()?;
    Some(models.into_iter().map(|model| model.id).collect())
}

/// Who owns the models of the list (`owned_by`), by the first of them: servers name themselves there.
#[must_use]
pub fn owner(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct List {
        data: Vec<Model>,
    }
    #[derive(Deserialize)]
    struct Model {
        owned_by: String,
    }
    let List { data } = serde_json::from_slice(body).ok()?;
    data.into_iter().next().map(|model| model.owned_by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ids_are_found_in_each_form() {
        for body in [r#"{"object":"list","data":[{"id":"a","object":"model"}]}"#, r#"[{"id":"a"}]"#] {
            assert_eq!(read(body.as_bytes()), Some(vec!["a".to_owned()]), "{body}");
        }
        assert_eq!(read(br#"{"models":[{"name":"a"}]}"#), Some(vec!["a".to_owned()]));
        assert_eq!(read(b"<html>"), None);
    }

    #[test]
    fn the_owner_of_the_models_is_told_by_the_first() {
        let list = br#"{"object":"list","data":[{"id":"a","object":"model","owned_by":"vllm"}]}"#;
        assert_eq!(owner(list).as_deref(), Some("vllm"));
        for none in [r#"{"data":[]}"#, r#"{"data":[{"id":"a"}]}"#, "[]"] {
            assert_eq!(owner(none.as_bytes()), None, "{none}");
        }
    }
}
