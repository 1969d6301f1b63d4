"""OTPs, PINs and dial strings do not reach logs."""

import pytest

from konter.messaging.masking import masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Kode OTP Anda 493817, berlaku 5 menit", "Kode OTP Anda ****, berlaku 5 menit"),
        ("*600*081212345678*50000*123456#", "*600*…#"),
        ("dial *600*1*123456# lalu OK", "dial *600*…# lalu OK"),
        ("*888#", "*888#"),
        ("Username WIR6289504, password kxw7mp2qra, berlaku", "Username WIR****, password **** berlaku"),
        ("PIN: 12", "PIN: ****"),
        ("Saldo Rp500", "Saldo Rp500"),
    ],
)
def test_what_a_log_shows(text, shown):
    assert masked(text) == shown
