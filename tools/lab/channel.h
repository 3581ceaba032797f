/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What launcher and guest agent say to each other over a virtio serial port: frames of a header
 * and a payload, in the byte order of x86, which both ends are.
 */
#ifndef LAB_CHANNEL_H
#define LAB_CHANNEL_H

#include <stdint.h>

#define LAB_PORT_AGENT		"sense.lab.agent"
#define LAB_PORT_CONTROL	"sense.lab.control"
#define LAB_CHANNEL_VERSION	1
#define LAB_FRAME_MAX		65536

struct lab_frame {
	uint32_t type;		/* enum lab_frame_type */
	uint32_t length;	/* bytes of payload that follow, at most LAB_FRAME_MAX */
};

enum lab_frame_type {
	/* guest to host */
	LAB_HELLO	= 1,	/* version (u32), then the kernel release as text */
	LAB_OUT		= 2,	/* standard output, or the terminal */
	LAB_ERR		= 3,	/* standard error */
	LAB_EXIT	= 4,	/* i32: exit status, or 128 + signal */
	LAB_KLOG	= 5,	/* one line of the kernel log */
	LAB_DONE	= 6,	/* about to power off; nothing follows */
	LAB_ANSWER	= 7,	/* i32: 0 or -errno of LAB_UNPLUG, LAB_REPLUG */
	/* host to guest */
	LAB_CLOCK	= 32,	/* struct lab_clock */
	LAB_RUN		= 33,	/* struct lab_run, then strings */
	LAB_IN		= 34,	/* standard input; an empty payload is its end */
	LAB_RESIZE	= 35,	/* struct lab_size */
	LAB_SIGNAL	= 36,	/* i32: signal for the command's process group */
	LAB_POWEROFF	= 37,
	LAB_UNPLUG	= 38,	/* u32: card to remove, by its order in the lab */
	LAB_REPLUG	= 39,	/* rescan the bus and bind */
};

struct lab_clock {
	int64_t realtime_ns;
	int32_t tai_offset;
	int32_t reserved;
};

struct lab_size {
	uint16_t rows, columns;
};

/* Followed by zero-terminated strings: directory, arguments, environment. */
struct lab_run {
	uint32_t terminal;	/* 1: give the command a terminal */
	struct lab_size size;
	uint32_t arguments;
	uint32_t environment;
};

#endif
