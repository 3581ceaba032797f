// SPDX-License-Identifier: LGPL-2.1-or-later
#include "record/blob.h"

#include <endian.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

void sense_blob_scratch_free(struct sense_blob_scratch *scratch)
{
	free(scratch->data);
	*scratch = (struct sense_blob_scratch){ 0 };
}

uint64_t sense_blob_bound(uint32_t count, unsigned int channels, int values)
{
	uint64_t per_scan = 6 * sizeof(uint64_t) + 1 + channels * sizeof(int32_t);

	if (values)
		per_scan += 2 * channels * sizeof(double);
	return count * per_scan + 1024;
}

/* ---- writing: host order to little-endian ------------------------------- */

/* On a little-endian machine the compiler makes these a memcpy(), or nothing. */
static void put32(unsigned char *to, const int32_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint32_t word = htole32((uint32_t)from[i]);

		memcpy(to + 4 * i, &word, 4);
	}
}

static void put64(unsigned char *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t word;

		memcpy(&word, (const unsigned char *)from + 8 * i, 8);
		word = htole64(word);
		memcpy(to + 8 * i, &word, 8);
	}
}

static unsigned char *take(struct sense_blob_scratch *scratch, size_t bytes)
{
	unsigned char *at = scratch->data + scratch->used;

	scratch->used += bytes;
	return at;
}

/* Words as they are where memory is little-endian already, else a swapped copy. */
static void bind_words(sqlite3_stmt *statement, int column, const void *words, size_t n,
		       struct sense_blob_scratch *scratch)
{
#if __BYTE_ORDER == __LITTLE_ENDIAN
	sqlite3_bind_blob64(statement, column, words, 8 * n, SQLITE_STATIC);
#else
	unsigned char *at = take(scratch, 8 * n);

	put64(at, words, n);
	sqlite3_bind_blob64(statement, column, at, 8 * n, SQLITE_STATIC);
#endif
}

/* NULL: all 0; one word: all equal; else a word per scan. */
static void bind_status(sqlite3_stmt *statement, int column, const uint64_t *words, uint32_t n,
			struct sense_blob_scratch *scratch)
{
	uint64_t differ = 0;

	for (uint32_t i = 1; i < n; i++)
		differ |= words[i] ^ words[0];
	if (!differ && !words[0])
		sqlite3_bind_null(statement, column);
	else
		bind_words(statement, column, words, differ ? n : 1, scratch);
}

static int any_number(const struct sense_frame *frame)
{
	for (unsigned int c = 0; c < frame->layout->channel_count; c++)
		for (uint32_t i = 0; frame->value_u[c] && i < frame->count; i++)
			if (!isnan(frame->value_u[c][i]))
				return 1;
	return 0;
}

static void bind_doubles(sqlite3_stmt *statement, int column, double *const *columns,
			 unsigned int channels, uint32_t n, struct sense_blob_scratch *scratch)
{
	size_t bytes = 8 * (size_t)n;
	unsigned char *at = take(scratch, channels * bytes);

	for (unsigned int c = 0; c < channels; c++)
		put64(at + c * bytes, columns[c], n);
	sqlite3_bind_blob64(statement, column, at, channels * bytes, SQLITE_STATIC);
}

/* Units joined by a space; a unit has none (UCUM, and IIO's own names). */
static void bind_units(sqlite3_stmt *statement, int column, const struct sense_frame *frame)
{
	char text[SENSE_FRAME_MAX_CHANNELS * 16];
	size_t used = 0;

	for (unsigned int c = 0; c < frame->layout->channel_count; c++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%.15s", c ? " " : "",
					 frame->value_unit[c]);
	sqlite3_bind_text(statement, column, text, (int)used, SQLITE_TRANSIENT);
}

int sense_blob_bind(sqlite3_stmt *statement, int first, const struct sense_frame *frame,
		    int values, struct sense_blob_scratch *scratch)
{
	unsigned int channels = frame->layout->channel_count;
	uint32_t n = frame->count;
	size_t need = sense_blob_bound(n, channels, values);
	unsigned char *raw;

	if (scratch->size < need) {
		free(scratch->data);
		*scratch = (struct sense_blob_scratch){ .data = malloc(need), .size = need };
		if (!scratch->data) {
			scratch->size = 0;
			return sense_fail(ENOMEM, NULL, NULL,
					  "out of memory for a frame of %u scans", n);
		}
	}
	scratch->used = 0;

	values = values && channels && frame->value_unit[0];
	if (values)
		bind_units(statement, first, frame);
	else
		sqlite3_bind_null(statement, first);
	if (frame->present_count == n)
		sqlite3_bind_null(statement, first + 1);
	else
		bind_words(statement, first + 1, frame->present, (n + 63) / 64, scratch);
	bind_status(statement, first + 2, frame->fault, n, scratch);
	bind_status(statement, first + 3, frame->saturation, n, scratch);
	bind_status(statement, first + 4, frame->scan_flags, n, scratch);
	bind_status(statement, first + 5, frame->counter, n, scratch);
	bind_words(statement, first + 6, frame->time_ns, n, scratch);
	raw = take(scratch, 4 * (size_t)n * channels);
	for (unsigned int c = 0; c < channels; c++)
		put32(raw + 4 * (size_t)n * c, frame->raw[c], n);
	sqlite3_bind_blob64(statement, first + 7, raw, 4 * (uint64_t)n * channels, SQLITE_STATIC);
	if (values)
		bind_doubles(statement, first + 8, frame->value, channels, n, scratch);
	else
		sqlite3_bind_null(statement, first + 8);
	if (values && any_number(frame))
		bind_doubles(statement, first + 9, frame->value_u, channels, n, scratch);
	else
		sqlite3_bind_null(statement, first + 9);
	if (values)
		bind_status(statement, first + 10, frame->outside, n, scratch);
	else
		sqlite3_bind_null(statement, first + 10);
	return 0;
}

/* ---- reading ------------------------------------------------------------ */

static void get64(void *to, const unsigned char *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t word;

		memcpy(&word, from + 8 * i, 8);
		word = le64toh(word);
		memcpy((unsigned char *)to + 8 * i, &word, 8);
	}
}

static int read_words(sqlite3_stmt *statement, int column, void *to, size_t n)
{
	if (sqlite3_column_type(statement, column) != SQLITE_BLOB ||
	    (size_t)sqlite3_column_bytes(statement, column) != 8 * n)
		return 0;
	get64(to, sqlite3_column_blob(statement, column), n);
	return 1;
}

static int read_status(sqlite3_stmt *statement, int column, uint64_t *to, uint32_t n)
{
	int bytes = sqlite3_column_bytes(statement, column);

	if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
		memset(to, 0, 8 * (size_t)n);
		return 1;
	}
	if (bytes != 8)
		return read_words(statement, column, to, n);
	if (!read_words(statement, column, to, 1))
		return 0;
	for (uint32_t i = 1; i < n; i++)
		to[i] = to[0];
	return 1;
}

static int read_doubles(sqlite3_stmt *statement, int column, double *const *columns,
			unsigned int channels, uint32_t n)
{
	const unsigned char *from = sqlite3_column_blob(statement, column);
	size_t bytes = 8 * (size_t)n;

	if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
		for (unsigned int c = 0; c < channels; c++)
			for (uint32_t i = 0; i < n; i++)
				columns[c][i] = NAN;
		return 1;
	}
	if (sqlite3_column_type(statement, column) != SQLITE_BLOB ||
	    (size_t)sqlite3_column_bytes(statement, column) != channels * bytes)
		return 0;
	for (unsigned int c = 0; c < channels; c++)
		get64(columns[c], from + c * bytes, n);
	return 1;
}

static int read_present(sqlite3_stmt *statement, int column, struct sense_frame *frame)
{
	uint32_t n = frame->count, words = (n + 63) / 64, ones = 0;

	if (sqlite3_column_type(statement, column) == SQLITE_NULL) {
		memset(frame->present, 0xff, 8 * (size_t)words);
		if (n % 64)
			frame->present[words - 1] = (UINT64_C(1) << n % 64) - 1;
		return frame->present_count == n;
	}
	if (!read_words(statement, column, frame->present, words))
		return 0;
	if (n % 64 && frame->present[words - 1] >> n % 64)
		return 0;
	for (uint32_t i = 0; i < words; i++)
		ones += (uint32_t)__builtin_popcountll(frame->present[i]);
	return ones == frame->present_count;
}

static int read_units(sqlite3_stmt *statement, int column, struct sense_frame *frame,
		      char (*units)[16])
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	unsigned int channels = frame->layout->channel_count;

	if (!text) {
		memset(frame->value_unit, 0, sizeof(frame->value_unit));
		return 1;
	}
	for (unsigned int c = 0; c < channels; c++) {
		size_t length = strcspn(text, " ");

		if (length >= sizeof(units[c]) || (text[length] == ' ') != (c + 1 < channels))
			return 0;
		memcpy(units[c], text, length);
		units[c][length] = '\0';
		frame->value_unit[c] = units[c];
		text += length + (text[length] == ' ');
	}
	return 1;
}

const char *sense_blob_read(sqlite3_stmt *statement, int first, struct sense_frame *frame,
			    char (*units)[16])
{
	unsigned int channels = frame->layout->channel_count;
	uint32_t n = frame->count;
	const unsigned char *raw;

	if (!read_units(statement, first, frame, units))
		return "its units are not one per channel";
	if (!read_present(statement, first + 1, frame))
		return "its map of present scans does not match its counts";
	if (!read_status(statement, first + 2, frame->fault, n) ||
	    !read_status(statement, first + 3, frame->saturation, n) ||
	    !read_status(statement, first + 4, frame->scan_flags, n))
		return "its status words are not one per scan";
	if (!read_status(statement, first + 5, frame->counter, n))
		return "its counter is not one word per scan";
	if (!read_words(statement, first + 6, frame->time_ns, n))
		return "its times are not one per scan";
	if (sqlite3_column_type(statement, first + 7) != SQLITE_BLOB ||
	    (uint64_t)sqlite3_column_bytes(statement, first + 7) != 4 * (uint64_t)n * channels)
		return "its raw counts are not one per scan and channel";
	raw = sqlite3_column_blob(statement, first + 7);
	for (unsigned int c = 0; c < channels; c++)
		for (uint32_t i = 0; i < n; i++, raw += 4) {
			uint32_t word;

			memcpy(&word, raw, 4);
			frame->raw[c][i] = (int32_t)le32toh(word);
		}
	if (channels && frame->value_unit[0] &&
	    (!read_doubles(statement, first + 8, frame->value, channels, n) ||
	     !read_doubles(statement, first + 9, frame->value_u, channels, n)))
		return "its values are not one per scan and channel";
	if (!read_status(statement, first + 10, frame->outside, n))
		return "its marks of values outside are not one word per scan";
	return NULL;
}
