// SPDX-License-Identifier: GPL-2.0-or-later
#include "calibrate-points.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "say.h"

static const struct {
	const char *name;
	size_t offset;
	int required;
} columns[] = {
	{ "reference", offsetof(struct sense_comparison_point, reference), 1 },
	{ "u_reference", offsetof(struct sense_comparison_point, u_reference), 1 },
	{ "indicated", offsetof(struct sense_comparison_point, input), 1 },
	{ "u_indicated", offsetof(struct sense_comparison_point, u_input), 1 },
	{ "u_common", offsetof(struct sense_comparison_point, u_common), 0 },
	{ "nominal", offsetof(struct sense_comparison_point, nominal), 0 },
};

enum { COLUMNS = sizeof(columns) / sizeof(columns[0]), COMMON = 4, NOMINAL = 5 };

struct header {
	int column[COLUMNS + 1]; /* which of the above the n-th field is */
	int count;
	int has[COLUMNS];
};

/* The next field of a line, blanks around it taken off; NULL at the end. */
static char *next_field(char **at)
{
	char *field = *at, *end;

	if (!field)
		return NULL;
	end = strchr(field, ',');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = 0;
	while (isspace((unsigned char)*field))
		field++;
	for (end = field + strlen(field); end > field && isspace((unsigned char)end[-1]);)
		*--end = 0;
	return field;
}

static int read_header(const char *path, unsigned int number, char *line, struct header *h)
{
	const char *remedy = "name the columns reference, u_reference, indicated, u_indicated and, "
			     "if you like, u_common and nominal in the first line";
	char *field;

	while ((field = next_field(&line))) {
		int found = -1;

		for (int i = 0; i < COLUMNS; i++)
			if (strcmp(field, columns[i].name) == 0)
				found = i;
		if (found < 0)
			return say_fail(EXIT_USAGE, remedy, "%s:%u: there is no column '%.40s'",
					path, number, field);
		if (h->has[found]++)
			return say_fail(EXIT_USAGE, remedy, "%s:%u: column '%s' stands twice", path,
					number, field);
		h->column[h->count++] = found;
	}
	for (int i = 0; i < COLUMNS; i++)
		if (columns[i].required && !h->has[i])
			return say_fail(EXIT_USAGE, remedy, "%s:%u: column '%s' is missing", path,
					number, columns[i].name);
	return 0;
}

static int read_row(const char *path, unsigned int number, char *line, const struct header *h,
		    struct sense_comparison_point *point)
{
	int n = 0;
	char *field, *end;

	while ((field = next_field(&line))) {
		double value = strtod(field, &end);

		if (n == h->count)
			break;
		if (end == field || *end || !isfinite(value))
			return say_fail(EXIT_USAGE, "write decimal numbers with a point",
					"%s:%u: '%.40s' in column %s is no number", path, number,
					field, columns[h->column[n]].name);
		*(double *)((char *)point + columns[h->column[n++]].offset) = value;
	}
	if (n < h->count || field)
		return say_fail(EXIT_USAGE, "give each row as many fields as the first line",
				"%s:%u: the row has %s fields than the first line", path, number,
				field ? "more" : "fewer");
	return 0;
}

static int read_lines(FILE *file, const char *path, struct header *h,
		      struct sense_comparison_point *points, unsigned int *count)
{
	char *line = NULL, *text;
	size_t room = 0;
	unsigned int number = 0;
	int code = 0;

	while (!code && getline(&line, &room, file) >= 0) {
		number++;
		for (text = line; isspace((unsigned char)*text); text++)
			;
		if (!*text || *text == '#')
			continue;
		if (!h->count)
			code = read_header(path, number, text, h);
		else if (*count == SENSE_COMPARISON_POINTS_MAX)
			code = say_fail(EXIT_USAGE, "compare in two runs",
					"%s:%u: there are more than %d points", path, number,
					SENSE_COMPARISON_POINTS_MAX);
		else
			code = read_row(path, number, text, h, &points[(*count)++]);
	}
	free(line);
	if (!code && ferror(file))
		code = say_fail(EXIT_ENVIRONMENT, NULL, "%s cannot be read: %s", path,
				strerror(errno));
	if (!code && !*count)
		code = say_fail(EXIT_USAGE,
				"write one line per point below the names of the columns",
				"%s: there are no points", path);
	return code;
}

int calibrate_points_read(const char *path, double common, double step,
			  struct sense_comparison_point *points, unsigned int *count)
{
	struct header h = { 0 };
	FILE *file = fopen(path, "re");
	double least = INFINITY;
	int code;

	*count = 0;
	if (!file)
		return say_fail(EXIT_ENVIRONMENT, "see that it is there and may be read",
				"%s cannot be opened: %s", path, strerror(errno));
	code = read_lines(file, path, &h, points, count);
	fclose(file);
	for (unsigned int i = 0; i < *count; i++)
		least = fmin(least, points[i].u_reference);
	for (unsigned int i = 0; !code && i < *count; i++) {
		if (!h.has[COMMON])
			points[i].u_common = isnan(common) ? least : common;
		if (!h.has[NOMINAL])
			points[i].nominal = round(points[i].reference / step) * step + 0.0;
	}
	return code;
}
