"""The fields that people can be imported to and exported of, and how files call them."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping

from core.translation import _

ADDRESS = "address"
ADDRESS_PARTS = ("kind", "street", "extra", "postal_code", "city", "region", "country")
EXPORTED = (
    *("username", "display_name", "email", "phone", "role", "active"),
    *("balance", "balance_currency", "address", "tags", "preferences"),
    *("uid", "builds", "last_sign_in_at", "last_active_at"),
    *("created_at", "updated_at", "deleted_at"),
)
"""In the order of columns. Notes stay sealed; passwords are in no file."""

IMPORTED = (
    *("username", "display_name", "given_name", "family_name", "email", "phone", "role"),
    *("active", "balance", "balance_currency", "address"),
    *(f"{ADDRESS}.{part}" for part in ADDRESS_PARTS),
    *("tags", "preferences", "note"),
)

# As people and other programs call them, without case, accents, spaces and signs.
_SPELLINGS = {
    "username": "user login loginname userid account nickname benutzer benutzername anmeldename"
    " utilisateur identifiant usuario 用户名 用户 账号 帐号 登录名",
    "display_name": "name fullname realname person voller name anzeigename nom complet"
    " nombre completo 姓名 名字 全名 显示名称",
    "given_name": "firstname forename vorname prenom nombre 名",
    "family_name": "lastname surname nachname familienname nom apellido apellidos 姓",
    "email": "mail emailaddress mailaddress correo courriel 邮箱 电子邮件 电邮 邮件",
    "phone": "phonenumber telephone telephonenumber tel mobile mobilephone cell cellphone"
    " telefon telefonnummer handy telephone telefono 电话 手机 手机号 电话号码",
    "role": "rights group rolle permission rol 角色 权限",
    "active": "enabled isactive aktiv actif activo 启用 激活 有效",
    "balance": "amount saldo guthaben kontostand solde 余额",
    "balance_currency": "currency wahrung waehrung devise moneda 货币 币种",
    "address": "postaladdress anschrift adresse direccion 地址",
    "address.kind": "addresskind addresstype",
    "address.street": "street streetaddress strasse rue calle 街道",
    "address.extra": "addressextra addressline2 street2 adresszusatz",
    "address.postal_code": "postalcode zip zipcode postcode plz codepostal codigopostal 邮编"
    " 邮政编码",
    "address.city": "city town ort stadt ville ciudad 城市",
    "address.region": "region state province bundesland provincia 省 州 省份",
    "address.country": "country countrycode land pays pais 国家",
    "tags": "tag labels keywords schlagworte stichworte etiquettes etiquetas 标签",
    "preferences": "settings einstellungen preferencias 偏好 设置",
    "note": "notes comment comments remark remarks bemerkung notiz notizen nota 备注 注释",
}
_PASSWORDS = "password passwort kennwort motdepasse contrasena pwd pass passwd 密码 口令"


def words() -> Mapping[str, Callable[[], str]]:
    """Return what people call the fields."""
    return {
        "username": lambda: _("User name"),
        "display_name": lambda: _("Name"),
        "given_name": lambda: _("Given name"),
        "family_name": lambda: _("Family name"),
        "email": lambda: _("E-mail"),
        "phone": lambda: _("Phone"),
        "role": lambda: _("Role"),
        "active": lambda: _("Active"),
        "balance": lambda: _("Balance"),
        "balance_currency": lambda: _("Currency"),
        "address": lambda: _("Address"),
        "address.kind": lambda: _("Address: home, work or other"),
        "address.street": lambda: _("Street"),
        "address.extra": lambda: _("Second line of the address"),
        "address.postal_code": lambda: _("Postal code"),
        "address.city": lambda: _("City"),
        "address.region": lambda: _("State or province"),
        "address.country": lambda: _("Country"),
        "tags": lambda: _("Tags"),
        "preferences": lambda: _("Preferences"),
        "note": lambda: _("Note"),
        "uid": lambda: _("Identifier"),
        "builds": lambda: _("Builds"),
        "last_sign_in_at": lambda: _("Last sign-in"),
        "last_active_at": lambda: _("Last active"),
        "created_at": lambda: _("Created"),
        "updated_at": lambda: _("Changed"),
        "deleted_at": lambda: _("Deleted"),
    }


def proposed(columns: Iterable[str]) -> dict[str, str]:
    """Return the field that each column seems to hold, no field twice; others are left out."""
    known = _known()
    mapping: dict[str, str] = {}
    for column in columns:
        field = known.get(_plain(column))
        if field is not None and field not in mapping.values():
            mapping[column] = field
    return mapping


def is_password(column: str) -> bool:
    """Tell whether a column seems to hold passwords, which are never imported."""
    return _plain(column) in {_plain(word) for word in _PASSWORDS.split()}


def _known() -> dict[str, str]:
    known: dict[str, str] = {}
    for field, spellings in _SPELLINGS.items():
        own = [field, field.removeprefix(f"{ADDRESS}."), words()[field]()]
        for spelling in (*own, *spellings.split()):
            known.setdefault(_plain(spelling), field)
    return known


def _plain(name: str) -> str:
    """Return a name without case, accents, spaces and signs."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]", "", "".join(c for c in apart if not unicodedata.combining(c)))
