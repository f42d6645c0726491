/* reeve-rehearse: what would have happened under other rules. Parses the command line, runs one rehearsal, prints it. Reads a journal and
 * directories of policies; writes to standard output, and with --csv into the directory that was named, and nowhere else.
 *
 * Standard output depends on the input alone (the same bytes in every run); times taken and progress go to standard error.
 * Exit codes: 0 done, 1 it cannot be done, 2 wrong usage. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rehearse/rehearsal.h"
#include "schema/instant.h"
#include "workers/wording.h"

enum { DONE, CANNOT, USAGE };

#define FIDELITY_LEAST 0.999

struct choices {
	bool json, all, quiet, color;
	const char *csv;
};

static const struct option options[] = {
	{"policy", required_argument, NULL, 'p'},
	{"from", required_argument, NULL, 'f'},
	{"baseline", required_argument, NULL, 'b'},
	{"model", required_argument, NULL, 'm'},
	{"csv", required_argument, NULL, 'c'},
	{"color", required_argument, NULL, 'o'},
	{"json", no_argument, NULL, 'j'},
	{"all", no_argument, NULL, 'a'},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{NULL, 0, NULL, 0},
};

static int help(void)
{
	puts("usage: reeve-rehearse --from STATE_DIR [--policy DIR]... [--baseline journal|recorded|DIR]... [OPTION...]\n\n"
		"Plays what residents, units and people did in the past once more under another policy, in memory, and prints what would have\n"
		"been different. The journal is only read; its daemon may be running.\n\n"
		"  --from STATE_DIR   the state directory of a daemon (or a copy of it): where journal.mdb is\n"
		"  --policy DIR       the policy to try; given again, files of the later one take the place of those of the same name.\n"
		"                     Without it the journal is rehearsed under its own policies, to see how true a rehearsal is\n"
		"  --baseline WHAT    what the policy is compared with: journal (the journal's own policies, rehearsed too; this is what\n"
		"                     happens without this option), recorded (what was recorded), or the directory of a policy\n"
		"  --model FILE       the classifier that the triage worker uses, as reeve train wrote it; without it the triage goes by words\n"
		"  --json             one JSON object: milliseconds, shares from 0 to 1\n"
		"  --csv DIR          besides, a table of each section as DIR/SECTION.csv\n"
		"  --all              every row of long tables\n"
		"  --color WHEN       auto, always or never\n"
		"  --quiet            nothing on standard error but mistakes\n"
		"  --help, --version\n\n"
		"Exit codes: 0 done, 1 it cannot be done (or, without --policy, less than 99.9 % came out as recorded), 2 wrong usage.\n"
		"Manual: reeve-rehearse(1).");
	return DONE;
}

static int wrong(const char *what, const char *value)
{
	fprintf(stderr, "reeve-rehearse: %s%s%s; reeve-rehearse --help tells more\n", what, value ? ": " : "", value ? value : "");
	return USAGE;
}

static bool directory_add(const char **directories, size_t *count, const char *directory)
{
	if (*count == 8)
		return false;
	directories[(*count)++] = directory;
	return true;
}

static int baseline_take(struct rehearsal *rehearsal, const char *value)
{
	if (strcmp(value, "recorded") == 0 || strcmp(value, "journal") == 0) {
		rehearsal->baseline = value[0] == 'r' ? BASELINE_RECORDED : BASELINE_JOURNAL;
		return 0;
	}
	rehearsal->baseline = BASELINE_POLICY;
	return directory_add(rehearsal->against, &rehearsal->against_count, value) ? 0 : wrong("more than 8 directories", value);
}

static int color_take(struct choices *choices, const char *value)
{
	if (strcmp(value, "auto") != 0 && strcmp(value, "always") != 0 && strcmp(value, "never") != 0)
		return wrong("--color takes auto, always or never", value);
	choices->color = strcmp(value, "always") == 0 || (strcmp(value, "auto") == 0 && isatty(STDOUT_FILENO));
	return 0;
}

/* -1: go on; else the exit code. */
static int option_take(struct rehearsal *rehearsal, struct choices *choices, int option, const char *value)
{
	int refused = 0;

	switch (option) {
	case 'p':
		refused = directory_add(rehearsal->policy, &rehearsal->policy_count, value) ? 0 : wrong("more than 8 directories", value);
		break;
	case 'f':
		rehearsal->from = value;
		break;
	case 'b':
		refused = baseline_take(rehearsal, value);
		break;
	case 'm':
		rehearsal->model = value;
		break;
	case 'c':
		choices->csv = value;
		break;
	case 'o':
		refused = color_take(choices, value);
		break;
	case 'j':
		choices->json = true;
		break;
	case 'a':
		choices->all = true;
		break;
	case 'q':
		choices->quiet = true;
		break;
	case 'h':
		return help();
	case 'v':
		puts("reeve-rehearse " REEVE_VERSION);
		return DONE;
	default:
		return USAGE;
	}
	return refused ? refused : -1;
}

static int options_take(struct rehearsal *rehearsal, struct choices *choices, int argc, char **argv)
{
	int option, code = -1;

	choices->color = isatty(STDOUT_FILENO);
	while (code < 0 && (option = getopt_long(argc, argv, "", options, NULL)) >= 0)
		code = option_take(rehearsal, choices, option, optarg);
	if (code >= 0)
		return code;
	if (optind < argc)
		return wrong("it takes only options", argv[optind]);
	if (!rehearsal->from)
		return wrong("--from is missing: the state directory of a daemon", NULL);
	if (rehearsal->baseline != BASELINE_POLICY && rehearsal->against_count)
		return wrong("--baseline is either a word or directories", NULL);
	if (!rehearsal->policy_count && rehearsal->baseline != BASELINE_JOURNAL)
		return wrong("--baseline needs --policy", NULL);
	return -1;
}

/* --- what is printed --- */

static double percent(int64_t part, int64_t all)
{
	return all ? 100.0 * (double)part / (double)all : 100.0;
}

static const char *before_words(const struct rehearsal *rehearsal)
{
	return rehearsal->baseline == BASELINE_RECORDED ? "what the journal holds" :
		rehearsal->baseline == BASELINE_JOURNAL ? "the journal's own policies, rehearsed: people's acts as they were, everything else decided anew" :
		"the policy named with --baseline, rehearsed";
}

static void print_source(const struct rehearsal *rehearsal)
{
	const struct policy *policy = rehearsal->recorded[rehearsal->recorded_count - 1];
	struct buf line = {0};

	buf_printf(&line, "%" PRId64 " cases, %zu events, ", rehearsal->history.cases, rehearsal->history.count);
	wording_time(&line, policy, rehearsal->history.first_at);
	buf_add_text(&line, " to ");
	wording_time(&line, policy, rehearsal->history.last_at);
	printf("Rehearsal of %.*s\n%.*s (%.*s)\n", (int)rehearsal->names_policy->title.len, rehearsal->names_policy->title.data, (int)line.len, line.data,
		(int)policy->zone.len, policy->zone.data);
	buf_free(&line);
}

static void print_fidelity(const struct rehearsal *rehearsal)
{
	const struct fidelity *fidelity = &rehearsal->fidelity;

	printf("How true a rehearsal is: under the recorded policies %.2f %% of %" PRId64 " cases come out as recorded (due time %.2f %%, unit %.2f %%, late or not %.2f %%,\n"
		"state %.2f %%, notices %.2f %%); %" PRId64 " of people's commands could be repeated, %" PRId64 " could not.\n",
		percent(fidelity->all, fidelity->cases), fidelity->cases, percent(fidelity->due, fidelity->cases), percent(fidelity->unit, fidelity->cases),
		percent(fidelity->late, fidelity->cases), percent(fidelity->state, fidelity->cases), percent(fidelity->notices, fidelity->cases),
		rehearsal->before.repeated, undone_total(&rehearsal->before.undone));
}

static void print_people(const struct rehearsal *rehearsal, const struct choices *choices)
{
	struct sheet_print how = {.policy = rehearsal->names_policy, .all = choices->all, .color = choices->color};

	print_source(rehearsal);
	if (rehearsal->policy_count)
		printf("\n  recorded  what the journal holds\n  before    %s\n  proposed  the same under the policy named with --policy\n  change    proposed minus before%s\n",
			before_words(rehearsal), rehearsal->baseline == BASELINE_JOURNAL ? ", so that what a rehearsal gets wrong is on both sides" : "");
	if (rehearsal->report.same_rules) {
		putchar('\n');
		print_fidelity(rehearsal);
	}
	if (!rehearsal->policy_count)
		return;
	printf("People's acts keep their times: nobody works faster, slower or on other cases first because of the new rules. %" PRId64 " of their commands could be\n"
		"repeated under the proposed policy, %" PRId64 " could not. Workers answer at once and always.\n",
		rehearsal->after.repeated, undone_total(&rehearsal->after.undone));
	if (rehearsal->after.skipped)
		printf("The journal adopts %" PRId64 " more policies later on; the proposed one holds all the time instead.\n", rehearsal->after.skipped);
	book_print(&rehearsal->book, &how, stdout);
}

static void json_directories(const char *key, const char *const *directories, size_t count)
{
	printf(",\"%s\":[", key);
	for (size_t i = 0; i < count; i++) {
		if (i)
			putchar(',');
		json_text(span_of(directories[i]), stdout);
	}
	putchar(']');
}

static void json_time(const char *key, int64_t at)
{
	char text[INSTANT_TEXT];

	instant_write(at, text);
	printf(",\"%s\":\"%s\"", key, text);
}

static void print_json(const struct rehearsal *rehearsal)
{
	static const char *const baselines[] = {"journal", "recorded", "policy"};
	const struct fidelity *fidelity = &rehearsal->fidelity;

	printf("{\"rehearsal\":{\"version\":\"" REEVE_VERSION "\",\"cases\":%" PRId64 ",\"events\":%zu", rehearsal->history.cases, rehearsal->history.count);
	json_time("from", rehearsal->history.first_at);
	json_time("to", rehearsal->history.last_at);
	json_directories("policy", rehearsal->policy, rehearsal->policy_count);
	printf(",\"baseline\":\"%s\"", baselines[rehearsal->baseline]);
	json_directories("baseline_policy", rehearsal->against, rehearsal->against_count);
	if (rehearsal->baseline != BASELINE_RECORDED)
		printf(",\"repeated_before\":%" PRId64 ",\"not_repeated_before\":%" PRId64, rehearsal->before.repeated, undone_total(&rehearsal->before.undone));
	if (rehearsal->policy_count)
		printf(",\"repeated_after\":%" PRId64 ",\"not_repeated_after\":%" PRId64 ",\"policies_skipped\":%" PRId64, rehearsal->after.repeated,
			undone_total(&rehearsal->after.undone), rehearsal->after.skipped);
	if (rehearsal->report.same_rules)
		printf(",\"fidelity\":{\"cases\":%" PRId64 ",\"all\":%" PRId64 ",\"due\":%" PRId64 ",\"unit\":%" PRId64 ",\"late\":%" PRId64 ",\"state\":%" PRId64
			",\"notices\":%" PRId64 "}", fidelity->cases, fidelity->all, fidelity->due, fidelity->unit, fidelity->late, fidelity->state, fidelity->notices);
	putchar('}');
	book_json(&rehearsal->book, stdout);
	puts("}");
}

static int csv_write(struct rehearsal *rehearsal, const char *directory)
{
	if (mkdir(directory, 0777) != 0 && errno != EEXIST) {
		snprintf(rehearsal->error, sizeof rehearsal->error, "%s: %s", directory, strerror(errno));
		return -1;
	}
	return book_csv(&rehearsal->book, directory, rehearsal->error, sizeof rehearsal->error);
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int run(struct rehearsal *rehearsal, const struct choices *choices)
{
	double begun = seconds_now();

	rehearsal->quiet = choices->quiet;
	if (rehearsal_open(rehearsal) || rehearsal_run(rehearsal))
		return -1;
	if (choices->json)
		print_json(rehearsal);
	else
		print_people(rehearsal, choices);
	if (choices->csv && csv_write(rehearsal, choices->csv))
		return -1;
	if (fflush(stdout) != 0) {
		snprintf(rehearsal->error, sizeof rehearsal->error, "standard output: %s", strerror(errno));
		return -1;
	}
	if (!choices->quiet)
		fprintf(stderr, "rehearsed cases=%" PRId64 " events=%zu secs=%.2f\n", rehearsal->history.cases, rehearsal->history.count, seconds_now() - begun);
	return 0;
}

int main(int argc, char **argv)
{
	struct rehearsal *rehearsal = must_calloc(1, sizeof *rehearsal);
	struct choices choices = {0};
	int code = options_take(rehearsal, &choices, argc, argv);

	if (code < 0) {
		code = run(rehearsal, &choices) == 0 ? DONE : CANNOT;
		if (code == CANNOT)
			fprintf(stderr, "reeve-rehearse: %s\n", rehearsal->error[0] ? rehearsal->error : "the policy has mistakes: see above");
		else if (!rehearsal->policy_count && (double)rehearsal->fidelity.all < FIDELITY_LEAST * (double)rehearsal->fidelity.cases)
			code = CANNOT;
	}
	rehearsal_close(rehearsal);
	free(rehearsal);
	return code;
}
