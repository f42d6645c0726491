/* Programs that read the store's files beside us. One that stands still in the middle (stopped, or waiting for whoever reads its output) makes every
 * page that is freed useless, so that the files would grow for as long as it stands: it is told of after store.reader_warn_ms, pruning waits, and after
 * store.reader_most_ms it is ended. Owns since when the worst one was seen; ends nobody but readers of these files. */
#include "engine/inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

#define CHECK_MS 1000

static void reader_say(const struct journal_reader *reader, int64_t lag_ms, const char *effect, const char *remedy)
{
	log_line(LOG_LEVEL_WARNING, "slow reader", "pid", log_number(reader->pid), "since_ms", log_number(lag_ms), "commits_behind", log_number(reader->behind),
		"effect", effect, "remedy", remedy, NULL);
}

/* A backup of ours reads for as long as it copies; nothing can be ended but the daemon. */
static void reader_warn(struct engine *engine, const struct journal_reader *reader, int64_t lag_ms)
{
	if (reader->pid == getpid())
		reader_say(reader, lag_ms, "the journal's file grows until the backup is written", "look at the disk that the backup is written to");
	else
		reader_say(reader, lag_ms, "the journal's file grows and nothing is pruned until it goes on",
			engine->settings->store_reader_most_ms ? "let it go on, or end it; after store.reader_most_ms it is ended" : "let it go on, or end it");
	engine->readers.warned = true;
	figure_add(engine, "slow_readers", 1);
}

static void reader_end(struct engine *engine, const struct journal_reader *reader, int64_t lag_ms)
{
	int code = engine->journal->ops->end_reader(engine->journal, reader);

	engine->readers.ended = true; /* once: if it cannot be ended, somebody has to */
	if (code == 0) {
		figure_add(engine, "readers_ended", 1);
		reader_say(reader, lag_ms, "it was ended", "call it again; it reads the newest state then");
	} else if (code != ESRCH) {
		reader_say(reader, lag_ms, strerror(code), "end it by hand");
	} else if (reader->pid != getpid()) {
		reader_say(reader, lag_ms, "it cannot be seen from here", "end it by hand");
	}
}

void readers_turn(struct engine *engine)
{
	struct readers *readers = &engine->readers;
	const struct settings *settings = engine->settings;
	struct journal_reader reader;

	if (engine->real < readers->look_at || !engine->journal->ops->slowest_reader)
		return;
	readers->look_at = engine->real + CHECK_MS;
	if (!engine->journal->ops->slowest_reader(engine->journal, &reader)) {
		*readers = (struct readers){.look_at = readers->look_at};
		return;
	}
	if (reader.pid != readers->worst.pid || reader.state != readers->worst.state)
		*readers = (struct readers){.look_at = readers->look_at, .since = engine->real};
	readers->worst = reader;
	readers->lag_ms = engine->real - readers->since;
	if (!readers->warned && readers->lag_ms >= settings->store_reader_warn_ms)
		reader_warn(engine, &reader, readers->lag_ms);
	if (!readers->ended && settings->store_reader_most_ms && readers->lag_ms >= settings->store_reader_most_ms)
		reader_end(engine, &reader, readers->lag_ms);
}

void readers_figures(struct engine *engine)
{
	const struct readers *readers = &engine->readers;

	figure_set(engine, "slow_reader_pid", readers->warned ? readers->worst.pid : 0);
	figure_set(engine, "slow_reader_ms", readers->warned ? readers->lag_ms : 0);
	figure_set(engine, "slow_reader_commits", readers->warned ? readers->worst.behind : 0);
	figure_add(engine, "readers_ended", 0);
}
