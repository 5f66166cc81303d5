"""What a file is, read from its own bytes; what somebody called it is never believed.

Only the head is looked at, and pictures are walked over once: nothing is decoded. What a browser
or a computer would run is told apart, so that it is neither sent nor kept. Sources: GIF89a (1990);
ISO 32000-1 §7.5.2 (PDF); ISO/IEC 14496-12 §4.3 and mp4ra.org/registered-types/brands (MP4);
ISO/IEC 11172-3 §2.4.1.3 (MP3); id3.org, ID3v2.4.0.
"""

import unicodedata
from dataclasses import dataclass

from app.services import picture_shapes
from app.services.picture_shapes import JPEG, PNG, BadPicture

GIF, PDF, ZIP = "image/gif", "application/pdf", "application/zip"
MP4, QUICKTIME, M4A, MP3 = "video/mp4", "video/quicktime", "audio/mp4", "audio/mpeg"
OPAQUE = "application/octet-stream"  # kept and given back, never shown
TEXT = "text/plain"  # only of a customer's long text, which becomes the line's own
KINDS = {
    **dict.fromkeys((JPEG, PNG, GIF), "image"),
    **dict.fromkeys((MP4, QUICKTIME), "video"),
    **dict.fromkeys((M4A, MP3), "audio"),
}  # everything else is a "file"
ENDINGS = {
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    GIF: (".gif",),
    PDF: (".pdf",),
    MP4: (".mp4", ".m4v"),
    QUICKTIME: (".mov",),
    M4A: (".m4a",),
    MP3: (".mp3",),
    TEXT: (".txt",),
}
# what a double click would run, on one system or another
RISKY = frozenset(
    (
        *("apk", "app", "bat", "cmd", "com", "command", "cpl", "desktop", "dll", "dmg", "exe"),
        *("gadget", "hta", "htm", "html", "inf", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml"),
        *("msc", "msi", "msp", "pif", "pkg", "ps1", "reg", "scf", "scr", "sh", "shtml", "svg"),
        *("svgz", "url", "vb", "vbe", "vbs", "wsf", "wsh", "xht", "xhtml", "xml"),
    )
)
LARGEST_SIDE = 10_000  # pixels; phones take pictures of 9,248 × 6,936
LONGEST_NAME = 100  # characters, with the ending
NAMELESS = "file"

_RUNS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_QUIET = " \t\r\n\x0c\x00\ufeff"  # before the first sign of a page, as browsers see it
_LOOKED_AT = 1024
_BRANDS = {b"M4A ": M4A, b"M4B ": M4A, b"qt  ": QUICKTIME}
_STILLS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")  # no browser shows all


class BadFile(ValueError):
    """Bytes that are not taken; ``code`` is stable, the text says why, as half a sentence."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


@dataclass(frozen=True, slots=True)
class Kind:
    """What bytes are: media type, and ``image``, ``video``, ``audio`` or ``file``."""

    media_type: str

    @property
    def name(self) -> str:
        """The word that limits and lines use."""
        return KINDS.get(self.media_type, "file")


def read(data: bytes, *, strict: bool = True) -> Kind:
    """What the bytes are. ``strict``: a damaged picture is refused, else it is an opaque file.

    Raises BadFile ``empty``, ``runs``, ``unreadable``.
    """
    if not data:
        raise BadFile("empty", "it is empty")
    if data.startswith(_RUNS) or _is_markup(data[:_LOOKED_AT]):
        raise BadFile("runs", "a browser or a computer would run it")
    try:
        media_type = _picture(data)
    except BadPicture as bad:
        if strict:
            raise BadFile("unreadable", str(bad)) from None
        return Kind(OPAQUE)
    return Kind(media_type or _other(data))


def _is_markup(head: bytes) -> bool:
    """HTML, SVG, XML: whatever begins with an angle bracket, in whichever width of letters."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head[2:]
    text = head.decode("utf-8", "ignore").lstrip(_QUIET)
    return text.startswith("<")


def _picture(data: bytes) -> str:
    """The media type of a whole picture, empty for no picture. Raises BadPicture."""
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return picture_shapes.read(data, LARGEST_SIDE).media_type
    if not data.startswith((b"GIF87a", b"GIF89a")):
        return ""
    sides = [int.from_bytes(data[at : at + 2], "little") for at in (6, 8)]
    if not min(sides) or not data.rstrip(b"\x00").endswith(b";"):
        raise BadPicture("it is cut off or damaged")
    if max(sides) > LARGEST_SIDE:
        raise BadPicture(f"no side may be over {LARGEST_SIDE} pixels")
    return GIF


def _other(data: bytes) -> str:
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return ZIP  # documents of office programs too
    if data[4:8] == b"ftyp":
        return OPAQUE if data[8:12] in _STILLS else _BRANDS.get(data[8:12], MP4)
    return MP3 if data.startswith(b"ID3") or _is_mp3(data) else OPAQUE


def _is_mp3(data: bytes) -> bool:
    """A frame header: sync, a known version, layer III, a bit rate and a sampling rate."""
    if len(data) < 4 or data[0] != 0xFF or data[1] & 0xE6 != 0xE2:
        return False
    return data[1] & 0x18 != 0x08 and data[2] >> 4 not in (0, 15) and data[2] & 0x0C != 0x0C


def is_risky(name: str) -> bool:
    """Whether a double click on a file of this name would run it."""
    return name.strip(" .").rpartition(".")[2].lower() in RISKY


def safe_name(name: str, media_type: str) -> str:
    """A name to show and to save under: no path, nothing invisible, an ending that is true."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # C: control and direction marks, with which "exe.jpg" can be written backwards
    kept = "".join(c for c in last if unicodedata.category(c)[0] not in "CZ" or c == " ")
    kept = "".join(c for c in kept if c not in '<>:"|?*').strip(" .") or NAMELESS
    endings = ENDINGS.get(media_type, ())
    stem, dot, ending = kept.rpartition(".")
    if endings and f".{ending.lower()}" not in endings:
        return kept[: LONGEST_NAME - 5] + endings[0]
    if not endings and is_risky(kept):
        return kept[: LONGEST_NAME - 5] + ".bin"
    if dot and len(ending) < 10:
        return stem[: LONGEST_NAME - len(ending) - 1] + dot + ending
    return kept[:LONGEST_NAME]
