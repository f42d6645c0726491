/* libreeve: publish reports to a Reeve daemon, ask it anything, and follow its feed.
 *
 * A client belongs to one thread: nothing here runs in the background but libzmq's own. Work is done inside of reeve_ask,
 * reeve_run and reeve_flush; callbacks are called from there and may send, but not ask, run, flush or close.
 *
 * Nothing is given up silently. A request is kept until its reply came: the client reconnects, waits as told when the daemon is
 * busy or stopping, and sends again what stayed unanswered, under the same request id and (for reports) the same source and
 * source_ref, so that nothing happens twice. Messages, fields and errors are described in PROTOCOL.md.
 *
 * Every char * is UTF-8. Times are milliseconds since 1970-01-01 UTC. This header needs no other one of Reeve. */
#ifndef REEVE_H
#define REEVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REEVE_PROTOCOL 1

/* What functions return. Positive: an answer. Negative: it could not be done. */
enum reeve_result {
	REEVE_OK = 0,
	REEVE_REFUSED = 1,  /* the daemon answered with an error: see error, message and field of the reply */
	REEVE_TIMEOUT = -1, /* no answer in time; whether it was done is not known */
	REEVE_FULL = -2,    /* as many requests are held as options.queue allows: reeve_run, then again */
	REEVE_INVALID = -3, /* no such field, a value that the field does not take, or a call from inside of a callback */
	REEVE_SYSTEM = -4,  /* libzmq or the system failed: errno says how */
};
const char *reeve_result_text(int result);

/* ---- messages: a map of fields, as in PROTOCOL.md ---- */

struct reeve_message;

/* command may be NULL (for a row of a list). Never NULL. */
struct reeve_message *reeve_message_new(const char *command);
struct reeve_message *reeve_message_copy(const struct reeve_message *message);
/* Takes NULL. */
void reeve_message_free(struct reeve_message *message);

/* Each returns REEVE_OK or REEVE_INVALID (reeve_message_fault says why) and copies what it is given. Text is also taken for case
 * numbers, names (kind, state, ...) and times (RFC 3339). */
int reeve_message_set_text(struct reeve_message *message, const char *field, const char *text);
int reeve_message_set_bytes(struct reeve_message *message, const char *field, const void *bytes, size_t len); /* text may hold len bytes, too */
int reeve_message_set_int(struct reeve_message *message, const char *field, int64_t value); /* INT, and times in milliseconds */
int reeve_message_set_real(struct reeve_message *message, const char *field, double value);
int reeve_message_set_flag(struct reeve_message *message, const char *field, bool value);
/* Appends a row to a list field. */
int reeve_message_add(struct reeve_message *message, const char *field, const struct reeve_message *row);
/* Why the last set or add failed; "" when it did not. */
const char *reeve_message_fault(const struct reeve_message *message);

bool reeve_message_has(const struct reeve_message *message, const char *field);
/* As text, whatever the type (case numbers with their check digit, times as RFC 3339). NULL: absent, or a list. Lives as long as the message. */
const char *reeve_message_text(const struct reeve_message *message, const char *field);
/* The bytes of text or bytes, not NUL-terminated. NULL: absent or something else. */
const void *reeve_message_bytes(const struct reeve_message *message, const char *field, size_t *ret_len);
/* INT and times; the bare number of a case. */
int64_t reeve_message_int(const struct reeve_message *message, const char *field, int64_t otherwise);
double reeve_message_real(const struct reeve_message *message, const char *field, double otherwise);
bool reeve_message_flag(const struct reeve_message *message, const char *field, bool otherwise);
/* Rows of a list field; they live as long as the message. */
size_t reeve_message_count(const struct reeve_message *message, const char *field);
const struct reeve_message *reeve_message_row(const struct reeve_message *message, const char *field, size_t index);
/* One line of JSON, private fields included; free() it. */
char *reeve_message_json(const struct reeve_message *message);

/* ---- a connection ---- */

struct reeve_client;

struct reeve_options {
	const char *service; /* endpoint; NULL: ipc:///run/reeve/service */
	const char *feed;    /* endpoint; NULL: ipc:///run/reeve/feed. Only used by reeve_subscribe. */
	const char *actor;   /* who asks; NULL: "libreeve" */
	/* 0 stands for the default in brackets */
	size_t queue;           /* requests held at most [65536] */
	size_t window;          /* requests sent and not answered, at most [4096] */
	size_t window_bytes;    /* the same in bytes [4 MiB] */
	size_t frame_requests;  /* requests packed in one frame, at most [64] */
	int64_t resend_ms;      /* an unanswered request (but advance) is sent again after this, though the connection held [30000] */
	const char *curve_server_key; /* Z85, 40 characters; NULL: no CURVE */
	const char *curve_public_key; /* our own pair */
	const char *curve_secret_key;
};

/* Connects in the background: a daemon that starts later is found. NULL with errno set. options may be NULL. */
struct reeve_client *reeve_open(const struct reeve_options *options);
/* Takes NULL. What is unanswered is dropped: its callbacks are called with a NULL reply. */
void reeve_close(struct reeve_client *client);

/* ---- ask: one request, its reply ---- */

/* REEVE_OK, REEVE_REFUSED, or negative. On the first two *ret_reply (if not NULL) is yours to free. busy is waited out within the time. timeout_ms -1: no limit. */
int reeve_ask(struct reeve_client *client, const struct reeve_message *request, int64_t timeout_ms, struct reeve_message **ret_reply);

/* ---- send: many requests under way ---- */

/* reply: NULL when the request was dropped (timed out or closed). result: REEVE_OK, REEVE_REFUSED or REEVE_TIMEOUT. The reply lives until the
 * callback returns. */
typedef void reeve_reply(void *context, int result, const struct reeve_message *reply);
/* Queues one request; the callback (may be NULL) is called once. timeout_ms 0: kept until it is answered. A request field that is set is
 * kept, so that a program can repeat a request after its own restart; otherwise the client makes one up. */
int reeve_send(struct reeve_client *client, const struct reeve_message *request, int64_t timeout_ms, reeve_reply *each, void *context);
/* reeve_send of a report (submit) without a timeout: source, source_ref and text must be set. */
int reeve_publish(struct reeve_client *client, const struct reeve_message *report, reeve_reply *each, void *context);

/* Sends, receives, calls back; returns after at least one callback or when the time is over (-1: no limit). The number of callbacks, or negative. */
int reeve_run(struct reeve_client *client, int64_t timeout_ms);
/* Runs until nothing is held any more. REEVE_OK or REEVE_TIMEOUT. */
int reeve_flush(struct reeve_client *client, int64_t timeout_ms);
/* Requests held: queued, under way, or waiting for a busy daemon. */
size_t reeve_held(const struct reeve_client *client);

/* ---- subscribe: events, none missing, none twice ---- */

struct reeve_subscription;

enum reeve_note {
	REEVE_NOTE_CAUGHT_UP, /* everything up to seq has been delivered; what follows is live */
	REEVE_NOTE_REPAIR,    /* something was lost after seq (a restart, a full queue): it is being fetched */
	REEVE_NOTE_GAP,       /* events before seq are no longer kept by the daemon: delivery goes on from there */
	REEVE_NOTE_REFUSED,   /* the daemon refuses the replay; seq is the number it was asked for. It is asked again. */
};

struct reeve_listener {
	/* Events come in the order of their sequence numbers. Only when the feed lost one and the loss shows later than the events of
	 * other topics does the lost one come late; within a topic (event and area) that was seen before, the order always holds. The
	 * event lives until the call returns. */
	void (*event)(void *context, const struct reeve_message *event);
	/* May be NULL. */
	void (*note)(void *context, enum reeve_note note, int64_t seq);
	void *context;
};

/* topics: prefixes of `event/area path/`, e.g. "case_escalated/boston/"; none, or "", is everything. from_seq: the first sequence number wanted;
 * 0: from now on. Runs inside of reeve_run. One subscription a client. NULL with errno set. */
struct reeve_subscription *reeve_subscribe(struct reeve_client *client, const char *const *topics, size_t topic_count, int64_t from_seq,
	const struct reeve_listener *listener);
/* Nothing that was asked for is missing up to this sequence number; some events behind it may have been delivered already. To miss nothing and do nothing twice
 * over a restart of your program, keep this number, and those of the events behind it that you dealt with: subscribe from the one after it, and
 * leave those out. May be called from inside of a callback. */
int64_t reeve_subscription_reached(const struct reeve_subscription *subscription);
/* Takes NULL. Must not be called from inside of a callback. */
void reeve_unsubscribe(struct reeve_subscription *subscription);

#ifdef __cplusplus
}
#endif
#endif
