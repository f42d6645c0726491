/* The policies that are adopted in a run: those of the stories, laid over each other. All of them are compiled before the first run, so that
 * each run finds them ready (the shelf of tests/fuzz/stage.c). */
#include "tests/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>

#include "policy/compile.h"

#define POLICIES 6
#define LAYERS 3

static const char *const layers[POLICIES][LAYERS] = {
	{"full", "town"}, {"town"}, {"later", "full", "town"}, {"no-desk", "full", "town"}, {"staged", "full", "town"}, {"full"}, /* the last one has mistakes */
};
static struct buf lists[POLICIES];
static struct span policies[POLICIES];

struct gathering {
	struct policy_file files[32];
	size_t count;
	struct layer_files {
		struct policy_file *files;
		size_t count;
	} layers[LAYERS]; /* owns the texts */
	int layer_count;
};

static void layer_add(struct gathering *gathering, const char *layer)
{
	struct policy_file *files;
	size_t count;
	char folder[512], error[300];

	snprintf(folder, sizeof folder, FUZZ_POLICIES "/%s", layer);
	if (policy_files_read(folder, &files, &count, error, sizeof error)) {
		fprintf(stderr, "reeve_sim: %s\n", error);
		exit(2);
	}
	for (size_t i = 0; i < count; i++) {
		bool there = false;
		for (size_t j = 0; j < gathering->count; j++)
			there |= span_equal(files[i].name, gathering->files[j].name);
		if (!there && gathering->count < 32)
			gathering->files[gathering->count++] = files[i];
	}
	gathering->layers[gathering->layer_count++] = (struct layer_files){files, count};
}

static void policy_prepare(int which)
{
	struct gathering gathering = {.count = 0};
	struct findings findings = {0};
	struct list_writer list;
	struct record one;

	for (int i = 0; i < LAYERS && layers[which][i]; i++)
		layer_add(&gathering, layers[which][i]);
	list_begin(&list, &lists[which], CODEC_NAMES);
	for (size_t i = 0; i < gathering.count; i++) {
		record_clear(&one);
		record_set(&one, name, gathering.files[i].name);
		record_set(&one, content, gathering.files[i].content);
		list_add(&list, &one);
	}
	policies[which] = list_end(&list);
	policy_free(policy_compile(gathering.files, gathering.count, &findings));
	if ((findings.errors == 0) != (which < POLICIES - 1)) {
		fprintf(stderr, "reeve_sim: policy %d is not what it should be: %s\n", which, findings.count ? findings.rows[0].message : "it has no mistakes");
		exit(2);
	}
	findings_free(&findings);
	for (int i = 0; i < gathering.layer_count; i++)
		policy_files_free(gathering.layers[i].files, gathering.layers[i].count);
}

void policies_prepare(void)
{
	for (int i = 0; i < POLICIES; i++)
		policy_prepare(i);
}

struct span policies_any(void)
{
	return policies[dice(POLICIES)];
}

struct span policies_first(void)
{
	return policies[dice(2) ? 0 : dice(POLICIES - 1)];
}
