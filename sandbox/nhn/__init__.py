"""NHN Cloud as the sandbox speaks it: Bizmessage Alimtalk v2.3 and SMS v3.0, under `/nhn`.

Written after NHN Cloud's public guides "KakaoTalk Bizmessage > Alimtalk API v2.3", "Webhook",
"Error code", "SMS > API v3.0", "Webhook", "Error code" (2026-06). Verified by replaying their
examples, not against the service itself. What the guides do not state is our choice:

- HTTP status: 200 for every answer that has a header, also for refusals.
- An app key that is not known: -1000 (Alimtalk), -1001 (SMS). A wrong or missing secret:
  -1001 (Alimtalk), -1000 (SMS, whose guide has no code of its own for it).
- Idempotency: the key counts per app key, whatever the path, for 600 s; a request of which nobody
  was accepted does not burn it. A repeated key is refused before the recipients are looked at.
- A message in flight has `messageStatus` "READY" (the value the guide gives for bulk jobs) and
  null as resultCode. 3005 (phone off) is reported with "READY" too, because it is not final: it
  becomes 1000 when the phone is switched on, or "FAILED" after three days.
- More than 1,000 recipients: -2000 (Alimtalk); the SMS guide names -2016.
- A missing or blank field: -2002, -2001; a field of a wrong type: 4; a bad body: -3002.
- A title that does not fit the template, and a bad chatExtra or chatEvent, are accepted and fail
  at delivery with 3028 and 3026, which is where the code tables list them.
- A surplus template parameter is -3049, a missing one -3004.
- Blocked and dormant templates are refused like unapproved ones (-3005).
- Vendor-side fallback is not set up: `isResend` true is -2502.
- Date filters include both ends to the millisecond: an end of 10:15 excludes 10:15:01.
- `message-results` are sorted by update time, oldest first.
- Text messages wait 25 h for a phone that is off, LMS too, then fail with 2003.
- Registration puts a template straight into review (TSC02).
- Template comments, reservations' cancellation, uploads, statistics, authentication and bulk
  messages are not there: -9998.
- Webhooks are retried four times within half a minute and then dropped; up to 500 hooks a POST;
  they may arrive in any order. The SMS webhook spells `recipientGroupingKey` as the table does.
"""
