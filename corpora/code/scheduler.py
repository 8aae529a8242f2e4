"""A small dependency-aware task scheduler.

The module plans and runs tasks that depend on one another.  A task has a
name, an estimated duration, a set of resources it needs while it runs, and
the names of the tasks that must be finished before it may start.  From this
the scheduler can

* find out whether the plan is possible at all (no cycles, no unknown names),
* work out an order in which everything can be done,
* simulate the plan on a given number of workers and print a timeline,
* name the critical path, i.e. the chain of tasks that decides how long the
  whole thing takes.

Nothing in here depends on anything outside of the standard library.

Example
-------

>>> plan = Plan()
>>> _ = plan.add("boil water", 5)
>>> _ = plan.add("grind coffee", 2)
>>> _ = plan.add("brew", 4, after=["boil water", "grind coffee"])
>>> plan.order()
['boil water', 'grind coffee', 'brew']
>>> plan.critical_path()
(['boil water', 'brew'], 9)
"""

from __future__ import annotations

import argparse
import heapq
import re
import sys
import unittest
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Iterable, Iterator, Mapping, Optional

__version__ = "1.2.0"

#: Durations may be written as "90", "1h30", "45m" or "1h 15m".
_DURATION = re.compile(r"^\s*(?:(?P<h>\d+)\s*h)?\s*(?:(?P<m>\d+)\s*m?)?\s*$")


class PlanError(Exception):
    """Something is wrong with the plan itself, not with the program."""


class UnknownTask(PlanError):
    """A task was mentioned that nobody has defined."""

    def __init__(self, name: str, wanted_by: Optional[str] = None) -> None:
        self.name = name
        self.wanted_by = wanted_by
        message = f"unknown task {name!r}"
        if wanted_by is not None:
            message += f" (needed by {wanted_by!r})"
        super().__init__(message)


class CycleError(PlanError):
    """Tasks wait for each other in a circle, so none of them can start."""

    def __init__(self, cycle: list[str]) -> None:
        self.cycle = cycle
        super().__init__("circular dependency: " + " -> ".join(cycle))


def parse_duration(text: str) -> int:
    """Turn ``"1h30"`` into minutes.

    A bare number counts as minutes.  An empty string isn't a duration, and
    neither is a negative number; both raise ``ValueError``.

    >>> parse_duration("1h30"), parse_duration("45m"), parse_duration("7")
    (90, 45, 7)
    """
    match = _DURATION.match(text)
    if match is None or not (match["h"] or match["m"]):
        raise ValueError(f"not a duration: {text!r}")
    return int(match["h"] or 0) * 60 + int(match["m"] or 0)


def format_duration(minutes: int) -> str:
    """The inverse of :func:`parse_duration`, as short as possible.

    >>> format_duration(90), format_duration(60), format_duration(5)
    ('1h30', '1h', '5m')
    """
    hours, rest = divmod(minutes, 60)
    if hours and rest:
        return f"{hours}h{rest:02d}"
    return f"{hours}h" if hours else f"{rest}m"


@dataclass(frozen=True)
class Task:
    """One thing to be done.

    Attributes:
        name: unique within the plan.
        minutes: the estimated duration; zero is fine for milestones.
        after: names of the tasks which have to be finished first.
        needs: resources that are occupied while the task runs.
    """

    name: str
    minutes: int
    after: tuple[str, ...] = ()
    needs: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise PlanError("a task needs a name")
        if self.minutes < 0:
            raise PlanError(f"task {self.name!r} can't take {self.minutes} minutes")
        if self.name in self.after:
            raise CycleError([self.name, self.name])


@dataclass(order=True, frozen=True)
class Slot:
    """When a task ran, and who did it."""

    start: int
    end: int
    worker: int
    task: str = field(compare=False)

    def overlaps(self, other: "Slot") -> bool:
        """Do the two share any moment?  Touching ends don't count."""
        return self.start < other.end and other.start < self.end


class Plan:
    """A collection of tasks and of the dependencies between them."""

    def __init__(self, tasks: Iterable[Task] = ()) -> None:
        self._tasks: dict[str, Task] = {}
        for task in tasks:
            self._insert(task)

    # -- building ---------------------------------------------------------

    def add(
        self,
        name: str,
        minutes: int,
        *,
        after: Iterable[str] = (),
        needs: Iterable[str] = (),
    ) -> Task:
        """Create a task and put it into the plan."""
        task = Task(name, minutes, tuple(after), frozenset(needs))
        self._insert(task)
        return task

    def _insert(self, task: Task) -> None:
        if task.name in self._tasks:
            raise PlanError(f"task {task.name!r} is defined twice")
        self._tasks[task.name] = task

    @classmethod
    def parse(cls, text: str) -> "Plan":
        """Read a plan from a simple line-based format.

        Each line holds ``name : duration``, which may be followed by
        ``< first, second`` for dependencies and by ``@ oven, sink`` for
        resources.  Everything behind a ``#`` is a comment.
        """
        plan = cls()
        for number, raw in enumerate(text.splitlines(), start=1):
            line = raw.split("#", 1)[0].strip()
            if not line:
                continue
            name, colon, rest = line.partition(":")
            if not colon:
                raise PlanError(f"line {number}: expected 'name : duration'")
            rest, _, needs = rest.partition("@")
            rest, _, after = rest.partition("<")
            try:
                minutes = parse_duration(rest)
            except ValueError as error:
                raise PlanError(f"line {number}: {error}") from None
            plan.add(
                name.strip(),
                minutes,
                after=_split_names(after),
                needs=_split_names(needs),
            )
        plan.check()
        return plan

    # -- looking at it ----------------------------------------------------

    def __len__(self) -> int:
        return len(self._tasks)

    def __iter__(self) -> Iterator[Task]:
        return iter(self._tasks.values())

    def __contains__(self, name: object) -> bool:
        return name in self._tasks

    def __getitem__(self, name: str) -> Task:
        try:
            return self._tasks[name]
        except KeyError:
            raise UnknownTask(name) from None

    def followers(self) -> Mapping[str, list[str]]:
        """For each task, the tasks that are waiting for it."""
        result: dict[str, list[str]] = defaultdict(list)
        for task in self:
            for before in task.after:
                result[before].append(task.name)
        return result

    def check(self) -> None:
        """Raise a :class:`PlanError` unless the plan can be carried out."""
        for task in self:
            for before in task.after:
                if before not in self:
                    raise UnknownTask(before, wanted_by=task.name)
        self.order()

    def order(self) -> list[str]:
        """All names, each one after everything that it depends on.

        Where there is a choice the task that was added first comes first,
        so the result is the same on every run.
        """
        position = {name: i for i, name in enumerate(self._tasks)}
        waiting = {task.name: len(set(task.after)) for task in self}
        followers = self.followers()
        ready = [(position[n], n) for n, count in waiting.items() if count == 0]
        heapq.heapify(ready)
        done: list[str] = []
        while ready:
            _, name = heapq.heappop(ready)
            done.append(name)
            for follower in dict.fromkeys(followers.get(name, ())):
                waiting[follower] -= 1
                if waiting[follower] == 0:
                    heapq.heappush(ready, (position[follower], follower))
        if len(done) < len(self):
            left_over = set(self._tasks) - set(done)
            raise CycleError(self._find_cycle(left_over))
        return done

    def _find_cycle(self, names: set[str]) -> list[str]:
        """Walk backwards among ``names`` until we meet ourselves."""
        current = min(names)
        seen: list[str] = []
        while current not in seen:
            seen.append(current)
            for before in self._tasks[current].after:
                if before in names:
                    current = before
                    break
            else:
                raise UnknownTask(self._tasks[current].after[0], wanted_by=current)
        loop = seen[seen.index(current):]
        loop.reverse()
        return loop + [loop[0]]

    def critical_path(self) -> tuple[list[str], int]:
        """The longest chain of tasks and its length in minutes."""
        finish: dict[str, int] = {}
        previous: dict[str, Optional[str]] = {}
        for name in self.order():
            task = self[name]
            latest = max(task.after, key=finish.__getitem__, default=None)
            previous[name] = latest
            finish[name] = task.minutes + (finish[latest] if latest else 0)
        if not finish:
            return [], 0
        step: Optional[str] = max(finish, key=finish.__getitem__)
        total = finish[step]
        path: list[str] = []
        while step is not None:
            path.append(step)
            step = previous[step]
        path.reverse()
        return path, total

    def urgency(self) -> dict[str, int]:
        """How many minutes of work follow from the start of each task."""
        followers = self.followers()
        result: dict[str, int] = {}
        for name in reversed(self.order()):
            tail = max((result[f] for f in followers.get(name, ())), default=0)
            result[name] = self[name].minutes + tail
        return result

    # -- simulating -------------------------------------------------------

    def simulate(self, workers: int = 1) -> list[Slot]:
        """Distribute the tasks over ``workers`` people, greedily.

        Whenever somebody is free they take the most urgent task that may
        be started and whose resources aren't in use.  That doesn't always
        give the shortest timetable (finding that one is a hard problem),
        but it's never more than twice as long when no resources are shared.
        """
        if workers < 1:
            raise PlanError("at least one worker is needed")
        self.check()
        urgency = self.urgency()
        followers = self.followers()
        waiting = {task.name: len(set(task.after)) for task in self}
        ready = {name for name, count in waiting.items() if count == 0}
        idle = list(range(workers))
        heapq.heapify(idle)
        running: list[Slot] = []
        busy: set[str] = set()
        slots: list[Slot] = []
        now = 0

        while ready or running:
            # Start whatever can be started at this moment.
            for name in sorted(ready, key=lambda n: (-urgency[n], n)):
                if not idle:
                    break
                task = self[name]
                if task.needs & busy:
                    continue
                ready.discard(name)
                busy |= task.needs
                slot = Slot(now, now + task.minutes, heapq.heappop(idle), name)
                slots.append(slot)
                running.append(slot)

            # Move the clock to the next moment when something ends.
            now = min(slot.end for slot in running)
            for slot in [s for s in running if s.end == now]:
                running.remove(slot)
                heapq.heappush(idle, slot.worker)
                busy -= self[slot.task].needs
                for follower in dict.fromkeys(followers.get(slot.task, ())):
                    waiting[follower] -= 1
                    if waiting[follower] == 0:
                        ready.add(follower)
        return slots


def _split_names(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def render(slots: list[Slot], width: int = 60) -> str:
    """Draw the slots as a chart, one line per task.

    The bar of each task is made of the letter of its worker ("A" is the
    first one), so that you can see at a glance who's doing what.
    """
    if not slots:
        return "(nothing to do)\n"
    total = max(slot.end for slot in slots) or 1
    longest = max(len(slot.task) for slot in slots)
    lines = []
    for slot in sorted(slots):
        left = slot.start * width // total
        right = max(left + 1, slot.end * width // total)
        letter = chr(ord("A") + slot.worker % 26)
        bar = " " * left + letter * (right - left)
        lines.append(f"{slot.task:<{longest}} |{bar:<{width}}|")
    lines.append(f"{'total':<{longest}}  {format_duration(total)}")
    return "\n".join(lines) + "\n"


def workload(slots: Iterable[Slot]) -> Counter[int]:
    """Minutes of work for each worker."""
    result: Counter[int] = Counter()
    for slot in slots:
        result[slot.worker] += slot.end - slot.start
    return result


SAMPLE = """\
# Sunday lunch for six people
peel potatoes  : 15            @ sink
wash salad     : 5             @ sink
season chicken : 10
roast chicken  : 1h20 < season chicken           @ oven
roast potatoes : 45   < peel potatoes            @ hob
make gravy     : 10   < roast chicken
lay table      : 10
carve          : 5    < roast chicken
serve          : 5    < carve, make gravy, roast potatoes, wash salad, lay table
"""


def main(argv: Optional[list[str]] = None) -> int:
    """Command line entry point; returns the exit status."""
    parser = argparse.ArgumentParser(description="Plan tasks that depend on each other.")
    parser.add_argument("file", nargs="?", help="plan to read (default: a built-in sample)")
    parser.add_argument("-w", "--workers", type=int, default=2, metavar="N")
    parser.add_argument("--test", action="store_true", help="run the tests and exit")
    options = parser.parse_args(argv)

    if options.test:
        outcome = unittest.main(module=__name__, argv=[sys.argv[0]], exit=False)
        return 0 if outcome.result.wasSuccessful() else 1

    try:
        text = SAMPLE
        if options.file is not None:
            with open(options.file, encoding="utf-8") as stream:
                text = stream.read()
        plan = Plan.parse(text)
        slots = plan.simulate(options.workers)
    except (OSError, PlanError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1

    sys.stdout.write(render(slots))
    path, minutes = plan.critical_path()
    print(f"critical path ({format_duration(minutes)}): {' > '.join(path)}")
    for worker, worked in sorted(workload(slots).items()):
        print(f"worker {chr(ord('A') + worker % 26)}: {format_duration(worked)}")
    return 0


# -- tests ----------------------------------------------------------------


class DurationTest(unittest.TestCase):
    def test_round_trip(self) -> None:
        for minutes in (1, 59, 60, 61, 135, 1440):
            self.assertEqual(parse_duration(format_duration(minutes)), minutes)

    def test_spaces_are_allowed(self) -> None:
        self.assertEqual(parse_duration("  2h 5m "), 125)

    def test_nonsense_is_refused(self) -> None:
        for text in ("", "  ", "soon", "-4", "1:30", "h"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_duration(text)


class PlanTest(unittest.TestCase):
    def test_order_respects_dependencies(self) -> None:
        plan = Plan.parse(SAMPLE)
        order = plan.order()
        for task in plan:
            for before in task.after:
                self.assertLess(order.index(before), order.index(task.name))

    def test_cycle_is_named(self) -> None:
        with self.assertRaises(CycleError) as caught:
            Plan.parse("egg : 1 < hen\nhen : 1 < egg\nfox : 3 < hen\n")
        self.assertEqual(set(caught.exception.cycle), {"egg", "hen"})
        self.assertEqual(caught.exception.cycle[0], caught.exception.cycle[-1])

    def test_unknown_dependency(self) -> None:
        with self.assertRaisesRegex(UnknownTask, "needed by 'paint'"):
            Plan.parse("paint : 30 < buy brush")

    def test_duplicates_are_refused(self) -> None:
        plan = Plan([Task("a", 1)])
        with self.assertRaisesRegex(PlanError, "defined twice"):
            plan.add("a", 2)

    def test_line_number_in_message(self) -> None:
        with self.assertRaisesRegex(PlanError, "line 3"):
            Plan.parse("a : 1\n\nb : tomorrow\n")

    def test_repeated_dependency_counts_once(self) -> None:
        plan = Plan([Task("a", 1), Task("b", 1, after=("a", "a"))])
        self.assertEqual(plan.order(), ["a", "b"])
        self.assertEqual(len(plan.simulate()), 2)

    def test_critical_path(self) -> None:
        path, minutes = Plan.parse(SAMPLE).critical_path()
        self.assertEqual(path, ["season chicken", "roast chicken", "make gravy", "serve"])
        self.assertEqual(minutes, 105)
        self.assertEqual(Plan().critical_path(), ([], 0))


class SimulationTest(unittest.TestCase):
    def setUp(self) -> None:
        self.plan = Plan.parse(SAMPLE)

    def test_one_worker_never_rests(self) -> None:
        slots = self.plan.simulate(1)
        self.assertEqual(max(s.end for s in slots), sum(t.minutes for t in self.plan))

    def test_nobody_does_two_things_at_once(self) -> None:
        slots = self.plan.simulate(3)
        for i, one in enumerate(slots):
            for two in slots[i + 1:]:
                if one.worker == two.worker:
                    self.assertFalse(one.overlaps(two), (one, two))

    def test_resources_are_exclusive(self) -> None:
        by_name = {slot.task: slot for slot in self.plan.simulate(5)}
        self.assertFalse(by_name["peel potatoes"].overlaps(by_name["wash salad"]))

    def test_milestones_take_no_time(self) -> None:
        plan = Plan([Task("start", 0), Task("work", 3, after=("start",))])
        self.assertEqual([s.end for s in plan.simulate()], [0, 3])

    def test_more_workers_do_not_beat_the_critical_path(self) -> None:
        _, minimum = self.plan.critical_path()
        self.assertEqual(max(s.end for s in self.plan.simulate(9)), minimum)

    def test_render(self) -> None:
        chart = render(self.plan.simulate(2), width=40)
        self.assertEqual(len(chart.splitlines()), len(self.plan) + 1)
        self.assertIn("AAAA", chart)
        self.assertEqual(render([]), "(nothing to do)\n")


if __name__ == "__main__":
    sys.exit(main())
