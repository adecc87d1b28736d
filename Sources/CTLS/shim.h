#include <stdint.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

// Macros that Swift does not see.
static inline int fantail_tls_at_least_1_2(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
}
static inline void fantail_tls_save_memory(SSL_CTX *context) {
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}
static inline int fantail_tls_name_server(SSL *connection, const char *name) {
    return (int)SSL_set_tlsext_host_name(connection, name);
}
static inline size_t fantail_tls_pending(BIO *bio, char **bytes) {
    return (size_t)BIO_get_mem_data(bio, bytes);
}
/// Forgets what the buffer held. One that has grown is given back: BIO_reset would keep it, and wipe all of it each time.
static inline void fantail_tls_empty(BIO *bio, size_t most_kept) {
    BUF_MEM *memory = NULL;
    BIO_get_mem_ptr(bio, &memory);
    BUF_MEM *fresh = memory && memory->max > most_kept ? BUF_MEM_new() : NULL;
    if (fresh)
        BIO_set_mem_buf(bio, fresh, BIO_CLOSE);  // which frees the old one
    else
        (void)BIO_reset(bio);
}
static inline int fantail_tls_is_http_request(unsigned long error) {
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
}
// The alerts by which a peer says that it does not take our certificate: RFC 8446 6.2, offset by SSL_AD_REASON_OFFSET.
static inline int fantail_tls_rejects_certificate(unsigned long error) {
    int alert = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
    return ERR_GET_LIB(error) == ERR_LIB_SSL &&
        ((alert >= 41 && alert <= 46) || alert == SSL_AD_UNKNOWN_CA || alert == SSL_AD_CERTIFICATE_REQUIRED);
}
// A key with a passphrase would have OpenSSL ask for it on the terminal.
static inline int fantail_tls_no_passphrase(char *buffer, int size, int writing, void *data) { return 0; }
static inline void fantail_tls_never_ask(SSL_CTX *context) {
    SSL_CTX_set_default_passwd_cb(context, fantail_tls_no_passphrase);
}
// Of the protocols that a client names only HTTP/1.1 is spoken. A client that names others only is told so (RFC 7301 3.2).
static inline int fantail_tls_choose_http1(
    SSL *connection, const unsigned char **chosen, unsigned char *length, const unsigned char *named, unsigned int size,
    void *data) {
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *match = NULL;
    if (SSL_select_next_proto(&match, length, ours, sizeof(ours) - 1, named, size) != OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *chosen = match;
    return SSL_TLSEXT_ERR_OK;
}
// Sessions are resumed by tickets, which the clients keep: the server remembers none. One ticket is enough for a client that
// comes back by one connection.
static inline void fantail_tls_serve_http1(SSL_CTX *context) {
    SSL_CTX_set_alpn_select_cb(context, fantail_tls_choose_http1, NULL);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context, 1);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
}

// When a certificate expires, in seconds since 1970; 0 where there is none.
static inline int64_t fantail_tls_expiry(const X509 *certificate) {
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    int days = 0, seconds = 0;
    if (!certificate || !epoch || !ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(certificate)))
        days = seconds = 0;
    ASN1_TIME_free(epoch);
    return (int64_t)days * 86400 + seconds;
}

// The same of the certificate that a context shows.
static inline int64_t fantail_tls_own_expiry(SSL_CTX *context) {
    return fantail_tls_expiry(SSL_CTX_get0_certificate(context));
}

// The same of the certificate that the peer has shown.
static inline int64_t fantail_tls_peer_expiry(SSL *connection) {
    X509 *certificate = SSL_get1_peer_certificate(connection);
    int64_t expiry = fantail_tls_expiry(certificate);
    X509_free(certificate);
    return expiry;
}
