/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blob.h - how the arrays of a frame lie in the columns of a row. All numbers
 * are little-endian. Documentation/record.md, "Encodings".
 */
#ifndef SENSE_RECORD_BLOB_H
#define SENSE_RECORD_BLOB_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/frame.h"

/* Scratch that grows to the largest row met and is then reused. */
struct sense_blob_scratch {
	unsigned char *data;
	size_t size;
	size_t used;
};
void sense_blob_scratch_free(struct sense_blob_scratch *scratch);

/* Bytes of the blobs of a frame of this size, an upper bound. */
uint64_t sense_blob_bound(uint32_t count, unsigned int channels, int values);

/*
 * Bind the array columns of @frame to a statement, the first at parameter
 * @first: value_unit, present, fault, saturation, scan_flags, counter,
 * time_ns, raw, value, value_u, outside. They stay bound to @frame and @scratch, which
 * must not change before the statement has run. 0 or -ENOMEM with an error.
 */
int sense_blob_bind(sqlite3_stmt *statement, int first, const struct sense_frame *frame,
		    int values, struct sense_blob_scratch *scratch);

/*
 * The inverse: fill the arrays of @frame, whose first_sequence, count and
 * present_count are set, from the columns of the present row from @first on.
 * @units: where to keep the units of the values, space for all channels.
 * NULL, or what is wrong with the row.
 */
const char *sense_blob_read(sqlite3_stmt *statement, int first, struct sense_frame *frame,
			    char (*units)[16]);

#endif
