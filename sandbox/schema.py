"""The tables of the store. Times: milliseconds since 1970 (UTC); numbers: digits only."""

import sqlite3

TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- a person's own scenarios
CREATE TABLE IF NOT EXISTS scenario (name TEXT PRIMARY KEY, toml TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS nhn_account (
  app_key TEXT PRIMARY KEY, secret_key TEXT NOT NULL,
  sms_app_key TEXT NOT NULL, sms_secret_key TEXT NOT NULL,
  webhook_url TEXT NOT NULL DEFAULT '', webhook_signature TEXT NOT NULL DEFAULT '',
  resend_app_key TEXT NOT NULL DEFAULT ''     -- the SMS app key NHN falls back with
);
-- a channel that asked NHN to be registered and has not said its token yet
CREATE TABLE IF NOT EXISTS nhn_profile_request (
  app_key TEXT NOT NULL, channel_id TEXT NOT NULL, category TEXT NOT NULL, token INTEGER NOT NULL,
  created_at INTEGER NOT NULL, PRIMARY KEY (app_key, channel_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS consult_account (
  client_id TEXT PRIMARY KEY, client_secret TEXT NOT NULL, receive_domain TEXT NOT NULL DEFAULT ''
);
-- senders: a JSON list of sender keys and caller numbers
CREATE TABLE IF NOT EXISTS relay_account (
  key TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, signing_secret TEXT NOT NULL,
  idempotency TEXT NOT NULL, dedupe_ttl_s INTEGER NOT NULL, senders TEXT NOT NULL,
  callback_url TEXT NOT NULL
);
-- id: what SOLAPI calls accountId; balance in won; report_shape: wrapped | flat
CREATE TABLE IF NOT EXISTS solapi_account (
  api_key TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, api_secret TEXT NOT NULL,
  webhook_url TEXT NOT NULL, group_webhook_url TEXT NOT NULL, report_shape TEXT NOT NULL,
  balance REAL NOT NULL
);
-- a Firebase project: whose assertions it takes; a token sends for its project until it ends
CREATE TABLE IF NOT EXISTS fcm_account (
  project TEXT PRIMARY KEY, client_email TEXT NOT NULL, public_key TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS fcm_token (
  token TEXT PRIMARY KEY, project TEXT NOT NULL, expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fcm_token_ends ON fcm_token (expires_at);
-- the app of a project on a phone, and the addresses it ever had: kind fid | token
CREATE TABLE IF NOT EXISTS push_device (
  id INTEGER PRIMARY KEY AUTOINCREMENT, number TEXT NOT NULL, project TEXT NOT NULL,
  label TEXT NOT NULL, installed_at INTEGER NOT NULL, removed_at INTEGER
);
CREATE UNIQUE INDEX IF NOT EXISTS push_device_there
  ON push_device (number, project) WHERE removed_at IS NULL;
CREATE INDEX IF NOT EXISTS push_device_project
  ON push_device (project) WHERE removed_at IS NULL;
CREATE TABLE IF NOT EXISTS push_address (
  address TEXT PRIMARY KEY, kind TEXT NOT NULL, device INTEGER NOT NULL, ended_at INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS push_address_device ON push_address (device);
-- one channel; NHN or SOLAPI sends notices with it, the consultation hub chats with it
CREATE TABLE IF NOT EXISTS sender (
  sender_key TEXT PRIMARY KEY, channel_id TEXT NOT NULL DEFAULT '', name TEXT NOT NULL DEFAULT '',
  app_key TEXT, client_id TEXT, blocked INTEGER NOT NULL DEFAULT 0, solapi_id TEXT,
  category TEXT NOT NULL DEFAULT '', created_at INTEGER NOT NULL DEFAULT 0,
  -- NHN's own fallback by default, and its caller number
  resends INTEGER NOT NULL DEFAULT 0, resend_no TEXT NOT NULL DEFAULT ''
);
-- app_key: NHN's, or the id of a SOLAPI account
CREATE TABLE IF NOT EXISTS caller (
  app_key TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (app_key, number)
) WITHOUT ROWID;

-- status: TSC01 .. TSC04, of the text in use, or of the newest while none was ever approved; stop,
-- block and dormant lie beside it. queued_at: since when a text waits for the reviewers' next step
CREATE TABLE IF NOT EXISTS template (
  sender_key TEXT NOT NULL, code TEXT NOT NULL, name TEXT NOT NULL,
  body TEXT NOT NULL,                         -- the registration request, JSON
  status TEXT NOT NULL,
  stop INTEGER NOT NULL DEFAULT 0, block INTEGER NOT NULL DEFAULT 0,
  dormant INTEGER NOT NULL DEFAULT 0,
  kakao_code TEXT NOT NULL, comments TEXT NOT NULL DEFAULT '[]',
  version INTEGER NOT NULL DEFAULT 1,         -- which text of this template it is
  edit TEXT,                                  -- the newer text beside an approved one, JSON
  former TEXT NOT NULL DEFAULT '[]',          -- earlier texts, JSON
  queued_at INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
  PRIMARY KEY (sender_key, code)
);
CREATE INDEX IF NOT EXISTS template_queue ON template (queued_at) WHERE queued_at IS NOT NULL;
-- what was uploaded for templates and MMS; token: its place in the address
CREATE TABLE IF NOT EXISTS picture (
  id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL,
  use TEXT NOT NULL,                          -- template | highlight | mms | solapi | photo
  name TEXT NOT NULL, token TEXT NOT NULL UNIQUE, media_type TEXT NOT NULL,
  data BLOB NOT NULL, created_at INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS phone (
  number TEXT PRIMARY KEY, name TEXT NOT NULL, auto INTEGER NOT NULL,
  is_on INTEGER NOT NULL DEFAULT 1, kakao INTEGER NOT NULL DEFAULT 1,
  blocks_all INTEGER NOT NULL DEFAULT 0,      -- blocks every channel (magic number 3020)
  slow_s REAL NOT NULL DEFAULT 0, answer_lost INTEGER NOT NULL DEFAULT 0,
  rank INTEGER NOT NULL,                      -- named phones first, then the newest arrival
  last_id INTEGER NOT NULL DEFAULT 0,         -- newest message in any room
  town INTEGER NOT NULL DEFAULT 0,            -- 1: is as a scenario's town has it
  unread_chat INTEGER NOT NULL DEFAULT 0, unread_sms INTEGER NOT NULL DEFAULT 0,
  unread_push INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS phone_rank ON phone (rank, number);
-- one for each filter of the wall: few phones of many, in the wall's order
DROP INDEX IF EXISTS phone_unread;            -- of a store without pushes
CREATE INDEX IF NOT EXISTS phone_unseen ON phone (rank, number)
  WHERE unread_chat + unread_sms + unread_push > 0;
CREATE INDEX IF NOT EXISTS phone_no_kakao ON phone (rank, number) WHERE kakao = 0;
CREATE INDEX IF NOT EXISTS phone_off ON phone (rank, number) WHERE is_on = 0;
CREATE INDEX IF NOT EXISTS phone_slow ON phone (rank, number) WHERE slow_s > 0;
CREATE INDEX IF NOT EXISTS phone_lost ON phone (rank, number) WHERE answer_lost = 1;
CREATE INDEX IF NOT EXISTS phone_blocks ON phone (number) WHERE blocks_all = 1;
-- one room per app and sender (a sender key or a caller number)
CREATE TABLE IF NOT EXISTS room (
  number TEXT NOT NULL, app TEXT NOT NULL, sender TEXT NOT NULL,
  last_id INTEGER NOT NULL DEFAULT 0, unread INTEGER NOT NULL DEFAULT 0,
  blocked INTEGER NOT NULL DEFAULT 0, friend INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (number, app, sender)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS room_blocked ON room (number) WHERE blocked = 1;
CREATE TABLE IF NOT EXISTS customer (
  number TEXT NOT NULL, sender_key TEXT NOT NULL, user_key TEXT NOT NULL UNIQUE,
  last_extra TEXT NOT NULL DEFAULT '', last_extra_at INTEGER,
  barred INTEGER NOT NULL DEFAULT 0,          -- the channel blocked them
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
  kind TEXT NOT NULL,                         -- alimtalk | sms | lms | mms | push | say | system
  mine INTEGER NOT NULL DEFAULT 0,            -- 1: written by the customer
  title TEXT NOT NULL DEFAULT '', text TEXT NOT NULL DEFAULT '',
  payload TEXT NOT NULL DEFAULT '{}',         -- buttons and other parts as the provider got them
  pressed TEXT NOT NULL DEFAULT '[]',         -- indexes of pressed buttons
  provider TEXT NOT NULL DEFAULT '', account TEXT NOT NULL DEFAULT '',
  request_id TEXT NOT NULL DEFAULT '', recipient_seq INTEGER NOT NULL DEFAULT 0,
  sender_ref TEXT NOT NULL DEFAULT '', ref TEXT NOT NULL DEFAULT '',
  template_code TEXT NOT NULL DEFAULT '',
  created_at INTEGER NOT NULL, request_at INTEGER NOT NULL DEFAULT 0, -- reserved for
  state TEXT NOT NULL DEFAULT 'done',         -- waiting | held (phone off) | done | cancelled
  due_at INTEGER, result TEXT NOT NULL DEFAULT '', result_at INTEGER,
  arrival INTEGER, arrived_at INTEGER,        -- place in the order of appearance on all phones
  auth INTEGER NOT NULL DEFAULT 0,            -- 1: sent by the lane of authentication messages
  author TEXT NOT NULL DEFAULT '', stats_id TEXT NOT NULL DEFAULT '',
  resend TEXT NOT NULL DEFAULT '',            -- NHN's own fallback: what it would send, JSON
  resend_request_id TEXT NOT NULL DEFAULT '', resend_at INTEGER
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

-- what SOLAPI keeps of its groups and of every message, also of those it refused or never sent
CREATE TABLE IF NOT EXISTS solapi_group (
  id TEXT PRIMARY KEY, account TEXT NOT NULL, status TEXT NOT NULL,
  body TEXT NOT NULL,                         -- the request that made it, JSON
  log TEXT NOT NULL DEFAULT '[]', last_seq INTEGER NOT NULL DEFAULT 0,
  scheduled_at INTEGER, sent_at INTEGER, completed_at INTEGER,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS solapi_group_account ON solapi_group (account, created_at);
CREATE INDEX IF NOT EXISTS solapi_group_due ON solapi_group (scheduled_at)
  WHERE status = 'SCHEDULED';
CREATE TABLE IF NOT EXISTS solapi_message (
  id TEXT PRIMARY KEY, grp TEXT NOT NULL, seq INTEGER NOT NULL, account TEXT NOT NULL,
  type TEXT NOT NULL, number TEXT NOT NULL, sender TEXT NOT NULL, status_code TEXT NOT NULL,
  body TEXT NOT NULL,                         -- the message as it is kept, JSON
  replacement INTEGER NOT NULL DEFAULT 0,     -- 1: SOLAPI sent a text message in its place
  cost REAL NOT NULL DEFAULT 0, extra REAL NOT NULL DEFAULT 0, refund REAL NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, sent_at INTEGER, result_at INTEGER,
  UNIQUE (grp, seq)
);
CREATE INDEX IF NOT EXISTS solapi_message_account ON solapi_message (account, created_at, id);
CREATE INDEX IF NOT EXISTS solapi_message_open ON solapi_message (grp)
  WHERE sent_at IS NOT NULL AND result_at IS NULL;
CREATE INDEX IF NOT EXISTS solapi_message_number ON solapi_message (grp, number);

CREATE TABLE IF NOT EXISTS idempotency (
  account TEXT NOT NULL, key TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (account, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS idempotency_at ON idempotency (at);
CREATE TABLE IF NOT EXISTS lost_answer (reference TEXT PRIMARY KEY, at INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS hub_file (
  id INTEGER PRIMARY KEY AUTOINCREMENT, use TEXT NOT NULL, token TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL, media_type TEXT NOT NULL, data BLOB NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL, account TEXT NOT NULL, -- consult | alimtalk | sms | relay | app | solapi…
  path TEXT NOT NULL, lane TEXT NOT NULL,    -- calls of one lane go out one after another
  body BLOB NOT NULL,
  line INTEGER,                              -- the customer's line that a /message tells of
  tries INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, created_at INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS outbox_due ON outbox (due_at);
CREATE INDEX IF NOT EXISTS outbox_lane ON outbox (lane, id);
CREATE INDEX IF NOT EXISTS outbox_line ON outbox (line) WHERE line IS NOT NULL;
"""

# columns that a store made by an earlier sandbox lacks
LATER = {
    "template": {
        "stop": "INTEGER NOT NULL DEFAULT 0",
        "version": "INTEGER NOT NULL DEFAULT 1",
        "edit": "TEXT",
        "former": "TEXT NOT NULL DEFAULT '[]'",
        "queued_at": "INTEGER",
    },
    "sender": {
        "solapi_id": "TEXT",
        "category": "TEXT NOT NULL DEFAULT ''",
        "created_at": "INTEGER NOT NULL DEFAULT 0",
        "resends": "INTEGER NOT NULL DEFAULT 0",
        "resend_no": "TEXT NOT NULL DEFAULT ''",
    },
    "phone": {
        "town": "INTEGER NOT NULL DEFAULT 0",
        "unread_push": "INTEGER NOT NULL DEFAULT 0",
    },
    "outbox": {"line": "INTEGER"},
    "customer": {"barred": "INTEGER NOT NULL DEFAULT 0"},
    "nhn_account": {"resend_app_key": "TEXT NOT NULL DEFAULT ''"},
    "message": {
        "auth": "INTEGER NOT NULL DEFAULT 0",
        "author": "TEXT NOT NULL DEFAULT ''",
        "stats_id": "TEXT NOT NULL DEFAULT ''",
        "resend": "TEXT NOT NULL DEFAULT ''",
        "resend_request_id": "TEXT NOT NULL DEFAULT ''",
        "resend_at": "INTEGER",
    },
}


def build(db: sqlite3.Connection) -> None:
    """Make what is missing; what a store already holds stays."""
    for table, columns in LATER.items():
        there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
        missing = [name for name in columns if there and name not in there]
        for name in missing:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")
        if "queued_at" in missing:
            db.execute("UPDATE template SET queued_at = created_at WHERE status = 'TSC02'")
    db.executescript(TABLES)
