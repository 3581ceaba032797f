/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * newest.h - the last value of every channel, for the summary of a recording.
 */
#ifndef SENSE_NEWEST_H
#define SENSE_NEWEST_H

#include <jansson.h>
#include <stdio.h>

#include <sense/frame.h>

struct newest;

struct newest *newest_new(struct sense_layout *layout);
void newest_free(struct newest *newest);

/* Take a calibrated frame's last scan. One thread at a time. */
void newest_take(struct newest *newest, const struct sense_frame *frame);

/* A line per channel: "bath-rtd  25.003 °C ± 0.010 °C (k=2)", or why there is no U. */
void newest_print(const struct newest *newest, FILE *file);
/* [{"name","unit","value","u","U","k","state"}], null for what is not known; a new reference. */
json_t *newest_json(const struct newest *newest);

#endif
