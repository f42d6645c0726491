/* Backups for administrators: `backup` begins one and is answered when it is written and verified, while the rounds go on. Owns the
 * one backup under way and who waits for it; looks at it a few times a second. One at a time: it reads the whole journal. */
#include "engine/inside.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"

#define LOOK_MS 50

static char *directory_of(const struct engine *engine, struct span directory)
{
	struct buf path = {0};

	if (directory.data[0] != '/')
		buf_printf(&path, "%s/", engine->settings->daemon_state_dir);
	buf_add_span(&path, directory);
	char *whole = span_dup(buf_span(&path));
	buf_free(&path);
	return whole;
}

void backup_command(struct engine *engine, const struct caller *caller)
{
	char error[400] = "";

	if (engine->backup) {
		reply_refusal(engine, caller, ERROR_busy, FIELD_COUNT, "another backup is under way");
		return;
	}
	if (engine->stopping) {
		reply_refusal(engine, caller, ERROR_stopping, FIELD_COUNT, NULL);
		return;
	}
	/* What was acknowledged before is committed already; what this round holds shall be in it, too. */
	if (round_commit(engine))
		return;
	char *directory = directory_of(engine, caller->request->directory);
	engine->backup = journal_backup_start(engine->journal, directory, error, sizeof error);
	free(directory);
	if (!engine->backup) {
		figure_add(engine, "backups_failed", 1);
		reply_refusal(engine, caller, ERROR_backup_failed, FIELD_directory, error);
		return;
	}
	engine->backup_look_at = engine->real + LOOK_MS;
	waiting_add(&engine->backup_waits, caller, 0, 0);
}

/* Answers whoever asked for it, if that peer is still there. refused: 0, or why it failed. */
static void backup_answer(struct engine *engine, const struct journal_backup_state *state, enum error_kind refused)
{
	struct waiting *one = waiting_take(&engine->backup_waits);
	struct record request, reply;
	struct flaw flaw;

	if (!one)
		return;
	struct caller caller = {one->peer, &request, {one->map, one->len}};
	bool readable = codec_read(caller.map, &request, &flaw) == 0;
	if (readable && refused) {
		reply_refusal(engine, &caller, refused, refused == ERROR_backup_failed ? FIELD_directory : FIELD_COUNT, refused == ERROR_backup_failed ? state->error : NULL);
	} else if (readable) {
		reply_begin(&caller, &reply);
		record_copy(&reply, &request, directory);
		record_set(&reply, seq, state->last_seq);
		record_set(&reply, bytes, state->bytes);
		if (state->lacks_to)
			record_set(&reply, to_seq, state->lacks_to);
		if (state->damaged_rows) {
			record_set(&reply, damaged_rows, state->damaged_rows);
			record_set(&reply, case_id, state->damaged_row);
		}
		record_set(&reply, hash, ((struct span){(const char *)state->last_hash, sizeof state->last_hash}));
		peer_send(engine, caller.peer, &reply);
	}
	free(one);
}

static void backup_over(struct engine *engine, const struct journal_backup_state *state, enum error_kind refused)
{
	if (refused)
		log_line(LOG_LEVEL_WARNING, "backup failed", "reason", refused == ERROR_stopping ? "the daemon is stopping" : state->error, NULL);
	else
		log_line(LOG_LEVEL_NOTICE, "backup finished", "last_seq", log_number(state->last_seq), "bytes", log_number(state->bytes), "damaged_rows", log_number(state->damaged_rows), NULL);
	backup_answer(engine, state, refused);
	journal_backup_end(engine->backup);
	engine->backup = NULL;
	figure_add(engine, refused ? "backups_failed" : "backups_done", 1);
	if (refused)
		return;
	figure_set(engine, "backup_seq", state->last_seq);
	figure_set(engine, "backup_finished_at", engine->real);
}

void backup_turn(struct engine *engine)
{
	struct journal_backup_state state;

	if (!engine->backup || (engine->real < engine->backup_look_at && !engine->stopping))
		return;
	engine->backup_look_at = engine->real + LOOK_MS;
	journal_backup_poll(engine->backup, &state);
	bool stopped = !state.over && engine->stopping;
	if (stopped) /* may find that it is finished after all: then that is the answer */
		journal_backup_stop(engine->backup, &state);
	if (state.over)
		backup_over(engine, &state, !state.failed ? ERROR_none : stopped ? ERROR_stopping : ERROR_backup_failed);
}

void backup_figures(struct engine *engine)
{
	struct journal_backup_state state = {0};

	if (engine->backup)
		journal_backup_poll(engine->backup, &state);
	figure_set(engine, "backup_under_way", engine->backup != NULL);
	figure_set(engine, "backup_bytes", state.bytes);
	figure_set(engine, "backup_verified", state.verified);
}

void backup_free(struct engine *engine)
{
	journal_backup_end(engine->backup);
	waiting_free(&engine->backup_waits);
}
