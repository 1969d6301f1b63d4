"""The photo of the identity card, from a plain file input. [D-16, D-55]"""

from litestar import Response, get, post
from litestar.exceptions import HTTPException

from konter.channel.onboarding.photo.image import UPLOAD_BYTES_MAX
from konter.channel.onboarding.photo.keep import keep_photo, own_photo
from konter.channel.onboarding.refusals import PHOTO_TOO_LARGE
from konter.platform.refusal import Refusal, Refused
from konter.web.app import AnyRequest, app_of
from konter.web.apply.views import PhotoView
from konter.web.apply.visit import STATUS, form_of, next_page, refused, token_of
from konter.web.pages import HEADERS, AnyPage, go, page, words
from konter.web.uploads import uploaded
from konter.web.views import Alert
from konter.web.visit import visit

BODY_BYTES_MAX = UPLOAD_BYTES_MAX + 64 * 1024  # the photo and what the form wraps around it
TOO_LARGE = 413


@get("/apply/foto", include_in_schema=False)
async def photo_page(request: AnyRequest) -> AnyPage:
    """Choose or take a photo; one that is there can be looked at."""
    async with app_of(request).connection() as connection:
        form = await form_of(request, connection, await visit(request, connection))
    return page(request, "apply/photo.html", PhotoView(kept_at=form.photo_at)) if form.state == "draft" else go(STATUS)


@post("/apply/foto", include_in_schema=False, request_max_body_size=BODY_BYTES_MAX)
async def photo_post(request: AnyRequest) -> AnyPage:
    """Keep it; without a new one the old one stays."""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        form = await form_of(request, connection, here)
    try:
        raw = await uploaded(request, "photo")
    except HTTPException as error:
        if error.status_code != TOO_LARGE:
            raise
        return _again(request, PHOTO_TOO_LARGE(), form.photo_at is not None)
    if not raw and form.photo_at is None:
        alert = Alert(tone="error", sentence=words(request).t("apply.photo_choose"))
        return page(request, "apply/photo.html", PhotoView(kept_at=None, alert=alert), status=422)
    if raw:
        app = app_of(request)
        outcome = await keep_photo(app.pool, app.photos, token_of(request), raw, **here.given)
        if isinstance(outcome, Refusal):
            return _again(request, outcome, form.photo_at is not None)
    async with app_of(request).connection() as connection:
        return go(next_page(await form_of(request, connection, here)))


def _again(request: AnyRequest, refusal: Refusal, kept: bool) -> AnyPage:  # noqa: FBT001 - whether one is there
    """What was wrong with the photo, and the field again."""
    if refusal.code == "APPLICATION_SIGNED_OUT":
        raise Refused(refusal)
    advice = words(request).t("apply.photo_old_stays") if kept else ""
    alert = refused(request, refusal)
    view = PhotoView(kept_at=None, alert=Alert(tone=alert.tone, sentence=alert.sentence, advice=advice))
    return page(request, "apply/photo.html", view, status=refusal.status)


@get("/apply/foto/lihat", include_in_schema=False)
async def photo_image(request: AnyRequest) -> Response[bytes]:
    """The own photo as it is kept; the look is written down. [D-55]"""
    async with app_of(request).connection() as connection:
        here = await visit(request, connection)
        outcome = await own_photo(connection, token_of(request), **here.given)
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return Response(outcome, media_type="image/jpeg", headers={**HEADERS, "Cache-Control": "no-store"})


PHOTO_ROUTES = [photo_page, photo_post, photo_image]
