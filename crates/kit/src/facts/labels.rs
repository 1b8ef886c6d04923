//! The few words that the kit itself puts on a page, in the language of its request.

use super::FactKind;
use crate::language::Language;

/// What sections and entries are called, and what stands where something is to be filled in.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) prices: &'static str,
    pub(super) hours: &'static str,
    pub(super) contact: &'static str,
    reach: Reach,
    yours: Reach,
}

/// Of a phone, an e-mail address, a street, a web address.
type Reach = [&'static str; 4];

impl Labels {
    const fn new([prices, hours, contact]: [&'static str; 3], reach: Reach, yours: Reach) -> Self {
        Self { prices, hours, contact, reach, yours }
    }

    /// Those of a language; `None` where the kit does not know it.
    pub(super) fn of(language: Language) -> Option<&'static Self> {
        ALL.iter().find(|(code, _)| *code == language.code()).map(|(_, labels)| labels)
    }

    /// What an entry with a way to reach somebody is called.
    pub(super) fn reach(&self, kind: FactKind) -> Option<&'static str> {
        of_kind(&self.reach, kind)
    }

    /// What stands where one is to be filled in.
    pub(super) fn to_fill_in(&self, kind: FactKind) -> Option<&'static str> {
        of_kind(&self.yours, kind)
    }

    /// Whether a text is one that asks to be filled in, in any language.
    pub(super) fn asks_to_fill_in(text: &str) -> bool {
        ALL.iter().flat_map(|(_, labels)| labels.yours).any(|asked| text.contains(asked))
    }
}

/// Whether it is a way to reach somebody.
pub(super) fn is_reach(kind: FactKind) -> bool {
    of_kind(&[""; 4], kind).is_some()
}

fn of_kind([phone, email, address, link]: &Reach, kind: FactKind) -> Option<&'static str> {
    match kind {
        FactKind::Phone => Some(phone),
        FactKind::Email => Some(email),
        FactKind::Address => Some(address),
        FactKind::Link => Some(link),
        _ => None,
    }
}

#[rustfmt::skip] // A language is a row.
const ALL: [(&str, Labels); 32] = [
    ("en", Labels::new(["Prices", "Opening hours", "Contact"], ["Phone", "E-mail", "Address", "Web"], ["your phone number", "your e-mail address", "your address", "your website"])),
    ("de", Labels::new(["Preise", "Öffnungszeiten", "Kontakt"], ["Telefon", "E-Mail", "Adresse", "Im Netz"], ["Ihre Telefonnummer", "Ihre E-Mail-Adresse", "Ihre Adresse", "Ihre Website"])),
    ("fr", Labels::new(["Tarifs", "Horaires", "Contact"], ["Téléphone", "E-mail", "Adresse", "Site"], ["votre numéro de téléphone", "votre adresse e-mail", "votre adresse", "votre site"])),
    ("es", Labels::new(["Precios", "Horario", "Contacto"], ["Teléfono", "Correo", "Dirección", "Web"], ["su número de teléfono", "su correo electrónico", "su dirección", "su página web"])),
    ("it", Labels::new(["Prezzi", "Orari", "Contatti"], ["Telefono", "E-mail", "Indirizzo", "Sito"], ["il tuo numero di telefono", "il tuo indirizzo e-mail", "il tuo indirizzo", "il tuo sito"])),
    ("pt", Labels::new(["Preços", "Horário", "Contacto"], ["Telefone", "E-mail", "Endereço", "Site"], ["o seu número de telefone", "o seu e-mail", "o seu endereço", "o seu site"])),
    ("nl", Labels::new(["Prijzen", "Openingstijden", "Contact"], ["Telefoon", "E-mail", "Adres", "Website"], ["uw telefoonnummer", "uw e-mailadres", "uw adres", "uw website"])),
    ("tr", Labels::new(["Fiyatlar", "Çalışma saatleri", "İletişim"], ["Telefon", "E-posta", "Adres", "Web sitesi"], ["telefon numaranız", "e-posta adresiniz", "adresiniz", "web siteniz"])),
    ("pl", Labels::new(["Ceny", "Godziny otwarcia", "Kontakt"], ["Telefon", "E-mail", "Adres", "Strona"], ["Twój numer telefonu", "Twój adres e-mail", "Twój adres", "Twoja strona"])),
    ("cs", Labels::new(["Ceny", "Otevírací doba", "Kontakt"], ["Telefon", "E-mail", "Adresa", "Web"], ["vaše telefonní číslo", "váš e-mail", "vaše adresa", "váš web"])),
    ("sk", Labels::new(["Ceny", "Otváracie hodiny", "Kontakt"], ["Telefón", "E-mail", "Adresa", "Web"], ["vaše telefónne číslo", "váš e-mail", "vaša adresa", "váš web"])),
    ("hu", Labels::new(["Árak", "Nyitvatartás", "Kapcsolat"], ["Telefon", "E-mail", "Cím", "Weboldal"], ["az Ön telefonszáma", "az Ön e-mail-címe", "az Ön címe", "az Ön weboldala"])),
    ("ro", Labels::new(["Prețuri", "Program", "Contact"], ["Telefon", "E-mail", "Adresă", "Site"], ["numărul dvs. de telefon", "adresa dvs. de e-mail", "adresa dvs.", "site-ul dvs."])),
    ("sv", Labels::new(["Priser", "Öppettider", "Kontakt"], ["Telefon", "E-post", "Adress", "Webb"], ["ditt telefonnummer", "din e-postadress", "din adress", "din webbplats"])),
    ("da", Labels::new(["Priser", "Åbningstider", "Kontakt"], ["Telefon", "E-mail", "Adresse", "Web"], ["dit telefonnummer", "din e-mailadresse", "din adresse", "din hjemmeside"])),
    ("nb", Labels::new(["Priser", "Åpningstider", "Kontakt"], ["Telefon", "E-post", "Adresse", "Nettsted"], ["ditt telefonnummer", "din e-postadresse", "din adresse", "ditt nettsted"])),
    ("fi", Labels::new(["Hinnat", "Aukioloajat", "Yhteystiedot"], ["Puhelin", "Sähköposti", "Osoite", "Verkkosivu"], ["puhelinnumerosi", "sähköpostiosoitteesi", "osoitteesi", "verkkosivusi"])),
    ("ru", Labels::new(["Цены", "Часы работы", "Контакты"], ["Телефон", "Эл. почта", "Адрес", "Сайт"], ["ваш номер телефона", "ваш адрес эл. почты", "ваш адрес", "ваш сайт"])),
    ("uk", Labels::new(["Ціни", "Години роботи", "Контакти"], ["Телефон", "Ел. пошта", "Адреса", "Сайт"], ["ваш номер телефону", "ваша ел. пошта", "ваша адреса", "ваш сайт"])),
    ("bg", Labels::new(["Цени", "Работно време", "Контакти"], ["Телефон", "Имейл", "Адрес", "Сайт"], ["вашият телефон", "вашият имейл", "вашият адрес", "вашият сайт"])),
    ("el", Labels::new(["Τιμές", "Ώρες λειτουργίας", "Επικοινωνία"], ["Τηλέφωνο", "E-mail", "Διεύθυνση", "Ιστότοπος"], ["το τηλέφωνό σας", "το e-mail σας", "η διεύθυνσή σας", "ο ιστότοπός σας"])),
    ("ar", Labels::new(["الأسعار", "ساعات العمل", "اتصل بنا"], ["الهاتف", "البريد الإلكتروني", "العنوان", "الموقع"], ["رقم هاتفك", "بريدك الإلكتروني", "عنوانك", "موقعك"])),
    ("he", Labels::new(["מחירים", "שעות פתיחה", "צור קשר"], ["טלפון", "דוא״ל", "כתובת", "אתר"], ["מספר הטלפון שלך", "כתובת הדוא״ל שלך", "הכתובת שלך", "האתר שלך"])),
    ("fa", Labels::new(["قیمت‌ها", "ساعات کاری", "تماس"], ["تلفن", "ایمیل", "نشانی", "وب‌سایت"], ["شماره تلفن شما", "ایمیل شما", "نشانی شما", "وب‌سایت شما"])),
    ("ur", Labels::new(["قیمتیں", "اوقات کار", "رابطہ"], ["فون", "ای میل", "پتہ", "ویب سائٹ"], ["آپ کا فون نمبر", "آپ کا ای میل", "آپ کا پتہ", "آپ کی ویب سائٹ"])),
    ("hi", Labels::new(["कीमतें", "समय", "संपर्क"], ["फ़ोन", "ईमेल", "पता", "वेबसाइट"], ["आपका फ़ोन नंबर", "आपका ईमेल", "आपका पता", "आपकी वेबसाइट"])),
    ("th", Labels::new(["ราคา", "เวลาเปิดทำการ", "ติดต่อ"], ["โทรศัพท์", "อีเมล", "ที่อยู่", "เว็บไซต์"], ["หมายเลขโทรศัพท์ของคุณ", "อีเมลของคุณ", "ที่อยู่ของคุณ", "เว็บไซต์ของคุณ"])),
    ("vi", Labels::new(["Bảng giá", "Giờ mở cửa", "Liên hệ"], ["Điện thoại", "Email", "Địa chỉ", "Trang web"], ["số điện thoại của bạn", "email của bạn", "địa chỉ của bạn", "trang web của bạn"])),
    ("id", Labels::new(["Harga", "Jam buka", "Kontak"], ["Telepon", "Email", "Alamat", "Situs"], ["nomor telepon Anda", "alamat email Anda", "alamat Anda", "situs Anda"])),
    ("ja", Labels::new(["料金", "営業時間", "お問い合わせ"], ["電話", "メール", "住所", "ウェブサイト"], ["あなたの電話番号", "あなたのメールアドレス", "あなたの住所", "あなたのウェブサイト"])),
    ("zh", Labels::new(["价格", "营业时间", "联系方式"], ["电话", "邮箱", "地址", "网站"], ["您的电话号码", "您的邮箱", "您的地址", "您的网站"])),
    ("ko", Labels::new(["가격", "영업시간", "연락처"], ["전화", "이메일", "주소", "웹사이트"], ["귀하의 전화번호", "귀하의 이메일", "귀하의 주소", "귀하의 웹사이트"])),
];
