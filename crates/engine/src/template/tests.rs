//! The forms of templates that the models in use have, shortened to what makes each different.

#![allow(clippy::unwrap_used, reason = "a test ends where it fails")]

use serde_json::value::RawValue;

use super::{Chat, Rendered, Template, TemplateError};

const CHATML: &str = "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nBe helpful.<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

const LLAMA_2: &str = "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}";

const LLAMA_3: &str = "{{- bos_token }}\n{%- set ns = namespace(system='none') %}\n{%- if messages[0]['role'] == 'system' %}\n    {%- set ns.system = messages[0]['content'].strip() %}\n    {%- set messages = messages[1:] %}\n{%- endif %}\n{{- '<|start_header_id|>system<|end_header_id|>\n\n' + ns.system + '<|eot_id|>' }}\n{%- for message in messages %}\n    {{- '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n'+ message['content'] | trim + '<|eot_id|>' }}\n{%- endfor %}\n{%- if add_generation_prompt %}\n    {{- '<|start_header_id|>assistant<|end_header_id|>\n\n' }}\n{%- endif %}\n";

const DEEPSEEK: &str = "{% if not add_generation_prompt is defined %}\n{% set add_generation_prompt = false %}\n{% endif %}\n{%- set ns = namespace(found=false) -%}\n{%- for message in messages -%}\n    {%- if message['role'] == 'system' -%}\n        {%- set ns.found = true -%}\n    {%- endif -%}\n{%- endfor -%}\n{{bos_token}}{%- if not ns.found -%}\n{{'You write code.\n'}}\n{%- endif %}\n{%- for message in messages %}\n    {%- if message['role'] == 'system' %}\n{{ message['content'] }}\n    {%- else %}\n        {%- if message['role'] == 'user' %}\n{{'### Instruction:\n' + message['content'] + '\n'}}\n        {%- else %}\n{{'### Response:\n' + message['content'] + '\n<|EOT|>\n'}}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n{% if add_generation_prompt %}\n{{'### Response:'}}\n{% endif %}";

fn render(source: &str, messages: &str) -> Result<String, TemplateError> {
    render_with(source, messages, None, None)
}

fn render_with(
    source: &str,
    messages: &str,
    tools: Option<&str>,
    extra: Option<&str>,
) -> Result<String, TemplateError> {
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let (messages, tools, extra) = (raw(messages), tools.map(raw), extra.map(raw));
    let template = Template::new(Some(source), "<s>".to_owned(), "</s>".to_owned())?;
    let chat = Chat { messages: &messages, tools: tools.as_deref(), extra: extra.as_deref() };
    template.render(&chat).map(|rendered| rendered.text)
}

const HELLO: &str = r#"[{"role":"user","content":"Hello"}]"#;
const WITH_SYSTEM: &str = r#"[{"role":"system","content":" Short. "},{"role":"user","content":"Hello"}]"#;
const OPEN: &str = r#"[{"role":"user","content":"Hello"},{"role":"assistant","content":"Good day, "}]"#;

#[test]
fn chatml_renders_as_the_models_were_trained() {
    assert_eq!(
        render(CHATML, HELLO).unwrap(),
        "<|im_start|>system\nBe helpful.<|im_end|>\n<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    );
}

#[test]
fn a_block_takes_its_line_with_it() {
    assert_eq!(render(LLAMA_2, HELLO).unwrap(), "<|user|>\nHello</s>\n<|assistant|>\n");
}

#[test]
fn pythons_methods_and_slices_work() {
    assert_eq!(
        render(LLAMA_3, WITH_SYSTEM).unwrap(),
        "<s><|start_header_id|>system<|end_header_id|>\n\nShort.<|eot_id|>\
         <|start_header_id|>user<|end_header_id|>\n\nHello<|eot_id|>\
         <|start_header_id|>assistant<|end_header_id|>\n\n"
    );
}

#[test]
fn a_namespace_keeps_what_a_loop_found() {
    assert_eq!(render(DEEPSEEK, HELLO).unwrap(), "<s>You write code.\n### Instruction:\nHello\n### Response:\n");
}

#[test]
fn a_last_message_from_the_assistant_is_left_open() {
    assert!(render(CHATML, OPEN).unwrap().ends_with("Hello<|im_end|>\n<|im_start|>assistant\nGood day, "));
}

#[test]
fn an_answer_that_calls_a_tool_is_not_left_open() {
    let messages = r#"[{"role":"user","content":"Hi"},{"role":"assistant","content":null,"tool_calls":[
        {"id":"1","type":"function","function":{"name":"f","arguments":"{\"b\": 1, \"a\": [2]}"}}]}]"#;
    let source = "{% for m in messages %}{{ m.role }}:{{ m.content }}{% for c in m.tool_calls %}{{ c.function.arguments | tojson }}{% endfor %};{% endfor %}";
    assert_eq!(render(source, messages).unwrap(), "user:Hi;assistant:{\"b\": 1, \"a\": [2]};");
}

#[test]
fn parts_of_text_become_text_and_other_parts_are_refused_by_name() {
    let text = r#"[{"role":"developer","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]"#;
    let source = "{% for m in messages %}{{ m.role }}:{{ m.content }}{% endfor %}";
    assert_eq!(render(source, text).unwrap(), "system:a\nb");
    let image = r#"[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:"}}]}]"#;
    let error = render(source, image).unwrap_err();
    assert_eq!(
        error,
        TemplateError::Unsupported("content of type \"image_url\" is not supported by this model".to_owned())
    );
}

#[test]
fn tools_are_written_as_python_writes_json_in_the_callers_order() {
    let tools = r#"[{"type":"function","function":{"name":"f","about":"<é>"}}]"#;
    let source = "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{{ tool.function | tojson(indent=2) }}{% endfor %}{% endif %}";
    assert_eq!(
        render_with(source, HELLO, Some(tools), None).unwrap(),
        "{\"type\": \"function\", \"function\": {\"name\": \"f\", \"about\": \"<é>\"}}\
         {\n  \"name\": \"f\",\n  \"about\": \"<é>\"\n}"
    );
    assert_eq!(render(source, HELLO).unwrap(), "");
}

#[test]
fn a_caller_adds_variables_but_replaces_none_of_ours() {
    let source = "{{ enable_thinking }} {{ bos_token }}";
    let extra = Some(r#"{"enable_thinking":false,"bos_token":"x"}"#);
    assert_eq!(render_with(source, HELLO, None, extra).unwrap(), "False <s>");
}

#[test]
fn marks_for_training_mean_nothing() {
    assert_eq!(render("a {%- generation -%} b{% endgeneration %}c", HELLO).unwrap(), "abc");
}

#[test]
fn a_templates_own_refusal_comes_back_in_its_words() {
    let source = "{{ raise_exception('Roles must alternate') }}";
    assert_eq!(render(source, HELLO).unwrap_err(), TemplateError::Raised("Roles must alternate".to_owned()));
}

#[test]
fn a_template_without_end_runs_out_of_fuel() {
    let loops = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    assert_eq!(render(loops, HELLO).unwrap_err(), TemplateError::OutOfFuel);
    let doubles = "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}";
    assert_eq!(render(doubles, HELLO).unwrap_err(), TemplateError::OutOfFuel);
}

#[test]
fn a_broken_template_is_refused_when_it_is_parsed() {
    let error = Template::new(Some("{% for %}"), String::new(), String::new()).unwrap_err();
    assert!(matches!(error, TemplateError::Broken(_)), "{error}");
}

#[test]
fn messages_that_are_none_are_refused() {
    for (messages, words) in [
        ("[]", "messages is empty"),
        ("{}", "messages is not an array"),
        ("[1]", "a message is not an object"),
        (r#"[{"content":"x"}]"#, "a message has no role"),
        (r#"[{"role":"user","content":3}]"#, "a message's content is neither text nor a list of parts"),
    ] {
        assert_eq!(render(CHATML, messages).unwrap_err(), TemplateError::Messages(words.to_owned()), "{messages}");
    }
}

#[test]
fn without_a_template_chatml_stands_in() {
    let template = Template::new(None, String::new(), String::new()).unwrap();
    let messages = RawValue::from_string(HELLO.to_owned()).unwrap();
    let Rendered { text, .. } = template.render(&Chat { messages: &messages, tools: None, extra: None }).unwrap();
    assert_eq!(text, "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n");
}
