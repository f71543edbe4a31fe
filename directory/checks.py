"""Whether an installation is in order, in words an operator can act on: `waymark check`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from stat import S_IMODE

from directory import clock, database, outgoing, runtime
from directory.errors import WaymarkError
from directory.places import data_age
from directory.referrals import audit_chain, erasing, outcomes, policy
from directory.referrals.loop import Loop
from directory.search import indexing
from directory.settings import Settings
from taxonomy import pathways


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    ok: bool
    said: str


def run(settings: Settings) -> list[Finding]:
    """Every finding, in the order an operator would mend them."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("home", True, str(settings.home))
    yield Finding("pathways", True, f"{len(pathways.load())} read")
    try:
        base = database.open_database(settings)
    except WaymarkError as error:
        yield Finding("record", False, str(error))
        return
    base.close()
    yield Finding("record", True, base.engine.dialect.name)
    with runtime.opened(settings) as waymark:
        yield waymark.run(_index, waymark)
        loaded = waymark.unit_postcodes_loaded
        said = "unit postcodes of 2020 (Code-Point Open 2020.3)" if loaded else "sectors only: no unit postcodes loaded"
        yield Finding("places", True, said)
        yield from _loop(waymark)
    today = clock.now().date()
    for known in data_age.stale(today):
        if loaded or known.name != "unit_postcodes":
            yield Finding("data age", True, known.sentence(today))
    live = "live" if settings.live else "not live: every public page says that it is example data"
    yield Finding("live", True, live)


def _loop(waymark: runtime.Runtime) -> Iterator[Finding]:
    """Cases and referrals: what they need, and whether what they promise still holds."""
    settings = waymark.settings
    yield _looked("rules", lambda: _rules(settings))
    yield _looked("mail", lambda: Finding("mail", True, outgoing.words(settings)))
    key = _looked("key", lambda: _key(waymark))
    yield key
    if key.ok:
        yield _looked("audit", lambda: _audit(waymark.loop, settings))
        yield _looked("erasures", lambda: _erasures(waymark.loop, settings))
        yield _declines(waymark.loop)


def _looked(what: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except WaymarkError as error:
        return Finding(what, False, str(error))


def _key(waymark: runtime.Runtime) -> Finding:
    file = waymark.settings.key_file
    own = waymark.loop  # reads it
    mode = S_IMODE(file.stat().st_mode)
    if mode & 0o077:
        return Finding("key", False, f"Others can read {file} (mode {mode:o}). Run `chmod 600` on it.")
    return Finding("key", True, f"{file} ({own.keys.current}), readable by its owner alone")


def _rules(settings: Settings) -> Finding:
    missing = policy.read(settings.home).missing
    if not missing:
        return Finding("rules", True, f"all of [adopter] is filled in ({policy.FILE})")
    until = f"nothing is sent or erased until [adopter] {', '.join(missing)} is filled in ({policy.FILE})"
    return Finding("rules", not settings.live, until)


def _audit(loop: Loop, settings: Settings) -> Finding:
    known = audit_chain.heads(settings.home / audit_chain.HEADS)
    with loop.database.reading() as session:
        found = audit_chain.verify(session, loop.keys, loop.clock(), known)
    if not found.is_right:
        return Finding("audit", False, f"seal {found.bad_seq:,}: {found.why}. See `waymark audit verify`.")
    return Finding("audit", True, f"{found.sealed:,} lines as they were sealed, {found.unsealed:,} not sealed yet")


def _erasures(loop: Loop, settings: Settings) -> Finding:
    with loop.database.reading() as session:
        back = len(erasing.returned(session, settings.home))
    if back:
        said = f"a backup brought back {back:,} people who were erased. Run `waymark work --once`."
        return Finding("erasures", False, said)
    return Finding("erasures", True, f"{len(erasing.ledger(settings.home)):,} people, all still erased")


def _declines(loop: Loop) -> Finding:
    """Of services' refusals, those for "something else": too many, and the list of reasons must grow."""
    with loop.database.reading() as session:
        share, many = outcomes.other_share(session, loop.clock() - outcomes.OTHER_SPAN)
    enough = many < outcomes.OTHER_LEAST or share < outcomes.OTHER_SHARE
    return Finding("declines", enough, f"{share:.0%} of {many:,} in thirteen weeks gave another reason than the list's")


async def _index(waymark: runtime.Runtime) -> Finding:
    health = await waymark.index.health()
    if not health.ready:
        return Finding("index", False, health.message)
    difference = await indexing.compare(waymark.database, waymark.index)
    wrong = len(difference.missing) + len(difference.extra) + len(difference.different)
    if wrong:
        return Finding("index", False, f"{wrong} services differ from the record. Run `waymark index rebuild`.")
    return Finding("index", True, f"{health.engine}, {health.services:,} services, same as the record")
