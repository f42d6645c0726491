/* What the parts of the compiler share; for compile*.c, compiler.c and sheet.c only.
 *
 * Mistakes are collected, not thrown: each part goes on as long as that makes sense, so that one run tells them all. */
#ifndef REEVE_POLICY_COMPILER_H
#define REEVE_POLICY_COMPILER_H

#include "policy/codes.h"
#include "policy/csv.h"
#include "policy/findings.h"
#include "policy/yaml.h"

#define CODE_BYTES_MOST 64  /* schema/fields.def: category, unit, area, limit, ladder */
#define PATH_BYTES_MOST 256 /* path */
#define LEVEL_BYTES_MOST 16 /* level */

struct compiler {
	const struct policy_file *files;
	size_t file_count;
	struct findings *findings;
	struct policy *policy;
	struct arena *arena; /* the policy's */
	struct codes levels, areas, categories, units, calendars, limits, ladders;
};

/* --- files --- */
/* False when there is no such file; a required one that is missing is an error. */
bool compiler_content(struct compiler *compiler, const char *file, bool required, struct span *ret_content);
/* The file's root map; NULL when there is none (an error if required or if it is no map). Free *ret_file in any case. */
const struct yaml_value *compiler_yaml(struct compiler *compiler, const char *file, bool required, struct yaml_file **ret_file);
struct span compiler_line(struct compiler *compiler, const char *file, int64_t row);

/* --- references --- */
/* The index of a code; -1 with a finding that names the nearest one. `what` is "area", "limit", ... */
int compiler_refer(struct compiler *compiler, struct place place, const struct codes *codes, struct span code, const char *what);
/* Takes a new code; false with a finding when it stands there already, is empty, too long or has blanks or control characters. */
bool compiler_name(struct compiler *compiler, struct place place, struct codes *codes, struct span code, int index, const char *what);

/* --- values of YAML --- */
struct place value_place(const char *file, const struct yaml_value *value);
/* An error for every key that is not in the list (ended by NULL), and one when the value is no map (then false). */
bool value_keys(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *const *known, const char *what);
/* The text of a key: false when it says nothing, or (with a finding) is no text. */
bool value_text(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, struct span *ret_text, struct place *ret_place);
/* The same for a key that must be there. */
bool value_need(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, struct span *ret_text, struct place *ret_place);
/* A list: NULL when it says nothing, or (with a finding) is no list. */
const struct yaml_value *value_list(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key);
/* Each leaves the result alone when the key says nothing or (with a finding) cannot be read. */
void value_duration(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int64_t *ret_ms);
void value_flag(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, bool *ret_flag);
void value_percent(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int64_t least, int64_t most, int *ret_percent);
/* 1 to 4, 0: any. */
void value_urgency(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int *ret_urgency);
/* The slot of a word in a list that ends with NULL; false with a finding when it is none of them. */
bool value_word(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, const char *const *words, int *ret_slot);
/* category:, area: and urgency: of a rule; absent, empty and * are any. */
void value_scope(struct compiler *compiler, const char *file, const struct yaml_value *map, int *ret_category, int *ret_area, int *ret_urgency);

/* --- parts, in the order they need each other --- */
void compile_switches(struct compiler *compiler, const struct yaml_value *root);  /* policy.yaml: names, zone, levels, figures */
void compile_calendars(struct compiler *compiler);
void compile_limits(struct compiler *compiler, const struct yaml_value *clocks);
void compile_areas_and_units(struct compiler *compiler);
void compile_categories(struct compiler *compiler);
void compile_catalogue(struct compiler *compiler);
void compile_duties(struct compiler *compiler);
void compile_clocks(struct compiler *compiler, const struct yaml_value *clocks);
void compile_ladders(struct compiler *compiler);
void compile_defaults(struct compiler *compiler, const struct yaml_value *root);  /* policy.yaml: what refers to areas and categories */
void compile_steps(struct compiler *compiler, const struct yaml_value *root);     /* policy.yaml: returns to emergency numbers */
void compile_admissions(struct compiler *compiler);

#endif
