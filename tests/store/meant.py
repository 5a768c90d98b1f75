"""Addresses as people typed them, with what they meant, and addresses that are right or that nobody can tell better.

Written by hand: the slips are those that the published counts of misspelled domains name most often, and those that
readers of bounces meet; what must stay alone is real near-misses (providers and firms whose names are one letter
apart), people who left, and failures that say nothing against the address.
"""

from __future__ import annotations

from typing import NamedTuple

from store.suggestions.doctor import Doubt, Other
from store.suggestions.people import Habit

HOST, USER, FORM, ROUTE = Doubt.HOST, Doubt.USER, Doubt.FORM, Doubt.ROUTE

DELIVERED = {
    "gmail.com": 4120,
    "gmx.de": 2104,
    "web.de": 1811,
    "t-online.de": 930,
    "hotmail.com": 704,
    "yahoo.de": 310,
    "outlook.com": 255,
    "icloud.com": 241,
    "freenet.de": 150,
    "gmx.net": 143,
    "yahoo.com": 120,
    "hotmail.de": 101,
    "aol.com": 80,
    "bluewin.ch": 61,
    "gmx.at": 44,
    "orange.fr": 41,
    "live.de": 22,
    "nordlicht-verlag.example": 35,
    "brandl-optik.example": 12,
    "halvorsen.example": 6,
    "xn--mller-papier-dlb.example": 25,
    "acme.example": 4,
    "stadtwerke-lindau.example": 118,
    "lindhof.example": 9,
    "rieger.example": 140,
    "north.example": 210,
    "south.example": 190,
    "firma1.example": 40,
    "abc.example": 300,
    "one.example": 1,
    "xn--kndig-kva.example": 8,
    "jaeger-holz.example": 14,
}
FAILING = {"oldprovider.example": 400, "gmeil.com": 3, "freenet.com": 60}

NORDLICHT = Habit("nordlicht-verlag.example", "first.last", 8, 8)
BRANDL = Habit("brandl-optik.example", "f.last", 5, 5)
MIXED = Habit("lindhof.example", "", 4, 0)
ANNA = Other("anna@south.example", "2026-03-02", True)


class Meant(NamedTuple):
    """An address as it was typed, and what should be offered; "" for nothing."""

    typed: str
    meant: str
    doubt: Doubt = HOST
    name: str = ""
    habit: Habit | None = None
    present: str = ""
    others: tuple[Other, ...] = ()
    corrected: tuple[str, ...] = ()
    words: str = ""


def _domains(local: str, slips: str, doubt: Doubt = HOST) -> list[Meant]:
    pairs = (pair.split(">") for pair in slips.split())
    return [Meant(f"{local}@{typed}", f"{local}@{meant}", doubt) for typed, meant in pairs]


PAIRS: list[Meant] = [
    # Slips in a provider's domain, which does not exist.
    *_domains(
        "anna.berg",
        "gamil.com>gmail.com gmil.com>gmail.com gmali.com>gmail.com gmial.com>gmail.com gmai.com>gmail.com"
        " gmaill.com>gmail.com gmsil.com>gmail.com gnail.com>gmail.com gmaul.com>gmail.com gmaiil.com>gmail.com"
        " gmal.com>gmail.com ggmail.com>gmail.com gmakl.com>gmail.com gail.com>gmail.com gmailcom>gmail.com"
        " gmail.con>gmail.com gmail.cmo>gmail.com gmail.comm>gmail.com gmail.co>gmail.com gmail.cm>gmail.com"
        " gmail.om>gmail.com gmail.vom>gmail.com gmail.coom>gmail.com gmail>gmail.com gmail.de>gmail.com"
        " gmail.com.com>gmail.com gmail.com.de>gmail.com gamil.con>gmail.com gmial.cmo>gmail.com"
        " www.gmail.com>gmail.com fmail.com>gmail.com",
    ),
    *_domains(
        "j.weber",
        "hotmial.com>hotmail.com hotmal.com>hotmail.com hotmil.com>hotmail.com hotmail.con>hotmail.com"
        " hotnail.com>hotmail.com hotmaill.com>hotmail.com hotmai.com>hotmail.com homail.com>hotmail.com"
        " hormail.com>hotmail.com hotamil.com>hotmail.com hotmail.d>hotmail.de hotmail.dee>hotmail.de"
        " otmail.com>hotmail.com htomail.com>hotmail.com hotmeil.com>hotmail.com",
    ),
    *_domains(
        "k.lang",
        "gmx.dee>gmx.de gmx.ed>gmx.de gxm.de>gmx.de gmxx.de>gmx.de ggmx.de>gmx.de gmx.d>gmx.de gmx.de.com>gmx.de"
        " wbe.de>web.de web.dee>web.de webb.de>web.de weeb.de>web.de web.d>web.de wweb.de>web.de web.dw>web.de",
    ),
    *_domains(
        "p.kurz",
        "t-onlin.de>t-online.de t-onlne.de>t-online.de tonline.de>t-online.de t-onine.de>t-online.de"
        " t-online.d>t-online.de t-onlien.de>t-online.de t-oline.de>t-online.de t-omline.de>t-online.de"
        " t.online.de>t-online.de t-onlinede>t-online.de",
    ),
    *_domains(
        "m.ruiz",
        "yaho.de>yahoo.de yahho.de>yahoo.de yhaoo.de>yahoo.de yahooo.de>yahoo.de yahoo.dee>yahoo.de yaoo.com>yahoo.com"
        " yhoo.com>yahoo.com yahoo.con>yahoo.com yahoo.cpm>yahoo.com outlok.com>outlook.com outllook.com>outlook.com"
        " outloook.com>outlook.com outlook.con>outlook.com outloo.com>outlook.com otulook.com>outlook.com"
        " oulook.com>outlook.com iclod.com>icloud.com icoud.com>icloud.com icluod.com>icloud.com icloud.co>icloud.com"
        " iclound.com>icloud.com iclud.com>icloud.com freent.de>freenet.de freenet.dee>freenet.de frenet.de>freenet.de"
        " freenet.d>freenet.de aoll.com>aol.com aol.con>aol.com oal.com>aol.com bluewin.hc>bluewin.ch"
        " blewin.ch>bluewin.ch bluwin.ch>bluewin.ch orange.frr>orange.fr ornge.fr>orange.fr"
        " googlemial.com>googlemail.com googelmail.com>googlemail.com googlmail.com>googlemail.com"
        " gogglemail.com>googlemail.com protonmial.com>protonmail.com laposte.ney>laposte.net libreo.it>libero.it",
    ),
    # The same where the misspelled domain exists, and knows no such user.
    *_domains(
        "anna.berg",
        "gmial.com>gmail.com gamil.com>gmail.com gmal.com>gmail.com hotmial.com>hotmail.com yaho.de>yahoo.de"
        " outlok.com>outlook.com t-onlin.de>t-online.de icluod.com>icloud.com gmail.de>gmail.com freent.de>freenet.de",
        USER,
    ),
    *_domains("anna.berg", "gmial.com>gmail.com hotmal.com>hotmail.com outloook.com>outlook.com", ROUTE),
    # A company's domain.
    *_domains(
        "info",
        "nordlicht-verleg.example>nordlicht-verlag.example nordlich-verlag.example>nordlicht-verlag.example"
        " nordlciht-verlag.example>nordlicht-verlag.example brandl-opitk.example>brandl-optik.example"
        " brandloptik.example>brandl-optik.example stadwerke-lindau.example>stadtwerke-lindau.example"
        " stadtwerkelindau.example>stadtwerke-lindau.example halvorson.example>halvorsen.example"
        " mueller-papier.example>müller-papier.example muller-papier.example>müller-papier.example"
        " jäger-holz.example>jaeger-holz.example www.halvorsen.example>halvorsen.example",
    ),
    Meant("d.ott@lindhoff.example", "d.ott@lindhof.example", HOST, "Dora Ott", MIXED),
    Meant("d.ott@linhof.example", "d.ott@lindhof.example", USER, "Dora Ott", MIXED),
    Meant("bo.ek@nordlicht.example", "bo.ek@nordlicht-verlag.example", HOST, "Bo Ek", NORDLICHT),
    Meant("d.ott@old-name.example", "d.ott@lindhof.example", HOST, "Dora Ott", MIXED),
    # What is no address.
    Meant("mailto:anna@gmx.de", "anna@gmx.de", FORM),
    Meant("<anna@gmx.de>", "anna@gmx.de", FORM),
    Meant("Anna Berg <anna@gmx.de>", "anna@gmx.de", FORM),
    Meant('"anna@gmx.de"', "anna@gmx.de", FORM),
    Meant("'anna@gmx.de'", "anna@gmx.de", FORM),
    Meant("anna@gmx.de.", "anna@gmx.de", FORM),
    Meant("anna@gmx.de,", "anna@gmx.de", FORM),
    Meant("anna@gmx.de;", "anna@gmx.de", FORM),
    Meant("anna@gmx,de", "anna@gmx.de", FORM),
    Meant("anna@gmx..de", "anna@gmx.de", FORM),
    Meant("anna@.gmx.de", "anna@gmx.de", FORM),
    Meant("anna@ gmx.de", "anna@gmx.de", FORM),
    Meant("anna @gmx.de", "anna@gmx.de", FORM),
    Meant("anna@gmx. de", "anna@gmx.de", FORM),
    Meant("anna@@gmx.de", "anna@gmx.de", FORM),
    Meant("anna(at)gmx.de", "anna@gmx.de", FORM),
    Meant("anna [at] gmx [dot] de", "anna@gmx.de", FORM),
    Meant("anna at gmx.de", "anna@gmx.de", FORM),
    Meant("anna%40gmx.de", "anna@gmx.de", FORM),
    Meant("annagmx.de", "anna@gmx.de", FORM),
    Meant("anna.berg#web.de", "anna.berg@web.de", FORM),
    Meant("anna.@gmx.de", "anna@gmx.de", FORM),
    Meant("anna..berg@gmx.de", "anna.berg@gmx.de", FORM),
    Meant("anna,berg@gmx.de", "anna.berg@gmx.de", FORM),
    Meant(".anna@gmx.de", "anna@gmx.de", FORM),
    Meant("anna\u200b@gmx.de", "anna@gmx.de", FORM),
    Meant("\u00a0anna@gmx.de", "anna@gmx.de", FORM),
    Meant("anna\uff20gmx.de", "anna@gmx.de", FORM),
    Meant("\u0430nn\u0430@gmx.de", "anna@gmx.de", FORM),
    Meant("e-mail: anna@gmx.de", "anna@gmx.de", FORM),
    Meant("anna@gmx.de (private)", "anna@gmx.de", FORM),
    Meant("anna@gmail", "anna@gmail.com", FORM),
    Meant("anna@gmial,con", "anna@gmail.com", FORM),
    Meant("anna berg@gmx.de", "anna.berg@gmx.de", FORM, "Anna Berg"),
    Meant("o\u2019neill@acme.example", "o'neill@acme.example", FORM),
    Meant("jürgen.groß@gmx.de", "juergen.gross@gmx.de", USER),
    Meant("rené@web.de", "rene@web.de", USER),
    # The name, the colleagues, the person's other addresses.
    Meant("jonh.smith@north.example", "john.smith@north.example", USER, "John Smith"),
    Meant("anna.breg@south.example", "anna.berg@south.example", USER, "Anna Berg"),
    Meant("ana.berg@south.example", "anna.berg@south.example", USER, "Anna Berg"),
    Meant("annaberrg@south.example", "annaberg@south.example", USER, "Anna Berg"),
    Meant("juergen.mueler@rieger.example", "juergen.mueller@rieger.example", USER, "Jürgen Müller"),
    Meant("berg@nordlicht-verlag.example", "anna.berg@nordlicht-verlag.example", USER, "Anna Berg", NORDLICHT),
    Meant("a.berg@nordlicht-verlag.example", "anna.berg@nordlicht-verlag.example", USER, "Dr. Anna Berg", NORDLICHT),
    Meant("anna.berg@brandl-optik.example", "a.berg@brandl-optik.example", USER, "Berg, Anna", BRANDL),
    Meant("old@gone.example", "new@here.example", HOST, present="new@here.example"),
    Meant("a.berg@south.example", "anna@south.example", USER, others=(ANNA,)),
    Meant("info@old.example", "info@new.example", HOST, corrected=("info@new.example",)),
    Meant("bo@north.example", "bo.ek@north.example", USER, words="551 please try <bo.ek@north.example>"),
]  # fmt: skip


def _alone(addresses: str, doubt: Doubt, **more: object) -> list[Meant]:
    return [Meant(address, "", doubt, **more) for address in addresses.split()]  # type: ignore[arg-type]


NOTHING: list[Meant] = [
    # Domains that are right: providers with names one letter apart, and to which mail arrives.
    *_alone(
        "a@mail.com a@email.com a@ymail.com a@gmx.com a@gmx.net a@gmx.ch a@live.com a@live.de a@me.com a@mac.com"
        " a@mail.de a@email.de a@aim.com a@msn.com a@hotmail.co.uk a@yahoo.co.uk a@outlook.de a@web.de a@inbox.lv"
        " a@fastmail.fm a@one.example a@wp.pl a@op.pl a@vp.pl a@o2.pl a@163.com a@126.com a@139.com a@ya.ru"
        " a@bk.ru a@online.de"
        " a@alice.de a@sky.com a@orange.fr a@free.fr a@tin.it a@tim.it a@post.cz a@mail.ru a@bell.net a@post.com",
        USER,
    ),
    # Firms whose names only look like a provider's or another firm's.
    *_alone(
        "a@gms.de a@gmt.de a@gma.de a@wab.de a@wev.de a@wen.de a@ebw.example a@aoc.com a@aon.com a@mex.com"
        " a@hotmart.com a@mailbox.com a@outbrain.com a@yodo.de a@freeget.example a@arctor.example a@icom.com"
        " a@cloud.com a@proton.com a@gmap.com a@gimail.example a@orion.fr a@blueskin.example a@google.com"
        " a@gmz.de a@gmc.com",
        USER,
    ),
    *_alone(
        "a@gms.de a@gmt.de a@web.fr a@wab.de a@abd.example a@aoc.com a@nord-papier.example a@south-east.example"
        " a@northern.example a@mouth.example a@firma2.example a@firma11.example a@riedel.example a@lindberg.example"
        " a@halle.example a@acne.example a@brandt-optik-wien.example a@stadtwerke-landau.example a@oldprovider.example"
        " a@freenet.com a@nothing-like-it.example a@x.example a@ab.de a@kündig-holz.example a@verlag.example",
        HOST,
    ),
    *_alone("a@firma-alt.example a@some-server.example a@mx.example a@abc2.example a@siemens.com a@bosch.de", ROUTE),
    *_alone("a@siemens.com a@bosch.de a@north.com a@rieger.de a@south.de a@web.com", USER),
    # People who left, and mailboxes of which nothing better is known.
    *_alone("info@north.example office@south.example einkauf@rieger.example sales@abc.example x@gmail.com", USER),
    *_alone("anna.berg@nordlicht-verlag.example", USER, name="Anna Berg", habit=NORDLICHT),
    *_alone("a.berg@brandl-optik.example", USER, name="Anna Berg", habit=BRANDL),
    *_alone("info@nordlicht-verlag.example buchhaltung@nordlicht-verlag.example", USER, name="", habit=NORDLICHT),
    *_alone("john.smith@gmail.com jsmith@gmail.com smith.john@gmail.com jsmith1970@gmail.com", USER, name="John Smith"),
    *_alone("jon.smith@north.example", USER, name="Jon Smith"),
    *_alone("anna.meier@south.example anna.schulz@south.example", USER, name="Anna Berg"),
    *_alone("bergmann@south.example", USER, name="Anna Berg"),
    *_alone("a.b@south.example", USER, name="Anna Berg"),
    *_alone("anna.lund@north.example", USER, name="Anna Berg-Lund"),
    *_alone("kitazawa@north.example", USER, name="北沢 花子"),
    *_alone("mouse77@gmx.de sonne123@web.de", USER, name="Anna Berg"),
    *_alone("anna.berg+news@north.example", USER, name="Anna Berg"),
    # What could mean several things.
    Meant("anna@gmx.de, bert@web.de", "", FORM),
    Meant("anna@gmx.de/bert@gmx.de", "", FORM),
    Meant("anna", "", FORM),
    Meant("-", "", FORM),
    Meant("n/a", "", FORM),
    Meant("unknown", "", FORM),
    Meant("anna@", "", FORM),
    Meant("@gmx.de", "", FORM),
    Meant("0171 2345678", "", FORM),
    Meant("www.north.example", "", FORM),
    Meant("http://north.example/kontakt", "", FORM),
    Meant("anna berg@unknown-firm.example", "", FORM),
    Meant("a@b@c@gmx.de", "", FORM),
    Meant("anna.berg@gmx.de", "", USER, others=(Other("ab@web.de"),)),
]


def _reasons() -> list[tuple[str, str]]:
    """Failures of misspelled-looking addresses that say nothing against them: reason, address."""
    addresses = ("a@gamil.com", "jonh.smith@north.example")
    reasons = "mailboxfull authfailure spamdetected blocked mesgtoobig policyviolation greylisted speeding suspend"
    return [(reason, address) for reason in reasons.split() for address in addresses]


SILENT = _reasons()
