/* Runs programs alternately, A B C A B C …, each as a web server would, and measures a
 * run: wall time from before the fork to after the wait, including reading the reply; page
 * faults; peak memory (VmHWM as the program ends).
 *
 *   turns ROUNDS NAME=PROGRAM...
 *
 * Prints a line for each: name, median of the wall times in us, median of the ratios to
 * the first program's run in the same round, faults, kB. The environment is passed on.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static void start(char *program, int out, int traced)
{
	char *arguments[] = { program, NULL };

	dup2(open("/dev/null", O_RDONLY), 0);
	dup2(out, 1);
	dup2(open("/dev/null", O_WRONLY), 2);
	if (traced)
		ptrace(PTRACE_TRACEME, 0, 0, 0);
	execve(program, arguments, environ);
	_exit(127);
}

/* Returns the wall time in us. */
static double run(char *program, long *faults)
{
	static char reply[1 << 16];
	struct rusage usage;
	int ends[2], status;
	double before = now();

	if (pipe2(ends, O_CLOEXEC))
		exit(1);
	pid_t child = vfork();
	if (!child)
		start(program, ends[1], 0);
	close(ends[1]);
	while (read(ends[0], reply, sizeof reply) > 0)
		;
	close(ends[0]);
	wait4(child, &status, 0, &usage);
	double after = now();
	if (status) {
		fprintf(stderr, "%s: status %d\n", program, status);
		exit(1);
	}
	*faults = usage.ru_minflt + usage.ru_majflt;
	return after - before;
}

/* Peak memory in kB, read as the program ends; its children don't count. */
static long peak(char *program)
{
	long kb = 0;
	int status;
	pid_t child = fork();

	if (!child)
		start(program, open("/dev/null", O_WRONLY), 1);
	waitpid(child, &status, 0);
	ptrace(PTRACE_SETOPTIONS, child, 0, (void *)PTRACE_O_TRACEEXIT);
	ptrace(PTRACE_CONT, child, 0, 0);
	while (waitpid(child, &status, 0) == child && WIFSTOPPED(status)) {
		int is_exit = status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8);
		if (is_exit) {
			char path[40], line[200];
			snprintf(path, sizeof path, "/proc/%d/status", child);
			FILE *file = fopen(path, "r");
			while (fgets(line, sizeof line, file))
				sscanf(line, "VmHWM: %ld", &kb);
			fclose(file);
		}
		int signal = WSTOPSIG(status) == SIGTRAP ? 0 : WSTOPSIG(status);
		ptrace(PTRACE_CONT, child, 0, (void *)(long)signal);
	}
	return kb;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, int count)
{
	qsort(values, count, sizeof *values, by_size);
	return values[count / 2];
}

int main(int argc, char **argv)
{
	int rounds = argc > 2 ? atoi(argv[1]) : 0, count = argc - 2;

	if (rounds < 1)
		return 2;
	double *times = malloc(sizeof *times * count * rounds);
	double *ratios = malloc(sizeof *ratios * count * rounds);
	long *faults = calloc(count, sizeof *faults);
	char **programs = argv + 2;
	for (int i = 0; i < count; i++)
		programs[i][strcspn(programs[i], "=")] = 0;
	/* The first three rounds warm up. */
	for (int round = -3; round < rounds; round++)
		for (int i = 0; i < count; i++) {
			double wall = run(programs[i] + strlen(programs[i]) + 1, &faults[i]);
			if (round < 0)
				continue;
			times[i * rounds + round] = wall;
			ratios[i * rounds + round] = wall / times[round];
		}
	for (int i = 0; i < count; i++)
		printf("%s %.0f %.3f %ld %ld\n", programs[i], median(times + i * rounds, rounds),
		       median(ratios + i * rounds, rounds), faults[i],
		       peak(programs[i] + strlen(programs[i]) + 1));
	return 0;
}
