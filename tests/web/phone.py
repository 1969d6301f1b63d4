"""A phone without script: it loads pages, fills the forms that it sees and counts what it asks for."""

from html.parser import HTMLParser
from urllib.parse import urlencode

from httpx import AsyncClient, Response


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict] = []
        self.choosing = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": given.get("action", ""), "method": given.get("method", "get"), "fields": []})
        elif tag in ("input", "textarea", "select") and self.forms and given.get("name"):
            self.forms[-1]["fields"].append((given["name"], given.get("value", "")))
            self.choosing = tag == "select"
        elif tag == "option" and self.forms and (self.choosing or "selected" in given):
            name, _ = self.forms[-1]["fields"].pop()
            self.forms[-1]["fields"].append((name, given.get("value", "")))
            self.choosing = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.forms.append({"action": "", "method": "", "fields": []})


class Phone:
    """`page` is what it shows; `asked` counts requests, a post and its redirect as one."""

    def __init__(self, client: AsyncClient) -> None:
        self.client = client
        self.asked = 0
        self.page: Response = None  # type: ignore[assignment]

    @property
    def text(self) -> str:
        return self.page.text

    @property
    def path(self) -> str:
        return self.page.url.path

    async def get(self, address: str) -> Response:
        self.asked += 1
        self.page = await self.client.get(address, follow_redirects=True)
        return self.page

    async def submit(self, action: str, _button: dict[str, str] | None = None, **typed: str) -> Response:
        """Fill and send the first form of this page that goes to `action`."""
        form = self.form(action)
        fields = [(name, typed.pop(name, value)) for name, value in form["fields"]]
        assert not typed, f"the form has no field {sorted(typed)}"
        fields += list((_button or {}).items())
        return await self.send(form["action"], form["method"], fields)

    async def send_form(self, action: str, **chosen: str) -> Response:
        """Send a form with radio buttons and boxes: its hidden fields, and exactly what is chosen."""
        hidden = [(name, value) for name, value in self.form(action)["fields"] if name in ("csrf", "version")]
        return await self.send(action, "post", [*hidden, *chosen.items()])

    async def send(self, action: str, method: str, fields: list[tuple[str, str]]) -> Response:
        if method == "get":
            return await self.get(f"{action}?{urlencode(fields)}")
        self.asked += 1
        self.page = await self.client.post(
            action,
            content=urlencode(fields),
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=True,
        )
        return self.page

    def form(self, action: str) -> dict:
        parser = _Forms()
        parser.feed(self.text)
        found = [form for form in parser.forms if form["action"].startswith(action)]
        assert found, f"no form to {action} on {self.path}: {self.text[:2000]}"
        return found[0]

    def field(self, action: str, name: str) -> str:
        """A hidden value of a form."""
        return dict(self.form(action)["fields"])[name]
