/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.h - what one examination found. The examinations are grouped by file:
 * the machine (doctor-machine.c), devices and driver (doctor-device.c),
 * storage (doctor-storage.c).
 */
#ifndef SENSE_DOCTOR_H
#define SENSE_DOCTOR_H

enum grade { GRADE_OK, GRADE_NOTE, GRADE_WARNING, GRADE_ERROR };

struct doctor;

/*
 * @topic: stable word for scripts ("clock.tai"); the sentence says what is so, the
 * remedy (NULL for none) what to do.
 */
void doctor_find(struct doctor *doctor, enum grade grade, const char *topic, const char *remedy,
		 const char *format, ...) __attribute__((format(printf, 5, 6)));

void doctor_kernel(struct doctor *doctor);
void doctor_clock(struct doctor *doctor);
void doctor_limits(struct doctor *doctor);
void doctor_io_uring(struct doctor *doctor);

void doctor_driver(struct doctor *doctor);
void doctor_udev(struct doctor *doctor);
void doctor_devices(struct doctor *doctor);

/* @config: path of a configuration, or NULL; @directory: where records would go, or NULL. */
void doctor_storage(struct doctor *doctor, const char *config, const char *directory);

#endif
