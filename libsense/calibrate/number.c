// SPDX-License-Identifier: LGPL-2.1-or-later
#include "calibrate/number.h"

#include <ctype.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static locale_t plain;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void make_plain(void)
{
	plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

size_t sense_number_read(const char *text, double *value)
{
	size_t n = text[0] == '-' || text[0] == '+', digits = 0, points = 0;
	char copy[80];

	for (; isdigit((unsigned char)text[n]) || (text[n] == '.' && points == 0); n++) {
		points += text[n] == '.';
		digits += text[n] != '.';
	}
	if (digits == 0)
		return 0;
	if (text[n] == 'e' || text[n] == 'E') {
		size_t m = n + 1 + (text[n + 1] == '-' || text[n + 1] == '+');

		if (isdigit((unsigned char)text[m])) {
			while (isdigit((unsigned char)text[m]))
				m++;
			n = m;
		}
	}
	if (n >= sizeof(copy))
		return 0;
	memcpy(copy, text, n);
	copy[n] = '\0';
	pthread_once(&once, make_plain);
	*value = plain ? strtod_l(copy, NULL, plain) : strtod(copy, NULL);
	return n;
}
