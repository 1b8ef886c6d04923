# Written by `tierfall space init`, version {{version}}: a model on a GPU that is lent for as long as an answer takes.

from threading import Event, Thread

import gradio as gr
import spaces  # before torch, which it changes where GPUs are lent
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, StoppingCriteria, TextIteratorStreamer

MODEL = "{{model}}"

# How many seconds of a GPU an answer asks for: some to begin with, and so much for each token that it may have.
START, TOKENS_A_SECOND, LONGEST = 10, 20, 120
# An answer that nobody has bounded asks for the time of one with so many tokens.
USUAL_TOKENS = 1024


def load(name):
    """What turns text into tokens, and the model. Where GPUs are lent, `cuda` is there from the start."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return AutoTokenizer.from_pretrained(name), AutoModelForCausalLM.from_pretrained(name, dtype="auto").to(device)


tokenizer, model = load(MODEL)


def seconds(prompt, options):
    """How long the GPU is asked for. Tierfall reserves the same, and who asks for less waits less."""
    tokens = options.get("max_tokens") or USUAL_TOKENS
    return min(START + -(-tokens // TOKENS_A_SECOND), LONGEST)


class Stop(StoppingCriteria):
    """Ends an answer that has met a stop string, or that nobody waits for any longer."""

    def __init__(self):
        self.event = Event()

    def __call__(self, input_ids, scores, **kwargs):
        return torch.full((input_ids.shape[0],), self.event.is_set(), dtype=torch.bool, device=input_ids.device)


def until(words, pieces, stop):
    """The text before the first of the stop strings. What may be the beginning of one waits until that is known."""
    held = ""
    for piece in pieces:
        held += piece
        found = [at for at in map(held.find, words) if at >= 0]
        if found:
            stop.event.set()
            yield held[: min(found)]
            return
        may_begin = (at for at in range(len(held)) if any(word.startswith(held[at:]) for word in words))
        end = next(may_begin, len(held))
        yield held[:end]
        held = held[end:]
    yield held


def sampling(options):
    """How the next token is drawn, in the words of `generate`. Where nothing is said, as the model's authors have set it."""
    names = ("temperature", "top_p", "top_k", "min_p", "repetition_penalty")
    given = {name: options[name] for name in names if options.get(name) is not None}
    if given.get("temperature") == 0:
        return {"do_sample": False}
    return {"do_sample": True, **given} if given else {}


@spaces.GPU(duration=seconds)
def answer(prompt, options):
    """The answer's pieces as they come; then why it ended, and its tokens."""
    if options.get("seed") is not None:
        torch.manual_seed(options["seed"])
    ids = torch.tensor([prompt], device=model.device)
    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, skip_special_tokens=True)
    stop, said, failed = Stop(), [], []

    def run():
        try:
            # The GPU is taken away when its time is up: the answer ends a little sooner, by itself.
            most = seconds(prompt, options) - START / 2
            whole = model.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                streamer=streamer,
                stopping_criteria=[stop],
                max_new_tokens=options["room"],
                max_time=most,
                **sampling(options),
            )
            said.extend(whole[0, len(prompt) :].tolist())
        except Exception as error:
            failed.append(error)
            streamer.end()

    thread = Thread(target=run)
    thread.start()
    try:
        for text in until(options.get("stop") or [], streamer, stop):
            if text:
                yield {"model": MODEL, "text": text}
        stopped = stop.event.is_set()
    finally:
        stop.event.set()
        thread.join()
    if failed:
        raise failed[0]
    last = model.generation_config.eos_token_id
    ends = last if isinstance(last, list) else [last]
    reason = "stop" if stopped or (said and said[-1] in ends) else "length"
    yield {"model": MODEL, "finish_reason": reason, "usage": {"prompt_tokens": len(prompt), "completion_tokens": len(said)}}


def refusal(code, words):
    """An error that the caller is told, and no log."""
    return gr.Error(words, title=code, print_exception=False)


def generate(messages: list[dict], options: dict) -> dict:
    """Answers a chat, piece by piece."""
    try:
        text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    except Exception as error:
        raise refusal("invalid_request_error", f"these messages do not fit the chat template: {error}")
    prompt = tokenizer(text, add_special_tokens=False)["input_ids"]
    context = model.config.max_position_embeddings
    room = min(context - len(prompt), options.get("max_tokens") or context)
    if room < 1:
        words = f"This model's maximum context length is {context} tokens, and the messages have {len(prompt)} tokens"
        raise refusal("context_length_exceeded", words)
    yield from answer(prompt, {**options, "room": room})


with gr.Blocks(analytics_enabled=False) as app:
    gr.Markdown(f"`{MODEL}` for [Tierfall](https://github.com/tierfall/tierfall), at `/gradio_api/call/generate`.")
    gr.api(generate, api_name="generate")

app.queue(default_concurrency_limit={{parallel}})
app.launch(ssr_mode=False)
