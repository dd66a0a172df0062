"""What no made-up request can know, given to schemathesis; each with the reason."""

import itertools
import re
from xml.etree import ElementTree

import schemathesis
from schemathesis.openapi.checks import JsonSchemaError, RejectedPositiveData

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
ENTITY_TAGS = re.compile(r'\*|(W/)?"[!#-~]*"(, *(W/)?"[!#-~]*")*')
NUMBERS = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    # A request id names one request for 24 hours; schemathesis would name all of them `0`, and be refused with 422.
    request_id = (case.headers or {}).get("Request-ID")
    if request_id is not None and REQUEST_ID.fullmatch(request_id):
        case.headers["Request-ID"] = f"made-up-{next(NUMBERS)}"
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    # A cursor is signed by the service, a filter is a language with types, and a search has words, one to 16 of them; so no
    # made-up text is one.
    for name in ["$cursor", "%24cursor", "$filter", "%24filter", "$search", "%24search"]:
        (case.query or {}).pop(name, None)
    # Where the coverage phase cannot make a text of the pattern it sends `0`, and counts it as right.
    for name in ["If-Match", "If-None-Match"]:
        if not ENTITY_TAGS.fullmatch((case.headers or {}).get(name, "*")):
            del case.headers[name]


# What the schemas of a body cannot say, as the service tells it.
BEYOND_SCHEMAS = [
    # What a field may be says nothing of what it was: another value of an immutable field is 422.
    re.compile(r"cannot be changed; it is fixed once the resource is created"),
    # One schema of JSON Patch serves all resources, so it does not know which pointers lead somewhere.
    re.compile(r"must begin with a field of this resource.*"),
    # Codes and names of the world have a shape in their schemas; which of that shape there are is a list too long for one.
    re.compile(r"must be the name of an IANA time zone, .*"),
    re.compile(r"must be a region code of ISO 3166-1 alpha-2, .*"),
    re.compile(r"must be a language tag of BCP 47, .*"),
    # Which resources there are to refer to is state, which no schema has.
    re.compile(r"must be the id of one of `[a-z-]+`.*"),
    # Items of a batch differ in their ids, and may be alike without one.
    re.compile(r"is there twice: .*"),
]


@schemathesis.serializer("application/x-ndjson")
def lines(context, value):
    return value.encode("utf-8", errors="replace") if isinstance(value, str) else str(value).encode()


# What `$select` leaves out is in the schema of the whole resource, as the parameter's text says.
SELECT = re.compile(r"(\$|%24)?(select|fields|view)")


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, JsonSchemaError) and any(map(SELECT.fullmatch, case.query or {})):
        return "is a required property" not in failure.validation_message
    # The body of an import is lines of JSON, which to a schema are any text.
    if isinstance(failure, RejectedPositiveData) and case.path.endswith(":import") and response.status_code in (400, 422):
        return False
    if not isinstance(failure, RejectedPositiveData) or response.status_code not in (400, 422):
        return True
    told = details(response)
    return not told or any(not any(known.fullmatch(detail) for known in BEYOND_SCHEMAS) for detail in told)


def details(response):
    """What an error says of each fault, in whichever format it came."""
    media = response.headers["content-type"][0]
    if media == "application/xml":
        return [detail.text for detail in ElementTree.fromstring(response.text).iterfind(".//errors/item/detail")]
    body = response.json()
    info = body if media == "application/problem+json" else body["status"]["additionalInfo"]
    return [error["detail"] for error in info["errors"]]
