//! "Skip to the content", for those who hear a page or walk it by keyboard.

use crate::language::Language;

const SKIP_LINKS: [(&str, &str); 41] = [
    ("en", "Skip to content"),
    ("en", "Skip to content"),
    ("de", "Zum Inhalt"),
    ("fr", "Aller au contenu"),
    ("es", "Ir al contenido"),
    ("it", "Vai al contenuto"),
    ("pt", "Ir para o conteúdo"),
    ("nl", "Naar de inhoud"),
    ("sv", "Till innehållet"),
    ("da", "Til indholdet"),
    ("nb", "Til innholdet"),
    ("fi", "Siirry sisältöön"),
    ("pl", "Przejdź do treści"),
    ("cs", "Přejít k obsahu"),
    ("tr", "İçeriğe geç"),
    ("ru", "К содержанию"),
    ("uk", "До вмісту"),
    ("el", "Στο περιεχόμενο"),
    ("ar", "إلى المحتوى"),
    ("he", "לתוכן"),
    ("fa", "به محتوا"),
    ("hi", "सामग्री पर जाएँ"),
    ("ja", "本文へ"),
    ("zh", "跳到正文"),
    ("ko", "본문으로"),
    ("hu", "Ugrás a tartalomra"),
    ("vi", "Chuyển đến nội dung"),
    ("th", "ข้ามไปยังเนื้อหา"),
    ("ur", "مواد پر جائیں"),
    ("yi", "גיי צום אינהאַלט"),
    ("ro", "Salt la conținut"),
    ("bg", "Към съдържанието"),
    ("hr", "Prijeđi na sadržaj"),
    ("sr", "Пређи на садржај"),
    ("sk", "Prejsť na obsah"),
    ("sl", "Na vsebino"),
    ("lt", "Pereiti prie turinio"),
    ("lv", "Pāriet uz saturu"),
    ("et", "Liigu sisu juurde"),
    ("ca", "Vés al contingut"),
    ("id", "Langsung ke konten"),
];

/// What it says in a language; nothing where the kit does not know that, as another language would be read out as this one.
pub(super) fn skip_link(language: Language) -> Option<&'static str> {
    SKIP_LINKS.iter().find(|(code, _)| *code == language.code()).map(|(_, text)| *text)
}
