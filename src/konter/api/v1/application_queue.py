"""Judge applications: the partner of the place recommends, the branch decides. [D-05, D-55, D-59, G-D09]"""

from typing import Annotated, Literal

import msgspec
from litestar import Response, get, post
from litestar.params import FromQuery, JSONBody, PathParameter

from konter.access.model import Principal
from konter.access.refusals import PASSWORD_CHANGE_REQUIRED, TERMS_NOT_ACCEPTED
from konter.access.step import actor_of
from konter.api.operations import says
from konter.api.principal import AnyRequest, accepted, app_of, origin_of, principal, require_partner, require_staff
from konter.api.v1.application_views import DossierView, IdentityView, QueueView
from konter.api.v1.bodies import Body
from konter.api.v1.moments import asked_cursor
from konter.channel.numbers.refusals import RS_IS_NN, SELLER_NUMBER_LINKED
from konter.channel.onboarding.decide import decide
from konter.channel.onboarding.model import Decision, Judged, Recommendation
from konter.channel.onboarding.queues.read import counts, dossier, identity, photo, queue
from konter.channel.onboarding.recommend import recommend
from konter.channel.onboarding.refusals import (
    ALREADY_RECOMMENDED,
    APPLICATION_DECIDED,
    APPLICATION_NOT_FOUND,
    APPLICATION_RETURNED,
    APPLICATION_WITHDRAWN,
    BLACKLISTED,
    NIK_ALREADY_SELLS,
    NOT_YET_RECOMMENDED,
    OWN_APPLICATION,
    PHOTO_NOT_FOUND,
    SELLER_NUMBER_UNKNOWN,
)
from konter.channel.onboarding.scope import reviewer_of
from konter.channel.refusals import (
    NN_ALREADY_LINKED,
    NN_COOLING_DOWN,
    NN_NOT_OPERATOR,
    NN_REPORTED_LOST,
    PARTNER_NOT_ACTIVE,
    RS_ALREADY_REGISTERED,
    RS_NOT_OPERATOR,
    UNKNOWN_AREA,
)
from konter.channel.scope import Scope, scope_of
from konter.channel.territory.refusals import OUT_OF_AREA
from konter.platform.ids import ApplicationId
from konter.platform.refusal import FORBIDDEN, Refused
from konter.rules.model import Rules

JUDGES = (PASSWORD_CHANGE_REQUIRED, TERMS_NOT_ACCEPTED, FORBIDDEN)
PAGE = 50
ID_MAX = 2**63 - 1
ApplicationPath = Annotated[int, PathParameter(ge=1, le=ID_MAX)]
Note = Annotated[str, msgspec.Meta(max_length=300, examples=["Toko ada, dekat pasar."])]
JUDGED_NO = (
    APPLICATION_NOT_FOUND,
    APPLICATION_DECIDED,
    APPLICATION_WITHDRAWN,
    APPLICATION_RETURNED,
    OWN_APPLICATION,
)


class RecommendationBody(Body, frozen=True):
    """For it or against it; whoever is against it says why in the note."""

    supports: bool
    note: Note = ""


class ApplicationDecisionBody(Body, frozen=True):
    """Approve, or reject with a reason that the applicant reads."""

    approve: bool
    reason: Note = ""


class JudgedView(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an application; outlet and user name once it is approved."""

    id: str
    state: str
    outlet: str | None
    outlet_code: str
    username: str

    @classmethod
    def of(cls, judged: Judged) -> "JudgedView":
        """What the caller is told."""
        return cls(
            id=str(judged.application_id),
            state=judged.state,
            outlet=str(judged.outlet_id) if judged.outlet_id is not None else None,
            outlet_code=judged.outlet_code,
            username=judged.username,
        )


def judge_scope(caller: Principal, request: AnyRequest, rules: Rules) -> Scope:
    """What a recommender or an approver may see. Raises FORBIDDEN for anybody else."""
    (require_partner if caller.kind == "partner" else require_staff)(caller)
    reviewer = reviewer_of(caller, origin_of(request))
    if not (reviewer.recommends(rules) or reviewer.decides(rules)):
        raise Refused(FORBIDDEN())
    return scope_of(caller)


@get("/applications", tags=["applications"], opt=says("somebody", *JUDGES))
async def list_applications(
    request: AnyRequest,
    waiting: FromQuery[Literal["submitted", "recommended"]] = "submitted",
    after: FromQuery[str] = "",
) -> QueueView:
    """What waits for the partner (`submitted`) or the branch (`recommended`), the earliest due first; fifty a page."""
    app, now, caller = app_of(request), app_of(request).clock.now(), await principal(request)
    async with app.connection() as connection:
        scope = judge_scope(caller, request, await app.rules(connection, now))
        lines = await queue(connection, scope, waiting, now=now, after=asked_cursor("after", after), limit=PAGE)
        counted = await counts(connection, scope, now=now)
    return QueueView.of(lines, counted, full=len(lines) == PAGE)


@get("/applications/{application:int}", tags=["applications"], opt=says("somebody", *JUDGES, APPLICATION_NOT_FOUND))
async def read_application(application: ApplicationPath, request: AnyRequest) -> DossierView:
    """One application, masked, with what a person should know before judging it."""
    app, now, caller = app_of(request), app_of(request).clock.now(), await principal(request)
    async with app.connection() as connection:
        scope = judge_scope(caller, request, await app.rules(connection, now))
        return DossierView.of(accepted(await dossier(connection, scope, ApplicationId(application), keys=app.keys)))


@get(
    "/applications/{application:int}/identity",
    tags=["applications"],
    opt=says("somebody", *JUDGES, APPLICATION_NOT_FOUND),
)
async def read_identity(application: ApplicationPath, request: AnyRequest) -> IdentityView:
    """Whom it is about, in the clear. Each look is written down with who looked. [D-55]"""
    app, now, caller = app_of(request), app_of(request).clock.now(), await principal(request)
    async with app.connection() as connection:
        scope = judge_scope(caller, request, await app.rules(connection, now))
        actor = actor_of(caller, origin_of(request))
        return IdentityView.of(
            accepted(
                await identity(
                    connection, scope, ApplicationId(application), actor=actor, now=now, ids=app.ids, keys=app.keys
                )
            )
        )


@get(
    "/applications/{application:int}/photo",
    tags=["applications"],
    media_type="image/jpeg",
    response_description="The identity card.",
    opt=says("somebody", *JUDGES, APPLICATION_NOT_FOUND, PHOTO_NOT_FOUND),
)
async def read_photo(application: ApplicationPath, request: AnyRequest) -> Response[bytes]:
    """The identity card as JPEG. Each look is written down with who looked. [D-55]"""
    app, now, caller = app_of(request), app_of(request).clock.now(), await principal(request)
    async with app.connection() as connection:
        scope = judge_scope(caller, request, await app.rules(connection, now))
        actor = actor_of(caller, origin_of(request))
        card = accepted(
            await photo(connection, scope, ApplicationId(application), actor=actor, now=now, ids=app.ids, keys=app.keys)
        )
    return Response(card, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@post(
    "/applications/{application:int}/recommendation",
    status_code=200,
    tags=["applications"],
    opt=says("partner", *JUDGED_NO, ALREADY_RECOMMENDED),
)
async def recommend_application(
    application: ApplicationPath, data: JSONBody[RecommendationBody], request: AnyRequest
) -> JudgedView:
    """What the partner of the place says, for the branch to decide. Another partner's is not found. [G-D09]"""
    app, now = app_of(request), app_of(request).clock.now()
    caller = require_partner(await principal(request))
    async with app.connection() as connection:
        wanted = Recommendation(application_id=ApplicationId(application), supports=data.supports, note=data.note)
        (outcome,) = await recommend(
            connection,
            [wanted],
            scope=scope_of(caller),
            reviewer=reviewer_of(caller, origin_of(request)),
            now=now,
            ids=app.ids,
            rules=await app.rules(connection, now),
        )
    return JudgedView.of(accepted(outcome))


@post(
    "/applications/{application:int}/decision",
    status_code=200,
    tags=["applications"],
    opt=says(
        "staff",
        *JUDGED_NO,
        NOT_YET_RECOMMENDED,
        BLACKLISTED,
        NIK_ALREADY_SELLS,
        RS_NOT_OPERATOR,
        RS_ALREADY_REGISTERED,
        RS_IS_NN,
        NN_NOT_OPERATOR,
        NN_ALREADY_LINKED,
        NN_COOLING_DOWN,
        NN_REPORTED_LOST,
        SELLER_NUMBER_UNKNOWN,
        SELLER_NUMBER_LINKED,
        PARTNER_NOT_ACTIVE,
        OUT_OF_AREA,
        UNKNOWN_AREA,
    ),
)
async def decide_application(
    application: ApplicationPath, data: JSONBody[ApplicationDecisionBody], request: AnyRequest
) -> JudgedView:
    """Approve: the outlet opens and its owner gets credentials by SMS. Reject: the applicant reads the reason.

    A number that was taken meanwhile is the answer, and sends the application back to be corrected. [D-05, D-06]
    """
    app, now = app_of(request), app_of(request).clock.now()
    caller = require_staff(await principal(request))
    wanted = Decision(application_id=ApplicationId(application), approve=data.approve, reason=data.reason)
    (outcome,) = await decide(
        app.pool,
        app.passwords,
        [wanted],
        scope=scope_of(caller),
        reviewer=reviewer_of(caller, origin_of(request)),
        now=now,
        ids=app.ids,
        keys=app.keys,
        rules=await app.rules_at_hand(now),
    )
    return JudgedView.of(accepted(outcome))


APPLICATION_QUEUE_ROUTES = [
    list_applications,
    read_application,
    read_identity,
    read_photo,
    recommend_application,
    decide_application,
]
