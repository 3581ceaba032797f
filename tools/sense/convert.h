/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * convert.h - the two halves of `sense convert`: a sensor's numbers, and named
 * quantities of air.
 */
#ifndef SENSE_CONVERT_H
#define SENSE_CONVERT_H

#include <stdio.h>

/* Whether @name is one of dew, frost, rh, absolute, air-density, gas:FORMULA. */
int convert_air_knows(const char *name);

/* Convert one record: words "t=23.1". @at: reference conditions, or NULL. Exit code. */
int convert_air(const char *name, int count, char **words, const char *at);

/* Call @take for every line of standard input, cut into words; ends at the first failure or the end. */
int convert_lines(int (*take)(void *context, int count, char **words), void *context);

/* A number, all of the text: 0, or EXIT_USAGE said. @what: what it is. */
int convert_number(const char *what, const char *text, double *value);

#endif
