// SPDX-License-Identifier: GPL-2.0-or-later
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"
#include "text.h"

struct table {
	unsigned int columns;
	size_t cells, room;
	char **cell; /* the header is row 0 */
	unsigned char *right;
};

static void add(struct table *table, char *text)
{
	if (table->cells == table->room) {
		table->room = table->room ? 2 * table->room : 64;
		table->cell = realloc(table->cell, table->room * sizeof(*table->cell));
		if (!table->cell)
			abort();
	}
	table->cell[table->cells++] = text;
}

struct table *table_new(unsigned int count, const char *const *columns)
{
	struct table *table = calloc(1, sizeof(*table));

	if (!table || !(table->right = calloc(count, 1)))
		abort();
	table->columns = count;
	for (unsigned int i = 0; i < count; i++) {
		table->right[i] = columns[i][0] == '>';
		add(table, strdup(columns[i] + table->right[i]));
	}
	return table;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->cells; i++)
		free(table->cell[i]);
	free(table->cell);
	free(table->right);
	free(table);
}

void table_cell(struct table *table, const char *format, ...)
{
	va_list args;
	char *text = NULL;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	/* A tab or newline from a device's label must not become a column. */
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = ' ';
	if (!*text) {
		free(text);
		text = strdup("-");
	}
	add(table, text);
}

static void pad(FILE *file, unsigned int n)
{
	while (n--)
		fputc(' ', file);
}

static void print_row(const struct table *table, size_t row, const unsigned int *width, FILE *file)
{
	for (unsigned int i = 0; i < table->columns; i++) {
		const char *text = table->cell[row * table->columns + i];
		unsigned int gap = width ? width[i] - text_width(text) : 0;

		if (i)
			fputs(width ? "  " : "\t", file);
		if (table->right[i])
			pad(file, gap);
		fputs(text, file);
		if (!table->right[i] && i + 1 < table->columns)
			pad(file, gap);
	}
}

void table_print(const struct table *table, FILE *file, int aligned)
{
	size_t rows = table->cells / table->columns;
	unsigned int *width = NULL;

	if (aligned || say_is_terminal(file)) {
		width = calloc(table->columns, sizeof(*width));
		if (!width)
			abort();
		for (size_t i = 0; i < rows * table->columns; i++) {
			unsigned int w = text_width(table->cell[i]);

			if (w > width[i % table->columns])
				width[i % table->columns] = w;
		}
	}
	for (size_t row = 0; row < rows; row++) {
		if (width && row == 0)
			fputs(ink(file, INK_BOLD), file);
		print_row(table, row, width, file);
		if (width && row == 0)
			fputs(ink(file, INK_PLAIN), file);
		fputc('\n', file);
	}
	free(width);
}
