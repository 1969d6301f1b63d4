from datetime import timedelta

import msgspec
import pytest
from tests.access.people import HOME, Stage, code_of

from konter.access.model import Principal
from konter.access.step import actor_of
from konter.platform.db import Pool
from konter.terms.accept import acceptances_of, agree, documents_in_force, read_document
from konter.terms.load import DocumentFileError, load_documents, parse_document, shipped_documents
from konter.terms.model import DocumentRef, Standing, standing

CODES = ["seller-terms", "terms-of-use", "privacy-policy"]


@pytest.fixture
async def stage(own_db: Pool, ids, keys, clock, passwords) -> Stage:
    """A database of its own: other tests must not see these versions."""
    return await Stage(own_db, ids, keys, clock, passwords).set()


async def load(stage: Stage, code: str, version: str, in_days: int, **changed) -> int:
    old = next(document for document in shipped_documents() if document.code == code)
    fields = {"version": version, "valid_from": stage.now + timedelta(days=in_days), **changed}
    async with stage.pool.acquire() as connection:
        return await load_documents(connection, [msgspec.structs.replace(old, **fields)])


async def say_yes(stage: Stage, who: Principal, *refs: DocumentRef):
    async with stage.pool.acquire() as connection:
        return await agree(
            connection,
            who.user_id,
            refs,
            session_id=who.session_id,
            actor=actor_of(who, HOME),
            now=stage.now,
            ids=stage.ids,
            rules=stage.rules,
        )


@pytest.mark.requirement("D-63", "D-75", "D-103")
async def test_a_newcomer_agrees_to_three_documents(stage: Stage) -> None:
    user = await stage.newcomer(password_initial=False)
    opened = await stage.session(user)
    who = await stage.who(opened.token)
    assert who.next == "accept_terms"
    assert [ref.document for ref in who.missing_documents] == CODES
    for left, ref in enumerate(who.missing_documents, start=1):
        assert await say_yes(stage, who, ref) is None
        assert len((await stage.who(opened.token)).missing_documents) == 3 - left
    assert (await stage.who(opened.token)).next == "set_pin"
    async with stage.pool.acquire() as connection:
        accepted = await acceptances_of(connection, user.id)
    assert {a.code: a.version for a in accepted} == {
        "seller-terms": "1.1",
        "terms-of-use": "1.0",
        "privacy-policy": "1.0",
    }
    assert {(a.way, a.at, a.session_id) for a in accepted} == {("agreed", stage.now, opened.session_id)}


async def test_agreeing_twice_is_no_harm(stage: Stage) -> None:
    who = await stage.principal(await stage.newcomer(password_initial=False))
    ref = who.missing_documents[0]
    assert await say_yes(stage, who, ref) is None
    stage.clock.advance(timedelta(minutes=1))
    assert await say_yes(stage, who, ref) is None
    assert await stage.pool.fetchval("SELECT count(*) FROM acceptance WHERE user_id = $1", who.user_id) == 1


@pytest.mark.requirement("D-102", "G-D21")
async def test_a_new_version_is_shown_at_the_next_login_and_deemed_accepted(stage: Stage) -> None:
    user = await stage.user()
    assert await load(stage, "seller-terms", "1.2", in_days=10) == 1
    stage.clock.advance(timedelta(days=9))
    assert (await stage.session(user)).changed_documents == ()
    stage.clock.advance(timedelta(days=1))
    opened = await stage.session(user)
    assert opened.changed_documents == (DocumentRef("seller-terms", "1.2"),)
    assert opened.next == "ready"
    async with stage.pool.acquire() as connection:
        newest = (await acceptances_of(connection, user.id))[-1]
    assert (newest.code, newest.version, newest.way, newest.at) == ("seller-terms", "1.2", "deemed", stage.now)
    stage.clock.advance(timedelta(minutes=2))
    assert (await stage.session(user)).changed_documents == ()


@pytest.mark.requirement("G-D21")
async def test_a_new_privacy_policy_always_asks_again(stage: Stage) -> None:
    user = await stage.user()
    await load(stage, "privacy-policy", "2.0", in_days=0)
    opened = await stage.session(user)
    assert opened.next == "accept_terms"
    who = await stage.who(opened.token)
    assert who.missing_documents == (DocumentRef("privacy-policy", "2.0"),)
    assert code_of(await say_yes(stage, who, DocumentRef("privacy-policy", "1.0"))) == "DOCUMENT_NOT_IN_FORCE"
    assert code_of(await say_yes(stage, who, DocumentRef("recipe", "1.0"))) == "UNKNOWN_DOCUMENT"
    assert await say_yes(stage, who, *who.missing_documents) is None
    assert (await stage.who(opened.token)).next == "ready"


@pytest.mark.requirement("D-63")
async def test_versions_are_kept_for_ever_and_never_change(stage: Stage) -> None:
    await load(stage, "terms-of-use", "1.1", in_days=-1, text_en="Be kind.")
    with pytest.raises(DocumentFileError, match=r"terms-of-use 1\.1 is stored with another text"):
        await load(stage, "terms-of-use", "1.1", in_days=-1, text_en="Be nice.")
    async with stage.pool.acquire() as connection:
        now = await read_document(connection, "terms-of-use", version=None, at=stage.now)
        old = await read_document(connection, "terms-of-use", version="1.0", at=stage.now)
        none = await read_document(connection, "terms-of-use", version="9", at=stage.now)
    assert (now.version, now.text_en, old.version) == ("1.1", "Be kind.", "1.0")
    assert code_of(none) == "UNKNOWN_DOCUMENT"


async def test_the_shipped_documents_load_again_without_harm(stage: Stage) -> None:
    async with stage.pool.acquire() as connection:
        assert await load_documents(connection, shipped_documents()) == 0
        in_force = await documents_in_force(connection, at=stage.now, rules=stage.rules)
    assert [document.code for document in in_force] == CODES
    for document in in_force:
        assert len(document.text_id.split("\n\n")) == len(document.text_en.split("\n\n")) > 5


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("code = ", "file.toml"),
        ('code = "x"', "version"),
        (
            'code="x"\nversion="1"\nvalid_from=2024-01-01T00:00:00\ntitle_id="a"\ntitle_en="a"\ntext_id="a"\ntext_en="a"',
            "offset",
        ),
    ],
)
def test_a_bad_file_is_named_with_the_reason(content: str, reason: str) -> None:
    with pytest.raises(DocumentFileError, match=reason):
        parse_document(content, "file.toml")


@pytest.mark.requirement("D-102")
def test_without_deemed_acceptance_every_change_needs_an_agree() -> None:
    accepted = [("seller-terms", "1.0")]
    new = {"seller-terms": "1.1"}
    ref = (DocumentRef("seller-terms", "1.1"),)
    assert standing(new, accepted, deemed_acceptance=False) == Standing(ref, ())
    assert standing(new, accepted, deemed_acceptance=True) == Standing((), ref)
    assert standing(new, [], deemed_acceptance=True) == Standing(ref, ())
