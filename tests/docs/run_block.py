"""Runs one block of a page: warnings are errors, and every call to 8x8 is answered by 8x8's own error body."""

from __future__ import annotations

import re
import sys
import warnings

import responses

# 8x8 OpenAPI, sms-api.json, POST /messages, 400.
BODY = {
    "code": 1002,
    "message": "Invalid MSISDN format (not E.164 international number)",
    "errorId": "b4478860-b76c-e811-814e-022a35cc1c71",
    "timestamp": "2018-08-04T09:25:40.9235752+00:00",
}


def main(name: str, line: int) -> None:
    """Run the code on standard input as the program that it is in the page."""
    code = "\n" * (line - 1) + sys.stdin.read()
    warnings.simplefilter("error")
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (mock.GET, mock.POST, mock.PUT, mock.PATCH, mock.DELETE):
            mock.add(method, re.compile(r"https://[a-z]+(\.us)?\.(8x8|wavecell)\.(com|uk|id)/"), json=BODY, status=400)
        exec(compile(code, name, "exec"), {"__name__": "__main__"})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
