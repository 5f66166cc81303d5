"""The body of `messages:send`, field by field: FCM v1 discovery file, revision 20261023.

Names are as Google writes them; every one may also be written with underscores, as its own client
libraries do. STRUCT is any object, of which nothing more is looked at.
"""

from collections.abc import Mapping
from typing import NamedTuple

STRING, BOOL, WHOLE, NUMBER = "TYPE_STRING", "TYPE_BOOL", "TYPE_INT32", "TYPE_FLOAT"
DURATION, MAP, STRUCT = "duration", "map", "struct"


class Enum(NamedTuple):
    """One of some words, in any case."""

    name: str
    values: tuple[str, ...]


class Many(NamedTuple):
    """A list."""

    of: "Kind"


Shape = Mapping[str, "Kind"]
Kind = str | Enum | Many | Shape


def texts(names: str) -> dict[str, Kind]:
    return dict.fromkeys(names.split(), STRING)


_V1 = "type.googleapis.com/google.firebase.fcm.v1."
PRIORITY = Enum(_V1 + "AndroidMessagePriority", ("NORMAL", "HIGH"))
SHOWN_PRIORITY = Enum(
    _V1 + "AndroidNotification.NotificationPriority",
    (
        "PRIORITY_UNSPECIFIED",
        "PRIORITY_MIN",
        "PRIORITY_LOW",
        "PRIORITY_DEFAULT",
        "PRIORITY_HIGH",
        "PRIORITY_MAX",
    ),
)
VISIBILITY = Enum(
    _V1 + "AndroidNotification.Visibility",
    ("VISIBILITY_UNSPECIFIED", "PRIVATE", "PUBLIC", "SECRET"),
)
PROXY = Enum(
    _V1 + "AndroidNotification.Proxy",
    ("PROXY_UNSPECIFIED", "ALLOW", "DENY", "IF_PRIORITY_LOWERED"),
)
LABEL: Shape = texts("analyticsLabel")
COLOR: Shape = dict.fromkeys(("red", "green", "blue", "alpha"), NUMBER)
ANDROID_NOTIFICATION: Shape = {
    **texts(
        "title body icon color sound tag clickAction bodyLocKey titleLocKey channelId ticker"
        " eventTime image"
    ),
    **dict.fromkeys(("bodyLocArgs", "titleLocArgs"), Many(STRING)),
    **dict.fromkeys(
        (
            "sticky",
            "localOnly",
            "defaultSound",
            "defaultVibrateTimings",
            "defaultLightSettings",
            "bypassProxyNotification",
        ),
        BOOL,
    ),
    "vibrateTimings": Many(DURATION),
    "notificationPriority": SHOWN_PRIORITY,
    "visibility": VISIBILITY,
    "notificationCount": WHOLE,
    "lightSettings": {"color": COLOR, "lightOnDuration": DURATION, "lightOffDuration": DURATION},
    "proxy": PROXY,
}
ANDROID: Shape = {
    **texts("collapseKey restrictedPackageName"),
    "priority": PRIORITY,
    "ttl": DURATION,
    "data": MAP,
    "notification": ANDROID_NOTIFICATION,
    "fcmOptions": LABEL,
    **dict.fromkeys(("directBootOk", "bandwidthConstrainedOk", "restrictedSatelliteOk"), BOOL),
}
MESSAGE: Shape = {
    **texts("name token fid topic condition"),
    "data": MAP,
    "notification": texts("title body image"),
    "android": ANDROID,
    "androidV2": STRUCT,
    "webpush": {
        "headers": MAP,
        "data": MAP,
        "notification": STRUCT,
        "fcmOptions": texts("link analyticsLabel"),
    },
    "apns": {
        "headers": MAP,
        "payload": STRUCT,
        "fcmOptions": texts("analyticsLabel image"),
        "liveActivityToken": STRING,
    },
    "fcmOptions": LABEL,
}
SEND: Shape = {"message": MESSAGE, "validateOnly": BOOL}
