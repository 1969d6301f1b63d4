"""Just enough of PostgreSQL's lexis to cut a migration into statements and to see its words without its comments."""

import re

_TOKEN = re.compile(
    r"""
    (?P<comment>   --[^\n]* | /\* )
  | (?P<quoted>    '(?:[^']|'')*' | "(?:[^"]|"")*" )
  | (?P<escaped>   \b[eE]'(?:[^'\\]|''|\\.)*' )
  | (?P<dollar>    (?<![\w$]) \$ (?P<tag> [A-Za-z_]\w* )? \$ .*? \$ (?(tag)(?P=tag)) \$ )
  | (?P<end>       ; )
    """,
    re.VERBOSE | re.DOTALL,
)


def statements(text: str) -> list[str]:
    """The statements of a script in order, without comments; what stands in quotes or dollars stays as written."""
    found: list[str] = []
    current: list[str] = []
    at = 0
    while match := _TOKEN.search(text, at):
        current.append(text[at : match.start()])
        at = match.end()
        if match["comment"]:
            current.append(" ")
            if match["comment"] == "/*":
                at = _end_of_block_comment(text, at)
        elif match["end"]:
            found.append("".join(current).strip())
            current = []
        else:
            current.append(match[0])
    current.append(text[at:])
    found.append("".join(current).strip())
    return [statement for statement in found if statement]


def _end_of_block_comment(text: str, at: int) -> int:
    """Block comments nest in PostgreSQL."""
    depth = 1
    for match in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if match[0] == "/*" else -1
        if depth == 0:
            return match.end()
    return len(text)


def bare_words(statement: str) -> str:
    """The statement in upper case without what stands in quotes, for looking up its key words."""
    return re.sub(r"\s+", " ", _TOKEN.sub(" ", statement)).strip().upper()
