//! Where servers of models are looked for on this machine.

use std::net::Ipv4Addr;

use upstream::Address;

use super::form::Form;

/// A server that many have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// Ollama.
    Ollama,
    /// LM Studio.
    LmStudio,
    /// llama.cpp's server.
    LlamaCpp,
}

/// A server and its port on the loopback interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Which server.
    pub server: Server,
    /// Its port.
    pub port: u16,
}

impl Server {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 3] = [Self::Ollama, Self::LmStudio, Self::LlamaCpp];

    /// The word of `TIERFALL_DISCOVER`.
    const fn word(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::LmStudio => "lm-studio",
            Self::LlamaCpp => "llama.cpp",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ollama => "Ollama",
            Self::LmStudio => "LM Studio",
            Self::LlamaCpp => "llama.cpp's server",
        }
    }

    /// The word of `TIERn_TYPE` for it.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Ollama => "ollama",
            Self::LmStudio | Self::LlamaCpp => "space",
        }
    }

    /// Where it is unless somebody has moved it.
    #[must_use]
    pub const fn usual(self) -> Place {
        let port = match self {
            Self::Ollama => 11_434,
            Self::LmStudio => 1_234,
            Self::LlamaCpp => 8_080,
        };
        Place { server: self, port }
    }
}

impl Place {
    /// Its address.
    ///
    /// # Panics
    /// Never: a port on the loopback interface is an address.
    #[must_use]
    pub fn address(self) -> Address {
        let address = format!("http://{}:{}/v1", Ipv4Addr::LOCALHOST, self.port);
        address.parse().expect("a port on the loopback interface is an address")
    }
}

/// `ollama:11434,lm-studio:1234`; `none` for nowhere. Without a port, the usual one.
pub(super) const PLACES: Form<Vec<Place>> = Form {
    takes: "ollama, lm-studio and llama.cpp, each with :PORT where it has moved, with commas between them; or none",
    read: |text| {
        if text.eq_ignore_ascii_case("none") {
            return Some(Vec::new());
        }
        text.split(',').map(str::trim).map(place).collect()
    },
};

fn place(text: &str) -> Option<Place> {
    let (word, port) = text.split_once(':').map_or((text, None), |(word, port)| (word, Some(port)));
    let server = Server::ALL.into_iter().find(|server| server.word().eq_ignore_ascii_case(word))?;
    let port = port.map_or(Some(server.usual().port), |port| port.parse().ok().filter(|&port| port != 0))?;
    Some(Place { server, port })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_servers_with_their_ports() {
        let read = |text| (PLACES.read)(text);
        let moved = Place { server: Server::LlamaCpp, port: 9_000 };
        assert_eq!(read("ollama, llama.cpp:9000"), Some(vec![Server::Ollama.usual(), moved]));
        assert_eq!(read("none"), Some(Vec::new()));
        for text in ["vllm", "ollama:0", "ollama:x", "ollama:99999", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
