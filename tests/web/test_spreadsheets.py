"""The pages for lists from spreadsheets: upload, columns, rows, save; who may, what is told, that nothing is lost."""

import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import httpx
import openpyxl
import pytest

from directory import runtime
from directory.feeds import mapping, requests, sources
from directory.feeds.raw import RawStore
from tests.builders import a_record
from tests.web.desk import Desk
from web import uploads

BASE = "/staff/sources/spreadsheets"
TABLE = (
    "Name,What it does,Service type,Area covered,Address,Postcode,Tel,Website,E-mail\r\n"
    "Example Young People’s Project,Mentoring,Youth work,Fife,1 High Street,KY99 1AA,01632 960123,"
    "https://one.example,a@one.example\r\n"
    "Example Listening Room,Counselling,Talking,Fife and Clackmannanshire,2 High Street,KY99 1AB,01632 960124,,\r\n"
    '=HYPERLINK("x"),Adverts,Shops,Fife,,,,,\r\n'
)
ABOUT = {
    "name": "Fife Council: youth services",
    "publisher": "Fife Council",
    "licence": "Open Government Licence v3.0",
    "attribution": "Contains information from Fife Council.",
}


@pytest.fixture
def desk(installation: runtime.Runtime, tmp_path: Path) -> Iterator[Desk]:
    record = a_record(tmp_path)
    chosen = replace(installation.settings, home=tmp_path)
    yield Desk(replace(installation, database=record, settings=chosen))
    record.close()


def send(
    desk: Desk, table: str | bytes = TABLE, name: str = "fife.csv", source: str = "", role: str = "editor"
) -> httpx.Response:
    content = table.encode() if isinstance(table, str) else table
    headers = {"Sec-Fetch-Site": "same-origin", **desk.cookie(role)}
    return desk.web.send("POST", BASE, files={"file": (name, content)}, data={"source": source}, headers=headers)


def get(desk: Desk, path: str, role: str = "editor") -> httpx.Response:
    return desk.web.get(path, **desk.cookie(role))


def post(desk: Desk, path: str, form: dict[str, str], role: str = "editor") -> httpx.Response:
    return desk.web.post(path, form, **desk.cookie(role))


def fields_of(page: httpx.Response) -> dict[str, str]:
    """What the page's form would send: hidden fields, inputs, the chosen options, text."""
    html = page.text
    found = {
        name: unescape(value)
        for name, value in re.findall(
            r'<input (?=[^>]*type="(?:hidden|text)")(?=[^>]*name="([^"]*)")[^>]*?value="([^"]*)"', html
        )
    }
    for name, body in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        found[name] = unescape(chosen[1]) if chosen else ""
    found |= {
        name: unescape(text)
        for name, text in re.findall(r'<textarea name="([^"]*)"[^>]*>\n?(.*?)</textarea>', html, re.DOTALL)
    }
    return found


def columns_page(
    desk: Desk, table: str | bytes = TABLE, name: str = "fife.csv", source: str = ""
) -> tuple[str, httpx.Response]:
    """Address and page of the columns of an upload."""
    sent = send(desk, table, name, source)
    assert sent.status_code == 303, sent.text
    href = sent.headers["location"]
    return href.partition("?")[0], get(desk, href)


def rows_page(desk: Desk, **said: str) -> tuple[str, httpx.Response]:
    """Address and page of the rows, with every question answered."""
    href, page = columns_page(desk)
    form = fields_of(page) | said
    asked = post(desk, f"{href}/rows", form)
    if asked.status_code == 422 and "means_0" in asked.text:
        form = fields_of(asked) | {"means_0": "counselling", "means_1": "outside"} | said
        asked = post(desk, f"{href}/rows", form)
    return href, asked


def saved(desk: Desk, **about: str) -> httpx.Response:
    href, page = rows_page(desk)
    return post(desk, f"{href}/save", fields_of(page) | ABOUT | about)


def words(page: httpx.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.text)))


@pytest.mark.parametrize(
    ("role", "look", "send_one"),
    [
        pytest.param("editor", 200, 303, id="an editor"),
        pytest.param("analyst", 200, 403, id="an analyst looks"),
        pytest.param("worker", 403, 403, id="a worker does not"),
    ],
)
def test_who_may(desk: Desk, role: str, look: int, send_one: int) -> None:
    assert get(desk, BASE, role).status_code == look
    assert send(desk, role=role).status_code == send_one


def test_an_upload_leads_to_its_columns_with_a_guess_for_each(desk: Desk) -> None:
    _, page = columns_page(desk)
    form = fields_of(page)
    assert [form[f"column_{number}"] for number in range(9)] == [
        "name", "description", "family", "service_area", "address_1", "postal_code", "phone", "url", "",
    ]  # fmt: skip
    assert form["file"] == "fife.csv"
    assert "01632 960123" in page.text


def test_cells_that_look_like_formulas_or_tags_are_shown_as_text(desk: Desk) -> None:
    _, page = columns_page(desk, TABLE.replace("Adverts", "<script>alert(1)</script>"))
    assert "<script>alert" not in page.text
    assert '=HYPERLINK("x")' in words(page)


def test_words_that_are_no_family_are_asked_about(desk: Desk) -> None:
    href, page = columns_page(desk)
    asked = post(desk, f"{href}/rows", fields_of(page))
    assert asked.status_code == 422
    assert "2 words that are not in our vocabulary" in words(asked)
    form = fields_of(asked)
    assert {form["word_0"], form["word_1"]} == {"Talking", "Shops"}


def test_the_first_rows_are_shown_as_they_would_be_read(desk: Desk) -> None:
    _, page = rows_page(desk)
    assert page.status_code == 200
    said = words(page)
    assert "3 rows, of which: 1: left out, as you said" in said
    assert "Family of services Youth work" in said
    assert "Family of services Counselling" in said
    assert "a@one.example" not in said


def test_saving_keeps_the_source_its_mapping_and_a_request_with_the_file(desk: Desk) -> None:
    answer = saved(desk)
    assert answer.headers["location"] == f"{BASE}?done=saved&source=fife-council-youth-services"
    with desk.running.database.reading() as session:
        source = sources.get(session, "fife-council-youth-services")
        (request,) = requests.waiting(session)
    assert (source.kind, source.standing, source.publisher) == ("spreadsheet", "feed", "Fife Council")
    kept = mapping.from_json(source.options["mapping"])
    assert kept.rules["name"].columns == ("Name",)
    assert dict(kept.rules["family"].words)["Shops"] == "outside"
    assert (request.source_id, request.action, request.upload_name) == (source.id, "run", "fife.csv")
    store = RawStore(desk.running.settings.home / "raw")
    assert store.read(request.upload_digest) == TABLE.encode()
    assert "The list is saved" in get(desk, answer.headers["location"]).text


@pytest.mark.parametrize("missing", list(ABOUT))
def test_a_mistake_about_the_source_is_told_at_its_field_and_loses_nothing(desk: Desk, missing: str) -> None:
    page = saved(desk, **{missing: " "})
    assert page.status_code == 422
    assert f'href="#{missing}"' in page.text
    form = fields_of(page)
    assert {name: form[name] for name in ABOUT if name != missing} == {n: v for n, v in ABOUT.items() if n != missing}
    again = post(desk, f"{BASE}/{digest_of(desk)}/save", form | ABOUT)
    assert again.status_code == 303


def test_every_missing_word_about_the_source_is_told_at_once(desk: Desk) -> None:
    page = saved(desk, **dict.fromkeys(ABOUT, ""))
    assert [f'href="#{name}"' in page.text for name in ABOUT] == [True] * 4


def digest_of(desk: Desk) -> str:
    (kept,) = (desk.running.settings.home / "raw").glob("??/*.gz")
    return kept.name.removesuffix(".gz")


def test_a_name_that_is_taken_is_told(desk: Desk) -> None:
    saved(desk)
    page = saved(desk)
    assert page.status_code == 409
    assert "There is a source" in page.text


def test_back_to_the_columns_keeps_every_choice(desk: Desk) -> None:
    href, page = rows_page(desk, council="S12000047", organization="Example Trust", column_1="")
    back = post(desk, href, fields_of(page) | {"name": "Half typed"})
    form = fields_of(back)
    assert (form["council"], form["organization"], form["column_1"]) == ("S12000047", "Example Trust", "")
    assert form["name"] == "Half typed"
    assert form["means_0"] == "counselling"


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        pytest.param({"column_0": ""}, "column_0", "Choose the column that holds the name", id="no name"),
        pytest.param({"column_2": ""}, "family", "Choose a family for the whole list", id="no family"),
        pytest.param({"column_3": ""}, "service_area", "say that it is not known", id="no area"),
        pytest.param({"column_1": "name"}, "column_1", "is taken by the column “Name” already", id="a field twice"),
        pytest.param({"family": "wizardry"}, "family", "is no word of our vocabulary", id="no such family"),
        pytest.param({"council": "Narnia"}, "council", "Choose a council area", id="no such council"),
    ],
)
def test_choices_that_cannot_stand_are_told_at_their_field(
    desk: Desk, said: dict[str, str], field: str, told: str
) -> None:
    href, page = columns_page(desk)
    answer = post(desk, f"{href}/rows", fields_of(page) | said)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert f'id="{field}"' in answer.text
    assert told in words(answer)


def test_an_area_that_is_not_known_is_an_answer(desk: Desk) -> None:
    _, page = rows_page(desk, column_3="", service_area="not known")
    assert page.status_code == 200
    assert "Area served not known" in words(page)


def test_a_newer_version_with_the_same_header_uses_the_kept_mapping(desk: Desk) -> None:
    saved(desk)
    href, page = columns_page(desk, TABLE.replace("Mentoring", "Mentors"), "newer.csv", "fife-council-youth-services")
    assert "read as you said before" in page.text
    answer = post(desk, f"{href}/save", fields_of(page))
    assert answer.status_code == 303
    with desk.running.database.reading() as session:
        assert [each.upload_name for each in requests.waiting(session)] == ["fife.csv", "newer.csv"]
        assert len([each for each in sources.load(session) if each.kind == "spreadsheet"]) == 1


def test_a_changed_header_is_told_and_mapped_anew(desk: Desk) -> None:
    saved(desk)
    table = TABLE.replace("Tel,", "Telephone,")
    href, page = columns_page(desk, table, "newer.csv", "fife-council-youth-services")
    assert "Gone: “Tel”." in words(page)
    assert "New: “Telephone”." in words(page)
    form = fields_of(page)
    assert (form["column_0"], form["column_6"]) == ("name", "phone")
    again = post(desk, f"{href}/rows", form)
    assert post(desk, f"{href}/save", fields_of(again)).status_code == 303
    with desk.running.database.reading() as session:
        kept = mapping.from_json(sources.get(session, "fife-council-youth-services").options["mapping"])
    assert kept.rules["phone"].columns == ("Telephone",)
    assert dict(kept.rules["family"].words)["Shops"] == "outside"


def test_a_confidential_row_shows_nothing_of_its_place(desk: Desk) -> None:
    header = "Name,Category,Area,Address,Phone,Confidential"
    table = f"{header}\nExample House,Housing and homelessness,Fife,7 Hid Row,01632 960777,yes\n"
    href, page = columns_page(desk, table)
    answer = post(desk, f"{href}/rows", fields_of(page))
    assert "The place stays confidential" in words(answer)
    cards = answer.text[
        answer.text.index('<ol class="cards">') : answer.text.index("</ol>", answer.text.index('<ol class="cards">'))
    ]
    assert "7 Hid Row" not in cards
    assert "01632" not in cards


def workbook(**sheets: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, lines in sheets.items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_is_read_from_the_sheet_that_is_chosen(desk: Desk) -> None:
    book = workbook(
        Notes=[["Only notes", "here"], ["x", "y"]], List=[["Name", "Tel"], ["Example Project", "01632 960123"]]
    )
    href, page = columns_page(desk, book, "list.xlsx")
    assert "Sheet of the workbook" in page.text
    chosen = get(desk, f"{href}?file=list.xlsx&sheet=List")
    assert fields_of(chosen)["column_1"] == "phone"


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        pytest.param(b"", "a.csv", "No file was chosen|The file is empty", id="nothing"),
        pytest.param(b"%PDF-1.7\0\0", "list.pdf", "NUL", id="a PDF"),
        pytest.param(b"PK\x03\x04 no zip", "list.xlsx", "is not a whole workbook", id="a broken workbook"),
        pytest.param(b"Name,Tel\r\n", "list.csv", "a header and no rows", id="a header alone"),
        pytest.param(b'Name,Tel\r\n"Open,1\r\n', "list.csv", "quotation mark", id="a quotation never closed"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_field(desk: Desk, content: bytes, name: str, told: str) -> None:
    answer = send(desk, content, name)
    assert answer.status_code == 422
    assert re.search(told, words(answer))
    assert 'id="file-error"' in answer.text


def test_a_file_that_is_too_large_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_UPLOAD", 1000)
    answer = send(desk, TABLE * 3)
    assert answer.status_code == 422
    assert "The file is over" in words(answer)


def test_which_list_it_is_stays_chosen_when_the_file_is_refused(desk: Desk) -> None:
    saved(desk)
    answer = send(desk, "Name,Tel\n", source="fife-council-youth-services")
    assert fields_of(answer)["source"] == "fife-council-youth-services"


def test_a_form_without_a_file_is_told(desk: Desk) -> None:
    answer = post(desk, BASE, {"source": ""})
    assert answer.status_code == 422
    assert "No file was chosen" in words(answer)


@pytest.mark.parametrize("digest", ["0" * 64, "nonsense", "..%2f..%2fetc%2fpasswd"])
def test_an_upload_that_is_not_there(desk: Desk, digest: str) -> None:
    assert get(desk, f"{BASE}/{digest}").status_code == 404


def test_a_mapping_that_was_tampered_with_is_refused(desk: Desk) -> None:
    href, page = rows_page(desk)
    for bad in ("", "[", "[]", '{"rules": 5}', '{"rules": {"name": {"columns": ["No such"]}}}'):
        answer = post(desk, f"{href}/save", fields_of(page) | ABOUT | {"mapping": bad})
        assert answer.status_code == 422, bad


def test_only_lists_from_spreadsheets_take_an_upload(desk: Desk) -> None:
    assert send(desk, source="care-inspectorate").status_code == 404


def test_templates_are_mapped_by_their_names_alone(desk: Desk) -> None:
    book = get(desk, f"{BASE}/template.xlsx", "analyst").content
    opened = openpyxl.load_workbook(io.BytesIO(book))
    assert opened.sheetnames == ["Services", "How to fill it in", "Words we know"]
    opened["Services"].append(["A1", "Example Project", "Example Trust", "Mentoring", "", "Youth work", "", "", "Fife"])
    out = io.BytesIO()
    opened.save(out)
    href, page = columns_page(desk, out.getvalue(), "filled.xlsx")
    answer = post(desk, f"{href}/rows", fields_of(page))
    assert answer.status_code == 200
    assert "Area served Fife" in words(answer)
    plain = get(desk, f"{BASE}/template.csv").content
    assert plain.startswith(b"\xef\xbb\xbfReference,Name of the service")


def test_a_wide_table_is_mapped(desk: Desk) -> None:
    header = ",".join(["Name", "Category", "Area", *(f"More {n}" for n in range(497))])
    href, page = columns_page(desk, f"{header}\nExample,Youth work,Fife{',x' * 497}\n")
    assert post(desk, f"{href}/rows", fields_of(page)).status_code == 200


def test_a_column_of_too_many_words_is_no_column_of_families(desk: Desk) -> None:
    lines = "\n".join(f"Example {n},Word {n},Fife" for n in range(80))
    href, page = columns_page(desk, f"Name,Category,Area\n{lines}\n")
    answer = post(desk, f"{href}/rows", fields_of(page))
    assert answer.status_code == 422
    assert "80 different words" in words(answer)
