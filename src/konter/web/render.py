"""Templates to HTML: undefined names are errors, all is escaped, no template is found outside its folder."""

from jinja2 import Environment, PackageLoader, PrefixLoader, StrictUndefined

from konter.platform.i18n import Locale
from konter.rules.modules import Module
from konter.web.statics import static_url
from konter.web.views import View
from konter.web.words import Words

_ENVIRONMENT = Environment(
    loader=PrefixLoader(
        {
            "outlet": PackageLoader("konter.web", "outlet/templates"),
            "apply": PackageLoader("konter.web", "apply/templates"),
            "me": PackageLoader("konter.web", "me/templates"),
            "poin": PackageLoader("konter.web", "poin/templates"),
            "public": PackageLoader("konter.web", "public/templates"),
            "desk": PackageLoader("konter.web", "desk/templates"),
        }
    ),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_ENVIRONMENT.globals["static"] = static_url


def render(
    template: str,
    view: View,
    *,
    locale: Locale,
    zone: str,
    csrf: str,
    path: str,
    off: frozenset[Module] = frozenset(),
) -> str:
    """HTML of a page. `path` is where the language switch comes back to, `off` modules that it must not lead to."""
    return rendered(template, Words(locale, zone), view=view, csrf=csrf, path=path, off=off)


def rendered(template: str, words: Words, **given: object) -> str:
    """HTML of a template that speaks with these words."""
    return _ENVIRONMENT.get_template(template).render(words.vocabulary(), **given)
