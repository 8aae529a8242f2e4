"""The CRC-32 of data whose beginning changed, without a second look at the rest."""

from __future__ import annotations

#: The polynomial of CRC-32 without x^32, and the one that is 1: the highest bit is that of x^0.
POLYNOMIAL = 0xEDB88320
ONE = 1 << 31


def shifted_crc32(crc: int, count: int) -> int:
    """Return how the CRC-32 of data changes if that of its beginning changes by `crc`.

    The CRC is linear: the exclusive or of the CRCs of two texts of equal length depends only
    on the exclusive or of the texts. Each byte that follows multiplies it by x^8, modulo the
    polynomial.

    Args:
        crc: The exclusive or of the CRCs of both beginnings.
        count: How many unchanged bytes follow.
    """
    power = ONE >> 8
    while count:
        if count & 1:
            crc = _product(crc, power)
        power = _product(power, power)
        count >>= 1
    return crc


def _product(left: int, right: int) -> int:
    """Multiply polynomials modulo that of CRC-32. Their highest bits are the coefficients of 1."""
    product = 0
    while left:
        if left & ONE:
            product ^= right
        left = left << 1 & 0xFFFFFFFF
        right = right >> 1 ^ (POLYNOMIAL if right & 1 else 0)
    return product
