"""The forms of a page as a browser reads them: where each goes, its fields, and what stands in them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

NO_TEXT = frozenset({"hidden", "submit", "button", "checkbox", "radio", "file", "password", "reset"})


@dataclass(slots=True)
class Field:
    """One field. `kind`: an input's type, textarea or select; `values`: what stands in it, ticked or chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)

    @property
    def is_written(self) -> bool:
        return self.kind not in NO_TEXT and self.kind != "select"


@dataclass(slots=True)
class Form:
    """One form; `buttons`: name and value of those that send something themselves."""

    action: str
    method: str
    is_file: bool = False
    fields: dict[str, Field] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def hidden(self) -> dict[str, str]:
        return {each.name: each.values[0] for each in self.fields.values() if each.kind == "hidden" and each.values}

    def shown(self) -> list[Field]:
        return [each for each in self.fields.values() if each.kind not in ("hidden", "file", "password")]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._form: Form | None = None
        self._field: Field | None = None
        self._text: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in own:
            self.links.append(own["href"])
        elif tag == "form":
            self._form = Form(own.get("action", ""), own.get("method", "get"), "multipart" in own.get("enctype", ""))
            self.forms.append(self._form)
        elif self._form is not None and (tag == "option" or own.get("name") or tag == "button"):
            self._part(tag, own)

    def _part(self, tag: str, own: dict[str, str]) -> None:
        assert self._form is not None
        name, value = own.get("name", ""), own.get("value", "")
        if tag == "button":
            self._form.buttons.append((name, value))
        elif tag == "option" and self._field is not None:
            self._field.choices.append(value)
            if "selected" in own:
                self._field.values = [value]
        elif tag in ("select", "textarea"):
            self._field = self._form.fields.setdefault(name, Field(name, tag))
            self._text = [] if tag == "textarea" else None
        elif tag == "input":
            kind = own.get("type", "text")
            found = self._form.fields.setdefault(name, Field(name, kind))
            if kind in ("checkbox", "radio"):
                found.choices.append(value)
                found.values += [value] if "checked" in own else []
            else:
                found.values = [value]

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._field is not None and self._text is not None:
            self._field.values = ["".join(self._text).removeprefix("\n")]
            self._text = None
        elif tag == "select" and self._field is not None and not self._field.values:
            self._field.values = self._field.choices[:1]
        if tag in ("textarea", "select"):
            self._field = None
        elif tag == "form":
            self._form = None


def forms_of(page: str) -> list[Form]:
    """Every form of a page, in its order."""
    reader = _Reader()
    reader.feed(page)
    return reader.forms


def links_of(page: str) -> list[str]:
    """Every link of a page, in its order."""
    reader = _Reader()
    reader.feed(page)
    return reader.links
