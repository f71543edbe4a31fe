"""The bookmarkable search as typed: its documented names, its one address, and the mistakes in it."""

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import FormData, QueryParams

from taxonomy import terms
from web.forms import FIELD_LIMIT, FieldError, checked, parse_age

RADII = {"2": "2 miles", "5": "5 miles", "10": "10 miles", "25": "25 miles"}
SORTS = {"relevance": "Best fit", "name": "A to Z", "distance": "Nearest"}
FORM_ORDER = ("q", "near", "radius", "age", "sort", "family", "delivery", "page")
"""The names in the order in which the page shows them; mistakes are told in this order."""
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*([0-9O])[A-Z]{2}\b", re.IGNORECASE)


def _sector(found: re.Match[str]) -> str:
    return f"{found[1]} {found[2].replace('O', '0').replace('o', '0')}".upper()


@dataclass(frozen=True, slots=True)
class SearchForm:
    """The documented names of a bookmarkable search, as typed. `radius` is in miles; `page` counts from 1."""

    q: str = ""
    near: str = ""
    radius: str = ""
    family: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()
    age: str = ""
    sort: str = "relevance"
    page: str = "1"

    @classmethod
    def read(cls, params: QueryParams | FormData) -> "SearchForm":
        def words(name: str) -> str:
            return " ".join(str(params.get(name) or "").replace("\0", "").split())

        def codes(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(str(code) for code in params.getlist(name) if code))

        return cls(
            q=words("q"), near=words("near"), radius=words("radius"), family=codes("family"),
            delivery=codes("delivery"), age=words("age"), sort=words("sort") or "relevance",
            page=words("page") or "1",
        )  # fmt: skip

    def without_full_postcode(self) -> "SearchForm":
        """The same search with any full postcode cut to its sector: an address is kept by browsers and by others."""
        near = _POSTCODE.search(self.near)
        in_words = _POSTCODE.search(self.q)
        if near:
            return replace(self, near=_sector(near)).without_full_postcode()
        if in_words:
            rest = " ".join((self.q[: in_words.start()] + " " + self.q[in_words.end() :]).split())
            return replace(self, q=rest, near=self.near or _sector(in_words)).without_full_postcode()
        return self

    def but(self, **changes: Any) -> "SearchForm":
        """The same search with something else; from its first page, unless the page is what changes."""
        return replace(self, **{"page": "1", **changes})

    def url(self, suffix: str = "") -> str:
        """Its address, with only what was said, always in the same order."""
        said: list[tuple[str, str]] = [("q", self.q), ("near", self.near), ("radius", self.radius)]
        said += [("family", code) for code in self.family] + [("delivery", code) for code in self.delivery]
        said += [("age", self.age), ("sort", self.sort if self.sort != "relevance" else "")]
        said += [("page", self.page if self.page != "1" else "")]
        query = urlencode([(name, value) for name, value in said if value])
        return f"/services{suffix}" + (f"?{query}" if query else "")

    def errors(self) -> list[FieldError]:
        """What is wrong without looking anything up."""
        found = [checked(lambda: parse_age(self.age), "age")]
        found += [
            FieldError(name, f"This is too long. Shorten it to {FIELD_LIMIT} characters.")
            for name in ("q", "near")
            if len(getattr(self, name)) > FIELD_LIMIT
        ]
        if self.radius and self.radius not in RADII:
            found.append(FieldError("radius", f"Choose a distance of {', '.join(RADII)} miles."))
        if self.sort not in SORTS:
            found.append(FieldError("sort", f"Choose an order: {', '.join(SORTS)}."))
        if (self.radius or self.sort == "distance") and not self.near:
            found.append(FieldError("near", "Say near which town or postcode district."))
        if not re.fullmatch(r"[1-9][0-9]{0,5}", self.page):
            found.append(FieldError("page", "The page is not a number from 1 up."))
        for name in ("family", "delivery"):
            unknown = [code for code in getattr(self, name) if code not in terms.load()[name]]
            if unknown:
                found.append(FieldError(name, "One of the choices is not in our list. Choose again."))
        return [error for error in found if error]
