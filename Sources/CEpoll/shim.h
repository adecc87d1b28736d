#include <stddef.h>
#include <sys/epoll.h>

// string.h declares it only under _GNU_SOURCE.
extern void *memmem(const void *haystack, size_t haystack_size, const void *needle, size_t needle_size);
// Also declared only then, in sched.h: a bit a processor.
extern int sched_setaffinity(int process, size_t bytes, const void *processors);
