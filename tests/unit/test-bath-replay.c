// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Replays the current and the ambient temperature of a real bath's recording through the model and
 * compares the bath temperature. The recording is not part of the project: without it (SENSE_SHARED
 * or ../shared) the test is skipped, and test-bath stands on vectors of its own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bath.h"

#define ROWS		8000
#define HOURS		48

/* Columns of the recording, from 0: see its header line. */
enum { AMBIENT = 25, BATH = 28, CURRENT = 30, COLUMNS = 32 };

struct row {
	double time, ambient, bath, current;
};

static struct row rows[ROWS];
static struct hour {
	double square;
	int count;
} hours[HOURS];

static double rms(const struct hour *hour)
{
	return hour->count ? sqrt(hour->square / hour->count) : 0;
}

static int by_rms(const void *a, const void *b)
{
	double x = rms(a), y = rms(b);

	return (x > y) - (x < y);
}

static int read_rows(FILE *in)
{
	char line[2048];
	double first = 0;
	int count = 0;

	if (!fgets(line, sizeof(line), in) || !strstr(line, "amb_temp;amb_rh;amb_pressure;box_temp"))
		return -1;
	while (count < ROWS && fgets(line, sizeof(line), in)) {
		char *field[COLUMNS], *at = line;
		struct tm when = { .tm_isdst = 0 };
		int n = 0;

		while (n < COLUMNS && at) {
			field[n++] = at;
			at = strchr(at, ';');
			if (at)
				*at++ = 0;
		}
		if (n < COLUMNS || sscanf(field[0], "%d/%d/%d-%d:%d:%d", &when.tm_mday, &when.tm_mon,
					  &when.tm_year, &when.tm_hour, &when.tm_min,
					  &when.tm_sec) != 6)
			continue;
		when.tm_mon--;
		when.tm_year -= 1900;
		rows[count].time = (double)timegm(&when);
		rows[count].ambient = atof(field[AMBIENT]);
		rows[count].bath = atof(field[BATH]);
		rows[count].current = atof(field[CURRENT]);
		if (fabs(rows[count].bath) > 100 || fabs(rows[count].ambient) > 100 ||
		    fabs(rows[count].current) > 10)
			continue;	/* the recorder's mark for "no reading" */
		if (!count)
			first = rows[0].time;
		rows[count].time -= first;
		count++;
	}
	return count;
}

int main(void)
{
	const char *shared = getenv("SENSE_SHARED");
	struct hour all = { 0 };
	struct lab_bath_parameters p = lab_bath_nominal;
	struct lab_bath bath;
	int count, whole;
	char path[4096];
	FILE *in;

	snprintf(path, sizeof(path), "%s/data/airbath/run-a.dsv", shared ? shared : "../shared");
	in = fopen(path, "re");
	if (!in) {
		printf("SKIP: no recording at %s; SENSE_SHARED names the folder it is in\n", path);
		return 77;
	}
	count = read_rows(in);
	fclose(in);
	if (count < 6000) {
		printf("%s: %d rows understood\n", path, count);
		return 1;
	}

	/* The recording's own current has no slew limit to obey, and starts in mid-run. */
	p.slew = 1e9;
	lab_bath_init(&bath, &p, rows[0].bath, rows[0].ambient, 1);
	bath.wandering = false;
	lab_bath_set_current(&bath, rows[0].current);
	bath.current = rows[0].current;
	for (int i = 0; i < LAB_BATH_DELAY_MAX; i++)
		bath.line[i] = rows[0].current;
	for (int i = 1; i < count; i++) {
		double error;

		lab_bath_set_ambient(&bath, rows[i].ambient);
		lab_bath_set_current(&bath, rows[i].current);
		lab_bath_run(&bath, rows[i].time - rows[i - 1].time);
		error = bath.sensor - rows[i].bath;
		all.square += error * error;
		all.count++;
		if (rows[i].time < HOURS * 3600.0) {
			struct hour *hour = &hours[(int)(rows[i].time / 3600)];

			hour->square += error * error;
			hour->count++;
		}
	}
	whole = (int)(rows[count - 1].time / 3600);
	whole = whole > HOURS ? HOURS : whole;
	printf("= run-a replayed: second hour rms %.4f K; ", rms(&hours[1]));
	qsort(hours, (size_t)whole, sizeof(hours[0]), by_rms);
	printf("by hour best %.4f, median %.4f, worst %.4f K; all %.1f h rms %.4f K\n",
	       rms(&hours[0]), rms(&hours[whole / 2]), rms(&hours[whole - 1]),
	       rows[count - 1].time / 3600, rms(&all));
	/* The fit's own free run: 0.072 K. */
	if (!(rms(&all) < 0.075) || !(rms(&hours[whole - 1]) < 0.25)) {
		printf("the model no longer follows the recording\n");
		return 1;
	}
	return 0;
}
