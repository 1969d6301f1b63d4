"""Forms of texts from outside."""


def whole(form: str) -> str:
    r"""A form that a whole text has to be of, for `msgspec.Meta(pattern=...)`, which searches.

    `$` alone also fits in front of a line's end: `INV-1\n` would be another bill than `INV-1`.
    """
    return rf"^(?:{form})$(?!\n)"
