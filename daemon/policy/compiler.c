/* Reading helpers of the compiler: files, references, YAML values, each with findings that name place and remedy.
 * Owns nothing; changes only the findings and the tables of codes. */
#include "policy/compiler.h"

#include <string.h>

#include "policy/words.h"

/* Text of a file in a message: cut, so that one message stays one line. */

bool compiler_content(struct compiler *compiler, const char *file, bool required, struct span *ret_content)
{
	for (size_t i = 0; i < compiler->file_count; i++) {
		if (!span_is(compiler->files[i].name, file))
			continue;
		*ret_content = compiler->files[i].content;
		return true;
	}
	if (required)
		finding_error(compiler->findings, (struct place){.file = file}, "this file is missing; reeve-policy(5) shows an example of it");
	return false;
}

const struct yaml_value *compiler_yaml(struct compiler *compiler, const char *file, bool required, struct yaml_file **ret_file)
{
	struct yaml_problem problem;
	struct span content;

	*ret_file = NULL;
	if (!compiler_content(compiler, file, required, &content))
		return NULL;
	*ret_file = yaml_read(content, &problem);
	if (!*ret_file) {
		finding_error(compiler->findings, (struct place){file, problem.row, problem.column}, "%s", problem.message);
		return NULL;
	}
	const struct yaml_value *root = yaml_root(*ret_file);
	if (root && !yaml_nothing(root) && root->kind == YAML_KIND_MAP)
		return root;
	if (required || (root && !yaml_nothing(root)))
		finding_error(compiler->findings, (struct place){file, root ? root->row : 1, root ? root->column : 1}, "expected keys with values here (key: value)");
	return NULL;
}

struct span compiler_line(struct compiler *compiler, const char *file, int64_t row)
{
	struct buf buf = {0};

	buf_printf(&buf, "%s:%lld", file, (long long)row);
	struct span line = arena_copy(compiler->arena, buf_span(&buf));
	buf_free(&buf);
	return line;
}

int compiler_refer(struct compiler *compiler, struct place place, const struct codes *codes, struct span code, const char *what)
{
	int index = codes_find(codes, code);
	struct span near;

	if (index >= 0)
		return index;
	if (codes_near(codes, code, &near))
		finding_error(compiler->findings, place, "there is no %s '%.*s'; did you mean '%.*s'?", what, SPAN_SHOWN(code), SPAN_SHOWN(near));
	else
		finding_error(compiler->findings, place, "there is no %s '%.*s': add it or correct the name", what, SPAN_SHOWN(code));
	return -1;
}

static bool code_sane(struct span code)
{
	for (size_t i = 0; i < code.len; i++)
		if ((unsigned char)code.data[i] <= ' ' || code.data[i] == 0x7f)
			return false;
	return code.len > 0 && code.len <= CODE_BYTES_MOST && !span_is(code, "*") && !span_is(code, "none");
}

bool compiler_name(struct compiler *compiler, struct place place, struct codes *codes, struct span code, int index, const char *what)
{
	if (!code.len) {
		finding_error(compiler->findings, place, "this %s has no name: every %s needs one", what, what);
		return false;
	}
	if (!code_sane(code)) {
		finding_error(compiler->findings, place, "'%.*s' cannot name a %s: at most %d bytes, no blanks, not '*' or 'none'", SPAN_SHOWN(code), what, CODE_BYTES_MOST);
		return false;
	}
	if (codes_add(codes, code, index) < 0)
		return true;
	finding_error(compiler->findings, place, "a second %s '%.*s': each may stand here once", what, SPAN_SHOWN(code));
	return false;
}

struct place value_place(const char *file, const struct yaml_value *value)
{
	return (struct place){file, value ? value->row : 0, value ? value->column : 0};
}

bool value_keys(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *const *known, const char *what)
{
	if (!map || map->kind != YAML_KIND_MAP) {
		finding_error(compiler->findings, value_place(file, map), "expected the keys of a %s here, such as %s:", what, known[0]);
		return false;
	}
	for (size_t i = 0; i < map->count; i++) {
		struct span key = map->entries[i].key->text;
		const char *const *name = known;
		while (*name && !span_is(key, *name))
			name++;
		if (*name)
			continue;
		const char *near = words_near(known, key);
		finding_error(compiler->findings, value_place(file, map->entries[i].key), "a %s has no key '%.*s'%s%s%s", what, SPAN_SHOWN(key),
			near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "; reeve-policy(5) lists them");
	}
	return true;
}

bool value_text(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, struct span *ret_text, struct place *ret_place)
{
	const struct yaml_value *value = yaml_get(map, key);

	if (yaml_nothing(value))
		return false;
	if (ret_place)
		*ret_place = value_place(file, value);
	if (value->kind != YAML_KIND_TEXT) {
		finding_error(compiler->findings, value_place(file, value), "%s: expected a single value, not a %s", key, value->kind == YAML_KIND_LIST ? "list" : "map");
		return false;
	}
	*ret_text = words_trim(value->text);
	return true;
}

bool value_need(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, struct span *ret_text, struct place *ret_place)
{
	if (value_text(compiler, file, map, key, ret_text, ret_place))
		return true;
	if (yaml_nothing(yaml_get(map, key)))
		finding_error(compiler->findings, value_place(file, map), "%s: is missing here", key);
	return false;
}

const struct yaml_value *value_list(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key)
{
	const struct yaml_value *value = yaml_get(map, key);

	if (yaml_nothing(value))
		return NULL;
	if (value->kind == YAML_KIND_LIST)
		return value;
	finding_error(compiler->findings, value_place(file, value), "%s: expected a list: lines that begin with '- ', or [a, b]", key);
	return NULL;
}

void value_duration(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int64_t *ret_ms)
{
	struct span text;
	struct place place;

	if (value_text(compiler, file, map, key, &text, &place) && !duration_read(text, ret_ms))
		finding_error(compiler->findings, place, "%s: '%.*s' is no duration; write for example 30 minutes, 2 hours or 1 day", key, SPAN_SHOWN(text));
}

void value_flag(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, bool *ret_flag)
{
	struct span text;
	struct place place;

	if (value_text(compiler, file, map, key, &text, &place) && !flag_read(text, ret_flag))
		finding_error(compiler->findings, place, "%s: '%.*s' is neither true nor false", key, SPAN_SHOWN(text));
}

void value_percent(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int64_t least, int64_t most, int *ret_percent)
{
	struct span text;
	struct place place;
	int64_t percent;

	if (!value_text(compiler, file, map, key, &text, &place))
		return;
	if (percent_read(text, &percent) && percent >= least && percent <= most)
		*ret_percent = (int)percent;
	else
		finding_error(compiler->findings, place, "%s: '%.*s' is not a percentage from %lld to %lld; write for example 100 %%", key, SPAN_SHOWN(text),
			(long long)least, (long long)most);
}

void value_urgency(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, int *ret_urgency)
{
	struct span text;
	struct place place;
	int64_t urgency;

	if (!value_text(compiler, file, map, key, &text, &place) || span_is(text, "*"))
		return;
	if (number_read(text, &urgency) && urgency >= 1 && urgency <= 4)
		*ret_urgency = (int)urgency;
	else
		finding_error(compiler->findings, place, "%s: '%.*s' is no urgency; they go from 1 (danger to life) to 4 (low)", key, SPAN_SHOWN(text));
}

bool value_word(struct compiler *compiler, const char *file, const struct yaml_value *map, const char *key, const char *const *words, int *ret_slot)
{
	struct span text;
	struct place place;

	if (!value_text(compiler, file, map, key, &text, &place))
		return false;
	for (int i = 0; words[i]; i++)
		if (text.len && span_is(text, words[i])) {
			*ret_slot = i;
			return true;
		}
	struct buf all = {0};
	for (int i = 0; words[i]; i++)
		if (*words[i])
			buf_printf(&all, "%s%s", all.len ? ", " : "", words[i]);
	finding_error(compiler->findings, place, "%s: '%.*s' is none of %.*s", key, SPAN_SHOWN(text), (int)all.len, all.data);
	buf_free(&all);
	return false;
}

void value_scope(struct compiler *compiler, const char *file, const struct yaml_value *map, int *ret_category, int *ret_area, int *ret_urgency)
{
	struct span text;
	struct place place;

	if (value_text(compiler, file, map, "category", &text, &place) && text.len && !span_is(text, "*"))
		*ret_category = compiler_refer(compiler, place, &compiler->categories, text, "category");
	if (value_text(compiler, file, map, "area", &text, &place) && text.len && !span_is(text, "*"))
		*ret_area = compiler_refer(compiler, place, &compiler->areas, text, "area");
	value_urgency(compiler, file, map, "urgency", ret_urgency);
}
