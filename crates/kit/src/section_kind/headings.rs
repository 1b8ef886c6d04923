//! The words that headings use, in several languages.

use super::Kind;

/// Words and phrases, split by `,`; one that ends in `*` is the beginning of a word. What stands higher is looked for first:
/// "Contact and opening hours" is rather where to find somebody, "How it works" no work.
const TOLD: [(Kind, &str); 10] = [
    (
        Kind::Questions,
        "question*, faq, faqs, good to know, frage, fragen, wissenswertes, preguntas, pregunta*, domande, perguntas, vragen, \
         fragor, frågor, spørgsmål, pytania, вопросы, よくある質問, 常见问题, أسئلة, الأسئلة, שאלות",
    ),
    (
        Kind::Steps,
        "how it works, how we work, how to, step*, getting started, get started, process, so funktioniert*, so geht*, \
         so läuft*, so arbeiten*, in wenigen schritten, ablauf, schritt*, \
         in drei schritten, comment ça marche, étape*, fonctionnement, cómo funciona, paso, pasos, come funziona, passo, passi, como funciona, \
         passos, hoe het werkt, stappen, så fungerar*, sådan virker*, jak to działa, как это работает, instructions, recipe, directions for use",
    ),
    (
        Kind::Quotes,
        "testimonial*, review*, people say, they say, guests say, customers say, clients say, said about, kind words, praise, feedback, \
         sagen, kundenstimme*, stimmen, bewertung*, meinungen, témoignage*, avis, opinion*, testimonios, reseñas, recensioni, dicono, \
         depoimentos, erfahrungen, gästestimmen, gästebuch, rückmeldungen, ils parlent, ils nous font, ervaringen, omdömen, anmeldelser, opinie, отзывы, voices",
    ),
    (
        Kind::Numbers,
        "in numbers, the numbers, in figures, figures, facts, statistics, stats, zahlen, fakten, chiffres, cifras, números, numeri, cijfers, \
         siffror, at a glance, auf einen blick, en bref, in breve",
    ),
    (
        Kind::Contact,
        "contact*, visit us, visit, find us, find it, reach us, reach me, get in touch, write to us, call us, where to find*, where we are, \
         location*, directions, getting here, getting there, how to get*, address*, venue, rsvp, kontakt*, anfahrt, so finden*, finden sie uns, \
         so erreichen*, besuchen sie uns, besuch, besuche uns, wegbeschreibung, hier finden*, schreiben sie uns, rufen sie uns*, wo wir sind, \
         lage, standort*, adresse*, nous trouver, où nous*, venir, accès, nous rendre visite, \
         infos pratiques, écrivez-nous, contatt*, dove siamo, dónde*, cómo llegar, contácta*, ubicación, visítanos, encuéntranos, \
         contato, onde estamos, waar*, bezoek*, hitta*, find vej, kontakty, контакт*, адрес, 連絡先, アクセス, 联系*, اتصل*, تواصل, צור קשר, impressum, book us, booking",
    ),
    (
        Kind::Hours,
        "hours, opening, open, opening times, öffnungszeit*, geöffnet, sprechzeit*, sprechstunde*, \
         ladenzeit*, geschäftszeit*, bürozeit*, betreuungszeit*, besuchszeit*, servicezeit*, küchenzeit*, praxiszeit*, zeiten, offen, horaire*, ouverture, horario*, orari*, apertura, \
         horário*, openingstijd*, öppettid*, åbningstid*, åpningstid*, godziny, часы, 営業時間, 营业时间, ساعات, שעות, aukioloajat",
    ),
    (
        Kind::Dates,
        "event*, schedule*, programme, program, dates, date, calendar, timeline, history, milestones, agenda, gigs, shows, concert*, tour, upcoming, \
         line-up, lineup, timetable, order of the day, the day, when, termine, programm, zeitplan, konzert*, veranstaltung*, \
         auftritt*, spielplan, tourdaten, tourtermine, kursplan, stundenplan, kurszeiten, terminkalender, geschichte, chronik, kalender, tagesablauf, \
         événement*, évènement*, calendrier, programme, histoire, dates, evento*, próximo*, calendario, fechas, historia, eventi, programma, storia, \
         agenda, evenement*, händelser, begivenheder, wydarzenia, события, расписание, workshops, courses, kurse, classes",
    ),
    (
        Kind::Prices,
        "menu, menus, price*, pricing, prices, rates, rate, fees, tariff*, plans, packages, tickets, ticket, to drink, to eat, drinks, food, shop, products, \
         preis*, speisekarte, karte, \
         getränkekarte, weinkarte, eintrittspreis*, zimmerpreis*, tageskarte, getränke, speisen, eintritt, angebote, sortiment, tarif*, prix, carte, billets, formules, boissons, \
         precio*, carta, menú, tarifas, entradas, prezz*, listino, menù, biglietti, preço*, cardápio, ementa, prijs*, prijzen, kaart, tarieven, \
         pris, priser, meny, biljetter, cennik, ceny, цены, меню, 料金, メニュー, 价格, 菜单, قائمة, الأسعار, תפריט, מחירים, membership*, mitgliedschaft*",
    ),
    (
        Kind::People,
        "team, people, speaker*, dentist*, physiotherapist*, therapist*, lawyer*, partners, barbers, stylists, guides, musicians, players, volunteers, staff, crew, doctor*, who we are, who i am, the band, band, members, founder*, instructor*, teacher*, coaches, trainers, \
         hosts, board, referent*, ärzte, vorstand, \
         ansprechpartner*, mitarbeiter*, erzieher*, lehrkräfte, trainer*, das kollegium, mitglieder, wer wir sind, das sind wir, équipe*, intervenants, équipe, qui sommes*, equipo, ponentes, \
         quiénes somos, squadra, chi siamo, relatori, equipe, quem somos, sprekers, wie zijn wij, vilka vi är, teamet, zespół, команда, チーム, 团队, الفريق, צוות",
    ),
    (
        Kind::Works,
        "work, works, selected work, portfolio, project*, gallery, case studies, paintings, photographs, photos, arbeiten, projekt*, \
         galerie, werke, bilder, fotos, impressionen, einblicke, referenzen, travaux, projets, réalisations, œuvres, obra*, proyectos, galería, lavori, progetti, galleria, opere, trabalhos, \
         projetos, werk, projecten, arbete*, prace, работы, 作品, أعمال, עבודות, releases, albums, discography, diskografie, songs, rooms, zimmer",
    ),
];

/// What a heading says that its section is.
pub(super) fn kind(heading: &str) -> Option<Kind> {
    let words = plain(heading);
    TOLD.iter()
        .find(|(_, phrases)| phrases.split(',').any(|phrase| stands_in(phrase.trim(), &words)))
        .map(|(kind, _)| *kind)
        .or_else(|| heading.trim_end().ends_with('?').then_some(Kind::Questions))
}

/// In lower case, each word between spaces.
fn plain(heading: &str) -> String {
    let mut words = String::from(" ");
    for word in heading.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| !word.is_empty()) {
        words.push_str(&word.to_lowercase());
        words.push(' ');
    }
    words
}

fn stands_in(phrase: &str, words: &str) -> bool {
    let (phrase, end) = match phrase.strip_suffix('*') {
        Some(beginning) => (beginning, ""),
        None => (phrase, " "),
    };
    words.match_indices(phrase).any(|(at, _)| words[..at].ends_with(' ') && words[at + phrase.len()..].starts_with(end))
}
