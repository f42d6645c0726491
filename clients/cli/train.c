/* `reeve train`: learns a classifier from history and writes its file, or measures how good one would be.
 *
 * Owns the examples while it runs. The learning itself is learn/; here is where examples come from and where results go. The file is written beside its
 * place and renamed, so that a worker never sees half of one. Never prints a report's text. */
#include "clients/cli/train.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "clients/cli/moment.h"

#define SPLIT_SHARE 0.75
#define CONFIDENCE "0.6"

const struct option_row train_options[] = {
	OPTION_VALUE("out", "FILE", "write the model here"),
	OPTION_FLAG("test", "learn from the older part only, ask about the newer, print how often it is right"),
	OPTION_VALUE("split", "TIME", "with --test: the newer part begins here (the newest quarter)"),
	OPTION_VALUE("confidence", "NUMBER", "with --test: also count the answers that are at least so sure (0.6)"),
	OPTION_VALUE("from", "TIME", "reported then or later"),
	OPTION_VALUE("to", "TIME", "reported before then"),
	OPTION_FLAG("people", "leave out cases whose category only a worker chose"),
	OPTION_VALUE("csv", "FILE", "learn from a table (CSV or CSV.gz) instead of the daemon's closed cases"),
	OPTION_VALUE("text", "COLUMN,...", "with --csv: where the report's words are"),
	OPTION_VALUE("label", "COLUMN,...", "with --csv: where the category is; several are joined with a slash"),
	OPTION_VALUE("time", "COLUMN", "with --csv: when it was reported (the order of the rows)"),
	OPTION_VALUE("same", "A=B,...", "with --csv: a label A is spelt B"),
	OPTION_END,
};

static struct span copy(struct span text)
{
	return (struct span){span_dup(text), text.len};
}

void lessons_add(struct lessons *lessons, const struct example *example)
{
	if (!example->label.len)
		return;
	if (lessons->count == lessons->room) {
		lessons->room = lessons->room ? lessons->room * 2 : 1024;
		lessons->examples = must_realloc(lessons->examples, lessons->room * sizeof *lessons->examples);
	}
	struct example *added = &lessons->examples[lessons->count++];
	*added = (struct example){.label = copy(example->label), .at = example->at};
	for (size_t i = 0; i < EXAMPLE_TEXTS; i++)
		added->texts[i] = copy(example->texts[i]);
}

void lessons_free(struct lessons *lessons)
{
	for (size_t i = 0; i < lessons->count; i++) {
		free((char *)lessons->examples[i].label.data);
		for (size_t j = 0; j < EXAMPLE_TEXTS; j++)
			free((char *)lessons->examples[i].texts[j].data);
	}
	free(lessons->examples);
	*lessons = (struct lessons){0};
}

static bool file_write(const char *path, struct span bytes)
{
	struct buf beside = {0};
	int file;
	bool good = false;

	buf_printf(&beside, "%s.%ld", path, (long)getpid());
	buf_add(&beside, "", 1);
	file = open(beside.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (file >= 0) {
		size_t wrote = 0;
		ssize_t now = 0;
		while (wrote < bytes.len && (now = write(file, bytes.data + wrote, bytes.len - wrote)) > 0)
			wrote += (size_t)now;
		good = wrote == bytes.len && fsync(file) == 0;
		good = close(file) == 0 && good && rename(beside.data, path) == 0;
		if (!good) {
			int kept = errno;
			unlink(beside.data);
			errno = kept;
		}
	}
	buf_free(&beside);
	return good;
}

static int model_make(const struct cli *cli, const char *path, struct lessons *lessons)
{
	struct training training;
	struct buf file = {0};
	char error[256];
	int result = REFUSED;

	if (!train_model(lessons->examples, lessons->count, &file, &training, error, sizeof error))
		fprintf(stderr, "reeve: %s\n", error);
	else if (!file_write(path, buf_span(&file)))
		fprintf(stderr, "reeve: %s: %s\n", path, strerror(errno));
	else
		result = DONE;
	if (result == DONE && cli->json)
		printf("{\"bytes\":%zu,\"examples\":%zu,\"categories\":%zu,\"features\":%zu,\"weights\":%zu}\n", file.len, training.examples,
			training.classes, training.features, training.weights);
	else if (result == DONE)
		printf("%s: %zu bytes, %zu categories, learned from %zu reports\n", path, file.len, training.classes, training.examples);
	buf_free(&file);
	return result;
}

static double share(size_t part, size_t all)
{
	return all ? (double)part / (double)all : 0;
}

static void measure_print(const struct cli *cli, const struct measure *measure, int64_t split, double confidence)
{
	char since[MOMENT_TEXT];

	moment_write(split, cli->zone, since);
	if (cli->json) {
		printf("{\"split\":\"%s\",\"learned\":%zu,\"asked\":%zu,\"accuracy\":%.4f,\"baseline\":%.4f,\"confidence\":%.2f,\"sure\":%.4f,\"sure_accuracy\":%.4f,"
		       "\"sure_claimed\":%.4f}\n", since, measure->learned, measure->asked, share(measure->right, measure->asked), share(measure->baseline, measure->asked),
			confidence, share(measure->sure, measure->asked), share(measure->sure_right, measure->sure), measure->claimed);
		return;
	}
	printf("learned from       %zu reports before %s\n", measure->learned, since);
	printf("asked about        %zu reports from then on\n", measure->asked);
	printf("right              %.3f\n", share(measure->right, measure->asked));
	printf("most frequent      %.3f  (always naming the category that was most frequent before)\n", share(measure->baseline, measure->asked));
	printf("confidence %.2f    reached by %.3f of them; right among those %.3f, claimed %.3f\n", confidence, share(measure->sure, measure->asked),
		share(measure->sure_right, measure->sure), measure->claimed);
}

static int model_test(struct cli *cli, const struct options *options, struct lessons *lessons)
{
	const char *split_text = options_text(options, "split"), *confidence_text = options_text(options, "confidence");
	char *end, error[256];
	struct measure measure;
	double confidence = strtod(confidence_text ? confidence_text : CONFIDENCE, &end);
	int64_t split;

	if (*end || !(confidence >= 0 && confidence <= 1))
		return cli_usage(cli, "--confidence %s: a number from 0 to 1 is wanted", confidence_text);
	if (!split_text)
		split = train_split_at(lessons->examples, lessons->count, SPLIT_SHARE);
	else if (!moment_read(span_of(split_text), cli->zone, &split))
		return cli_usage(cli, "--split %s: a time like 2015-04-25 or 2015-04-25T08:30 is wanted", split_text);
	if (!train_measure(lessons->examples, lessons->count, split, confidence, &measure, error, sizeof error)) {
		fprintf(stderr, "reeve: %s\n", error);
		return REFUSED;
	}
	measure_print(cli, &measure, split, confidence);
	return DONE;
}

int run_train(struct cli *cli, const struct options *options)
{
	const char *out = options_text(options, "out");
	bool test = options_flag(options, "test");
	struct lessons lessons = {0};

	if (!out && !test)
		return cli_usage(cli, "--out FILE or --test is wanted");
	int result = options_text(options, "csv") ? lessons_from_table(cli, options, &lessons) : lessons_from_cases(cli, options, &lessons);
	if (result == DONE && test)
		result = model_test(cli, options, &lessons);
	if (result == DONE && out)
		result = model_make(cli, out, &lessons);
	lessons_free(&lessons);
	return result;
}
