"""SOLAPI as the sandbox speaks it: messages v4, storage v1, cash v1 and kakao v2, under `/solapi`.

Written after SOLAPI's public documents (github.com/solapi/documents, 2022-09) and its SDKs (PyPI
solapi 5.0.3, npm solapi 6.0.1), which run against it unchanged (`make sdk`); never compared with
the service itself. What they leave open is our choice:

- The order of checks of a signature: key, form, time, signature, repetition. A header that cannot
  be read is InvalidAPIKey; a salt that is too short or long is SignatureDoesNotMatch. HMAC-MD5 and
  OAuth2 are not there.
- A signature counts as used only when all else about it is right.
- A single send whose message is refused: 400 InvalidStatusCode with `strict`, else 200 with its
  statusCode. An empty `messages` is a ValidationError. A body beyond 15 MB: 413 PayloadTooLarge.
- `type` that is given wins over `autoTypeDetect`. Kakao friend-talk, brand messages, Naver, RCS,
  fax and voice are known types with no route here: 1058.
- A template that is not approved, or stopped, is an unknown one (1042); a channel of somebody else
  or a blocked one is 1041. A variable without a value differs from the template (1043). Parts and
  buttons that a request does not carry are filled in from the template. When a template changed
  between intake and sending: 3105 (gone or stopped), 3103 (another text); a channel: 3106.
- Phones: not on KakaoTalk 3104, blocked 3107, off for as long as it is held 3040 (notice) and 3043
  (text message); while it is held there is no report, and the status is 3000.
- The replacement of a notice that failed is its own text as SMS or, beyond 90 bytes or with a
  subject, LMS; the message keeps its id and type and gets `replacement: true`. A text that EUC-KR
  cannot write has none. `replacements` and `replacementText` are kept and not used.
- Group states beyond PENDING, SENDING, SCHEDULED and FAILED: COMPLETE, DELETED. The messages of a
  cancelled reservation get 2024. A reservation without balance gets 2230 when it falls due.
- Message states: PENDING, SENDING, COMPLETE, FAILED. Lists: newest first, at most 500 a page.
- Prices: sms 20, lms 50, mms 200, ata 13 won, given back when a message fails.
- Reports: up to 500 a request, five calls in all within half a minute; reports about groups go to
  an address of their own.
- Templates: what the state does not allow is 400 InvalidStatus; a content is edited while PENDING
  or REJECTED, and is PENDING then.
- What is not there: 404 ResourceNotFound.
"""
