// SPDX-License-Identifier: GPL-2.0-or-later
/* sense-lab.c - the command line of the virtual lab. */
#include <errno.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "card.h"
#include "lab.h"
#include "sensors.h"

static const char usage_text[] =
	"usage: sense-lab run [OPTION...] [-- COMMAND [ARGUMENT...]]\n"
	"       sense-lab shell [OPTION...]\n"
	"       sense-lab fault [--name NAME] [--card N] FAULT[,ARGUMENT...]\n"
	"       sense-lab account [--name NAME] [--card N]\n"
	"\n"
	"run starts a virtual machine with simulated acquisition cards, runs COMMAND in it as root\n"
	"(default: dmesg), and ends with its exit status. shell gives a shell instead.\n"
	"fault makes something go wrong in a running lab; account prints the card's own count of\n"
	"every scan as JSON. Both work on the host and inside the guest.\n"
	"\n"
	"The machine:\n"
	"  --kernel SERIES       6.1 (default) or 6.12\n"
	"  --kernel-dir DIR      an unpacked kernel (default: build/kernel/SERIES)\n"
	"  --modules DIR         drivers to load (default: build/modules/SERIES)\n"
	"  --no-driver           load none\n"
	"  --smp N               processors (1)\n"
	"  --memory MIB          256 to 2048 (1024)\n"
	"  --accel tcg|kvm       emulate (default), or use the host's processor\n"
	"  --clocksource NAME    for example hpet\n"
	"  --append TEXT         more for the kernel's command line\n"
	"  --disk FILE[,SIZE[,DIR]]  ext4 on virtio-blk, made when absent (2G), kept between runs,\n"
	"                        mounted on DIR (/disk)\n"
	"  --share DIR           a directory both sides write, at the same path\n"
	"  --network             a network card; the guest reaches the host as 10.0.2.2\n"
	"  --udev                run udev with the project's rules\n"
	"  --env NAME=VALUE      for COMMAND; SENSE_* is passed on anyway\n"
	"  --boot-timeout S      (120)\n"
	"  --logs DIR            kernel.log, serial.log, cardN.json (default: build/lab/logs)\n"
	"  --name NAME           for 'sense-lab fault' when several labs run\n"
	"  --verbose\n"
	"\n"
	"The cards (all simulated, and saying so):\n"
	"  --cards N             1 to 4 (1)\n"
	"  --channels 8|full     (8); full: 20\n"
	"  --seed N              of every random number in the model (1)\n"
	"  --time-compression X  physics seconds per second (1)\n"
	"  --clock-ppm X         error of the card's oscillator (0)\n"
	"  --start DEGC          of the bath at power-on (23)\n"
	"  --ambient DEGC        (24)\n"
	"  --plant RANGE         a random bath within +-RANGE (0 to 0.3) of the nominal one\n"
	"  --log FILE            where the cards' account goes at the end\n"
	"  --fault [N:]FAULT[@S][,ARGUMENT...]   S seconds after the first start; without @S from\n"
	"                        power-on; N: which card\n"
	"\n"
	"Faults:\n";

static void print_usage(FILE *out)
{
	fputs(usage_text, out);
	lab_card_fault_help(out);
	fputs("  unplug                               the guest removes the card's PCI device\n"
	      "  replug                               it looks for it again and binds the driver\n"
	      "  kill                                 the virtual machine dies at once (kill -9)\n"
	      "\n"
	      "Exit status: the command's; 2 usage; 3 no such lab; 4 the lab failed, or the guest's\n"
	      "kernel reported a WARNING, BUG, Oops or the like (its lines are printed).\n", out);
}

enum option_code {
	O_KERNEL = 256, O_KERNEL_DIR, O_MODULES, O_NO_DRIVER, O_SMP, O_MEMORY, O_ACCEL,
	O_CLOCKSOURCE, O_APPEND, O_DISK, O_SHARE, O_NETWORK, O_UDEV, O_ENV, O_BOOT_TIMEOUT, O_LOGS,
	O_NAME, O_VERBOSE, O_CARDS, O_CHANNELS, O_SEED, O_TIME, O_PPM, O_START, O_AMBIENT, O_PLANT,
	O_LOG, O_FAULT, O_CARD, O_HELP,
};

static const struct option long_options[] = {
	{ "kernel", required_argument, NULL, O_KERNEL },
	{ "kernel-dir", required_argument, NULL, O_KERNEL_DIR },
	{ "modules", required_argument, NULL, O_MODULES },
	{ "no-driver", no_argument, NULL, O_NO_DRIVER },
	{ "smp", required_argument, NULL, O_SMP },
	{ "memory", required_argument, NULL, O_MEMORY },
	{ "accel", required_argument, NULL, O_ACCEL },
	{ "clocksource", required_argument, NULL, O_CLOCKSOURCE },
	{ "append", required_argument, NULL, O_APPEND },
	{ "disk", required_argument, NULL, O_DISK },
	{ "share", required_argument, NULL, O_SHARE },
	{ "network", no_argument, NULL, O_NETWORK },
	{ "udev", no_argument, NULL, O_UDEV },
	{ "env", required_argument, NULL, O_ENV },
	{ "boot-timeout", required_argument, NULL, O_BOOT_TIMEOUT },
	{ "logs", required_argument, NULL, O_LOGS },
	{ "name", required_argument, NULL, O_NAME },
	{ "verbose", no_argument, NULL, O_VERBOSE },
	{ "cards", required_argument, NULL, O_CARDS },
	{ "channels", required_argument, NULL, O_CHANNELS },
	{ "seed", required_argument, NULL, O_SEED },
	{ "time-compression", required_argument, NULL, O_TIME },
	{ "clock-ppm", required_argument, NULL, O_PPM },
	{ "start", required_argument, NULL, O_START },
	{ "ambient", required_argument, NULL, O_AMBIENT },
	{ "plant", required_argument, NULL, O_PLANT },
	{ "log", required_argument, NULL, O_LOG },
	{ "fault", required_argument, NULL, O_FAULT },
	{ "card", required_argument, NULL, O_CARD },
	{ "help", no_argument, NULL, O_HELP },
	{ NULL, 0, NULL, 0 }
};

static bool number(const char *name, const char *text, double min, double max, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && *value >= min && *value <= max)
		return true;
	lab_say("--%s %s: give a number from %g to %g", name, text, min, max);
	return false;
}

static bool whole(const char *name, const char *text, unsigned int min, unsigned int max,
		  unsigned int *value)
{
	double number_value;

	if (!number(name, text, min, max, &number_value) || number_value != floor(number_value)) {
		lab_say("--%s %s: give a whole number", name, text);
		return false;
	}
	*value = (unsigned int)number_value;
	return true;
}

/* FILE[,SIZE[,DIR]] */
static bool disk(struct lab_options *options, char *text)
{
	char *size = strchr(text, ','), *directory = NULL, *end;
	double bytes = 2048.0 * 1048576;

	if (size) {
		*size++ = 0;
		directory = strchr(size, ',');
		if (directory)
			*directory++ = 0;
		bytes = strtod(size, &end);
		if (*end == 'G')
			bytes *= 1 << 30;
		else if (*end == 'M')
			bytes *= 1 << 20;
		else
			bytes = 0;
	}
	if (bytes < 8 << 20 || bytes > 1e12 || strlen(text) >= sizeof(options->disk) ||
	    (directory && (directory[0] != '/' || strlen(directory) >= sizeof(options->disk_mount) ||
			   strchr(directory, '\'')))) {
		lab_say("--disk: give FILE, or FILE,SIZE as in record.img,512M, or FILE,SIZE,/DIR");
		return false;
	}
	strcpy(options->disk, text);
	options->disk_size = (uint64_t)bytes;
	strcpy(options->disk_mount, directory ? directory : "/disk");
	return true;
}

static bool set(struct lab_options *o, int code, char *value, unsigned int *card)
{
	double x;

	switch (code) {
	case O_KERNEL: o->kernel = value; return true;
	case O_KERNEL_DIR: snprintf(o->kernel_dir, sizeof(o->kernel_dir), "%s", value); return true;
	case O_MODULES: snprintf(o->modules, sizeof(o->modules), "%s", value); return true;
	case O_NO_DRIVER: o->load_driver = false; return true;
	case O_SMP: return whole("smp", value, 1, 64, &o->smp);
	case O_MEMORY: return whole("memory", value, 256, 2048, &o->memory_mib);
	case O_ACCEL:
		o->accel = value;
		if (!strcmp(value, "tcg") || !strcmp(value, "kvm"))
			return true;
		lab_say("--accel %s: tcg or kvm", value);
		return false;
	case O_CLOCKSOURCE: o->clocksource = value; return true;
	case O_APPEND: o->append = value; return true;
	case O_DISK: return disk(o, value);
	case O_SHARE:
		if ((mkdir(value, 0755) && errno != EEXIST) || !realpath(value, o->share) ||
		    strchr(o->share, '\'')) {
			lab_say("--share %s: %s", value, strerror(errno));
			return false;
		}
		return true;
	case O_NETWORK: o->network = true; return true;
	case O_UDEV: o->udev = true; return true;
	case O_ENV:
		if (o->env_count == LAB_ENV_MAX || !strchr(value, '=')) {
			lab_say("--env %s: give NAME=VALUE, at most %d of them", value, LAB_ENV_MAX);
			return false;
		}
		o->env[o->env_count++] = value;
		return true;
	case O_BOOT_TIMEOUT: return whole("boot-timeout", value, 1, 3600, &o->boot_timeout);
	case O_LOGS: snprintf(o->logs, sizeof(o->logs), "%s", value); return true;
	case O_NAME:
		o->name = value;
		if (value[0] && strlen(value) < 64 && !strpbrk(value, "/, ="))
			return true;
		lab_say("--name %s: letters, digits and dashes", value);
		return false;
	case O_VERBOSE: o->verbose = true; return true;
	case O_CARDS: return whole("cards", value, 1, LAB_CARDS_MAX, &o->cards);
	case O_CARD: return whole("card", value, 0, LAB_CARDS_MAX - 1, card);
	case O_CHANNELS:
		o->channels = !strcmp(value, "full") ? LAB_CHANNELS_FULL : LAB_CHANNELS_SMALL;
		if (!strcmp(value, "full") || !strcmp(value, "8"))
			return true;
		lab_say("--channels %s: 8 or full", value);
		return false;
	case O_SEED:
		if (!number("seed", value, 0, 4294967295.0, &x))
			return false;
		o->seed = (uint64_t)x;
		return true;
	case O_TIME: return number("time-compression", value, 0.01, 1000, &o->time_compression);
	case O_PPM: return number("clock-ppm", value, -1000, 1000, &o->clock_ppm);
	case O_START: return number("start", value, -20, 60, &o->start);
	case O_AMBIENT: return number("ambient", value, -20, 60, &o->ambient);
	case O_PLANT: return number("plant", value, 0, 0.3, &o->plant_range);
	case O_LOG: o->log = value; return true;
	case O_FAULT:
		if (o->fault_count == LAB_FAULTS_MAX) {
			lab_say("at most %d faults", LAB_FAULTS_MAX);
			return false;
		}
		if (value[0] >= '0' && value[0] <= '9' && value[1] == ':') {
			o->fault_card[o->fault_count] = (unsigned int)(value[0] - '0');
			value += 2;
		}
		o->faults[o->fault_count++] = value;
		return true;
	}
	return false;
}

/* The project is where this program was built: ROOT/build/bin/sense-lab. */
static bool find_root(struct lab_options *options)
{
	char path[PATH_MAX], probe[PATH_MAX + 32];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n <= 0)
		return false;
	path[n] = 0;
	for (int i = 0; i < 3; i++)
		dirname(path);
	snprintf(probe, sizeof(probe), "%s/tools/lab/guest-image", path);
	if (access(probe, R_OK) || strlen(path) >= sizeof(options->root) || strchr(path, '\'')) {
		lab_say("the project's directory is not two levels above this program; run it as "
			"build/bin/sense-lab");
		return false;
	}
	strcpy(options->root, path);
	return true;
}

static int run(struct lab_options *options, int argc, char **argv)
{
	static char bash[] = "/bin/bash", norc[] = "--norc", dmesg_name[] = "dmesg";
	static char *shell[] = { bash, norc, NULL };
	static char *dmesg[] = { dmesg_name, NULL };
	static char name[32];
	char probe[2300];

	options->command = argv + optind;
	options->command_count = (unsigned int)(argc - optind);
	if (options->shell) {
		if (options->command_count) {
			lab_say("shell takes no command; use 'sense-lab run -- %s'", argv[optind]);
			return LAB_USAGE;
		}
		options->command = shell;
		options->command_count = 2;
	} else if (!options->command_count) {
		options->command = dmesg;
		options->command_count = 1;
	}
	if (!find_root(options))
		return LAB_ENVIRONMENT;
	if (!options->kernel_dir[0])
		snprintf(options->kernel_dir, sizeof(options->kernel_dir), "%s/build/kernel/%s",
			 options->root, options->kernel);
	if (!options->modules[0])
		snprintf(options->modules, sizeof(options->modules), "%s/build/modules/%s/driver",
			 options->root, options->kernel);
	if (!options->logs[0])
		snprintf(options->logs, sizeof(options->logs), "%s/build/lab/logs", options->root);
	if (mkdir(options->logs, 0755) && errno != EEXIST) {
		lab_say("%s cannot be made: %s", options->logs, strerror(errno));
		return LAB_ENVIRONMENT;
	}
	snprintf(probe, sizeof(probe), "%s/vmlinux", options->kernel_dir);
	if (access(probe, R_OK)) {
		lab_say("there is no kernel in %s; get it with 'make %s/build/kernel/%s/release'",
			options->kernel_dir, options->root, options->kernel);
		return LAB_ENVIRONMENT;
	}
	if (options->load_driver && access(options->modules, R_OK)) {
		lab_say("there are no drivers in %s; build them with 'make modules-%s', or give "
			"--no-driver", options->modules, options->kernel);
		return LAB_ENVIRONMENT;
	}
	if (!options->name) {
		snprintf(name, sizeof(name), "%d", (int)getpid());
		options->name = name;
	}
	return lab_run(options);
}

int main(int argc, char **argv)
{
	static struct lab_options options = {
		.kernel = "6.1", .accel = "tcg", .smp = 1, .memory_mib = 1024, .cards = 1,
		.channels = LAB_CHANNELS_SMALL, .boot_timeout = 120, .load_driver = true, .seed = 1,
		.time_compression = 1, .start = 23, .ambient = 24,
	};
	const char *verb = argc > 1 ? argv[1] : "";
	unsigned int card = 0;
	char request[1100];
	int code;

	if (!strcmp(verb, "--help") || !strcmp(verb, "help")) {
		print_usage(stdout);
		return LAB_OK;
	}
	if (strcmp(verb, "run") && strcmp(verb, "shell") && strcmp(verb, "fault") &&
	    strcmp(verb, "account")) {
		lab_say("%s%s; 'sense-lab --help' shows what there is",
			*verb ? "there is no subcommand " : "no subcommand given", verb);
		return LAB_USAGE;
	}
	argc--;
	argv++;
	while ((code = getopt_long(argc, argv, "+", long_options, NULL)) != -1) {
		if (code == O_HELP) {
			print_usage(stdout);
			return LAB_OK;
		}
		if (code == '?') {
			lab_say("'sense-lab --help' shows the options");
			return LAB_USAGE;
		}
		if (!set(&options, code, optarg, &card))
			return LAB_USAGE;
	}
	if (!strcmp(verb, "account")) {
		snprintf(request, sizeof(request), "account %u", card);
		return lab_control_ask(options.name, request, stdout);
	}
	if (!strcmp(verb, "fault")) {
		if (argc - optind != 1) {
			lab_say("give one fault, as in 'sense-lab fault stall,3'; "
				"'sense-lab --help' lists them");
			return LAB_USAGE;
		}
		snprintf(request, sizeof(request), "fault %u:%.1000s", card, argv[optind]);
		return lab_control_ask(options.name, request, stdout);
	}
	options.shell = !strcmp(verb, "shell");
	return run(&options, argc, argv);
}
