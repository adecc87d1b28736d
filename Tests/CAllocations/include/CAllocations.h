// Counts what a thread allocates, so that a test can say that a loop allocates nothing.
#ifndef FANTAIL_CALLOCATIONS_H
#define FANTAIL_CALLOCATIONS_H

#include <stdint.h>

/// How many allocations the calling thread has made since it began.
uint64_t fantail_allocations(void);

#endif
