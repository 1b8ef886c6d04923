//! OpenAI's wire forms and the server-sent-events codec.
