"""Every page of the office once, from a bureau in which something of everything has happened."""

from tests.access.people import HOME
from tests.channel.numbers.desk import Desk as Numbers
from tests.sales.reconciliation.bureau import file, line
from tests.web.office.conftest import Clerk, Office

from konter.access.clients.manage import make_client
from konter.access.clients.model import NewClient
from konter.access.four_eyes.propose import propose
from konter.access.staff.people import staff_names
from konter.catalogue.availability import set_open
from konter.conduct.blacklist import blacklist
from konter.conduct.model import Blacklisting
from konter.platform.audit import Actor
from konter.platform.clock import business_day

Pages = dict[str, str]
LOYALTY = {
    "programme": "/office/poin",
    "programme-months": "/office/poin?per=bulan",
    "what-if": "/office/poin/andai",
    "rewards": "/office/hadiah",
    "rewards-import": "/office/hadiah/impor",
    "merchants": "/office/hadiah/penjual",
}


async def fill(office: Office) -> dict[str, str]:
    """Things of every kind; gives addresses by name."""
    bureau, stage = office.bureau, office.stage
    late, again = await bureau.refunded(delivered=True), await bureau.refunded(delivered=True)
    sold, other = await bureau.sold(second=True), await bureau.sold(product="PULSA20", second=True)
    asked = await bureau.sold(product="PULSA10", second=True)
    told = [(sold, line(sold)), (other, line(other, nominal_rp=5_000)), (late, line(late)), (again, line(again))]
    for day in sorted({business_day(sale.at) for sale, _ in told}):
        await bureau.compare(file([said for sale, said in told if business_day(sale.at) == day]), day=day)
    await bureau.ask(late, payer="if_held")
    async with stage.pool.acquire() as connection:
        actor = Actor("staff", 11)
        await set_open(
            connection,
            "PULSA25",
            is_open=False,
            now=stage.now,
            actor=actor,
            ids=stage.ids,
            reason="gangguan pusat data",
        )
        assert await staff_names(connection, []) == {}
    numbers = Numbers(stage)
    conflict, _, older, _ = await numbers.conflict()
    items = {item.kind.value: item.id for item in await bureau.items()}
    customer = await stage.pool.fetchval("SELECT msisdn FROM sale WHERE id = $1", sold.id)
    return {
        "home": "/office",
        "items": "/office/perkara",
        "items-filtered-empty": "/office/perkara?jenis=NO_FILE",
        "item-late": f"/office/perkara/{items['LATE_DELIVERY']}",
        "item-amount": f"/office/perkara/{items['OTHER_AMOUNT']}",
        "adjustments": "/office/penyesuaian",
        "reversals": "/office/pembatalan",
        "sale-done": f"/office/transaksi/{asked.code}",
        "sale-adjustment": f"/office/transaksi/{late.code}",
        "sale-find": "/office/transaksi",
        "number-find": "/office/nomor",
        "number": f"/office/nomor/{customer}",
        "number-points": f"/office/nomor/{customer}/poin",
        **LOYALTY,
        "products": "/office/produk",
        "product": "/office/produk/PULSA50",
        "product-closed": "/office/produk/PULSA25",
        "applications": "/office/permohonan",
        "conflicts": "/office/konflik",
        "conflict": f"/office/konflik/{conflict}",
        "visits": "/office/kunjungan",
        "reviews": "/office/tinjauan",
        "phones": "/office/hp-hilang",
        "outlet-held": f"/office/outlet/{older}",
        "outlets": "/office/outlet",
        "outlets-newest": "/office/outlet?urut=sejak&arah=turun",
        "outlets-suspended": "/office/outlet?status=suspended",
        "outlets-none": "/office/outlet?cari=zzzz",
        "outlet": f"/office/outlet/{bureau.shop.user.outlet_id}",
        "partners": "/office/mitra",
        "partner": f"/office/mitra/{stage.partner_id}",
        "areas": "/office/wilayah",
        "area": "/office/wilayah?kode=JBJB",
        "search-outlet": "/office/cari?q=sukses",
        "search-start": "/office/cari",
        "search-sale": f"/office/cari?q={sold.code}",
        "search-nothing": "/office/cari?q=zzzzzz",
        "account": "/office/akun",
        "password": "/office/sandi",
        "not-found": "/office/tidak-ada",
    }


async def fill_access(office: Office) -> dict[str, str]:
    """What takes two pairs of eyes and who may come in, for whoever may see all of it; gives addresses by name."""
    stage = office.stage
    admin, other = await stage.staff("admin", "compliance"), await stage.staff("care", area="JBJB")
    async with stage.pool.acquire() as connection:
        actor = Actor("staff", admin.user_id)
        given = {"actor": actor, "now": stage.now, "ids": stage.ids, "keys": stage.keys}
        barred = Blacklisting(kind="nik", nik="3273014107900001", reason="voucher palsu", evidence="berita acara 12")
        entry, second = await blacklist(
            connection,
            [barred, Blacklisting(kind="rs", msisdn=await stage.number(), reason="penjualan fiktif")],
            **given,
        )
        proposals = []
        for kind, subject, data in (
            ("blacklist.lift", entry, {}),
            ("staff.account", other.user_id, {"roles": ["care", "finance"], "area": None}),
        ):
            step = await stage.step(connection)
            asked = {"reason": "keliru orang", "principal": admin, "origin": HOME, "step": step}
            proposals.append(await propose(connection, office.app.kinds, kind, subject, data, **asked))
        machine = NewClient(name="Pusat panggilan", scopes=("phones.report",))
        made = await make_client(connection, machine, days=365, actor=actor, step=await stage.step(connection))
    return {
        "proposals": "/office/usulan",
        "proposal-lift": f"/office/usulan/{proposals[0]}",
        "proposal-account": f"/office/usulan/{proposals[1]}",
        "blacklist": "/office/daftar-hitam",
        "blacklist-entry": f"/office/daftar-hitam/{second}",
        "staff": "/office/petugas",
        "staff-account": f"/office/petugas/{other.user_id}",
        "staff-sessions": f"/office/petugas/{other.user_id}/sesi",
        "outlet-sessions": f"/office/outlet/{office.bureau.shop.user.outlet_id}/sesi",
        "partner-sessions": f"/office/mitra/{stage.partner_id}/sesi",
        "clients": "/office/mesin",
        "client": f"/office/mesin/{made.client_id}",
    }


async def walk(clerk: Clerk, addresses: dict[str, str]) -> Pages:
    """What a member of staff sees at each."""
    pages: Pages = {}
    for name, address in addresses.items():
        await clerk.get(address)
        pages[name] = clerk.text
    return pages


async def at_the_door(office: Office) -> Pages:
    """Log-in, a wrong password, the authenticator's code, and a place that is not for everybody."""
    clerk = await office.clerk("care", logged_in=False, totp=True)
    pages: Pages = {}
    await clerk.get("/office/masuk")
    pages["login"] = clerk.text
    await clerk.submit("/office/masuk", username=clerk.username, password="salah-sekali-1")
    pages["login-wrong"] = clerk.text
    await clerk.log_in()
    pages["totp"] = clerk.text
    await clerk.submit("/office/masuk/", code="000000")
    pages["totp-wrong"] = clerk.text
    stranger = await office.clerk("finance")
    await stranger.get("/office")
    pages["home-no-queue"] = stranger.text
    await stranger.get("/office/perkara")
    pages["forbidden"] = stranger.text
    return pages
