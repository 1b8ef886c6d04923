//! A whole answer: one JSON body.

use crate::ask::Form;
use crate::spoken::{CHOICE_ERROR, CREATED, Said, Spoken, TOOL_ARGUMENTS, TOOL_CALLS, TOOL_NAME};

pub(crate) fn spoken(said: &Said, usage: bool) -> Spoken {
    let mut out = Spoken::default();
    let (object, opening) = match said.form {
        Form::Chat => ("chat.completion", r#""message":{"role":"assistant","#),
        Form::Text => ("text_completion", ""),
    };
    let Said { id, model, .. } = said;
    out.add(&format!(
        r#"{{"id":"{id}","object":"{object}","created":{CREATED},"model":{model},"choices":[{{"index":0,{opening}"#
    ));
    match said.form {
        Form::Chat if said.tool_call && said.same_index => tool_calls(&mut out),
        Form::Chat if said.tool_call => tool_call(&mut out, said),
        Form::Chat if said.parts => parts(&mut out, said),
        Form::Chat => message(&mut out, said),
        Form::Text => text(&mut out, said),
    }
    let finish = said.finish_reason.map_or_else(|| "null".to_owned(), |reason| format!("\"{reason}\""));
    out.add(&format!(r#","finish_reason":{finish}{}}}]"#, if said.failed { CHOICE_ERROR } else { "" }));
    if usage {
        out.add(&format!(r#","usage":{}"#, said.usage()));
    }
    out.add("}");
    out
}

fn message(out: &mut Spoken, said: &Said) {
    if said.reasoning > 0 {
        reasoning(out, said);
        out.add(r#"","content":""#);
    } else {
        out.add(r#""content":""#);
        out.mark();
    }
    words(out, said);
    out.add(r#""},"logprobs":null"#);
}

fn parts(out: &mut Spoken, said: &Said) {
    out.add(r#""content":["#);
    if said.reasoning > 0 {
        out.add(r#"{"type":"thinking","thinking":[{"type":"text","text":""#);
        thoughts(out, said);
        out.add(r#""}]},"#);
    }
    out.add(r#"{"type":"text","text":""#);
    if said.reasoning == 0 {
        out.mark();
    }
    words(out, said);
    out.add(r#""}]},"logprobs":null"#);
}

fn reasoning(out: &mut Spoken, said: &Said) {
    out.add(r#""reasoning_content":""#);
    thoughts(out, said);
}

fn thoughts(out: &mut Spoken, said: &Said) {
    out.mark();
    for word in 1..=said.reasoning {
        out.add(&said.thought(word));
        out.mark();
    }
}

fn text(out: &mut Spoken, said: &Said) {
    out.add(r#""text":""#);
    out.mark();
    words(out, said);
    out.add(r#"","logprobs":null"#);
}

fn words(out: &mut Spoken, said: &Said) {
    for word in said.words.clone() {
        out.add(&said.word(word));
        out.mark();
    }
}

fn tool_call(out: &mut Spoken, said: &Said) {
    if said.reasoning > 0 {
        reasoning(out, said);
        out.add(r#"","#);
    } else {
        out.mark();
    }
    out.add(&format!(
        r#""content":null,"tool_calls":[{{"id":"call_wall","type":"function","function":{{"name":"{TOOL_NAME}","arguments":""#
    ));
    out.mark();
    for part in TOOL_ARGUMENTS {
        out.add(part);
        out.mark();
    }
    out.add(r#""}}]},"logprobs":null"#);
}

/// Two calls, each a token.
fn tool_calls(out: &mut Spoken) {
    out.add(r#""content":null,"tool_calls":["#);
    out.mark();
    for (number, (id, arguments)) in TOOL_CALLS.iter().enumerate() {
        let comma = if number > 0 { "," } else { "" };
        out.add(&format!(
            r#"{comma}{{"id":"{id}","type":"function","function":{{"name":"{TOOL_NAME}","arguments":"{arguments}"}}}}"#
        ));
        out.mark();
    }
    out.add(r#"]},"logprobs":null"#);
}
