"""Opening a case: what was understood on the match page comes along, so that nobody has to be told it twice."""

from collections.abc import Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from directory.errors import BadInput
from directory.matching.enquiry import AgeRange, Enquiry
from directory.referrals import case_access, cases, codes
from directory.referrals.cases import Opening
from directory.referrals.loop import new_key
from directory.referrals.safe_contacts import DAYS
from directory.runtime import Runtime
from directory.values import Place
from taxonomy import terms
from web import call_opening, case_actions, case_people, chips, wording
from web.auth import staff, staff_page
from web.call_form import CallForm
from web.forms import MATCH_FIELDS, FieldError, MatchForm, read_form
from web.loop_forms import ask_of, done, items, loop_of, texts, yes_no
from web.match import choices

START = {"channel": "phone", "from_hour": "9", "until_hour": "17", "voicemail": "never"}


@staff("cases.work")
async def blank(request: Request) -> Response:
    """GET /staff/cases/new: the form with nothing in it."""
    return await _page(request, dict(START), [])


@staff("cases.work")
async def from_match(request: Request) -> Response:
    """POST /staff/cases/new: the form with what the match page understood."""
    form = texts(await read_form(request))
    call = await call_opening.begun(request, form)
    enquiry, errors = _enquiry(request, form, call)
    values = {**START, **(call_opening.values(call, form) if call else form)}
    if enquiry is not None:
        values |= {"needs": "|".join(enquiry.needs), "safety_flag": "yes" if enquiry.urgency == "now" else ""}
        values |= {name: text for name, text in _said(enquiry).items() if not values.get(name)}
    return await _page(request, values, errors, call=call)


@staff("cases.work")
async def open_case(request: Request) -> Response:
    """POST /staff/cases: opens it, or the form again with nothing lost."""
    form = texts(await read_form(request))
    call = await call_opening.going(request, form)
    if call is None and (before := await run_in_threadpool(call_opening.before, request, form)):
        return RedirectResponse(before, status_code=303)
    enquiry, errors = _enquiry(request, form, call)
    if enquiry is None or errors:
        return await _page(request, form, errors, 422, call)
    loop, ask = loop_of(request), ask_of(request, form)
    answer, error = await done(lambda: cases.open_case(loop, ask, opening(form, enquiry)))
    if answer is None:
        assert error is not None
        named = error.field if isinstance(error, BadInput) and error.field else "name"
        return await _page(request, form, [FieldError(named, str(error))], error.status, call)
    if not await run_in_threadpool(case_access.may_know, loop, ask.who, answer["id"]):
        return RedirectResponse("/staff/cases?done=left", status_code=303)
    return RedirectResponse(await call_opening.opened(request, ask, call, form, answer), status_code=303)


def opening(form: Mapping[str, str], enquiry: Enquiry) -> Opening:
    """What a case is opened with. Raises BadInput naming the field."""
    codes.check("contact_channel", form.get("channel", ""), "channel")
    silent_unknown = form["channel"] not in ("none", "worker") and not form.get("value", "").strip()
    if silent_unknown:
        raise BadInput(
            "How can they be reached safely?", "Give a number or address, or choose “Do not contact”.", "value"
        )
    needs = tuple(need for need in form.get("needs", "").split("|") if need)
    if not needs:
        raise BadInput("What do they need help with?", "Choose at least one need: the loop belongs to it.", "needs")
    return Opening(
        relation=enquiry.relation or "harmed_person",
        given={**facts(enquiry), "needs": needs},
        age_band=form.get("age_band", ""),
        council=_council(enquiry.residence),
        harm_council=_council(enquiry.harm_place),
        name=form.get("name", ""),
        person={name: form[name] for name in case_actions.PERSON[1:] if form.get(name, "").strip()},
        contact=case_actions.wish(form),
        from_agency=form.get("from_agency", ""),
        harmed_under_12=yes_no(form.get("harmed_under_12", "")),
        harmed_by_under_12=yes_no(form.get("harmed_by_under_12", "")),
        safety_flag=form.get("safety_flag") == "yes",
        restricted=form.get("restricted") == "yes",
        kept_from=tuple(each for each in form.get("kept_from", "").split("|") if each),
    )


def facts(enquiry: Enquiry) -> dict[str, object]:
    """An enquiry's facts as codes, by the names that a case keeps them under (`referrals.given_facts`)."""
    found: dict[str, object] = {
        "residence": enquiry.residence.name if enquiry.residence else "",
        "harm_place": enquiry.harm_place.name if enquiry.harm_place else "",
        "age": _ages(enquiry.age),
        "other_age": _ages(enquiry.other_age),
        "same_household": enquiry.same_household,
    }
    for name in (
        "relation", "gender", "language", "urgency", "avoid", "needs", "harms", "harmed_by", "school_stage", "schools",
        "registered", "access",
    ):  # fmt: skip
        found[name] = getattr(enquiry, name)
    return {name: value for name, value in found.items() if value not in (None, "", (), {})}


def _ages(age: AgeRange | None) -> dict[str, int]:
    return {"min": age.minimum, "max": age.maximum} if age else {}


def _council(place: Place | None) -> str:
    return place.main_council.gss if place and place.main_council else ""


def _said(enquiry: Enquiry) -> dict[str, str]:
    """What was understood, as the form's fields show it."""
    return {
        "age": chips.age_words(enquiry.age),
        "residence": enquiry.residence.name if enquiry.residence else "",
        "harm_place": enquiry.harm_place.name if enquiry.harm_place else "",
        "relation": enquiry.relation or "",
        "gender": enquiry.gender or "",
        "language": enquiry.language or "",
        "urgency": enquiry.urgency or "",
    }


def _enquiry(
    request: Request, form: Mapping[str, str], call: CallForm | None
) -> tuple[Enquiry | None, list[FieldError]]:
    """The words and facts of the form, understood, with those of the call; or what is wrong with them."""
    runtime: Runtime = request.app.state.runtime
    typed = MatchForm({name: form.get(name, "") for name in MATCH_FIELDS})
    errors = typed.errors()
    if errors:
        return None, errors
    try:
        return call_opening.enquiry(runtime, call, typed), []
    except BadInput as error:
        return None, [FieldError(error.field if error.field in MATCH_FIELDS else "text", str(error))]


async def _page(
    request: Request, values: dict[str, str], errors: list[FieldError], status: int = 200, call: CallForm | None = None
) -> Response:
    chosen = frozenset(values.get("needs", "").split("|"))
    needs = [(code, term.label, code in chosen) for code, term in terms.load()["need"].terms.items()]
    context: dict[str, Any] = {
        "values": values,
        "errors": errors,
        "error_by_field": {error.field: error.message for error in errors},
        "key": values.get("key") or new_key(),
        "choices": choices(),
        "needs": needs,
        "channels": items("contact_channel", ""),
        "voicemails": items("voicemail", ""),
        "agencies": items("agency", "They came to us themselves, or nobody said"),
        "bands": items("age_band", "Not known"),
        "harms": _harms(request, values, call),
        "from_call": await call_opening.names(request, call, values.get("service_id", "")),
        "days": DAYS,
        "staff": await run_in_threadpool(case_people.everybody, loop_of(request)),
    }
    return staff_page(request, "staff_case_new.html", context, status)


def _harms(request: Request, values: Mapping[str, str], call: CallForm | None) -> list[str]:
    enquiry, _ = _enquiry(request, values, call)
    return [wording.term("harm", code) for code in enquiry.harms] if enquiry else []


ROUTES = (
    Route("/staff/cases/new", blank, methods=["GET"]),
    Route("/staff/cases/new", from_match, methods=["POST"]),
    Route("/staff/cases", open_case, methods=["POST"]),
)
