"""Firebase Cloud Messaging under `/fcm`: access tokens, `messages:send` of HTTP v1, and the apps.

Paths, headers and shapes of errors are Google's: FCM v1 discovery file, revision 20261023;
firebase.google.com, cloud-messaging/error-codes (2026-11); google-auth 2.62.2 for the token. Texts
of errors are as they are quoted in public issues; where none is, they are ours.
"""
