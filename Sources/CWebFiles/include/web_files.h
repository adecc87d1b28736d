#pragma once
#include <stddef.h>

/// A file of `files/`, as it was when this was compiled.
struct web_file {
    const char *path;  ///< where a node serves it
    const char *type;  ///< its media type; `text/html` gets the Content-Security-Policy of a page
    const unsigned char *bytes;
    size_t count;
};

/// The file at a position of the table; NULL behind the last one.
const struct web_file *web_file_at(size_t index);
