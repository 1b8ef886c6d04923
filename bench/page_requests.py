"""Thirty requests for a page as people write them, in eleven languages, and what must and must not stand on what comes.

`facts` are figures and names that the request states about what the page is for: each must stand there. `instructions` are what it says
to whoever builds the page: none of it may stand there.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    language: str
    prompt: str
    facts: tuple
    instructions: tuple


REQUESTS = [
    Request("en", "Hi i need a webiste for our italian restaurant Da Enzo, its in Bristol, we are open tue-sun 12-22, "
            "margherita is £9.50 and tiramisu £6. please make it look warm",
            ("Da Enzo", "Bristol", "9.50", "6", "12", "22"), ("i need", "webiste", "look warm")),
    Request("en", "Build me a modern SaaS landing page for Ledgerly, an invoicing app. Three plans: Starter free, Pro $12/month, Team $1,200 a year. "
            "Use Inter font and make it look like Stripe",
            ("Ledgerly", "$12", "$1,200"), ("Inter", "Stripe", "Build me", "look like")),
    Request("en", "can you make a page for my candle shop \"Wick & Wonder\"? lavender candle 14.99, cedar candle 16.99, free shipping over $50. "
            "add 3 sections and keep it under 200 words",
            ("Wick & Wonder", "14.99", "16.99", "$50"), ("can you", "3 sections", "200 words", "keep it")),
    Request("en", "portfolio site for Maya Okafor, photographer in Leeds. weddings from £850, portraits £120. email maya@okafor.example. dark background, big images, one page",
            ("Maya Okafor", "850", "120", "maya@okafor.example"), ("dark background", "big images", "one page")),
    Request("en", "I want a one page website for a plumber. 24/7 emergency, call 0161 496 0123, covers Salford and Bury, no call out fee. Make the phone number really big",
            ("0161 496 0123", "Salford", "Bury"), ("I want", "really big", "one page website")),
    Request("en", "landing page for a dog walking service in Austin called Happy Tails. 30 min walk $20, 60 min walk $35. add testimonials section if you can",
            ("Happy Tails", "Austin", "$20", "$35"), ("if you can", "add testimonials")),
    Request("en", "make a wedding page for us, Priya & Tom, 14 June 2027, 3pm at Kew Gardens, RSVP before 1 May, in a romantic style with pastel colors",
            ("Priya", "Tom", "14 June 2027", "Kew Gardens", "1 May"), ("make a wedding page", "pastel", "romantic style")),
    Request("en", "need a simple site for my gym Iron Yard. membership 39/month, day pass 8, mon-fri 6-22, sat+sun 8-18. black and yellow colours plz",
            ("Iron Yard", "39", "8", "6", "22", "18"), ("plz", "black and yellow", "need a simple site")),
    Request("en", "a conference called RustFjord on 12 June 2027 in Bergen, tickets 120 € (students 60 €). the page should be in English, with a schedule: 9:00 doors, 10:00 opening talk",
            ("RustFjord", "12 June 2027", "120", "60", "9:00", "10:00"), ("should be in English", "the page should")),
    Request("en", "an online course about bread baking, 6 lessons, 49 €, starts on 3 March 2027, taught by Lena Roth. use emojis and a bold headline",
            ("49", "3 March 2027", "Lena Roth", "6"), ("use emojis", "bold headline")),
    Request("de", "Hallo, ich brauche eine Website für meine Bäckerei Krume in Kassel: Roggenbrot 4,80 €, Brötchen 0,60 €, geöffnet Di–Sa 6–14 Uhr. Bitte schlicht halten",
            ("Krume", "Kassel", "4,80", "0,60", "6", "14"), ("ich brauche", "schlicht halten")),
    Request("de", "Erstelle eine Seite für die Physiotherapie Lindner, Termine unter 0561 123456, montags bis freitags 8 bis 18 Uhr, alle Kassen. Farben: blau und weiß",
            ("Lindner", "0561 123456", "8", "18"), ("Erstelle eine", "blau und weiß", "Farben:")),
    Request("de", "Mach mir eine Seite fürs Sommerfest am 12. Juli 2027 ab 15 Uhr im Stadtpark, Eintritt frei, mit Tombola, bitte mit drei Abschnitten",
            ("12. Juli 2027", "15", "Stadtpark"), ("Mach mir", "drei Abschnitten")),
    Request("fr", "Bonjour, je voudrais un site pour ma librairie Plume à Nantes, ouverte du mardi au samedi de 10 h à 19 h, club de lecture le jeudi à 18 h 30",
            ("Plume", "Nantes", "10 h", "19 h", "18 h 30"), ("je voudrais")),
    Request("fr", "Crée une page pour un salon de coiffure, L'Atelier : coupe femme 38 €, coupe homme 25 €, sur rendez-vous au 02 40 12 34 56. Style moderne et épuré",
            ("L'Atelier", "38", "25", "02 40 12 34 56"), ("Crée une", "Style moderne", "épuré")),
    Request("es", "Necesito una página para mi bar de tapas Sol en Sevilla, tapas a 3,50 €, abierto de 19:00 a 2:00, cerrado los lunes. Que sea colorida",
            ("Sol", "Sevilla", "3,50", "19:00", "2:00"), ("Necesito", "Que sea")),
    Request("es", "Haz una web para la escuela de surf Marea: clase de grupo 30 €, clase privada 55 €, todos los días a las 10:00 y a las 16:00, por favor en español",
            ("Marea", "30", "55", "10:00", "16:00"), ("Haz una", "en español")),
    Request("tr", "Kadıköy'deki kahvecim Demlik için bir web sitesi istiyorum: espresso 70 ₺, latte 95 ₺, her gün 8:00-23:00 açık. Sade olsun lütfen",
            ("Demlik", "70", "95", "8:00", "23:00"), ("istiyorum", "Sade olsun")),
    Request("tr", "Diş hekimi Dr. Aylin Kaya için sayfa yap, Ankara, randevu 0312 123 45 67, pazartesi-cuma 9:00-17:30",
            ("Aylin Kaya", "Ankara", "0312 123 45 67", "9:00", "17:30"), ("sayfa yap",)),
    Request("ar", "أريد موقعًا لمطعم زيتون في عمّان: فلافل 2 دينار، شاورما 3.5 دينار، مفتوح يوميًا من 11 صباحًا إلى 11 مساءً",
            ("زيتون", "2", "3.5", "11"), ("أريد موقعًا", "أريد")),
    Request("ar", "صفحة لدورة تصوير مع ليلى حداد، تبدأ في 5 مارس 2027، السعر 120 دولارًا، اجعل التصميم بسيطًا",
            ("ليلى حداد", "2027", "120"), ("اجعل",)),
    Request("he", "אני צריך אתר לבית הקפה נמל בחיפה: אספרסו 9 ש\"ח, קרואסון 14 ש\"ח, פתוח א-ה 7:00-20:00",
            ("נמל", "חיפה", "9", "14", "7:00", "20:00"), ("אני צריך",)),
    Request("he", "תעשה דף לסטודיו יוגה שקט, שיעור ב-60 ש\"ח, ימי שני 18:00 וחמישי 7:00, בצבעים רגועים",
            ("שקט", "60", "18:00", "7:00"), ("תעשה דף", "בצבעים רגועים")),
    Request("zh", "帮我做一个网站，给我在成都的火锅店\"红灯\"：毛肚58元，鸭肠36元，每天11:00到23:00营业，电话028-12345678",
            ("红灯", "58", "36", "11:00", "23:00", "028-12345678"), ("帮我做", "一个网站")),
    Request("zh", "请设计一个摄影师李薇的个人主页，婚礼拍摄3800元起，肖像600元，邮箱li@wei.example，风格要简洁",
            ("李薇", "3800", "600", "li@wei.example"), ("请设计", "风格要")),
    Request("ja", "京都の抹茶カフェ「みどり」のホームページを作ってください。抹茶ラテ650円、わらび餅480円、営業時間は10時から18時、水曜定休",
            ("みどり", "650", "480", "10時", "18時"), ("作ってください",)),
    Request("ja", "ピアノ教室のページをお願いします。先生は田中由美、月4回で8,000円、体験レッスン無料、電話は03-1234-5678",
            ("田中由美", "8,000", "03-1234-5678"), ("お願いします",)),
    Request("hi", "मुझे अपनी मिठाई की दुकान मधुर के लिए वेबसाइट चाहिए, जयपुर में, गुलाब जामुन ₹40, काजू कतली ₹900 किलो, सुबह 9 से रात 10 तक खुला",
            ("मधुर", "जयपुर", "40", "900", "9", "10"), ("मुझे अपनी", "वेबसाइट चाहिए")),
    Request("pl", "Potrzebuję strony dla warsztatu rowerowego Szprycha w Gdańsku: przegląd 120 zł, wymiana dętki 35 zł, pon.–pt. 9–17. Proszę o prosty wygląd",
            ("Szprycha", "120", "35", "9", "17"), ("Potrzebuję", "prosty wygląd")),
    Request("pl", "Zrób stronę dla kwiaciarni Mak: bukiety od 45 zł, dostawa w Krakowie 15 zł, zamówienia 12 345 67 89, w kolorach czerwieni",
            ("Mak", "45", "15", "12 345 67 89"), ("Zrób stronę", "w kolorach")),
]


def judged(request, words):
    """The facts that a page's words lack, and the instructions that they print."""
    text = words.casefold()
    missing = [fact for fact in request.facts if not stands(fact.casefold(), text)]
    printed = [clause for clause in request.instructions if clause.casefold() in text]
    return missing, printed


def stands(fact, text):
    """A figure stands there as a figure of its own: 8 is not in 18."""
    before = r"(?<!\d)" if fact[0].isdigit() else ""
    behind = r"(?!\d)" if fact[-1].isdigit() else ""
    return re.search(before + re.escape(fact) + behind, text) is not None
