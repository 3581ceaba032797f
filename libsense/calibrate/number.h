/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * number.h - decimal numbers in files, the same in every locale.
 */
#ifndef SENSE_CALIBRATE_NUMBER_H
#define SENSE_CALIBRATE_NUMBER_H

#include <stddef.h>

/*
 * The decimal number at the start of @text ("-1.5e-6", ".5"; no hexadecimal, no nan, no inf).
 * Returns how many bytes it takes, 0 when there is none. Too large gives an infinite *value.
 */
size_t sense_number_read(const char *text, double *value);

#endif
