"""On which side of the end of the data a connection was lost, at every stage, with and without PIPELINING."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from store.outbox.connecting import Patience, connect
from store.outbox.dialogue import Dialogue, Stopped
from store.outbox.outcome import Ending, Outcome
from store.outbox.relay import relay_at
from tests.outbox.sends import QUICK
from tests.smtp_server import DROP, DROP_TAKEN, HANG, SmtpServer, running

MAIL = b"Message-ID: <a.1@shop.example>\r\nSubject: x\r\n\r\nHello\r\n.\r\n..two\r\n"
LONG = MAIL + b"A line of a mail that is longer than what lies between the two ends.\r\n" * 120_000
BOTH = pytest.mark.parametrize("extensions", [("PIPELINING",), ()], ids=["pipelining", "one by one"])


async def granted() -> bool:
    return True


def hand_over(
    server: SmtpServer,
    claim: Callable[[], Awaitable[bool]] = granted,
    patience: Patience = QUICK,
    mails: int = 1,
    mail: bytes = MAIL,
) -> tuple[list[Outcome], bool]:
    """Hand mails over on one connection; return the outcomes, and whether the connection can still be used."""

    async def main() -> tuple[list[Outcome], bool]:
        relay = relay_at("local", f"smtp://127.0.0.1:{server.port}")
        dialogue = Dialogue(await connect(relay, None, lambda: None, patience), patience)
        try:
            found = [
                await dialogue.hand_over("ann@shop.example", f"p{number}@x.example", mail, claim)
                for number in range(mails)
            ]
            return found, dialogue.ready
        finally:
            dialogue.cut()

    return asyncio.run(main())


def answering(stage: str, answer: str) -> Callable[[str, str], str | None]:
    return lambda at, recipient: answer if at == stage else None


@BOTH
def test_a_mail_arrives_as_it_was_written_and_the_connection_is_used_again(extensions: tuple[str, ...]) -> None:
    with running(SmtpServer(extensions=extensions)) as server:
        outcomes, usable = hand_over(server, mails=3)
    assert [outcome.ending for outcome in outcomes] == [Ending.ACCEPTED] * 3
    assert usable
    assert [mail for _, _, mail in server.mails] == [MAIL] * 3
    assert {sender for sender, _, _ in server.mails} == {"ann@shop.example"}
    assert len(server.sessions) == 1


@BOTH
@pytest.mark.parametrize(
    ("stage", "answer", "ending", "taken"),
    [
        ("mail", DROP, Ending.LOST, 0),
        ("rcpt", DROP, Ending.LOST, 0),
        ("data", DROP, Ending.LOST, 0),
        ("body", DROP, Ending.LOST, 0),
        ("end", DROP, Ending.UNSURE, 0),
        ("end", DROP_TAKEN, Ending.UNSURE, 1),
        ("mail", "421 4.3.2 Later", Ending.LOST, 0),
        ("rcpt", "421 4.3.2 Later", Ending.LOST, 0),
        ("end", "421 4.3.2 Later", Ending.DEFERRED, 0),
        ("mail", "250-half\r\n", Ending.LOST, 0),
        ("end", "nonsense", Ending.UNSURE, 0),
        ("end", "354 Go on", Ending.UNSURE, 0),
    ],
)
def test_only_behind_the_end_of_the_data_nobody_can_tell(
    extensions: tuple[str, ...], stage: str, answer: str, ending: Ending, taken: int
) -> None:
    with running(SmtpServer(answering(stage, answer), extensions=extensions)) as server:
        patience = Patience(5, 5, 0.5, 0.5, 0.5, 5, 0.5)
        outcomes, usable = hand_over(server, patience=patience, mail=LONG if stage == "body" else MAIL)
    assert (outcomes[0].ending, usable) == (ending, False)
    assert len(server.mails) == taken


@BOTH
@pytest.mark.parametrize(
    ("stage", "answer", "ending"),
    [
        ("rcpt", "550 5.1.1 No such user", Ending.REFUSED),
        ("rcpt", "450 4.2.0 Greylisted", Ending.DEFERRED),
        ("data", "451 4.3.0 Not now", Ending.DEFERRED),
        ("data", "554 5.5.0 No", Ending.REFUSED),
        ("end", "554 5.7.1 Spam", Ending.REFUSED),
        ("end", "451 4.7.1 Later", Ending.DEFERRED),
        ("mail", "550 5.7.1 Not you", Ending.LOST),
        ("mail", "451 4.3.0 Not now", Ending.LOST),
    ],
)
def test_what_the_relay_says_is_kept_and_the_connection_goes_on(
    extensions: tuple[str, ...], stage: str, answer: str, ending: Ending
) -> None:
    with running(SmtpServer(answering(stage, answer), extensions=extensions)) as server:
        outcomes, usable = hand_over(server, mails=2)
    assert [outcome.ending for outcome in outcomes] == [ending] * 2
    code, _, words = answer.partition(" ")
    assert (outcomes[0].reply, outcomes[0].words, outcomes[0].status) == (int(code), words, words.split()[0])
    assert usable
    assert not server.mails


@pytest.mark.parametrize(
    ("stage", "ending"),
    [("mail", Ending.LOST), ("rcpt", Ending.LOST), ("data", Ending.LOST), ("end", Ending.UNSURE)],
)
def test_nobody_is_waited_for_longer_than_the_stage_allows(stage: str, ending: Ending) -> None:
    with running(SmtpServer(answering(stage, HANG))) as server:
        outcomes, usable = hand_over(server, patience=Patience(5, 5, 0.2, 0.2, 0.2, 5, 0.2))
    assert (outcomes[0].ending, usable) == (ending, False)
    assert "did not answer within" in outcomes[0].words


@BOTH
def test_without_a_claim_nothing_leaves(extensions: tuple[str, ...]) -> None:
    async def refused() -> bool:
        return False

    with running(SmtpServer(extensions=extensions)) as server:
        with pytest.raises(Stopped):
            hand_over(server, refused)
    assert not server.mails


def test_the_claim_is_asked_for_when_the_relay_has_taken_the_recipient_and_no_sooner() -> None:
    asked: list[str] = []

    async def claim() -> bool:
        asked.append(server.sessions[0].last)
        return True

    def plan(stage: str, recipient: str) -> str | None:
        return "550 5.1.1 Unknown" if stage == "rcpt" and recipient.startswith("p0@") else None

    with running(SmtpServer(plan)) as server:
        outcomes, _ = hand_over(server, claim, mails=2)
    assert [outcome.ending for outcome in outcomes] == [Ending.REFUSED, Ending.ACCEPTED]
    assert asked == ["data"]


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_answer_to_the_mail() -> None:
    with running(SmtpServer(answering("data", "354 Go on\r\n250 2.0.0 Ok: queued"))) as server:
        outcomes, usable = hand_over(server)
    assert (outcomes[0].ending, usable) == (Ending.LOST, False)
    assert not server.mails


def to(recipient: str, extensions: tuple[str, ...]) -> Outcome:
    async def main() -> Outcome:
        relay = relay_at("local", f"smtp://127.0.0.1:{server.port}")
        dialogue = Dialogue(await connect(relay, None, lambda: None, QUICK), QUICK)
        outcome = await dialogue.hand_over("ann@shop.example", recipient, MAIL, granted)
        await dialogue.quit()
        return outcome

    with running(SmtpServer(extensions=extensions)) as server:
        return asyncio.run(main())


def test_an_address_beyond_ascii_needs_a_relay_that_takes_it() -> None:
    assert to("jürgen@x.example", ("PIPELINING",)).ending is Ending.HELD
    assert to("jürgen@x.example", ("PIPELINING", "SMTPUTF8")).ending is Ending.ACCEPTED


def test_no_address_can_say_a_command() -> None:
    assert to("p@x.example>\r\nRCPT TO:<q@x.example", ()).ending is Ending.HELD
