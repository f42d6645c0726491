/* How many of a city's own due times the policy reproduces: reeve-due-oracle [--misses N] POLICY_DIR CSV[.gz]
 *
 * For each row that has a target_dt: its type and district become category and area, policy_promise gives the limit, and
 * the limit's due time is compared with the city's, within a minute. Prints `due oracle: HIT of TOTAL = SHARE`. A row
 * whose type the policy does not know, whose times cannot be read, or for which nothing is promised is a miss.
 * Owns nothing for longer than the run. Columns needed: open_dt, target_dt, type, pwd_district. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "policy/compile.h"
#include "policy/csv.h"
#include "policy/words.h"

#define NEAR_MS 60000

struct table {
	struct csv_table csv;
	int open, target, type, district;
};

struct miss {
	struct span type;
	size_t misses, rows;
};

static int file_read(const char *path, struct buf *content)
{
	char piece[65536];
	int got;
	gzFile file = gzopen(path, "rb");

	if (!file) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return -1;
	}
	while ((got = gzread(file, piece, sizeof piece)) > 0)
		buf_add(content, piece, (size_t)got);
	if (got < 0)
		fprintf(stderr, "%s: damaged, or no gzip file\n", path);
	gzclose(file);
	return got < 0 ? -1 : 0;
}

static int table_read(const char *path, struct table *ret_table)
{
	struct buf content = {0};
	struct csv_problem problem;
	int result = file_read(path, &content);

	if (result == 0 && (result = csv_table_read(buf_span(&content), &ret_table->csv, &problem)))
		fprintf(stderr, "%s:%lld: %s\n", path, (long long)problem.line, problem.message);
	buf_free(&content);
	if (result)
		return result;
	ret_table->open = csv_table_column(&ret_table->csv, "open_dt");
	ret_table->target = csv_table_column(&ret_table->csv, "target_dt");
	ret_table->type = csv_table_column(&ret_table->csv, "type");
	ret_table->district = csv_table_column(&ret_table->csv, "pwd_district");
	if (ret_table->open >= 0 && ret_table->target >= 0 && ret_table->type >= 0 && ret_table->district >= 0)
		return 0;
	fprintf(stderr, "%s: needs the columns open_dt, target_dt, type and pwd_district\n", path);
	return -1;
}

static struct policy *policy_read(const char *directory)
{
	struct policy_file *files;
	size_t count;
	struct findings findings;
	char error[512];

	if (policy_files_read(directory, &files, &count, error, sizeof error)) {
		fprintf(stderr, "%s\n", error);
		return NULL;
	}
	struct policy *policy = policy_compile(files, count, &findings);
	for (size_t i = 0; i < findings.count; i++)
		fprintf(stderr, "%s/%s:%lld:%lld: %s%s\n", directory, findings.rows[i].file, (long long)findings.rows[i].row, (long long)findings.rows[i].column,
			findings.rows[i].warning ? "warning: " : "", findings.rows[i].message);
	findings_free(&findings);
	policy_files_free(files, count);
	return policy;
}

/* Lower case, runs of anything but letters and digits to one '-', none at the ends: the codes of the policy's categories. */
static void slug_make(struct span text, struct buf *slug)
{
	buf_clear(slug);
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
		char small = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
		if (kept)
			buf_add(slug, &small, 1);
		else if (slug->len && slug->data[slug->len - 1] != '-')
			buf_add(slug, "-", 1);
	}
	while (slug->len && slug->data[slug->len - 1] == '-')
		slug->len--;
}

/* The city writes some districts without their zero; a row without one is the whole city's. */
static int district_area(const struct policy *policy, struct span district)
{
	char padded[2] = {'0', 0};
	struct span code = words_trim(district);

	if (code.len == 1) {
		padded[1] = code.data[0];
		code = (struct span){padded, 2};
	}
	int area = policy_area(policy, code);
	return area < 0 ? policy->default_area : area;
}

static bool row_met(const struct policy *policy, const struct table *table, const struct csv_row *row, struct buf *slug)
{
	int64_t opened, target, due;

	if (!local_time_read(row->fields[table->open], &opened) || !local_time_read(row->fields[table->target], &target))
		return false;
	slug_make(row->fields[table->type], slug);
	int category = policy_category(policy, buf_span(slug));
	if (category < 0)
		return false;
	int area = district_area(policy, row->fields[table->district]);
	int limit = policy_promise(policy, category, area, policy->categories[category].urgency, NULL);
	if (limit < 0)
		return false;
	int64_t start = zone_instant(policy->time_zone, opened), wanted = zone_instant(policy->time_zone, target);
	if (limit_at(&policy->limits[limit], &policy->calendars[policy->limits[limit].calendar], start, 100, &due))
		return false;
	int64_t off = due > wanted ? due - wanted : wanted - due;
	return off <= NEAR_MS;
}

static void miss_count(struct miss **misses, size_t *count, struct span type, bool met)
{
	for (size_t i = 0; i < *count; i++)
		if (span_equal((*misses)[i].type, type)) {
			(*misses)[i].rows++;
			(*misses)[i].misses += !met;
			return;
		}
	*misses = must_realloc(*misses, (*count + 1) * sizeof **misses);
	(*misses)[(*count)++] = (struct miss){.type = type, .misses = !met, .rows = 1};
}

static int miss_order(const void *left, const void *right)
{
	const struct miss *a = left, *b = right;

	if (a->misses != b->misses)
		return a->misses > b->misses ? -1 : 1;
	return span_compare(a->type, b->type);
}

static void oracle_run(const struct policy *policy, const struct table *table, size_t shown)
{
	struct miss *misses = NULL;
	struct buf slug = {0};
	size_t hits = 0, total = 0, count = 0;

	for (size_t i = 0; i < table->csv.row_count; i++) {
		const struct csv_row *row = &table->csv.rows[i];
		if (!words_trim(row->fields[table->target]).len)
			continue;
		bool met = row_met(policy, table, row, &slug);
		total++;
		hits += met;
		if (shown)
			miss_count(&misses, &count, row->fields[table->type], met);
	}
	if (count)
		qsort(misses, count, sizeof *misses, miss_order);
	for (size_t i = 0; i < count && i < shown && misses[i].misses; i++)
		printf("missed %zu of %zu: %.*s\n", misses[i].misses, misses[i].rows, (int)misses[i].type.len, misses[i].type.data);
	printf("due oracle: %zu of %zu = %.4f\n", hits, total, total ? (double)hits / (double)total : 0.0);
	buf_free(&slug);
	free(misses);
}

static int usage(void)
{
	fprintf(stderr, "usage: reeve-due-oracle [--misses N] POLICY_DIR CSV[.gz]\n");
	return 2;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {{"misses", required_argument, NULL, 'm'}, {0}};
	struct table table = {0};
	int64_t shown = 0;
	int option;

	while ((option = getopt_long(argc, argv, "m:", options, NULL)) != -1)
		if (option != 'm' || !number_read(span_of(optarg), &shown))
			return usage();
	if (argc - optind != 2)
		return usage();
	struct policy *policy = policy_read(argv[optind]);
	if (!policy)
		return 1;
	int result = table_read(argv[optind + 1], &table);
	if (result == 0)
		oracle_run(policy, &table, (size_t)shown);
	csv_table_free(&table.csv);
	policy_free(policy);
	return result ? 1 : 0;
}
