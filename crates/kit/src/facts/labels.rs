//! The few words that the kit itself puts on a page, in the language of its request.

use super::FactKind;
use crate::tongue::Tongue;

/// What sections and entries are called, and what stands where something is to be filled in.
#[derive(Debug)]
pub(super) struct Labels {
    pub(super) prices: &'static str,
    pub(super) hours: &'static str,
    pub(super) contact: &'static str,
    pub(super) further: &'static str,
    phone: &'static str,
    email: &'static str,
    address: &'static str,
    link: &'static str,
    your_phone: &'static str,
    your_email: &'static str,
    your_address: &'static str,
    your_link: &'static str,
}

impl Labels {
    pub(super) fn of(tongue: Tongue) -> &'static Self {
        match tongue {
            Tongue::English | Tongue::Other => &ENGLISH,
            Tongue::German => &GERMAN,
            Tongue::French => &FRENCH,
            Tongue::Spanish => &SPANISH,
            Tongue::Italian => &ITALIAN,
            Tongue::Portuguese => &PORTUGUESE,
            Tongue::Dutch => &DUTCH,
        }
    }

    /// What an entry with a way to reach somebody is called.
    pub(super) fn reach(&self, kind: FactKind) -> Option<&'static str> {
        match kind {
            FactKind::Phone => Some(self.phone),
            FactKind::Email => Some(self.email),
            FactKind::Address => Some(self.address),
            FactKind::Link => Some(self.link),
            _ => None,
        }
    }

    /// Whether a text is one that asks to be filled in, in any language.
    pub(super) fn asks_to_fill_in(text: &str) -> bool {
        let all = [&ENGLISH, &GERMAN, &FRENCH, &SPANISH, &ITALIAN, &PORTUGUESE, &DUTCH];
        let asks = |labels: &Self| {
            [labels.your_phone, labels.your_email, labels.your_address, labels.your_link]
                .into_iter()
                .any(|asked| text.contains(asked))
        };
        all.into_iter().any(asks)
    }

    /// What stands where one is to be filled in.
    pub(super) fn to_fill_in(&self, kind: FactKind) -> Option<&'static str> {
        match kind {
            FactKind::Phone => Some(self.your_phone),
            FactKind::Email => Some(self.your_email),
            FactKind::Address => Some(self.your_address),
            FactKind::Link => Some(self.your_link),
            _ => None,
        }
    }
}

const ENGLISH: Labels = Labels {
    prices: "Prices",
    hours: "Opening hours",
    contact: "Contact",
    further: "Good to know",
    phone: "Phone",
    email: "E-mail",
    address: "Address",
    link: "Web",
    your_phone: "your phone number",
    your_email: "your e-mail address",
    your_address: "your address",
    your_link: "your website",
};

const GERMAN: Labels = Labels {
    prices: "Preise",
    hours: "Öffnungszeiten",
    contact: "Kontakt",
    further: "Gut zu wissen",
    phone: "Telefon",
    email: "E-Mail",
    address: "Adresse",
    link: "Im Netz",
    your_phone: "Ihre Telefonnummer",
    your_email: "Ihre E-Mail-Adresse",
    your_address: "Ihre Adresse",
    your_link: "Ihre Website",
};

const FRENCH: Labels = Labels {
    prices: "Tarifs",
    hours: "Horaires",
    contact: "Contact",
    further: "Bon à savoir",
    phone: "Téléphone",
    email: "E-mail",
    address: "Adresse",
    link: "Site",
    your_phone: "votre numéro de téléphone",
    your_email: "votre adresse e-mail",
    your_address: "votre adresse",
    your_link: "votre site",
};

const SPANISH: Labels = Labels {
    prices: "Precios",
    hours: "Horario",
    contact: "Contacto",
    further: "Bueno saber",
    phone: "Teléfono",
    email: "Correo",
    address: "Dirección",
    link: "Web",
    your_phone: "su número de teléfono",
    your_email: "su correo electrónico",
    your_address: "su dirección",
    your_link: "su página web",
};

const ITALIAN: Labels = Labels {
    prices: "Prezzi",
    hours: "Orari",
    contact: "Contatti",
    further: "Buono a sapersi",
    phone: "Telefono",
    email: "E-mail",
    address: "Indirizzo",
    link: "Sito",
    your_phone: "il tuo numero di telefono",
    your_email: "il tuo indirizzo e-mail",
    your_address: "il tuo indirizzo",
    your_link: "il tuo sito",
};

const PORTUGUESE: Labels = Labels {
    prices: "Preços",
    hours: "Horário",
    contact: "Contacto",
    further: "Bom saber",
    phone: "Telefone",
    email: "E-mail",
    address: "Endereço",
    link: "Site",
    your_phone: "o seu número de telefone",
    your_email: "o seu e-mail",
    your_address: "o seu endereço",
    your_link: "o seu site",
};

const DUTCH: Labels = Labels {
    prices: "Prijzen",
    hours: "Openingstijden",
    contact: "Contact",
    further: "Goed om te weten",
    phone: "Telefoon",
    email: "E-mail",
    address: "Adres",
    link: "Website",
    your_phone: "uw telefoonnummer",
    your_email: "uw e-mailadres",
    your_address: "uw adres",
    your_link: "uw website",
};
