// hiredis as a parser only. The layout of redisReader and the integer types of the object functions differ
// between 0.14 and 1.x, so the fields we need are touched here, where the compiler sees the installed header, and the
// function-like macros become functions Swift can import.
#include <stddef.h>
#include <hiredis/hiredis.h>

static inline void fantail_reader_set_context(redisReader *reader, void *context) { reader->privdata = context; }

static inline void fantail_reader_set_max_idle(redisReader *reader, size_t bytes) { reader->maxbuf = bytes; }

/// Bytes that have been fed and not yet been consumed.
static inline size_t fantail_reader_buffered(const redisReader *reader) { return reader->len - reader->pos; }

/// errstr is an array, which Swift would import as a tuple of 128.
static inline const char *fantail_reader_error(const redisReader *reader) { return reader->errstr; }

/// How many arrays are around the item: 0 for a reply itself, 1 for an element of it.
static inline int fantail_task_depth(const redisReadTask *task) {
    int depth = 0;
    for (const redisReadTask *parent = task->parent; parent != NULL; parent = parent->parent) depth++;
    return depth;
}
