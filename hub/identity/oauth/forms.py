"""Requests of the endpoints: one small form, every parameter once (RFC 6749, 3.2)."""

from collections.abc import Mapping
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import OAuth2Request
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

MAX_FORM = 16 * 1024
"""Bytes of a form; an ordinary one has about 700."""

_MAX_FIELDS = 20
_TYPE = "application/x-www-form-urlencoded"


class FormRequest(OAuth2Request):
    """A form that was posted to `uri`, the endpoint's address as the settings know it, whatever the request says."""

    def __init__(self, uri: str, form: Mapping[str, str], authorization: str | None) -> None:
        super().__init__(
            "POST", uri, headers={} if authorization is None else {"Authorization": authorization}
        )
        self._form = dict(form)
        self.payload = BasicOAuth2Payload(self._form)

    @property
    def args(self) -> Mapping[str, str]:
        return {}

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


def read_form(content_type: str, body: bytes) -> dict[str, str]:
    """The parameters of a form; those without a value count as absent. Raises `InvalidRequestError`."""
    if content_type.partition(";")[0].strip().lower() != _TYPE:
        raise InvalidRequestError(f"send the parameters as {_TYPE}")
    if len(body) > MAX_FORM:
        raise InvalidRequestError(f"a request has at most {MAX_FORM} bytes", status_code=413)
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:
        raise InvalidRequestError("this is no form, or it has too many parameters") from None
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise InvalidRequestError("a parameter is there twice")
    return {name: value for name, value in pairs if value}
