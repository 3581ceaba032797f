/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * reader.h - what dump needs of a reader beyond the public calls.
 */
#ifndef SENSE_RECORD_READER_H
#define SENSE_RECORD_READER_H

#include <sense/record.h>

const char *sense_record_reader_path(const struct sense_record_reader *reader);

#endif
