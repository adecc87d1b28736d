// curl_easy_setopt and its relatives are variadic, which Swift cannot call: one function for each type of argument.
#include <curl/curl.h>

static inline CURLcode fantail_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode fantail_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode fantail_curl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

typedef size_t (*fantail_curl_writer)(char *bytes, size_t size, size_t count, void *context);

static inline CURLcode fantail_curl_set_writer(CURL *handle, fantail_curl_writer writer, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, writer);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

/// The status of the response; 0 where there is none.
static inline long fantail_curl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

static inline CURLMcode fantail_curl_multi_set_number(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

/// For options that take bytes or a buffer: CURLOPT_COPYPOSTFIELDS, CURLOPT_ERRORBUFFER.
static inline CURLcode fantail_curl_set_pointer(CURL *handle, CURLoption option, const void *value) {
    return curl_easy_setopt(handle, option, value);
}

/// The Content-Type of the response; NULL where it has none. Lives as long as the handle's transfer.
static inline const char *fantail_curl_content_type(CURL *handle) {
    char *type = NULL;
    curl_easy_getinfo(handle, CURLINFO_CONTENT_TYPE, &type);
    return type;
}
