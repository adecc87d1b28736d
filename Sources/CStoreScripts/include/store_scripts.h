#pragma once
#include <stddef.h>

/// A Lua file of `Sources/Store`, as it was when this was compiled.
struct store_script {
    const char *name;  ///< the file's name without `.lua`
    const unsigned char *bytes;
    size_t count;
};

/// The file at a position of the table; NULL behind the last one.
const struct store_script *store_script_at(size_t index);
