"""Sixty wishes on one page in eleven languages: what must stand on it afterwards, what must not, and the lines that each may change.

None of them is a worked example of the Studio's own. `refuses` is a wish that cannot be granted there: right is that nothing is changed
and that it is said.
"""

from dataclasses import dataclass

PAGE = """# Nord
> Coffee and cake by the harbour.
## Menu
- **Espresso**: 2.50 €
- **Cappuccino**: 3.40 €
- **Cinnamon bun**: 3.20 €
- **Whole cake**: 1,200 kr
## Opening hours
- **Monday to Friday**: 7 to 18
- **Saturday**: 8 to 16
## Questions
- **Is there parking?**: Behind the house.
- **Do you have wifi?**: Yes, it is free.
## Our story
We roast our own beans every Monday.
## Shipping
- **Express**: 9 €
- **Free shipping**: over 50 €
[See the menu]
"""


@dataclass(frozen=True)
class Wish:
    text: str
    has: tuple = ()
    lacks: tuple = ()
    may_change: tuple = ()
    refuses: bool = False
    # The look is no part of the words.
    restyles: bool = False


WISHES = [
    Wish("make it green", restyles=True),
    Wish("a darker look", restyles=True),
    Wish("can you use a serif font", restyles=True),
    Wish("espresso now costs 2.80 €", ("2.80 €",), ("2.50 €",), ("Espresso",)),
    Wish("the whole cake is 900 now", ("900 kr",), ("1,200", "9000"), ("Whole cake",)),
    Wish("cappuccino 3.60 and espresso 2.70 please", ("3.60 €", "2.70 €"), ("3.40", "2.50"), ("Cappuccino", "Espresso")),
    Wish("delete the questions", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("remove the wifi question", (), ("wifi",), ("wifi",)),
    Wish("get rid of the story", (), ("Our story", "roast"), ("Our story", "roast")),
    Wish("delete the store", refuses=True),
    Wish("delete shipping text except free shipping", ("Free shipping",), (), ("Express",)),
    Wish("the cinnamon bun is sold out, take it off the menu", (), ("Cinnamon bun",), ("Cinnamon bun",)),
    Wish("move the opening hours to the top"),
    Wish("put the shipping before the questions"),
    Wish("rename the menu to Coffee & cake", ("## Coffee & cake",), ("## Menu",), ("## Menu",)),
    Wish("call the page Café Nord", ("# Café Nord",), (), ("# Nord",)),
    Wish("on Saturday we are open from 9 to 17", ("9", "17"), ("8 to 16",), ("Saturday",)),
    Wish("we are closed on Sundays, say so in the opening hours", ("Sunday", "losed")),
    Wish("add hot chocolate for 4 €", ("ot chocolate", "4 €")),
    Wish("add a question about dogs: they are welcome", ("dogs", "welcome")),
    Wish("add a section about events: live music every first Friday", ("events", "live music every first Friday")),
    Wish("the button should say Come in", ("[Come in]",), ("[See the menu]",), ("[See",)),
    Wish("change the tagline to Coffee, cake and the sea", ("Coffee, cake and the sea",), (), ("> ",)),
    Wish("say that we roast on Tuesdays and not on Mondays", ("Tuesday",), ("every Monday",), ("We roast",)),
    Wish("the wifi is called NordGuest", ("NordGuest",), (), ("wifi",)),
    Wish("write more about us", may_change=("We roast",)),
    Wish("write in the tagline that there is a terrace", ("terrace",), (), ("> ",)),
    Wish("change \"7 to 18\" to \"8 to 17\"", ("8 to 17",), ("7 to 18",), ("Monday to Friday",)),
    Wish("make the logo spin", refuses=True),
    Wish("add a checkout with PayPal", refuses=True),
    Wish("put a photo of the harbour at the top", refuses=True),
    Wish("add a chart of our sales", refuses=True),
    Wish("mach die Seite blau", restyles=True),
    Wish("der Espresso kostet jetzt 2,70 €", ("2,70 €",), ("2.50 €",), ("Espresso",)),
    Wish("lösche die Frage nach dem Parkplatz", (), ("parking",), ("parking",)),
    Wish("nimm den Versand raus", (), ("Shipping", "Express"), ("Shipping", "Express", "Free shipping")),
    Wish("neu auf der Karte: Kakao 4 €", ("Kakao", "4 €")),
    Wish("samstags 9 bis 15 Uhr", ("9", "15"), ("8 to 16",), ("Saturday",)),
    Wish("mets la page en rouge", restyles=True),
    Wish("le cappuccino passe à 3,80 €", ("3,80 €",), ("3.40 €",), ("Cappuccino",)),
    Wish("supprime les questions", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("ajoute un thé vert à 3 €", ("thé vert", "3 €")),
    Wish("quita las preguntas", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("el espresso cuesta 3 €", ("3 €",), ("2.50 €",), ("Espresso",)),
    Wish("pon la página en morado", restyles=True),
    Wish("sayfayı yeşil yap", restyles=True),
    Wish("espresso artık 3 € olsun", ("3 €",), ("2.50 €",), ("Espresso",)),
    Wish("soruları sil", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("把页面改成蓝色", restyles=True),
    Wish("Espresso 改成 3 €", ("3 €",), ("2.50 €",), ("Espresso",)),
    Wish("删除常见问题", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("営業時間を一番上に移動して"),
    Wish("ボタンを「予約する」に変更", ("[予約する]",), ("[See the menu]",), ("[See",)),
    Wish("usuń pytania", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("zmień kolor na czerwony", restyles=True),
    Wish("اجعل الصفحة خضراء", restyles=True),
    Wish("Espresso بسعر 3 €", ("3 €",), ("2.50 €",), ("Espresso",)),
    Wish("מחק את השאלות", (), ("parking", "wifi"), ("Questions", "parking", "wifi")),
    Wish("पेज को नीला करो", restyles=True),
    Wish("make the heading spin and play music", refuses=True),
]
