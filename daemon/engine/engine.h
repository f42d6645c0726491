/* The engine: one round at a time. It takes frames from peers, decides, applies, appends, commits once, and only then
 * reveals replies, tasks and news. It knows peers by opaque bytes and has no idea of sockets, files or real time.
 *
 * A turn of the loop is: engine_receive for each frame that came (bounded), engine_turn once, then engine_output until it
 * returns false. One thread. Negative returns: a fault (the journal, or an archive_broken): nothing of the turn is
 * revealed, and what is stored has to be opened again, in a new process or in this one. */
#ifndef REEVE_ENGINE_ENGINE_H
#define REEVE_ENGINE_ENGINE_H

#include "base/settings.h"
#include "schema/codec.h"
#include "store/archive.h"
#include "store/journal.h"

struct engine;

/* What to send. peer: whom (DOOR_SERVICE, DOOR_WORK); topic: the first frame (DOOR_FEED). */
struct engine_output {
	enum door door;
	struct span peer;
	struct span topic;
	struct span payload;
};

/* Loads the open cases from the archive and applies the journal's tail. Borrows settings, journal and archive until engine_close.
 * now: real time in milliseconds (ignored with a driven clock). NULL with one line in error. */
struct engine *engine_open(const struct settings *settings, struct journal *journal, struct archive *archive, int64_t now,
	char *error, size_t error_size);
/* Takes NULL. Does not close journal and archive. */
void engine_close(struct engine *engine);

/* A payload frame from a peer (routing id bytes). The frame is only read during the call. */
void engine_receive(struct engine *engine, enum door door, struct span peer, struct span frame);
/* A frame that the transport itself refused (too large). */
void engine_refuse(struct engine *engine, enum door door, struct span peer, enum error_kind error);
/* The same in pieces, so that nobody's frame keeps others waiting: a frame is checked, copied and handled later. What a daemon's doors call.
 * False: its peer has more under way than it may, and was told so. */
bool engine_queue(struct engine *engine, enum door door, struct span peer, struct span frame);
/* The time of what is handled from now on. */
void engine_time(struct engine *engine, int64_t now);
/* Handles a few of the queued requests of the peer whose turn it is. False: there is nothing more that can be done now. */
bool engine_slice(struct engine *engine);
/* Somebody who asks little was handled since the last commit: it should come soon, whatever others asked. */
bool engine_hurried(const struct engine *engine);
/* Whether a peer takes its answers; requests of one that does not are left until it does. */
void engine_on_clear(struct engine *engine, bool (*clear)(void *context, enum door door, struct span peer), void *context);
/* A peer can no longer be reached: its leases go back at once. */
void engine_unreachable(struct engine *engine, enum door door, struct span peer);
/* A feed prefix is subscribed to (true) or no longer (false): it gets marks. */
void engine_subscription(struct engine *engine, struct span topic, bool on);

/* Ticks, answers what waited, offers tasks, commits. 0 or a fault; engine_fault says what. */
int engine_turn(struct engine *engine, int64_t now);
/* The next thing to send; spans live until the next call of engine_receive or engine_turn. */
bool engine_output(struct engine *engine, struct engine_output *ret_output);
/* Milliseconds of real time until the engine wants a turn though nothing comes in; 0: at once; -1: never. */
int64_t engine_wait_ms(const struct engine *engine, int64_t now);
const char *engine_fault(const struct engine *engine);

/* Whether an archive belongs to this journal, before engine_open. 0: yes, or it is empty. 1: no, it has to be begun anew, error says why.
 * -1: it has seen records that the journal does not have: the journal lost what was acknowledged, and nobody may go on without a word. */
int engine_archive_check(struct journal *journal, struct archive *archive, char *error, size_t error_size);
/* What archive_open is to be called with: changes whenever the archive's tables do. */
int64_t engine_archive_format(void);
/* For the service manager's status line. */
int64_t engine_open_cases(const struct engine *engine);

/* SIGTERM: new reports and new offers are refused (stopping); engine_idle turns true when no task is leased. */
void engine_stop(struct engine *engine);
bool engine_idle(const struct engine *engine);
/* Settings were read again: limits hold from the next frame on. */
void engine_reload(struct engine *engine, const struct settings *settings);
/* Figures that only the transport knows, shown by `status`: sets or replaces one. */
void engine_set_figure(struct engine *engine, const char *name, int64_t value);
/* A digest (BLAKE2b-256) over the whole state, for tests: equal to that of a replay. */
void engine_digest(const struct engine *engine, unsigned char ret_digest[32]);

#endif
