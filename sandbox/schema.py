"""The tables of the store. Times: milliseconds since 1970 (UTC); numbers: digits only."""

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS nhn_account (
  app_key TEXT PRIMARY KEY, secret_key TEXT NOT NULL,
  sms_app_key TEXT NOT NULL, sms_secret_key TEXT NOT NULL,
  webhook_url TEXT NOT NULL DEFAULT '', webhook_signature TEXT NOT NULL DEFAULT ''
);
CREATE TABLE IF NOT EXISTS consult_account (
  client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, receive_domain TEXT NOT NULL DEFAULT ''
);
-- senders: a JSON list of sender keys and caller numbers
CREATE TABLE IF NOT EXISTS relay_account (
  key TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, signing_secret TEXT NOT NULL,
  idempotency TEXT NOT NULL, dedupe_ttl_s INTEGER NOT NULL, senders TEXT NOT NULL,
  callback_url TEXT NOT NULL
);
-- one channel; NHN sends notices with it, the consultation hub chats with it
CREATE TABLE IF NOT EXISTS sender (
  sender_key TEXT PRIMARY KEY, channel_id TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '',
  app_key TEXT, client_id TEXT, blocked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS caller (
  app_key TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (app_key, number)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS template (
  sender_key TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  body TEXT NOT NULL,                         -- the registration request, JSON
  status TEXT NOT NULL,                       -- TSC01 .. TSC04
  block INTEGER NOT NULL DEFAULT 0, dormant INTEGER NOT NULL DEFAULT 0,
  kakao_code TEXT NOT NULL, comments TEXT NOT NULL DEFAULT '[]',
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (sender_key, code)
);

CREATE TABLE IF NOT EXISTS phone (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, auto INTEGER NOT NULL,
  is_on INTEGER NOT NULL DEFAULT 1, kakao INTEGER NOT NULL DEFAULT 1,
  blocks_all INTEGER NOT NULL DEFAULT 0,      -- blocks every channel (magic number 3020)
  slow_s REAL NOT NULL DEFAULT 0, answer_lost INTEGER NOT NULL DEFAULT 0,
  rank INTEGER NOT NULL,                      -- named phones first, then the newest arrival
  last_id INTEGER NOT NULL DEFAULT 0,         -- newest message in any room
  unread_chat INTEGER NOT NULL DEFAULT 0, unread_sms INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS phone_rank ON phone (rank, number);
-- one room per app and sender (a sender key or a caller number)
CREATE TABLE IF NOT EXISTS room (
  number TEXT NOT NULL, app TEXT NOT NULL, sender TEXT NOT NULL,
  last_id INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,
  blocked INTEGER NOT NULL DEFAULT 0, friend INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (number, app, sender)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customer (
  number TEXT NOT NULL, sender_key TEXT NOT NULL, user_key TEXT NOT NULL UNIQUE,
  last_extra TEXT NOT NULL DEFAULT '', last_extra_at INTEGER,
  PRIMARY KEY (number, sender_key)
);
CREATE TABLE IF NOT EXISTS chat_session (
  id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, sender_key TEXT NOT NULL,
  user_key TEXT NOT NULL, opened_at INTEGER NOT NULL, extended_at INTEGER NOT NULL, ended_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS chat_session_open
  ON chat_session (number, sender_key) WHERE ended_at IS NULL;
CREATE INDEX IF NOT EXISTS chat_session_user ON chat_session (user_key, sender_key);

CREATE TABLE IF NOT EXISTS message (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  number TEXT NOT NULL, app TEXT NOT NULL, sender TEXT NOT NULL,
  kind TEXT NOT NULL,                         -- alimtalk | sms | lms | say | system
  mine INTEGER NOT NULL DEFAULT 0,            -- 1: written by the customer
  title TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',
  payload TEXT NOT NULL DEFAULT '{}',         -- buttons and other parts as the provider got them
  pressed TEXT NOT NULL DEFAULT '[]',         -- indexes of pressed buttons
  provider TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '', recipient_seq INTEGER NOT NULL DEFAULT 0,
  sender_ref TEXT NOT NULL DEFAULT '', ref TEXT NOT NULL DEFAULT '',
  template_code TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, request_at INTEGER NOT NULL DEFAULT 0, -- reserved for
  state TEXT NOT NULL DEFAULT 'done',         -- waiting | held (phone off) | done
  due_at INTEGER, result TEXT NOT NULL DEFAULT '', result_at INTEGER,
  arrival INTEGER, arrived_at INTEGER         -- place in the order of appearance on all phones
);
CREATE INDEX IF NOT EXISTS message_due ON message (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_held ON message (state, number) WHERE state = 'held';
CREATE UNIQUE INDEX IF NOT EXISTS message_arrival ON message (arrival) WHERE arrival IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_room ON message (number, arrival);
CREATE INDEX IF NOT EXISTS message_request
  ON message (account, request_id, recipient_seq) WHERE request_id <> '';
CREATE INDEX IF NOT EXISTS message_created ON message (account, created_at) WHERE account <> '';
CREATE INDEX IF NOT EXISTS message_result
  ON message (account, result_at) WHERE result_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS message_sender_ref
  ON message (account, sender_ref) WHERE sender_ref <> '';
CREATE INDEX IF NOT EXISTS message_ref ON message (account, ref) WHERE ref <> '';

CREATE TABLE IF NOT EXISTS idempotency (
  account TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lost_answer (reference TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, account TEXT NOT NULL, -- consult | alimtalk | sms | relay; whose address
  path TEXT NOT NULL, lane TEXT NOT NULL,    -- calls of one lane go out one after another
  body BLOB NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at);
CREATE INDEX IF NOT EXISTS outbox_lane ON outbox (lane, id);
"""
