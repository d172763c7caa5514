"""Telephone numbers of every country."""

import locale
import os
import re
import sys
import unicodedata

from core.database.fields.errors import FieldError
from core.database.fields.lines import as_text, capitals
from core.translation import _

# Those the library of number plans knows; written out so that settings are read without it.
_NAMES_OF_REGIONS = (
    "AC AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN"
    " BO BQ BR BS BT BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE"
    " DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM"
    " GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE"
    " KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH"
    " MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ"
    " OM PA PE PF PG PH PK PL PM PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI"
    " SJ SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TG TH TJ TK TL TM TN TO TR TT TV TW"
    " TZ UA UG US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW"
)
REGIONS = frozenset(_NAMES_OF_REGIONS.split())
FALLBACK_REGION = "US"
_LONGEST = 40
# Digits of any script, and what is put between them.
_WRITTEN = re.compile(r"\+?[\d\s().\-/\u2010-\u2013]+\Z")


def phone(value: object, region: str = FALLBACK_REGION) -> str:
    """Return a telephone number in the form of E.164, such as ``+8613800138000``.

    Args:
        value: With a country code it may be of any country; without, it is of the region.
        region: Two letters of ``REGIONS``.

    Raises:
        FieldError: It holds letters or an extension, or no number plan has such a number.
    """
    import phonenumbers

    text = unicodedata.normalize("NFKC", as_text(value).strip())
    if len(text) > _LONGEST or not _WRITTEN.match(text):
        raise FieldError(
            _("A telephone number has digits only, and + before a country code. Correct it.")
        )
    try:
        number = phonenumbers.parse(text, known_region(region))
    except phonenumbers.NumberParseException as error:
        raise _no_such_number(region) from error
    if not phonenumbers.is_valid_number(number):
        raise _no_such_number(region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def show_phone(stored: str, region: str = FALLBACK_REGION) -> str:
    """Return how a number is written: as at home if it is of the region, else as from abroad.

    Raises:
        FieldError: It is not in the form of E.164.
    """
    import phonenumbers
    from phonenumbers import PhoneNumberFormat as Form

    try:
        number = phonenumbers.parse(as_text(stored), None)
    except phonenumbers.NumberParseException as error:
        raise _no_such_number(region) from error
    at_home = phonenumbers.region_code_for_number(number) == region
    return phonenumbers.format_number(number, Form.NATIONAL if at_home else Form.INTERNATIONAL)


def known_region(value: object) -> str:
    """Return the region in capitals.

    Raises:
        FieldError: No number plan is known for it.
    """
    region = capitals(value)
    if region not in REGIONS:
        raise FieldError(
            _("No telephone numbers are known for this region. Give two letters, as in CN.")
        )
    return region


def region_here() -> str:
    """Return the region that the locale of this machine names, else ``US``."""
    names = [os.environ.get(name, "") for name in ("LC_ALL", "LC_TELEPHONE", "LANG")]
    if sys.platform == "win32":
        import ctypes

        language = ctypes.windll.kernel32.GetUserDefaultLCID()
        names.append(locale.windows_locale.get(language, ""))
    for name in names:
        found = re.match(r"[A-Za-z]+_(?:[A-Za-z]{4}_)?([A-Z]{2})(?![A-Za-z])", name)
        if found and found[1] in REGIONS:
            return found[1]
    return FALLBACK_REGION


def _no_such_number(region: str) -> FieldError:
    return FieldError(
        _(
            "There is no such telephone number. Check its digits; outside {region} it begins"
            " with + and the country code."
        ).format(region=region)
    )
