/* The command `vmm serve DEVICE --socket S ...`: one device as a vhost-user daemon. */
#ifndef SERVE_H
#define SERVE_H

enum {
    SERVE_OK = 0,
    SERVE_ERROR = 1,        /* the disk, the socket, the system: one sentence says what */
    SERVE_USAGE = 2,
};

/* argv[0] is the command's name. Returns the exit status. */
int serve_main(int argc, char **argv);

#endif
