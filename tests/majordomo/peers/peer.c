/* A client and an echo worker for MDP 0.1 in C, written from RFC 7 alone. Usage: peer client|worker ENDPOINT COUNT

   The few functions of libzmq are declared here, so that no header is needed: the library that pyzmq has will do. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *zmq_ctx_new(void);
void *zmq_socket(void *context, int type);
int zmq_setsockopt(void *socket, int option, const void *value, size_t size);
int zmq_getsockopt(void *socket, int option, void *value, size_t *size);
int zmq_connect(void *socket, const char *endpoint);
int zmq_send(void *socket, const void *data, size_t size, int flags);
int zmq_recv(void *socket, void *data, size_t size, int flags);
int zmq_close(void *socket);
int zmq_ctx_term(void *context);

enum { REQ = 3, DEALER = 5, RCVMORE = 13, RCVTIMEO = 27, SNDMORE = 2 };
enum { FRAMES = 16, SIZE = 256 };

typedef struct {
    int count;
    int size[FRAMES];
    char data[FRAMES][SIZE];
} message;

static void receive(void *socket, message *got)
{
    int more = 1;
    size_t size = sizeof more;
    for (got->count = 0; more; got->count++) {
        if (got->count == FRAMES) exit(3);
        got->size[got->count] = zmq_recv(socket, got->data[got->count], SIZE, 0);
        if (got->size[got->count] < 0 || got->size[got->count] > SIZE) exit(4);
        zmq_getsockopt(socket, RCVMORE, &more, &size);
    }
}

static void *opened(void *context, int type, const char *endpoint)
{
    int patience = 30000;
    void *socket = zmq_socket(context, type);
    zmq_setsockopt(socket, RCVTIMEO, &patience, sizeof patience);
    if (!socket || zmq_connect(socket, endpoint)) exit(5);
    return socket;
}

static void ask(void *socket, int count)
{
    message got;
    for (int number = 0; number < count; number++) {
        char text[32];
        int length = snprintf(text, sizeof text, "Task-%d", number);
        zmq_send(socket, "MDPC01", 6, SNDMORE);
        zmq_send(socket, "echo", 4, SNDMORE);
        zmq_send(socket, text, (size_t) length, 0);
        receive(socket, &got);
        if (got.count != 3 || got.size[2] != length || memcmp(got.data[2], text, (size_t) length)) exit(6);
    }
    printf("%d\n", count);
}

static void work(void *socket, int count)
{
    message got;
    zmq_send(socket, "", 0, SNDMORE);
    zmq_send(socket, "MDPW01", 6, SNDMORE);
    zmq_send(socket, "\1", 1, SNDMORE);
    zmq_send(socket, "echo", 4, 0);
    while (count) {
        receive(socket, &got);
        if (got.count < 3 || got.size[2] != 1) exit(7);
        zmq_send(socket, "", 0, SNDMORE);
        zmq_send(socket, "MDPW01", 6, SNDMORE);
        if (got.data[2][0] == 4) { /* a HEARTBEAT for each of the broker's */
            zmq_send(socket, "\4", 1, 0);
            continue;
        }
        if (got.data[2][0] != 2 || got.count < 6) exit(8);
        zmq_send(socket, "\3", 1, SNDMORE); /* address, empty and body go back as they came */
        for (int part = 3; part < got.count; part++)
            zmq_send(socket, got.data[part], (size_t) got.size[part], part + 1 < got.count ? SNDMORE : 0);
        count--;
    }
}

int main(int argc, char **argv)
{
    if (argc != 4) return 2;
    int asks = !strcmp(argv[1], "client");
    void *context = zmq_ctx_new(), *socket = opened(context, asks ? REQ : DEALER, argv[2]);
    (asks ? ask : work)(socket, atoi(argv[3]));
    zmq_close(socket);
    return zmq_ctx_term(context);
}
