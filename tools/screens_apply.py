"""Pictures of applying and of what anybody may read: part of `make screens`; alone: `python -m tools.screens_apply`."""

import asyncio
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from konter.simulator.operator.card import card
from konter.subscriber.msisdn import national

if TYPE_CHECKING:
    from tools.screens import Camera

NIK = "3273024101900001"
SMS_TRIES = 75


async def take_applying(camera: "Camera") -> None:
    """Install page, product page, each step of an application, and its status."""
    phone, number = camera.phone, int(camera.customer)
    for path, name in (("/install", "install"), ("/produk", "product")):
        await camera.go(path)
        await camera.shoot(name)
    await camera.go("/apply")
    await phone.get_by_label("Nomor Anda").fill(national(number))
    await camera.shoot("apply")
    await camera.tap("Kirim kode")
    await phone.get_by_label("Kode dari SMS").fill(await otp_of(camera, number))
    await camera.shoot("apply-code")
    await camera.tap("Lanjut")
    await phone.get_by_label("Nama outlet atau nama jualan").fill("Warung Melati")
    await phone.get_by_label("Nama pemilik sesuai KTP").fill("Melati Contoh")
    await phone.get_by_label("NIK", exact=True).fill(NIK)
    await camera.shoot("apply-who")
    await camera.tap("Lanjut")
    await phone.get_by_label("Alamat").fill("Jl. Dago 1, dekat terminal")
    await phone.get_by_label("Kecamatan", exact=True).fill("Coblong")
    await camera.shoot("apply-where")
    await camera.tap("Lanjut")
    await camera.shoot("apply-numbers")
    await camera.tap("Lanjut")
    photo = {"name": "ktp.jpg", "mimeType": "image/jpeg", "buffer": card()}
    await phone.get_by_label("Ambil atau pilih foto").set_input_files(photo)  # type: ignore[arg-type]
    await camera.shoot("apply-photo")
    await camera.tap("Lanjut")
    await camera.shoot("apply-declaration")
    await phone.get_by_label(re.compile("Saya menyatakan")).check()
    await camera.tap("Lanjut")
    await camera.shoot("apply-review")
    await camera.tap("Kirim pengajuan")
    await camera.shoot("apply-status")
    await camera.tap("Keluar, simpan isian")


async def otp_of(camera: "Camera", number: int) -> str:
    """The last OTP on an applicant's handset."""
    return await otp_of_number(camera.ready.base_url, number)


async def otp_of_number(base_url: str, number: int) -> str:
    """The last OTP on the handset of a number."""
    async with httpx.AsyncClient(base_url=base_url) as client:
        for _ in range(SMS_TRIES):
            inbox = (await client.get(f"/simulator/handsets/{number}/messages")).json()["messages"]
            if codes := [found[1] for text in inbox if (found := re.search(r"OTP Anda (\d{6})", text["text"]))]:
                return codes[-1]
            await asyncio.sleep(0.2)
    raise TimeoutError("no OTP arrived")


async def alone(folder: Path) -> None:
    """These pictures only."""
    from playwright.async_api import async_playwright
    from tools.screens import AGENT, FLAGS, PHONE, Camera, demo, open_shop

    async with demo(folder) as ready, async_playwright() as play:
        await open_shop(ready)
        browser = await play.chromium.launch(executable_path=shutil.which("chromium") or None, args=FLAGS)
        mine = await browser.new_context(viewport=PHONE, locale="id-ID", user_agent=AGENT, service_workers="block")
        await take_applying(Camera(ready, await mine.new_page(), await mine.new_page()))
        await browser.close()


def main() -> None:
    """Build a demo in a folder of its own, take the pictures, throw the demo away."""
    folder = Path(tempfile.mkdtemp(prefix="konter-screens-"))
    try:
        asyncio.run(alone(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
