"""A recorded call as a command of the shell; secrets are variables to be set by the reader."""

import shlex

from sandbox.exchanges import Exchange
from sandbox.masks import SECRET_HEADERS, Mask

LONGEST_INLINE = 64 * 1024
_SHELL_SECRETS = {name: "$" + name.upper().replace("-", "_") for name in SECRET_HEADERS}


def curl_of(one: Exchange, mask: Mask, base: str) -> str:
    """The whole call. base: the address of the sandbox, without a slash at its end."""
    query = f"?{mask.query(one)}" if one.query else ""
    parts = ["curl", "-X", one.method, shlex.quote(f"{base}{mask.text(one.path)}{query}")]
    for name, value in mask.headers(one.headers).items():
        if name == "user-agent":
            continue
        secret = _SHELL_SECRETS.get(name)
        parts += ["-H", f'"{name}: {secret}"' if secret else shlex.quote(f"{name}: {value}")]
    if one.asked:
        parts += ["--data-binary", shlex.quote(_data(one, mask))]
    return " ".join(parts)


def _data(one: Exchange, mask: Mask) -> str:
    """The body, or the name of a file to put it in: what is long or no text is no argument."""
    try:
        one.asked.decode()
    except UnicodeDecodeError:
        return "@body"
    return mask.body(one.asked, LONGEST_INLINE) if len(one.asked) <= LONGEST_INLINE else "@body"
