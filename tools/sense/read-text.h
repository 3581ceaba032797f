/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * read-text.h - small files of /proc and /sys.
 */
#ifndef SENSE_READ_TEXT_H
#define SENSE_READ_TEXT_H

#include <stddef.h>

/* First line without its newline, "" where there is no such file. Returns @text. */
const char *read_line(const char *path, char *text, size_t size);

#endif
