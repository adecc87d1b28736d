#include "web_files.h"

// In C for `#embed` (C23 6.10.4): it takes no time to compile, where SwiftPM's `.embedInCode` writes every byte as a
// Swift literal and took 18 s for 46 KB; and the compiler knows that a changed file means a new object.
#pragma clang diagnostic ignored "-Wc23-extensions"

// The browser client: its parts, one after the other, are one module. An export of one part is an export of the whole, and
// every part sees the declarations before it.
static const unsigned char fantail_js[] = {
#embed "files/fantail/dialects.js"
,
#embed "files/fantail/place.js"
,
#embed "files/fantail/task.js"
,
#embed "files/fantail/subscriptions.js"
,
#embed "files/fantail/outbox.js"
,
#embed "files/fantail/socketio.js"
,
#embed "files/fantail/connection.js"
,
#embed "files/fantail/client.js"
,
#embed "files/fantail/sharing.js"
,
#embed "files/fantail/classes.js"
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

// The console and the test page.
static const unsigned char index_html[] = {
#embed "files/index.html"
};
static const unsigned char websocket_test_html[] = {
#embed "files/websocket-test.html"
};
static const unsigned char page_css[] = {
#embed "files/page.css"
};
static const unsigned char theme_js[] = {
#embed "files/theme.js"
};
static const unsigned char dom_js[] = {
#embed "files/dom.js"
};
static const unsigned char words_js[] = {
#embed "files/words.js"
};
static const unsigned char icon_svg[] = {
#embed "files/icon.svg"
};
static const unsigned char console_console_css[] = {
#embed "files/console/console.css"
};
static const unsigned char console_history_js[] = {
#embed "files/console/history.js"
};
static const unsigned char console_main_js[] = {
#embed "files/console/main.js"
};
static const unsigned char console_nodes_js[] = {
#embed "files/console/nodes.js"
};
static const unsigned char console_notice_js[] = {
#embed "files/console/notice.js"
};
static const unsigned char console_online_js[] = {
#embed "files/console/online.js"
};
static const unsigned char console_plot_js[] = {
#embed "files/console/plot.js"
};
static const unsigned char console_publish_js[] = {
#embed "files/console/publish.js"
};
static const unsigned char console_rest_js[] = {
#embed "files/console/rest.js"
};
static const unsigned char console_session_js[] = {
#embed "files/console/session.js"
};
static const unsigned char console_task_list_js[] = {
#embed "files/console/task-list.js"
};
static const unsigned char console_task_row_js[] = {
#embed "files/console/task-row.js"
};
static const unsigned char console_token_js[] = {
#embed "files/console/token.js"
};
static const unsigned char console_traffic_js[] = {
#embed "files/console/traffic.js"
};
static const unsigned char console_view_js[] = {
#embed "files/console/view.js"
};
static const unsigned char websocket_test_dialects_js[] = {
#embed "files/websocket-test/dialects.js"
};
static const unsigned char websocket_test_main_js[] = {
#embed "files/websocket-test/main.js"
};
static const unsigned char websocket_test_record_js[] = {
#embed "files/websocket-test/record.js"
};
static const unsigned char websocket_test_test_css[] = {
#embed "files/websocket-test/test.css"
};

#define SCRIPT "text/javascript; charset=utf-8"
#define PAGE "text/html; charset=utf-8"
#define STYLE "text/css; charset=utf-8"
#define PICTURE "image/svg+xml"
#define TEXT "text/plain; charset=utf-8"

static const struct web_file files[] = {
    {"/fantail.js", SCRIPT, fantail_js, sizeof fantail_js},
    {"/fantail.d.ts", TEXT, fantail_d_ts, sizeof fantail_d_ts},
    {"/fantail-react.js", SCRIPT, fantail_react_js, sizeof fantail_react_js},
    {"/fantail-react.d.ts", TEXT, fantail_react_d_ts, sizeof fantail_react_d_ts},
    {"/fantail-vue.js", SCRIPT, fantail_vue_js, sizeof fantail_vue_js},
    {"/fantail-vue.d.ts", TEXT, fantail_vue_d_ts, sizeof fantail_vue_d_ts},
    {"/openapi.json", "application/json", openapi_json, sizeof openapi_json},
    {"/", PAGE, index_html, sizeof index_html},
    {"/websocket-test", PAGE, websocket_test_html, sizeof websocket_test_html},
    {"/page.css", STYLE, page_css, sizeof page_css},
    {"/theme.js", SCRIPT, theme_js, sizeof theme_js},
    {"/dom.js", SCRIPT, dom_js, sizeof dom_js},
    {"/words.js", SCRIPT, words_js, sizeof words_js},
    {"/icon.svg", PICTURE, icon_svg, sizeof icon_svg},
    {"/console/console.css", STYLE, console_console_css, sizeof console_console_css},
    {"/console/history.js", SCRIPT, console_history_js, sizeof console_history_js},
    {"/console/main.js", SCRIPT, console_main_js, sizeof console_main_js},
    {"/console/nodes.js", SCRIPT, console_nodes_js, sizeof console_nodes_js},
    {"/console/notice.js", SCRIPT, console_notice_js, sizeof console_notice_js},
    {"/console/online.js", SCRIPT, console_online_js, sizeof console_online_js},
    {"/console/plot.js", SCRIPT, console_plot_js, sizeof console_plot_js},
    {"/console/publish.js", SCRIPT, console_publish_js, sizeof console_publish_js},
    {"/console/rest.js", SCRIPT, console_rest_js, sizeof console_rest_js},
    {"/console/session.js", SCRIPT, console_session_js, sizeof console_session_js},
    {"/console/task-list.js", SCRIPT, console_task_list_js, sizeof console_task_list_js},
    {"/console/task-row.js", SCRIPT, console_task_row_js, sizeof console_task_row_js},
    {"/console/token.js", SCRIPT, console_token_js, sizeof console_token_js},
    {"/console/traffic.js", SCRIPT, console_traffic_js, sizeof console_traffic_js},
    {"/console/view.js", SCRIPT, console_view_js, sizeof console_view_js},
    {"/websocket-test/dialects.js", SCRIPT, websocket_test_dialects_js, sizeof websocket_test_dialects_js},
    {"/websocket-test/main.js", SCRIPT, websocket_test_main_js, sizeof websocket_test_main_js},
    {"/websocket-test/record.js", SCRIPT, websocket_test_record_js, sizeof websocket_test_record_js},
    {"/websocket-test/test.css", STYLE, websocket_test_test_css, sizeof websocket_test_test_css},
};

const struct web_file *web_file_at(size_t index) {
    return index < sizeof files / sizeof *files ? &files[index] : NULL;
}
