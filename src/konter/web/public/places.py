"""Pages for whoever thinks of selling: what it brings, questions, and how to get the app. [D-04, D-105, G-D27]"""

from litestar import get

from konter import __version__
from konter.terms.accept import documents_in_force
from konter.web.app import AnyRequest, app_of
from konter.web.apply.views import DocumentLink
from konter.web.pages import AnyPage, locale, page
from konter.web.public.views import InstallView, ProductView
from konter.web.visit import visit

BENEFITS = ("price", "sure", "phone", "answer")
QUESTIONS = ("who", "cost", "time", "card", "money", "wrong", "lost", "old_phone")


@get("/install", include_in_schema=False)
async def install_page(request: AnyRequest) -> AnyPage:
    """A link and a version number, what the phone must have, and the way to registration. [D-04]"""
    app = app_of(request)
    async with app.connection() as connection:
        client = (await visit(request, connection)).rules.client
    view = InstallView(
        address=f"{app.settings.address}/outlet",
        version=__version__,
        store_url=client.store_url,
        pwa="pwa" in client.distribution,
        android_min=client.android_min,
        android_refused=client.android_below_min == "refuse",
        cache_max_mb=client.cache_max_mb,
    )
    return page(request, "public/install.html", view)


@get("/produk", include_in_schema=False)
async def product_page(request: AnyRequest) -> AnyPage:
    """Benefits, questions, and the documents with their effective dates, for anybody. [D-105]"""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        documents = await documents_in_force(connection, at=here.now, rules=here.rules)
    english = locale(request) == "en"
    view = ProductView(
        benefits=BENEFITS,
        questions=QUESTIONS,
        documents=tuple(
            DocumentLink(
                code=each.code,
                title=each.title_en if english else each.title_id,
                version=each.version,
                valid_from=each.valid_from,
            )
            for each in documents
        ),
    )
    return page(request, "public/product.html", view)


PLACE_ROUTES = [install_page, product_page]
