/* The past, as bytes. Owns the copies of the journal's records; never writes anywhere, never decides, and lets go of the
 * journal before anybody begins to compute. Invariant: after history_read nothing here changes, so any number of
 * threads may read it. */
#include "rehearse/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/journal.h"

#define READ_MOST 1024 /* records in one state of the file */

static void record_note(struct history *history, const struct record *event)
{
	int64_t at = record_get(event, at, 0);

	if (event->event == EVENT_policy_adopted)
		history->policies++;
	if (record_has(event, case_id) && event->case_id > history->cases)
		history->cases = event->case_id;
	if (!history->first_at || at < history->first_at)
		history->first_at = at;
	if (at > history->last_at)
		history->last_at = at;
}

static int record_take(struct history *history, struct journal *journal, int64_t seq, struct record *event, char *error, size_t error_size)
{
	struct span bytes;
	struct flaw flaw;

	if (journal->ops->read(journal, seq, &bytes, NULL) || codec_read_lenient(bytes, event, &flaw) || !record_has(event, event)) {
		snprintf(error, error_size, "journal record %" PRId64 " cannot be read: look at it with reeve journal verify", seq);
		return -1;
	}
	buf_add_span(&history->bytes, bytes);
	history->ends[history->count++] = history->bytes.len;
	record_note(history, event);
	return 0;
}

static int records_take(struct history *history, struct journal *journal, char *error, size_t error_size)
{
	struct record *event = must_calloc(1, sizeof *event);
	int failed = 0;

	history->ends = must_calloc((size_t)journal->last_seq + 1, sizeof *history->ends);
	for (int64_t seq = journal->first_seq; !failed && seq <= journal->last_seq; seq++) {
		if ((seq - journal->first_seq) % READ_MOST == READ_MOST - 1) { /* a daemon that writes it needs its old pages again */
			journal->ops->read_end(journal);
			if (journal->ops->read_begin(journal)) {
				snprintf(error, error_size, "%s", journal->error);
				free(event);
				return -1;
			}
		}
		failed = record_take(history, journal, seq, event, error, error_size);
	}
	free(event);
	return failed;
}

int history_read(struct history *history, const char *directory, char *error, size_t error_size)
{
	struct journal *journal = journal_lmdb_open_readonly(directory, error, error_size);
	int failed;

	*history = (struct history){0};
	if (!journal)
		return -1;
	if (journal->first_seq > 1) {
		snprintf(error, error_size, "records 1 to %" PRId64 " were pruned, and a rehearsal needs all of them: reeve backup DIR, reeve restore DIR --into OTHER, then rehearse from "
			"OTHER", journal->first_seq - 1);
		journal->ops->close(journal);
		return -1;
	}
	failed = journal->ops->read_begin(journal);
	if (failed)
		snprintf(error, error_size, "%s", journal->error);
	else
		failed = records_take(history, journal, error, error_size);
	if (!failed)
		journal->ops->read_end(journal);
	journal->ops->close(journal);
	if (!failed && !history->policies) {
		snprintf(error, error_size, "%s: the journal holds no policy yet, so nothing happened that could be rehearsed", directory);
		failed = -1;
	}
	if (failed)
		history_free(history);
	return failed ? -1 : 0;
}

void history_free(struct history *history)
{
	buf_free(&history->bytes);
	free(history->ends);
	*history = (struct history){0};
}

bool history_record(const struct history *history, size_t index, struct record *ret_record)
{
	size_t begin = index ? history->ends[index - 1] : 0;
	struct flaw flaw;

	return codec_read_lenient((struct span){history->bytes.data + begin, history->ends[index] - begin}, ret_record, &flaw) == 0;
}

struct policy_file *history_policy_files(const struct record *event, size_t *ret_count)
{
	struct span maps, map;
	size_t room = list_open(event->files, &maps), count = 0;
	struct policy_file *files = must_calloc(room + 1, sizeof *files);
	struct record *one = must_calloc(1, sizeof *one);
	struct flaw flaw;

	while (count < room && frame_next(&maps, &map))
		if (codec_read_lenient(map, one, &flaw) == 0 && record_has(one, name) && record_has(one, content))
			files[count++] = (struct policy_file){one->name, one->content};
	free(one);
	*ret_count = count;
	return files;
}
