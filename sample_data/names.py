"""The invented names of the sample world; every domain ends in a label that RFC 2606 and RFC 6761 reserve."""

from __future__ import annotations

from dataclasses import dataclass

SENDER = "Brightwell Instruments"
OUR_DOMAIN = "brightwell.example"
NEWS_DOMAIN = "news.brightwell.example"
OUR_HOST = "mail1"
OUR_MTA = "mail1.brightwell.example"
APP_HOST = "app.brightwell.example"
SCANNED_WORDS = ("Bank", "Clinic")
"""Companies with one of these words have a mail gateway that follows every link before it delivers."""

RESPONSIBLE = ("Ines Falk", "Tomasz Reh", "Maud Lindqvist", "Oskar Brandl", "Priya Nandan", "Léo Castel")


@dataclass(frozen=True, slots=True)
class Region:
    """Where people and companies come from.

    Attributes:
        language: ISO 639 code of the contact's language.
        weight: share among the business contacts.
        first, last: names; "native/roman" where the address needs another spelling.
        forms: legal forms of companies.
        words, trades: what company names are made of.
        top: the reserved top-level labels of its domains.
        family_first: whether the family name stands first.
    """

    language: str
    weight: int
    first: tuple[str, ...]
    last: tuple[str, ...]
    forms: tuple[str, ...]
    words: tuple[str, ...]
    trades: tuple[str, ...]
    top: tuple[str, ...] = ("example",)
    family_first: bool = False


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


REGIONS = (
    Region(
        "de",
        34,
        _split(
            "Anna Jürgen Käthe Lukas Björn Sabine Götz Heike Jörg Franziska Matthias Ulrike Rüdiger Silke Thorsten Änne"
            " Clemens Dörte Erik Gesine Holger Ilse Jonas Karin Leonie Moritz Nele Ottilie Philipp Renate Sönke Tanja"
        ),
        _split(
            "Berg Müller Groß Schröder Köhler Weiß Hübner Lindemann Brückner Vogt Krüger Döring Ebeling Fährmann"
            " Grünwald Haßler Jäger Kästner Löffler Möhring Nöth Oßwald Pfützner Rösler Sträter Tümmler Ueberschär"
            " Wärner Zöller Ackermann Bäumler Dreßen"
        ),
        ("GmbH", "AG", "KG", "GmbH & Co. KG", "e. K."),
        _split("Nordlicht Talbrück Hügelmann Achterwasser Steinfurt Wiesengrund Ostersee Rabenau Eichhorst Fährhaus"),
        _split("Optik Messtechnik Werkzeugbau Verlag Logistik Möbelwerke Laborbedarf Maschinenbau"),
    ),
    Region(
        "en",
        22,
        _split(
            "Alice Gareth Niamh Oliver Priya Rowan Siobhán Thomas Zoë Callum Daphne Edmund Fiona Graham Harriet Imogen"
            " Jasper Keira Lachlan Maeve Nigel Orla"
        ),
        _split(
            "Ashdown Birtwhistle Coverdale O'Hanlon Draycott Eversley Fothergill Greystoke Hartnell Ingleby Kestrel"
            " Loxley Marchbanks Netherby Okonjo Penhaligon Quillan Ravenscroft Thistlewood Underhill Wetherby"
        ),
        ("Ltd", "plc", "Inc.", "LLP"),
        _split("Harbourside Millstone Greenfell Larkspur Copperfield Whinmoor Saltmarsh Fernhill"),
        _split("Clinic Instruments Foods Publishing Bank Aviation Textiles Marine"),
        ("example", "test"),
    ),
    Region(
        "fr",
        12,
        _split("Aurélie Benoît Chloé Damien Élodie François Gaëlle Hélène Inès Jérôme Léa Mathéo Noémie Odile Théo"),
        _split("Beaugrand Chênebois Delvaux Évrard Fontanille Garçonnet Hébert L'Estrange Maçonnais Noëlly Pérignac"),
        ("SARL", "SA", "SAS"),
        _split("Rivage Clairval Montferré Belleroche Aubépine Vallonne"),
        _split("Optique Conserves Papeterie Énergie Transports Céramique"),
    ),
    Region(
        "sv",
        9,
        _split("Åsa Björn Cecilia Elin Göran Håkan Ida Jörgen Kajsa Lennart Märta Nils Örjan Pernilla Sixten Tove"),
        _split("Ängström Björkegård Dahlvik Ekmåne Forsbäck Grönhult Hällström Isakvist Kåreby Lövdahl Nyåker Öhrnell"),
        ("AB", "HB"),
        _split("Fjällnära Granskog Havsvik Norrsken Sörby Ljungdal"),
        _split("Teknik Verkstad Bygg Sågverk Livs Skärgårdsbåtar"),
    ),
    Region(
        "es",
        7,
        _split("Álvaro Begoña Carmen Íñigo Joaquín Lucía Mónica Nuria Óscar Raúl Sofía Tomás"),
        _split("Aldecoa Bermejal Cañizares Drovetal Escudín Fuenmayor Güelmes Ibarrondo Llanera Muñarriz Peñalver"),
        ("S.L.", "S.A."),
        _split("Ribera Olivares Montesol Cumbres Peñaflor"),
        _split("Cerámicas Conservas Óptica Papelera Transportes"),
    ),
    Region(
        "pl",
        6,
        _split("Agnieszka Błażej Grażyna Józef Łucja Małgorzata Paweł Stanisław Żaneta Zbigniew"),
        _split("Brzozowiak Chmielarz Dąbrówka Gęsiarz Jaśkiel Kołodzień Łęgowik Niedźwiał Pięknik Śliwoń Żurawiec"),
        ("sp. z o.o.", "S.A."),
        _split("Bursztyn Dolina Jodła Wierzba"),
        _split("Optyka Narzędzia Meble Wydawnictwo"),
    ),
    Region(
        "ja",
        5,
        _split("花子/hanako 健太/kenta 美咲/misaki 翔/sho 由紀/yuki 拓海/takumi 恵/megumi 大輔/daisuke"),
        _split(
            "青葉/aoba 北沢/kitazawa 森永/morinaga 竹原/takehara 小雪/koyuki 水城/mizuki 白石/shiraishi 神楽/kagura"
        ),
        ("株式会社",),
        _split("青空/aozora 富士見/fujimi 桜坂/sakurazaka"),
        _split("精機/seiki 光学/kogaku 出版/shuppan"),
        family_first=True,
    ),
    Region(
        "zh",
        5,
        _split("伟/wei 芳/fang 敏/min 静/jing 磊/lei 婷/ting 晓明/xiaoming 丽华/lihua"),
        _split("林/lin 陈/chen 赵/zhao 周/zhou 吴/wu 郑/zheng 冯/feng 蒋/jiang"),
        ("有限公司",),
        _split("东方/dongfang 金桥/jinqiao 长河/changhe"),
        _split("仪器/yiqi 贸易/maoyi 光电/guangdian"),
        family_first=True,
    ),
)

PROVIDERS = {
    "gmail.example": ("gamil.example", "gmial.example", "gmail.test"),
    "postwing.example": ("postwnig.example", "postwimg.example"),
    "kuvertpost.example": ("kuvertpsot.example", "kuvertpost.test"),
    "courrielle.example": ("courielle.example",),
}
"""Fictional freemail providers, each with the slips of the finger that are seen for it."""

PROVIDER_WEIGHTS = (46, 22, 22, 10)

STRANGE_DOMAINS = ("cheap-watches.invalid", "lottery-office.invalid", "seo-rank.invalid")
"""Where the mail comes from that our server turns away at the door."""
