/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h - rows for people on a terminal (aligned, headed in bold), and for
 * scripts otherwise: tab-separated, one header line, columns that stay.
 */
#ifndef SENSE_TABLE_H
#define SENSE_TABLE_H

#include <stdio.h>

struct table;

/* @columns: "name" left-aligned, ">name" right-aligned; the strings are copied. */
struct table *table_new(unsigned int count, const char *const *columns);
void table_free(struct table *table);

/* Next cell of the present row; a row ends by itself. NULL is printed as "-". */
void table_cell(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Aligned where @file is a terminal or @aligned says so. */
void table_print(const struct table *table, FILE *file, int aligned);

#endif
