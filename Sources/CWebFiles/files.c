#include "web_files.h"

// In C for `#embed` (C23 6.10.4): it takes no time to compile, where SwiftPM's `.embedInCode` writes every byte as a
// Swift literal and took 18 s for 46 KB; and the compiler knows that a changed file means a new object.
#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char fantail_js[] = {
#embed "files/fantail.js"
};
static const unsigned char fantail_d_ts[] = {
#embed "files/fantail.d.ts"
};
static const unsigned char fantail_react_js[] = {
#embed "files/fantail-react.js"
};
static const unsigned char fantail_react_d_ts[] = {
#embed "files/fantail-react.d.ts"
};
static const unsigned char fantail_vue_js[] = {
#embed "files/fantail-vue.js"
};
static const unsigned char fantail_vue_d_ts[] = {
#embed "files/fantail-vue.d.ts"
};

// The description of REST, checked against a running node (Tests/EndToEnd/test_openapi.py).
static const unsigned char openapi_json[] = {
#embed "files/openapi.json"
};

#define SCRIPT "text/javascript; charset=utf-8"
#define TEXT "text/plain; charset=utf-8"

static const struct web_file files[] = {
    {"/fantail.js", SCRIPT, fantail_js, sizeof fantail_js},
    {"/fantail.d.ts", TEXT, fantail_d_ts, sizeof fantail_d_ts},
    {"/fantail-react.js", SCRIPT, fantail_react_js, sizeof fantail_react_js},
    {"/fantail-react.d.ts", TEXT, fantail_react_d_ts, sizeof fantail_react_d_ts},
    {"/fantail-vue.js", SCRIPT, fantail_vue_js, sizeof fantail_vue_js},
    {"/fantail-vue.d.ts", TEXT, fantail_vue_d_ts, sizeof fantail_vue_d_ts},
    {"/openapi.json", "application/json", openapi_json, sizeof openapi_json},
};

const struct web_file *web_file_at(size_t index) {
    return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
