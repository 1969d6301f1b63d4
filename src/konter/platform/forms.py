"""Forms of texts from outside."""


def whole(form: str) -> str:
    r"""A form that a whole text has to be of, for `msgspec.Meta(pattern=...)`, which searches.

    `$` alone also fits in front of a line's end: `INV-1\n` would be another bill than `INV-1`.
    """
    return rf"^(?:{form})$(?!\n)"


def file_name(name: str, *, most: int = 80) -> str:
    """A file's name as it can be kept and shown: what no database takes (NUL, a byte that is no UTF-8) or nobody sees
    becomes `?`.
    """
    return "".join(sign if sign.isprintable() else "?" for sign in name[:most])
