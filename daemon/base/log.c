/* Log lines. Owns the level, the program's name and the answer to "is standard error the journal"; never opens a file,
 * never rotates, and never fails: a line that cannot be written is gone.
 *
 * Invariants: one line is one write(2), so that lines of several processes on one pipe do not mix; a line is valid UTF-8
 * without control characters, whatever the values hold. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/span.h"

#define NUMBERS 16
#define PRIORITY_BYTES 3

static const struct {
	const char *name;
	const char *priority; /* sd-daemon(3) */
} levels[] = {
	[LOG_LEVEL_DEBUG] = {"debug", "<7>"},
	[LOG_LEVEL_INFO] = {"info", "<6>"},
	[LOG_LEVEL_NOTICE] = {"notice", "<5>"},
	[LOG_LEVEL_WARNING] = {"warning", "<4>"},
	[LOG_LEVEL_ERROR] = {"error", "<3>"},
};

static atomic_int least_level = LOG_LEVEL_INFO;
static char program_name[64];

/* Length of the well-formed, printable UTF-8 character at the start; 0: there is none (RFC 3629, C1 controls excluded). */
static size_t character_length(const unsigned char *at, size_t left)
{
	size_t len = at[0] < 0x80 ? 1 : at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;

	if (len > left || (len == 1 && (at[0] < 0x20 || at[0] == 0x7f)))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	if ((at[0] == 0xc2 && at[1] < 0xa0) || (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f))
		return 0;
	if ((at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f))
		return 0;
	return len;
}

static bool is_plain(const unsigned char *text, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t step = character_length(text + i, len - i);
		if (!step || strchr(" \"\\=", text[i]))
			return false;
		i += step;
	}
	return len > 0;
}

static void add_escaped(struct buf *line, unsigned char c)
{
	switch (c) {
	case '\n': buf_add_text(line, "\\n"); break;
	case '\r': buf_add_text(line, "\\r"); break;
	case '\t': buf_add_text(line, "\\t"); break;
	case '"':  buf_add_text(line, "\\\""); break;
	case '\\': buf_add_text(line, "\\\\"); break;
	default:   buf_printf(line, "\\x%02x", c); break;
	}
}

static void add_value(struct buf *line, const char *value)
{
	const unsigned char *text = (const unsigned char *)value;
	size_t len = strlen(value);

	if (is_plain(text, len)) {
		buf_add(line, value, len);
		return;
	}
	buf_add_text(line, "\"");
	for (size_t i = 0; i < len;) {
		size_t step = character_length(text + i, len - i);
		if (!step || text[i] == '"' || text[i] == '\\') {
			add_escaped(line, text[i]);
			step = 1;
		} else {
			buf_add(line, value + i, step);
		}
		i += step;
	}
	buf_add_text(line, "\"");
}

static void add_pair(struct buf *line, const char *key, const char *value)
{
	buf_add_text(line, line->len > PRIORITY_BYTES ? " " : "");
	buf_add_text(line, key);
	buf_add_text(line, "=");
	add_value(line, value);
}

/* systemd.exec(5): JOURNAL_STREAM names device and inode; children with another standard error inherit the variable, so it is compared. */
static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat status;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(STDERR_FILENO, &status) != 0)
		return false;
	return device == status.st_dev && inode == status.st_ino;
}

static void add_time(struct buf *line)
{
	char text[80];
	struct timespec now;
	struct tm parts;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday,
		parts.tm_hour, parts.tm_min, parts.tm_sec, now.tv_nsec / 1000000);
	add_pair(line, "time", text);
}

static void write_whole(struct span text)
{
	while (text.len) {
		ssize_t wrote = write(STDERR_FILENO, text.data, text.len);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote <= 0)
			return;
		text.data += wrote;
		text.len -= (size_t)wrote;
	}
}

void log_line(enum log_level level, const char *message, ...)
{
	struct buf line = {0};
	int kept_errno = errno;
	va_list pairs;

	if ((int)level < atomic_load(&least_level))
		return;
	if (stderr_is_journal())
		buf_add_text(&line, levels[level].priority);
	add_time(&line);
	add_pair(&line, "level", levels[level].name);
	if (program_name[0])
		add_pair(&line, "program", program_name);
	add_pair(&line, "msg", message);
	va_start(pairs, message);
	for (const char *key = va_arg(pairs, const char *); key; key = va_arg(pairs, const char *)) {
		const char *value = va_arg(pairs, const char *);
		add_pair(&line, key, value ? value : "");
		/* A missing value cannot be told from the end of the list: reading on could leave the arguments. */
		if (!value)
			break;
	}
	va_end(pairs);
	buf_add_text(&line, "\n");
	write_whole(buf_span(&line));
	buf_free(&line);
	errno = kept_errno;
}

const char *log_number(int64_t number)
{
	static _Thread_local char texts[NUMBERS][24];
	static _Thread_local unsigned next;
	char *text = texts[next++ % NUMBERS];

	snprintf(text, sizeof texts[0], "%" PRId64, number);
	return text;
}

void log_set_level(enum log_level level)
{
	atomic_store(&least_level, level);
}

bool log_level_find(const char *name, enum log_level *ret_level)
{
	for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(levels[i].name, name) == 0) {
			*ret_level = (enum log_level)i;
			return true;
		}
	}
	return false;
}

void log_set_program(const char *name)
{
	snprintf(program_name, sizeof program_name, "%s", name ? name : "");
}
