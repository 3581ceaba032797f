// SPDX-License-Identifier: LGPL-2.1-or-later
#include "twin/series.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"
#include "twin/digest.h"

#define NO_READING 1e30

void sense_series_free(struct sense_series *s)
{
	if (!s)
		return;
	free(s->time_ns);
	free(s->y);
	free(s->u);
	free(s);
}

static struct sense_series *series_new(unsigned int outputs, const char *const *output,
				       unsigned int inputs, const char *const *input)
{
	struct sense_series *s;

	if (outputs < 1 || outputs > SENSE_SERIES_MAX_OUTPUTS || inputs > SENSE_SERIES_MAX_INPUTS)
		return sense_fail_null(EINVAL, "series", "name one to four outputs and up to eight inputs",
				       "%u outputs and %u inputs are not what a series holds",
				       outputs, inputs);
	s = calloc(1, sizeof(*s));
	if (!s)
		return sense_fail_null(ENOMEM, "series", NULL, "no memory for a series");
	s->outputs = outputs;
	s->inputs = inputs;
	for (unsigned int i = 0; i < outputs; i++)
		snprintf(s->output[i], TWIN_NAME, "%s", output[i]);
	for (unsigned int i = 0; i < inputs; i++)
		snprintf(s->input[i], TWIN_NAME, "%s", input[i]);
	return s;
}

static int grow(struct sense_series *s, unsigned int room)
{
	int64_t *time_ns = realloc(s->time_ns, room * sizeof(*time_ns));
	double *y, *u;

	if (time_ns)
		s->time_ns = time_ns;
	y = realloc(s->y, (size_t)room * s->outputs * sizeof(*y));
	if (y)
		s->y = y;
	u = realloc(s->u, ((size_t)room * s->inputs + 1) * sizeof(*u));
	if (u)
		s->u = u;
	if (!time_ns || !y || !u)
		return sense_fail(ENOMEM, "series", NULL, "no memory for %u rows", room);
	s->room = room;
	return 0;
}

struct sense_series *sense_series_new(unsigned int count, const int64_t *time_ns,
				      unsigned int outputs, const char *const *output,
				      const double *output_values, unsigned int inputs,
				      const char *const *input, const double *input_values)
{
	struct sense_series *s = series_new(outputs, output, inputs, input);

	if (!s)
		return NULL;
	if (count < 2 || count > INT_MAX / 16) {
		sense_fail(EBADMSG, "series", "give at least two rows", "%u rows are no series", count);
		goto fail;
	}
	if (grow(s, count))
		goto fail;
	for (unsigned int k = 0; k < count; k++) {
		if (k && time_ns[k] <= time_ns[k - 1]) {
			sense_fail(EBADMSG, "time", "sort the rows and leave out repeated ones",
				   "row %u: its time %s", k + 1,
				   time_ns[k] == time_ns[k - 1] ? "repeats the row before" :
								  "is earlier than the row before");
			goto fail;
		}
		for (unsigned int j = 0; j < outputs + inputs; j++) {
			double v = j < outputs ? output_values[k * outputs + j] :
						 input_values[k * inputs + j - outputs];

			if (fabs(v) < NO_READING)
				continue;
			sense_fail(EBADMSG, j < outputs ? output[j] : input[j - outputs],
				   "leave such rows out", "row %u: %s is %g, which is no reading", k + 1,
				   j < outputs ? output[j] : input[j - outputs], v);
			goto fail;
		}
	}
	memcpy(s->time_ns, time_ns, count * sizeof(*time_ns));
	memcpy(s->y, output_values, (size_t)count * outputs * sizeof(*s->y));
	if (inputs)
		memcpy(s->u, input_values, (size_t)count * inputs * sizeof(*s->u));
	s->count = count;
	return s;
fail:
	sense_series_free(s);
	return NULL;
}

/* ---- text -------------------------------------------------------------------------- */

struct text {
	const struct sense_series_source *source;
	char **cell;
	unsigned int cells, room;
	unsigned int column[1 + TWIN_MAX_OUTPUTS + TWIN_MAX_INPUTS], most;
	unsigned long line;
};

/* Cut a line into cells in place; quotes around a cell go. */
static int cut(struct text *t, char *line, char delimiter)
{
	char mark[2] = { delimiter, 0 }, *cell;

	line[strcspn(line, "\r\n")] = 0;
	t->cells = 0;
	while ((cell = strsep(&line, mark))) {
		size_t size;

		if (t->cells == t->room) {
			unsigned int room = t->room ? 2 * t->room : 64;
			char **more = realloc(t->cell, room * sizeof(*more));

			if (!more)
				return sense_fail(ENOMEM, t->source->path, NULL,
						  "no memory for %u columns", room);
			t->cell = more;
			t->room = room;
		}
		cell += strspn(cell, " ");
		size = strlen(cell);
		while (size && cell[size - 1] == ' ')
			cell[--size] = 0;
		if (size >= 2 && cell[0] == '"' && cell[size - 1] == '"') {
			cell[size - 1] = 0;
			cell++;
		}
		t->cell[t->cells++] = cell;
	}
	return 0;
}

static int find_column(struct text *t, const char *name, unsigned int *column)
{
	for (unsigned int i = 0; i < t->cells; i++)
		if (strcmp(t->cell[i], name) == 0) {
			*column = i;
			if (i > t->most)
				t->most = i;
			return 0;
		}
	return sense_fail(ENODATA, name,
			  t->cells < 2 ? "give the file's --delimiter" :
					 "name a column of the header line as it is spelt there",
			  "%s: there is no column '%s' among its %u", t->source->path, name, t->cells);
}

/* "12.25" to ns without passing through a double: recorded seconds are exact. */
static int read_seconds(const char *text, int64_t *ns)
{
	char *end;
	long long whole;
	int64_t part = 0, scale = 100000000;
	int negative = text[0] == '-';

	errno = 0;
	whole = strtoll(text, &end, 10);
	if (end == text || errno || whole > 9000000000LL || whole < -9000000000LL)
		return -1;
	if (*end == 'e' || *end == 'E') {
		double v = strtod(text, &end);

		if (*end || !(fabs(v) < 9e9))
			return -1;
		*ns = llround(v * 1e9);
		return 0;
	}
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++, scale /= 10)
			part += (*end - '0') * scale;
	if (*end)
		return -1;
	*ns = whole * 1000000000 + (negative ? -part : part);
	return 0;
}

static int read_time(const char *text, const char *format, int64_t *ns)
{
	struct tm when = { .tm_mday = 1, .tm_year = 70 };
	const char *end;

	if (!format)
		return read_seconds(text, ns);
	end = strptime(text, format, &when);
	if (!end)
		return -1;
	*ns = (int64_t)timegm(&when) * 1000000000;
	if (*end == '.') { /* a fraction behind whole seconds */
		int64_t scale = 100000000;

		for (end++; *end >= '0' && *end <= '9'; end++, scale /= 10)
			*ns += (*end - '0') * scale;
	}
	return *end && strcmp(end, "Z") != 0 ? -1 : 0;
}

static int read_row(struct text *t, struct sense_series *s)
{
	const struct sense_series_source *f = t->source;
	unsigned int n = f->outputs + f->inputs;
	int64_t *time_ns;

	if (t->cells <= t->most)
		return sense_fail(EBADMSG, f->path, "repair or leave out the line",
				  "%s: line %lu has %u columns, column %u is wanted", f->path, t->line,
				  t->cells, t->most + 1);
	if (s->count == s->room && grow(s, s->room ? 2 * s->room : 4096))
		return -ENOMEM;
	time_ns = &s->time_ns[s->count];
	if (read_time(t->cell[t->column[0]], f->time_format, time_ns))
		return sense_fail(EBADMSG, f->time, f->time_format ?
				  "give the --time-format of the file" :
				  "times are seconds; else give their --time-format",
				  "%s: line %lu, column '%s': '%s' is no time", f->path, t->line, f->time,
				  t->cell[t->column[0]]);
	for (unsigned int j = 0; j < n; j++) {
		const char *name = j < f->outputs ? f->output[j] : f->input[j - f->outputs];
		const char *cell = t->cell[t->column[1 + j]];
		char *end;
		double v = strtod(cell, &end);

		if (end == cell || *end || !(fabs(v) < NO_READING)) {
			if (f->skip_invalid) {
				s->skipped++;
				return 0;
			}
			return sense_fail(EBADMSG, name,
					  "repair the line, or leave such rows out with --skip-invalid",
					  "%s: line %lu, column '%s': '%s' is no reading", f->path,
					  t->line, name, cell);
		}
		if (j < f->outputs)
			s->y[s->count * f->outputs + j] = v;
		else
			s->u[s->count * f->inputs + j - f->outputs] = v;
	}
	if (s->count && *time_ns <= time_ns[-1])
		return sense_fail(EBADMSG, f->time, "sort the rows and leave out repeated ones",
				  "%s: line %lu, column '%s': '%s' %s", f->path, t->line, f->time,
				  t->cell[t->column[0]],
				  *time_ns == time_ns[-1] ? "repeats the line before" :
							    "is earlier than the line before");
	s->count++;
	return 0;
}

static int read_file(struct text *t, FILE *file, struct sense_series *s)
{
	const struct sense_series_source *f = t->source;
	char *line = NULL, delimiter = f->delimiter ? f->delimiter : ',';
	size_t size = 0;
	int code = 0;

	while (!code && getline(&line, &size, file) >= 0) {
		t->line++;
		if (!line[strspn(line, " \r\n")])
			continue;
		code = cut(t, line + (t->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? 3 : 0),
			   delimiter);
		if (!code && t->line == 1) {
			code = find_column(t, f->time, &t->column[0]);
			for (unsigned int j = 0; !code && j < f->outputs; j++)
				code = find_column(t, f->output[j], &t->column[1 + j]);
			for (unsigned int j = 0; !code && j < f->inputs; j++)
				code = find_column(t, f->input[j], &t->column[1 + f->outputs + j]);
		} else if (!code) {
			code = read_row(t, s);
		}
	}
	free(line);
	if (!code && ferror(file))
		code = sense_fail(EIO, f->path, NULL, "%s: reading failed after line %lu", f->path,
				  t->line);
	if (!code && s->count < 2)
		code = sense_fail(EBADMSG, f->path, "give a file with a header line and rows",
				  "%s: there are %u rows of data", f->path, s->count);
	return code;
}

struct sense_series *sense_series_load(const struct sense_series_source *source)
{
	struct sense_series *s = series_new(source->outputs, source->output, source->inputs,
					    source->input);
	struct text t = { .source = source };
	FILE *file;
	int code;

	if (!s)
		return NULL;
	file = fopen(source->path, "re");
	if (file) {
		code = read_file(&t, file, s);
		fclose(file);
	} else {
		code = sense_fail(errno, source->path, "look at its name and permissions",
				  "%s cannot be opened: %s", source->path, strerror(errno));
	}
	free(t.cell);
	if (code) {
		sense_series_free(s);
		return NULL;
	}
	return s;
}

/* ---- getters -------------------------------------------------------------------------- */

unsigned int sense_series_get_count(const struct sense_series *s)
{
	return s->count;
}

unsigned int sense_series_get_skipped(const struct sense_series *s)
{
	return s->skipped;
}

unsigned int sense_series_get_output_count(const struct sense_series *s)
{
	return s->outputs;
}

unsigned int sense_series_get_input_count(const struct sense_series *s)
{
	return s->inputs;
}

const char *sense_series_get_output_name(const struct sense_series *s, unsigned int output)
{
	return output < s->outputs ? s->output[output] : "";
}

const char *sense_series_get_input_name(const struct sense_series *s, unsigned int input)
{
	return input < s->inputs ? s->input[input] : "";
}

const int64_t *sense_series_get_time_ns(const struct sense_series *s)
{
	return s->time_ns;
}

const double *sense_series_get_outputs(const struct sense_series *s)
{
	return s->y;
}

const double *sense_series_get_inputs(const struct sense_series *s)
{
	return s->u;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

double sense_series_get_period_s(const struct sense_series *s)
{
	int64_t *apart = malloc(s->count * sizeof(*apart)), median;

	if (!apart)
		return (double)(s->time_ns[s->count - 1] - s->time_ns[0]) * 1e-9 / (s->count - 1);
	for (unsigned int k = 1; k < s->count; k++)
		apart[k - 1] = s->time_ns[k] - s->time_ns[k - 1];
	qsort(apart, s->count - 1, sizeof(*apart), by_size);
	median = apart[(s->count - 1) / 2];
	free(apart);
	return (double)median * 1e-9;
}

unsigned int sense_series_get_gaps(const struct sense_series *s, double *longest_s, unsigned int *row)
{
	double period = sense_series_get_period_s(s), longest = 0;
	unsigned int gaps = 0, at = 0;

	for (unsigned int k = 1; k < s->count; k++) {
		double apart = (double)(s->time_ns[k] - s->time_ns[k - 1]) * 1e-9;

		gaps += apart > 10 * period;
		if (apart > longest) {
			longest = apart;
			at = k + 1;
		}
	}
	if (longest_s)
		*longest_s = longest;
	if (row)
		*row = at;
	return gaps;
}

const char *sense_series_get_digest(const struct sense_series *s, unsigned int from, unsigned int to)
{
	static _Thread_local char text[TWIN_DIGEST];
	struct twin_digest *digest = twin_digest_new();

	to = to < s->count ? to : s->count;
	from = from < to ? from : to;
	for (unsigned int i = 0; i < s->outputs; i++)
		twin_digest_add(digest, s->output[i], strlen(s->output[i]) + 1);
	for (unsigned int i = 0; i < s->inputs; i++)
		twin_digest_add(digest, s->input[i], strlen(s->input[i]) + 1);
	/* As the bytes lie on the little-endian machines that this library runs on. */
	twin_digest_add(digest, s->time_ns + from, (to - from) * sizeof(*s->time_ns));
	twin_digest_add(digest, s->y + (size_t)from * s->outputs,
			(size_t)(to - from) * s->outputs * sizeof(*s->y));
	twin_digest_add(digest, s->u + (size_t)from * s->inputs,
			(size_t)(to - from) * s->inputs * sizeof(*s->u));
	return twin_digest_end(digest, text) ? "" : text;
}
