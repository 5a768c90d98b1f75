from __future__ import annotations

from tui.output.flow import LEAST, MOST, QUESTION, Flow


class Line:
    """A line that carries so many bytes a second and takes a while to answer."""

    def __init__(self, rate: float, away_s: float = 0.05) -> None:
        self.now = 100.0
        self.rate, self.away_s = rate, away_s
        self.flow = Flow(lambda: self.now)
        self.free = self.now
        self.answers: list[float] = []
        self.sent: list[float] = []

    def offer(self, size: int) -> bool:
        """Send a frame if it may go."""
        if not self.flow.is_open:
            self._carry(self.flow.question())
            return False
        self._carry(self.flow.counted("x" * size))
        return True

    def _carry(self, data: str) -> None:
        self.free = max(self.free, self.now) + len(data) / self.rate
        self.sent.append(self.free)
        if data.endswith(QUESTION):
            self.answers.append(self.free + self.away_s)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.answers and self.answers[0] <= end:
            self.now = self.answers.pop(0)
            self.flow.answered()
        self.now = end

    @property
    def behind(self) -> float:
        """Seconds until everything is drawn."""
        return max(0.0, self.free - self.now)


def held_down(line: Line, size: int, seconds: float = 6.0) -> tuple[int, float]:
    """Offer a frame 30 times a second; return how many went and how far behind the line was at the worst, later."""
    went, worst = 0, 0.0
    for number in range(int(seconds * 30)):
        went += line.offer(size)
        line.wait(1 / 30)
        if number > seconds * 15:
            worst = max(worst, line.behind)
    return went, worst


def test_a_slow_line_is_never_far_behind() -> None:
    for size in (300, 700, 2500):
        line = Line(10_000)
        line.offer(6_000)
        line.wait(2)
        went, worst = held_down(line, size)
        assert worst < 0.7
        assert went * size > 30_000


def test_a_fast_line_is_sent_every_frame_also_from_far_away() -> None:
    for away_s in (0.001, 0.3):
        line = Line(1_000_000, away_s)
        line.offer(6_000)
        line.wait(2)
        went, _ = held_down(line, 700)
        assert went >= 170
        assert LEAST <= line.flow.window <= MOST


def test_a_terminal_that_does_not_answer_is_sent_everything() -> None:
    flow = Flow(lambda: 0.0)
    frames = [flow.counted("x" * 10_000) for _ in range(50)]
    assert flow.is_open
    assert [frame.endswith(QUESTION) for frame in frames] == [True] + [False] * 49


def test_one_that_answers_no_more_is_sent_everything_after_a_while() -> None:
    line = Line(10_000)
    line.offer(100)
    line.wait(1)
    line.rate = 1
    while line.offer(1_000):
        pass
    line.answers.clear()
    line.now += 6
    assert line.offer(1_000)


def test_what_was_never_asked_about_is_asked_about_when_frames_wait() -> None:
    line = Line(10_000)
    line.offer(100)
    line.wait(1)
    line.offer(100)
    while line.offer(1_000):
        pass
    line.wait(2)
    assert not line.offer(1_000)
    line.wait(2)
    assert line.offer(1_000)
