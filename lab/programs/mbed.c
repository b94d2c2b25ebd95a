/* One end of a TLS connection over Mbed TLS that does as it is told: what peer.py does, for a stack of small devices.
 *
 *     cc -o mbed mbed.c -lmbedtls -lmbedx509 -lmbedcrypto
 *     mbed listen|connect HOST PORT [--ca FILE] [--ask] DEED...
 *
 * A server that is told to --ask wants a certificate of the client, of somebody whom FILE (ca.pem) vouches for.
 * Deeds: ask PATH, read, get, answer N, part N M (N promised, M sent), drain, patience S, wait S, goodbye, close, abort, again. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context chance;
static mbedtls_x509_crt trusted, own;
static mbedtls_pk_context key;
static mbedtls_ssl_config config;
static mbedtls_ssl_context tls;
static mbedtls_net_context line;

/* What has arrived and nobody has read. */
static char rest[65536];
static size_t kept;

/* Ends the program where something failed; the kernel closes. */
static int must(int result) {
    char words[200];
    if (result >= 0)
        return result;
    mbedtls_strerror(result, words, sizeof words);
    printf("error: -0x%04x %s\n", -result, words);
    exit(1);
}

/* The secrets of a session, for whoever wants to read it later (SSLKEYLOGFILE). */
static int tell(void *file, const unsigned char *master, const unsigned char *block, size_t mac, size_t length, size_t iv,
                const unsigned char client[32], const unsigned char server[32], mbedtls_tls_prf_types prf) {
    FILE *keys = fopen(file, "a");
    (void)block, (void)mac, (void)length, (void)iv, (void)server, (void)prf;
    if (!keys)
        return 0;
    fprintf(keys, "CLIENT_RANDOM ");
    for (int i = 0; i < 32; i++)
        fprintf(keys, "%02x", client[i]);
    fprintf(keys, " ");
    for (int i = 0; i < 48; i++)
        fprintf(keys, "%02x", master[i]);
    fprintf(keys, "\n");
    return fclose(keys);
}

static void send_all(const char *bytes, size_t count) {
    while (count > 0) {
        int sent = must(mbedtls_ssl_write(&tls, (const unsigned char *)bytes, count));
        bytes += sent;
        count -= sent;
    }
}

/* Waits for more; 0 where the other end has said goodbye. A FIN without one is an error. */
static int more(void) {
    int got = mbedtls_ssl_read(&tls, (unsigned char *)rest + kept, sizeof rest - 1 - kept);
    if (got == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY)
        return 0;
    if (got == 0)
        got = MBEDTLS_ERR_SSL_CONN_EOF;
    kept += must(got);
    rest[kept] = 0;
    return 1;
}

static void drop(size_t count) {
    memmove(rest, rest + count, kept - count + 1);
    kept -= count;
}

/* A head of HTTP; with its body where `whole`. */
static void read_message(int whole) {
    char *end, *length;
    size_t body = 0;
    while (!(end = strstr(rest, "\r\n\r\n")))
        if (!more())
            exit(1);
    printf("read %.*s\n", (int)strcspn(rest, "\r"), rest);
    if (whole && (length = strstr(rest, "Content-Length: ")))
        body = strtoul(length + 16, NULL, 10);
    body += end + 4 - rest;
    while (kept < body)
        if (!more())
            exit(1);
    drop(body);
}

static void answer(size_t promised, size_t sent) {
    static char body[65536];
    char head[200];
    int length = sprintf(head, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\n\r\n", promised);
    send_all(head, length);
    memset(body, 'x', sent);
    send_all(body, sent);
    printf("answered %zu of %zu\n", sent, promised);
}

static void play(char **deeds) {
    struct linger none = {1, 0};
    char request[500];
    must(mbedtls_ssl_handshake(&tls));
    for (char **deed = deeds; *deed; deed++) {
        if (!strcmp(*deed, "ask"))
            send_all(request, sprintf(request, "GET %s HTTP/1.1\r\nHost: server.lab\r\n\r\n", *++deed));
        else if (!strcmp(*deed, "read"))
            read_message(0);
        else if (!strcmp(*deed, "get"))
            read_message(1);
        else if (!strcmp(*deed, "answer")) {
            size_t count = strtoul(*++deed, NULL, 10);
            answer(count, count);
        } else if (!strcmp(*deed, "part")) {
            size_t promised = strtoul(*++deed, NULL, 10);
            answer(promised, strtoul(*++deed, NULL, 10));
        } else if (!strcmp(*deed, "drain"))
            while (more())
                drop(kept);
        else if (!strcmp(*deed, "patience"))
            mbedtls_ssl_conf_read_timeout(&config, strtod(*++deed, NULL) * 1000);
        else if (!strcmp(*deed, "wait"))
            usleep(strtod(*++deed, NULL) * 1000000);
        else if (!strcmp(*deed, "goodbye"))
            printf("alert write close_notify: %d\n", mbedtls_ssl_close_notify(&tls));
        else if (!strcmp(*deed, "close"))
            exit(0);
        else if (!strcmp(*deed, "abort")) {
            setsockopt(line.fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
            exit(0);
        } else if (!strcmp(*deed, "again"))
            deed = deeds - 1;
        else {
            printf("no deed: %s\n", *deed);
            exit(2);
        }
    }
    exit(0);
}

int main(int count, char **words) {
    char version[30], *ca = "ca.pem";
    int listening = count > 3 && !strcmp(words[1], "listen"), ask = 0;
    char **deeds = words + 4;
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGCHLD, SIG_IGN);
    mbedtls_version_get_string_full(version);
    puts(version);
    for (; *deeds && !strncmp(*deeds, "--", 2); deeds++)
        if (!strcmp(*deeds, "--ask"))
            ask = 1;
        else
            ca = *++deeds;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&chance);
    mbedtls_net_init(&line);
    mbedtls_ssl_init(&tls);
    must(mbedtls_ctr_drbg_seed(&chance, mbedtls_entropy_func, &entropy, NULL, 0));
    must(mbedtls_x509_crt_parse_file(&trusted, ca));
    must(mbedtls_ssl_config_defaults(&config, listening ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT,
                                     MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &chance);
    mbedtls_ssl_conf_ca_chain(&config, &trusted, NULL);
    if (getenv("SSLKEYLOGFILE"))
        mbedtls_ssl_conf_export_keys_ext_cb(&config, tell, getenv("SSLKEYLOGFILE"));
    if (listening) {
        mbedtls_net_context door;
        must(mbedtls_x509_crt_parse_file(&own, "server.pem"));
        must(mbedtls_pk_parse_keyfile(&key, "server.key", NULL));
        must(mbedtls_ssl_conf_own_cert(&config, &own, &key));
        mbedtls_ssl_conf_authmode(&config, ask ? MBEDTLS_SSL_VERIFY_REQUIRED : MBEDTLS_SSL_VERIFY_NONE);
        must(mbedtls_net_bind(&door, words[2], words[3], MBEDTLS_NET_PROTO_TCP));
        /* A process for each connection; this one only opens the door. Not mbedtls_net_free: it would end the connection for both. */
        do {
            close(line.fd);
            must(mbedtls_net_accept(&door, &line, NULL, 0, NULL));
            puts("accepted");
        } while (fork() > 0);
        close(door.fd);
        mbedtls_ctr_drbg_reseed(&chance, (const unsigned char *)&line, sizeof line);
    } else {
        must(mbedtls_net_connect(&line, words[2], words[3], MBEDTLS_NET_PROTO_TCP));
        puts("connected");
    }
    must(mbedtls_ssl_setup(&tls, &config));
    if (!listening)
        must(mbedtls_ssl_set_hostname(&tls, "server.lab"));
    mbedtls_ssl_set_bio(&tls, &line, mbedtls_net_send, NULL, mbedtls_net_recv_timeout);
    play(deeds);
}
