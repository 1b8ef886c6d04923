//! What can be told of a first request before a model is asked: that it says too little, and what of it cannot be had.

use super::Choice;

/// Words that say that a page is wanted, and nothing of it.
const EMPTY: &str = "make create build design generate write give do me us my our i we want need would like please a an the new nice cool good simple modern beautiful great \
    some website websites webpage web page pages site homepage landing for with hi hello hey can you could \
    mach mache erstelle baue bau mir uns eine einen ein neue neu schöne webseite website seite homepage internetseite bitte ich wir brauche brauchen möchte will hallo \
    fais crée créer faire moi nous un une site internet page web je veux voudrais s'il te vous plaît bonjour \
    haz hazme crea créame quiero necesito una un página sitio por favor hola \
    fammi crea voglio una pagina sito faça crie quero uma bana bir site sayfa web yap istiyorum lütfen zrób mi stronę internetową proszę chcę";

/// A language, the question in it, and three pages that one may choose, each with its request.
const QUESTIONS: [(&str, &str, [&str; 3]); 5] = [
    (
        "en",
        "What is the page for? Say it, or begin with one of these.",
        [
            "a page for a café with a menu and opening hours",
            "a portfolio of a photographer with prices and a contact",
            "a landing page for an app with three plans",
        ],
    ),
    (
        "de",
        "Wofür ist die Seite? Sag es, oder beginne mit einer von diesen.",
        [
            "eine Seite für ein Café mit Karte und Öffnungszeiten",
            "ein Portfolio einer Fotografin mit Preisen und Kontakt",
            "eine Seite für eine App mit drei Tarifen",
        ],
    ),
    (
        "fr",
        "À quoi sert la page ? Dites-le, ou commencez par l'une de celles-ci.",
        [
            "une page pour un café avec la carte et les horaires",
            "le portfolio d'une photographe avec les tarifs et le contact",
            "une page pour une application avec trois offres",
        ],
    ),
    (
        "es",
        "¿Para qué es la página? Dilo, o empieza con una de estas.",
        [
            "una página para una cafetería con la carta y el horario",
            "el portafolio de una fotógrafa con los precios y el contacto",
            "una página para una aplicación con tres planes",
        ],
    ),
    (
        "tr",
        "Sayfa ne için? Yazın ya da bunlardan biriyle başlayın.",
        [
            "menüsü ve çalışma saatleri olan bir kafe için sayfa",
            "fiyatları ve iletişimi olan bir fotoğrafçı portfolyosu",
            "üç planı olan bir uygulama için sayfa",
        ],
    ),
];

/// What words ask for, and what is said of it. A page of words has none of these; all else of the request is made.
const NOT_HAD: [(&str, &str); 4] = [
    (
        "checkout cart warenkorb kasse panier carrito carrello sepet koszyk paypal stripe",
        "A checkout cannot be had here: link a button to your shop, or say how to order by mail or telephone.",
    ),
    (
        "login log-in signup sign-up anmeldung registrierung connexion inscription registro accesso",
        "A login cannot be had here: link a button to where people sign in.",
    ),
    (
        "chart charts graph diagramm graphique gráfico grafico wykres",
        "A chart cannot be had here: its figures can stand as a list.",
    ),
    (
        "form formular formulaire formulario modulo formularz",
        "A form cannot be had here: an e-mail address or a telephone number takes its place.",
    ),
];

/// What is asked back, and what may be chosen, where a request says nothing of the page.
pub(crate) fn asked_back(request: &str) -> Option<(String, Vec<Choice>)> {
    let mut words = words(request).peekable();
    words.peek()?;
    if !words.all(|word| EMPTY.split_whitespace().any(|empty| empty == word)) {
        return None;
    }
    let language = kit::language_of(request);
    let (_, question, requests) = QUESTIONS.iter().find(|(code, ..)| *code == language).unwrap_or(&QUESTIONS[0]);
    let choice = |request: &&str| Choice { label: (*request).to_owned(), prompt: (*request).to_owned() };
    Some(((*question).to_owned(), requests.iter().map(choice).collect()))
}

/// What is said of what cannot be had of a request.
pub(crate) fn not_had(request: &str) -> Vec<&'static str> {
    let asked: Vec<String> = words(request).collect();
    let is_asked = |listed: &str| listed.split_whitespace().any(|listed| asked.iter().any(|word| word == listed));
    NOT_HAD.iter().filter(|(listed, _)| is_asked(listed)).map(|(_, said)| *said).collect()
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let word = |word: &str| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase();
    text.split_whitespace().map(word).filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_that_says_nothing_of_the_page_is_asked_back_in_its_language() {
        for (request, begins) in [
            ("make me a website", "What is the page for?"),
            ("Please create a nice modern landing page.", "What is the page for?"),
            ("Mach mir bitte eine Webseite", "Wofür ist die Seite?"),
            ("je veux un site web", "À quoi sert la page"),
            ("hazme una página", "¿Para qué es la página?"),
        ] {
            let (question, choices) = asked_back(request).unwrap_or_else(|| panic!("{request}"));
            assert!(question.starts_with(begins), "{request}: {question}");
            assert_eq!(choices.len(), 3);
            assert!(choices.iter().all(|choice| asked_back(&choice.prompt).is_none()));
        }
        for says in ["a website for my bakery", "page about bees", "Nord", "", "!"] {
            assert_eq!(asked_back(says), None, "{says}");
        }
    }

    #[test]
    fn what_cannot_be_had_is_said_with_what_to_do_instead() {
        assert_eq!(not_had("a shop with a checkout and a login").len(), 2);
        assert!(not_had("a candle shop with prices").is_empty());
    }
}
